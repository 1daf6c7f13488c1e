package rules

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/script"
	"github.com/livepeer/naap-dev/internal/visible"
)

// codeLists finds the arrays of schemas in a script. An array counts as a shell script's list does.
func codeLists(f *file, known map[string]bool) []*schemaList {
	if isTest(f.path) || len(known) == 0 {
		return nil
	}
	var found []*schemaList
	s := f.script
	for i := range s.Tokens {
		if !s.Is(i, "[") || s.Kind(i-1) == script.Word && !s.Is(i-1, "return") && !s.Is(i-1, "of") || s.Is(i-1, ")") || s.Is(i-1, "]") {
			continue
		}
		names, ok := stringsOf(s, i)
		if !ok || len(names) < 2 {
			continue
		}
		name := arrayName(s, i)
		l := &schemaList{label: cmp.Or(name, "this list"), file: f, guessed: true, names: names, onlyPlugins: true}
		l.start, l.end = names[0].start, names[0].end
		l.add = func(more ...string) []Edit { return l.insertCode(more) }
		if l.counts(snake(name), known) {
			found = append(found, l)
		}
	}
	return found
}

// stringsOf reads the array that opens at token i, if it consists of strings.
func stringsOf(s *script.Source, i int) ([]listed, bool) {
	var names []listed
	for j := i + 1; j < len(s.Tokens); j++ {
		if s.Is(j, "]") {
			return names, true
		}
		v, ok := s.Literal(j)
		if !ok || !s.Is(j+1, ",") && !s.Is(j+1, "]") {
			return nil, false
		}
		names = append(names, listed{v, s.Tokens[j].Start, s.Tokens[j].End})
		if s.Is(j+1, ",") {
			j++
		}
	}
	return nil, false
}

// arrayName returns the name of what an array is the value of: const NAME: type = new Set([…]), NAME: […].
func arrayName(s *script.Source, i int) string {
	j := i - 1
	for s.Is(j, "(") || s.Is(j, "Set") || s.Is(j, "new") || s.Is(j, "freeze") || s.Is(j, ".") || s.Is(j, "Object") || s.Is(j, ">") || s.Is(j, "<") || s.Is(j, "string") {
		j--
	}
	if !s.Is(j, "=") && !s.Is(j, ":") {
		return ""
	}
	for k := j - 1; k >= 0 && k > j-12; k-- { // there may be a type in between
		if s.Is(k-1, "const") || s.Is(k-1, "let") || s.Is(k-1, "var") {
			return s.Word(k)
		}
		if s.Is(k, ";") || s.Is(k, "{") || s.Is(k, "}") || s.Is(k, "(") {
			break
		}
	}
	return nameBefore(s, j)
}

// snake returns a name in camel case with underscores between its words.
func snake(name string) string {
	var b strings.Builder
	for i, c := range name {
		if i > 0 && unicode.IsUpper(c) && unicode.IsLower(rune(name[i-1])) {
			b.WriteByte('_')
		}
		b.WriteRune(c)
	}
	return b.String()
}

// insertCode adds names to an array. In one with a line for each element, those behind the last come after its comma
// and its comment, and end in a comma where it does.
func (l *schemaList) insertCode(names []string) []Edit {
	separator := l.commaBetween()
	edits := l.insert(names, separator)
	data, last := l.file.data, l.names[len(l.names)-1].end
	i := slices.IndexFunc(edits, func(e Edit) bool { return e.Start >= last })
	if i < 0 || !strings.Contains(separator, "\n") {
		return edits
	}
	texts := strings.Split(strings.TrimPrefix(edits[i].New, separator), separator)
	line := strings.TrimPrefix(separator, ",")
	text, at := line+strings.Join(texts, ","+line), last
	edits = edits[:i]
	if data[at] == ',' {
		at, text = at+1, text+","
	} else {
		edits = append(edits, Edit{l.file.path, last, last, ","})
	}
	at += len(codeComment.Get().Find(data[at:lineEndAt(data, at)]))
	return append(edits, Edit{l.file.path, at, at, text})
}

// codeComment matches a comment behind an element that ends its line.
var codeComment = lazy.Regexp{Text: `^[ \t]*(?://[^\r]*|/\*[^*]*\*/)`}

// commaBetween returns the text between the last two elements of an array: a comma and a blank, or a line end and an
// indent.
func (l *schemaList) commaBetween() string {
	n := len(l.names)
	gap := string(l.file.data[l.names[n-2].end:l.names[n-1].start])
	if strings.Trim(gap, ", \t\r\n") == "" {
		return gap
	}
	return "," + newline(l.file.data) + indentAt(l.file.data, l.names[n-1].start) // there is a comment after the element
}

// findLists looks for lists of schemas in the scripts, which judgeScripts does where all of them are judged.
func (r *run) findLists(ctx context.Context) error {
	names := schemaNeedles(slices.Sorted(maps.Keys(r.known)))
	if names == nil {
		return nil
	}
	var buf []byte
	for _, name := range r.order {
		f := r.files[name]
		if f.kind != scriptFile {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		f.facts = &scriptFacts{}
		if !r.open(f, &buf) {
			continue
		}
		if names.in(f.data) {
			f.parse()
			f.facts.lists = codeLists(f, r.known)
		}
		f.close()
	}
	return nil
}

// schemaNeedles returns what finds any of the schemas in a text, or nil if there are none.
func schemaNeedles(schemas []string) *needles {
	words := slices.DeleteFunc(slices.Clone(schemas), func(name string) bool { return len(name) < 3 })
	if len(words) == 0 {
		return nil
	}
	return newNeedles(words...)
}

// shownList is a list that is only reported: it is not for naap to rewrite.
type shownList struct {
	what  string // "this table"
	at    Place
	text  string
	names []string
}

// mostShown is how many tables of a document, and case statements of a script, are looked at.
const mostShown = 200

// tables returns the tables in a document that name schemas, without those in its examples of code.
func tables(f *file) []shownList {
	var found []shownList
	var now *shownList
	fenced := false
	offset := 0
	for line := range strings.SplitAfterSeq(string(f.data), "\n") {
		start := offset
		offset += len(line)
		trimmed := strings.TrimSpace(line)
		if strings.HasPrefix(trimmed, "```") || strings.HasPrefix(trimmed, "~~~") {
			fenced = !fenced
		}
		if fenced || !strings.Contains(trimmed, "|") || len(found) == mostShown {
			now = nil
			continue
		}
		for cell := range strings.SplitSeq(trimmed, "|") {
			name := strings.Trim(cell, " \t`*\"'")
			if !strings.HasPrefix(name, "plugin_") || !plainIdentifier.Get().MatchString(name) {
				continue
			}
			if now == nil {
				at := start + strings.Index(line, name)
				p := f.place(at, at+len(name))
				found = append(found, shownList{what: "this table", at: p, text: f.line(p.Line)})
				now = &found[len(found)-1]
			}
			now.names = append(now.names, name)
		}
	}
	return slices.DeleteFunc(found, func(l shownList) bool { return len(l.names) < 2 })
}

var (
	caseText    = lazy.Regexp{Text: `(?s)\bcase[ \t]+[^\n;]+?[ \t]+in\b(.*?)\besac\b`}
	casePattern = lazy.Regexp{Text: `(?m)(?:^|;;|\A)[ \t]*\(?[ \t]*((?:["']?[\w*?.-]+["']?[ \t]*(?:\|[ \t]*(?:\\\r?\n[ \t]*)?)?)+)\)`}
)

// cases returns the case statements of a shell script whose patterns name schemas.
func cases(f *file, known map[string]bool) []shownList {
	if f.shell == nil {
		return nil
	}
	var found []shownList
	for _, m := range caseText.Get().FindAllSubmatchIndex(f.data, mostShown) {
		p := f.place(m[0], m[0]+len("case"))
		l := shownList{what: "this case", at: p, text: f.line(p.Line)}
		for _, pattern := range casePattern.Get().FindAllSubmatch(f.data[m[2]:m[3]], -1) {
			for _, name := range nameInText.Get().FindAllString(string(pattern[1]), -1) {
				if known[name] {
					l.names = append(l.names, name)
				}
			}
		}
		if len(l.names) > 1 && !isCommentLine(l.text) {
			found = append(found, l)
		}
	}
	return found
}

// checkShown reports the schemas that tables in documents and case statements lack.
func (r *run) checkShown(datasource *schemaList, lists []*schemaList) {
	known := knownSchemas(lists)
	check := func(l shownList) {
		has := func(name string) bool { return slices.Contains(l.names, name) }
		hits := 0
		var missing []string
		for _, n := range datasource.names {
			switch {
			case n.name == coreSchema:
			case has(n.name):
				hits++
			default:
				missing = append(missing, visible.String(n.name))
			}
		}
		if hits < 2 || hits*2 < len(known) || len(missing) == 0 {
			return
		}
		r.findings = append(r.findings, Finding{
			Rule: ruleLists, Severity: Warning, Place: l.at, Text: maskPasswords(l.text), first: l.at.Line, Related: []Place{datasource.shown()},
			Message: fmt.Sprintf("%s misses %s: %s", l.what, say.Count(len(missing), "schema"), strings.Join(missing, ", ")),
		})
	}
	r.each(textFile, func(f *file) {
		for _, l := range f.tables {
			check(l)
		}
	})
	for _, k := range []kind{shellFile, unnamed, makeFile} {
		r.each(k, func(f *file) {
			for _, l := range cases(f, known) {
				check(l)
			}
		})
	}
}
