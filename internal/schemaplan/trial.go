package schemaplan

import (
	"fmt"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// trials have the server make what a plan would have it make of the schema file's own SQL, and of types and operator
// classes that only extensions have, so that what it refuses is known before anything is changed. Each text is tried
// once. Where the plan makes an extension, it makes what is tried too, and nothing is known.
func (c *canon) trials(have, want *Database) []question {
	for _, w := range want.Extensions {
		if !have.hasExtension(w.Name) {
			return nil
		}
	}
	var out []question
	tried := map[string]bool{}
	try := func(key string, statements ...string) {
		if key == "" || tried[key] {
			return
		}
		tried[key] = true
		out = append(out, question{statements: statements, settle: func(string, string) {}, refused: func(err *postgres.ServerError) {
			if refusesTheText(err.Code) {
				c.refused[key] = &refusal{server: err}
			}
		}})
	}
	for _, w := range want.Tables {
		h := have.table(w.QName)
		for _, wc := range w.Columns {
			if h == nil || isNew(h.Column(wc.Name), wc) {
				try(columnTrial(wc), "CREATE TEMP TABLE naap_probe ("+trialColumn(wc)+")")
			}
		}
		for _, x := range w.Indexes {
			if h != nil && h.index(x.Name) != nil {
				continue
			}
			for _, ic := range x.Columns {
				if wc := w.Column(ic.Name); wc != nil {
					try(classTrial(x, ic, wc), "CREATE TEMP TABLE naap_probe (c "+wc.Type.SQL()+")", fmt.Sprintf("CREATE INDEX ON naap_probe USING %s (c %s)", x.Method, ic.Class))
				}
			}
		}
	}
	return out
}

// refusesTheText reports whether an SQLSTATE is about what was to be made, rather than about the session or its rights.
func refusesTheText(code string) bool {
	return strings.HasPrefix(code, "42") && code != "42501" || strings.HasPrefix(code, "0A") || strings.HasPrefix(code, "22")
}

func isNew(have, want *Column) bool {
	return have == nil || !sameType(have.Type, want.Type, "") || compareDefaults(have.Default, want.Default) != same
}

// columnTrial is what is tried of a column, or "" where nothing about it can surprise.
func columnTrial(c *Column) string {
	ownSQL := c.Default != nil && c.Default.kind == expression
	if ownSQL {
		_, literal := literalText(c.Default.SQL)
		ownSQL = !literal || !strings.HasSuffix(c.Default.SQL, "'") // a cast may be to another type
	}
	if c.Type.IsEnum() || c.Type.known() && c.Type.Name != "citext" && !ownSQL {
		return "" // an enum may be yet to come
	}
	return trialColumn(c)
}

func trialColumn(c *Column) string {
	s := "c " + c.Type.SQL()
	if c.Default != nil {
		s += " DEFAULT " + c.Default.SQL
	}
	return s
}

// classTrial is what is tried of a column of an index: a named operator class, or the default one of a method that has
// few.
func classTrial(x *Index, of IndexColumn, c *Column) string {
	if c.Type.IsEnum() || of.Class == "" && (x.Method == "btree" || x.Method == "hash" || x.Method == "brin") {
		return ""
	}
	return "index " + x.Method + " " + c.Type.SQL() + " " + of.Class
}

func (d *Database) hasExtension(name string) bool {
	for _, x := range d.Extensions {
		if x.Name == name {
			return true
		}
	}
	return false
}

func (t *Table) index(name string) *Index {
	for _, x := range t.Indexes {
		if x.Name == name {
			return x
		}
	}
	return nil
}

// refusedBy blocks a step that makes something which the server has refused to make; at is its place in the schema file.
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
