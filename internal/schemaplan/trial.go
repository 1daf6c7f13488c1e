package schemaplan

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// trials have the server create what a plan would create from the schema file's own SQL, and from types and operator
// classes that only extensions have, so that what it refuses is known before anything is changed. Each text is tried
// once. Where the plan creates an extension, it creates what is tried too, and only those that cannot be created are
// known.
func (c *canon) trials(have, want *Database) []question {
	makes := slices.ContainsFunc(want.Extensions, func(w extensionInfo) bool { return !have.hasExtension(w.Name) && c.refused[extensionTrial(w)] == nil })
	if makes && len(c.refused) == 0 {
		return nil
	}
	var out []question
	tried := map[string]bool{}
	try := func(key string, statements ...string) {
		if key == "" || tried[key] {
			return
		}
		tried[key] = true
		out = append(out, question{statements: statements, settle: func(string, string) {}, refused: func(err *postgres.ServerError) {
			_, extension := postgres.Lacks(err)
			if refusesTheText(err.Code) && !(makes && c.refused[extensionTrial(extensionInfo{Name: extension})] == nil) {
				c.refused[key] = &refusal{server: err}
			}
		}})
	}
	for _, w := range want.Tables {
		h := have.table(w.qName)
		for _, wc := range w.Columns {
			if h == nil || isNew(h.column(wc.Name), wc) {
				try(columnTrial(wc), "CREATE TEMP TABLE naap_probe ("+trialColumn(wc)+")")
			}
		}
		for _, x := range w.Indexes {
			if h != nil && h.index(x.Name) != nil {
				continue
			}
			for _, ic := range x.Columns {
				if wc := w.column(ic.Name); wc != nil {
					try(classTrial(x, ic, wc), "CREATE TEMP TABLE naap_probe (c "+wc.Type.sql()+")", fmt.Sprintf("CREATE INDEX ON naap_probe USING %s (c %s)", x.Method, ic.Class))
				}
			}
		}
	}
	return out
}

func extensionTrial(x extensionInfo) string { return "extension " + x.Name }

// lookForExtensions refuses the extensions of the schema file that the server cannot create: it does not have one of
// that name, or not that version.
func (c *canon) lookForExtensions(ctx context.Context, q postgres.Querier, have, want *Database) error {
	for _, w := range want.Extensions {
		if have.hasExtension(w.Name) {
			continue
		}
		var versions []string
		err := q.QueryRow(ctx, `SELECT array(SELECT version FROM pg_catalog.pg_available_extension_versions WHERE name = $1 ORDER BY version)`, w.Name).Scan(&versions)
		switch {
		case err != nil:
			return fmt.Errorf("look for the extension %s: %w", w.Name, err)
		case len(versions) == 0:
			c.refused[extensionTrial(w)] = &refusal{server: &postgres.ServerError{Code: "0A000", Message: fmt.Sprintf("extension %q is not available", w.Name)}}
		case w.Version != "" && !slices.Contains(versions, w.Version):
			c.refused[extensionTrial(w)] = &refusal{server: &postgres.ServerError{Code: "22023", Message: fmt.Sprintf("extension %q has no version %q", w.Name, w.Version)},
				ways: remedy.Lines("versions that this server has: " + strings.Join(versions, ", "))}
		}
	}
	return nil
}

// refusesTheText reports whether an SQLSTATE is about what was to be created, rather than about the session or its
// privileges.
func refusesTheText(code string) bool {
	return strings.HasPrefix(code, "42") && code != postgres.Forbidden || strings.HasPrefix(code, "0A") || strings.HasPrefix(code, "22")
}

func isNew(have, want *column) bool {
	return have == nil || !sameType(have.Type, want.Type, "") || compareDefaults(have.Default, want.Default) != same
}

// columnTrial returns what to try for a column, or "" where the server cannot refuse it.
func columnTrial(c *column) string {
	ownSQL := c.Default != nil && c.Default.kind == expression
	if ownSQL {
		_, literal := literalText(c.Default.SQL)
		ownSQL = !literal || !strings.HasSuffix(c.Default.SQL, "'") // a cast may be to another type
	}
	if c.Type.isEnum() || c.Type.known() && c.Type.Name != "citext" && !ownSQL {
		return "" // an enum may not exist yet
	}
	return trialColumn(c)
}

func trialColumn(c *column) string {
	s := "c " + c.Type.sql()
	if c.Default != nil {
		s += " DEFAULT " + c.Default.SQL
	}
	return s
}

// classTrial returns what to try for a column of an index: a named operator class, or the default one of a method that
// has few.
func classTrial(x *index, of indexColumn, c *column) string {
	if c.Type.isEnum() || of.Class == "" && (x.Method == "btree" || x.Method == "hash" || x.Method == "brin") {
		return ""
	}
	return "index " + x.Method + " " + c.Type.sql() + " " + of.Class
}

func (d *Database) hasExtension(name string) bool {
	return slices.ContainsFunc(d.Extensions, func(x extensionInfo) bool { return x.Name == name })
}

func (t *Table) index(name string) *index {
	for _, x := range t.Indexes {
		if x.Name == name {
			return x
		}
	}
	return nil
}

// refusedBy blocks a step that creates something which the server has refused; at is its place in the schema file.
func (d *differ) refusedBy(s *Step, trial string, at prisma.Pos) {
	r := d.canon.refused[trial]
	if r == nil {
		return
	}
	ways := r.ways
	if len(ways) == 0 {
		ways = remedy.Lines("correct the schema file")
		if thing, _ := postgres.Lacks(r.server); thing != "" {
			ways = append(ways, remedy.Words("or, if an extension makes "+thing+": add its CREATE EXTENSION to the init script"))
		}
	}
	why := "the server refuses it: " + r.server.Message
	if at.Line > 0 && at.String() != s.At {
		why = at.String() + ": " + d.want.line(at) + ": " + why
	}
	s.blockWith(1, why, ways)
}

// Lack is an extension that the schema file needs, that it does not declare and that the database does not have.
type Lack struct {
	Extension string   `json:"extension"`
	For       []string `json:"for"`  // what the schema file uses of it: types, functions, operator classes
	Line      string   `json:"line"` // of SQL, for the init script

	ways []remedy.Advice
}

// String returns a sentence with the line for the init script.
func (l Lack) String() string {
	return fmt.Sprintf("the extension %s is needed for %s, and nothing creates it; for the init script: %s", l.Extension, strings.Join(l.For, ", "), l.Line)
}

// lacking returns the extensions for which the server has refused something.
func (c *canon) lacking(have *Database) []Lack {
	var out []Lack
	for _, trial := range slices.Sorted(maps.Keys(c.refused)) {
		r := c.refused[trial]
		thing, extension := postgres.Lacks(r.server)
		if extension == "" || thing == extension && r.server.Code == "0A000" || have.hasExtension(extension) {
			continue // the schema file declares it, or it is where nothing looks for it
		}
		i := slices.IndexFunc(out, func(l Lack) bool { return l.Extension == extension })
		if i < 0 {
			i = len(out)
			out = append(out, Lack{Extension: extension, Line: postgres.CreateExtension(extension), ways: r.ways})
		}
		if !slices.Contains(out[i].For, thing) {
			out[i].For = append(out[i].For, thing)
		}
	}
	slices.SortFunc(out, func(a, b Lack) int { return cmp.Compare(a.Extension, b.Extension) })
	return out
}
