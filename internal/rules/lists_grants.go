package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/rules/shell"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/sqltext"
	"github.com/livepeer/naap-dev/internal/visible"
)

// grantText matches what gives a role rights on a schema, or on what is in it.
var grantText = lazy.Regexp{Text: `(?is)\bGRANT\b[^;]*\b(?:ON|IN)\s+SCHEMA\b|\bIN\s+SCHEMA\b[^;]*\bGRANT\b`}

// grant is one statement that gives a role rights on schemas, or on what is in them.
type grant struct {
	what       string // "USAGE ON SCHEMA", "SELECT ON ALL TABLES", "SELECT ON new TABLES"
	roles      string // as written: "app", "app, reader"
	schemas    []listed
	start, end int // of the statement, its semicolon included
}

// roleGrants is what a file gives to a role, or to several that are always named together.
type roleGrants struct {
	file  *file
	roles string
	fixed bool // whether the statements are where an edit can be made
	kinds []*grantKind
}

// mostRoles is how many roles of a file are looked at.
const mostRoles = 200

// grantKind is one kind of rights that a role is given, in one statement or in one for each schema.
type grantKind struct {
	what   string
	grants []grant
}

func (k *grantKind) has(schema string) bool {
	return slices.ContainsFunc(k.grants, func(g grant) bool {
		return slices.ContainsFunc(g.schemas, func(n listed) bool { return n.name == schema })
	})
}

func (k *grantKind) hits(known map[string]bool) int {
	hits := 0
	for name := range known {
		if k.has(name) {
			hits++
		}
	}
	return hits
}

// grantLists returns what the workspace's SQL and shell scripts give to roles, of what is meant for all schemas: at
// least two, and half of those known. A role that has rights on fewer is meant to have no others.
func (r *run) grantLists(known map[string]bool) []*roleGrants {
	var all []*roleGrants
	add := func(f *file, text string, base int, fixed bool) {
		for _, g := range grantsIn(f, text, base, fixed) {
			g.kinds = slices.DeleteFunc(g.kinds, func(k *grantKind) bool {
				hits := k.hits(known)
				return hits < 2 || hits*2 < len(known)
			})
			if len(g.kinds) > 0 {
				all = append(all, g)
			}
		}
	}
	r.each(sqlFile, func(f *file) {
		if !isTest(f.path) {
			add(f, string(f.data), 0, true)
		}
	})
	for _, k := range []kind{shellFile, unnamed, makeFile} {
		r.each(k, func(f *file) {
			for _, s := range sqlInShell(f) {
				add(f, s.text, s.base, s.fixed)
			}
		})
	}
	return all
}

// embedded is SQL in a shell script.
type embedded struct {
	text  string
	base  int  // where it is in the file
	fixed bool // whether each of its bytes is one of the file's
}

// sqlInShell returns the SQL that a shell script's commands are given, in here-documents and as words.
func sqlInShell(f *file) []embedded {
	if f.shell == nil || !grantText.Get().Match(f.data) {
		return nil
	}
	var found []embedded
	for _, c := range f.shell.Commands {
		for _, d := range c.Documents {
			if grantText.Get().MatchString(d.Text) {
				found = append(found, embedded{d.Text, d.At.Start, true})
			}
		}
		for _, w := range c.Words {
			if grantText.Get().MatchString(w.Text) {
				found = append(found, wordSQL(f, w))
			}
		}
	}
	return found
}

func wordSQL(f *file, w shell.Word) embedded {
	raw := string(f.data[w.At.Start:w.At.End])
	if len(raw) > 1 && raw[1:len(raw)-1] == w.Text {
		return embedded{w.Text, w.At.Start + 1, true}
	}
	return embedded{w.Text, w.At.Start, false}
}

// grantsIn reads a text's grants, by role and kind in their order.
func grantsIn(f *file, text string, base int, fixed bool) []*roleGrants {
	var all []*roleGrants
	sqltext.EachStatement(text, func(tokens []sqltext.Token) {
		for _, g := range readGrant(text, tokens, base) {
			i := slices.IndexFunc(all, func(r *roleGrants) bool { return r.roles == g.roles })
			if i < 0 && len(all) == mostRoles {
				continue
			}
			if i < 0 {
				i = len(all)
				all = append(all, &roleGrants{file: f, roles: g.roles, fixed: fixed})
			}
			role := all[i]
			j := slices.IndexFunc(role.kinds, func(k *grantKind) bool { return k.what == g.what })
			if j < 0 {
				j = len(role.kinds)
				role.kinds = append(role.kinds, &grantKind{what: g.what})
			}
			role.kinds[j].grants = append(role.kinds[j].grants, g)
		}
	})
	return all
}

// grantReader reads one statement.
type grantReader struct {
	text   string
	tokens []sqltext.Token
}

func (r grantReader) is(i int, words ...string) bool {
	if i < 0 || i >= len(r.tokens) || r.tokens[i].Kind != sqltext.Word {
		return false
	}
	return slices.ContainsFunc(words, func(w string) bool {
		return strings.EqualFold(w, r.text[r.tokens[i].Start:r.tokens[i].End])
	})
}

// next returns the first token from i on that is one of the words, or -1.
func (r grantReader) next(i int, words ...string) int {
	for ; i < len(r.tokens); i++ {
		if r.is(i, words...) {
			return i
		}
	}
	return -1
}

// said returns the text of tokens i to j, j excluded, with single blanks.
func (r grantReader) said(i, j int) string {
	if i >= j || j > len(r.tokens) {
		return ""
	}
	return strings.Join(strings.Fields(r.text[r.tokens[i].Start:r.tokens[j-1].End]), " ")
}

// readGrant reads GRANT … ON SCHEMA, GRANT … ON ALL … IN SCHEMA and ALTER DEFAULT PRIVILEGES … IN SCHEMA … GRANT.
func readGrant(text string, tokens []sqltext.Token, base int) []grant {
	r := grantReader{text, tokens}
	schema := r.next(0, "SCHEMA")
	to := r.next(schema+1, "TO")
	if schema < 1 || to < 0 {
		return nil
	}
	what, list := "", to
	switch {
	case r.is(0, "GRANT") && r.is(schema-1, "ON"):
		what = strings.ToUpper(r.said(1, schema-1)) + " ON SCHEMA"
	case r.is(0, "GRANT") && r.is(schema-1, "IN"):
		what = strings.ToUpper(r.said(1, schema-1))
	case r.is(0, "ALTER") && r.is(1, "DEFAULT") && r.is(schema-1, "IN"):
		given := r.next(schema, "GRANT")
		if given < 0 {
			return nil
		}
		what, list = strings.ToUpper(r.said(given+1, to))+" made later", given
		if made := r.next(2, "ROLE", "USER"); made > 0 && made < schema {
			what += " by " + r.said(made+1, schema-1)
		}
	default:
		return nil
	}
	last := tokens[len(tokens)-1]
	roles := len(tokens)
	if last.Is(text, ';') {
		roles--
	}
	if with := r.next(to, "WITH", "GRANTED"); with > 0 {
		roles = with
	}
	g := grant{what: what, roles: r.said(to+1, roles), start: base + tokens[0].Start, end: base + last.End}
	for i := schema + 1; i < list; i++ {
		switch t := tokens[i]; {
		case t.Kind == sqltext.Word || t.Kind == sqltext.Name:
			g.schemas = append(g.schemas, listed{sqltext.Identifier(text[t.Start:t.End]), base + t.Start, base + t.End})
		case !t.Is(text, ','):
			return nil // composed when it runs
		}
	}
	return []grant{g}
}

// checkGrants finds the rights that a role has on most schemas and lacks on others.
func (r *run) checkGrants(datasource *schemaList, lists []*schemaList) {
	for _, g := range r.grantLists(knownSchemas(lists)) {
		var names, parts []string
		var lacking *grantKind
		for _, n := range datasource.names {
			var kinds []string
			for _, k := range g.kinds {
				if n.name != coreSchema && !k.has(n.name) {
					kinds = append(kinds, k.what)
					lacking = k
				}
			}
			if len(kinds) > 0 {
				names = append(names, n.name)
				parts = append(parts, visible.String(n.name)+" ("+visible.String(strings.Join(kinds, "; "))+")")
			}
		}
		if len(names) == 0 {
			continue
		}
		var fix *Fix
		if edits := g.add(names...); len(edits) > 0 {
			fix = &Fix{Title: "grant " + visible.String(g.roles) + " the same on " + strings.Join(names, ", "), Edits: edits}
		}
		last := lacking.grants[len(lacking.grants)-1]
		r.report(ruleLists, Error, g.file, last.start, last.end,
			fmt.Sprintf("the grants to %s miss %s: %s", visible.String(g.roles), say.Count(len(names), "schema"), strings.Join(parts, ", ")),
			fix, datasource.shown())
		r.since(g.file, g.kinds[0].grants[0].start)
	}
}

// add returns the edits that give the role on the schemas what it has on the others: in the list of a statement that
// names several, else as statements like the last ones, after all of them.
func (g *roleGrants) add(names ...string) []Edit {
	if !g.fixed {
		return nil
	}
	var edits []Edit
	var statements []string
	behind := 0
	for _, k := range g.kinds {
		for _, gr := range k.grants {
			behind = max(behind, gr.end)
		}
	}
	for _, name := range names {
		for _, k := range g.kinds {
			if last := k.grants[len(k.grants)-1]; len(last.schemas) == 1 && !k.has(name) {
				statements = append(statements, g.like(last, name))
			}
		}
	}
	for _, k := range g.kinds {
		last := k.grants[len(k.grants)-1]
		missing := slices.DeleteFunc(slices.Clone(names), k.has)
		if len(last.schemas) > 1 && len(missing) > 0 {
			edits = append(edits, g.lengthen(last, missing)...)
		}
	}
	if len(statements) > 0 {
		nl := newline(g.file.data) + indentAt(g.file.data, behind-1)
		text := nl + strings.Join(statements, nl)
		if g.file.data[behind-1] != ';' {
			text = ";" + text
			text = strings.TrimSuffix(text, ";")
		}
		edits = append(edits, Edit{g.file.path, behind, behind, text})
	}
	return edits
}

// like returns a statement for another schema.
func (g *roleGrants) like(model grant, name string) string {
	data, at := g.file.data, model.schemas[0]
	text := string(data[model.start:at.start]) + quoteLike(string(data[at.start:at.end]), name) + string(data[at.end:model.end])
	if !strings.HasSuffix(text, ";") {
		text += ";"
	}
	return text
}

// lengthen adds names to the list of a statement, in its style.
func (g *roleGrants) lengthen(model grant, names []string) []Edit {
	l := &schemaList{file: g.file, names: model.schemas}
	n := len(model.schemas)
	separator := string(g.file.data[model.schemas[n-2].end:model.schemas[n-1].start])
	if strings.Contains(separator, "--") {
		separator = "," + newline(g.file.data) + indentAt(g.file.data, model.schemas[n-1].start)
	}
	return l.place(names, func(i int, name string) string {
		return quoteLike(string(g.file.data[model.schemas[i].start:model.schemas[i].end]), name)
	}, separator, model.schemas)
}
