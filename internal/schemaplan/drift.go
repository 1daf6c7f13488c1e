package schemaplan

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/say"
)

// Difference is an object that is not the same in two databases; what one of them does not have is "".
type Difference struct {
	Kind   string `json:"kind"`   // "table", "column", "index", …
	Object string `json:"object"` // "public.User.email"
	Here   string `json:"here"`   // what it is in the database
	There  string `json:"there"`  // what it is in the one that is compared with
}

// Line describes the difference; there is what the second database is called.
func (d Difference) Line(there string) string {
	name := d.Kind + " " + d.Object
	switch {
	case d.There == "":
		return fmt.Sprintf("+ %s: only in the database%s", name, described(d.Here))
	case d.Here == "":
		return fmt.Sprintf("- %s: only in %s%s", name, there, described(d.There))
	}
	return fmt.Sprintf("~ %s: %s in the database, %s in %s", name, d.Here, d.There, there)
}

func described(what string) string {
	if what == present {
		return ""
	}
	return " (" + what + ")"
}

// present is what is said of an object that has no more to compare.
const present = "is there"

// Drift compares a database with another one, in the schemas that a Prisma file manages: tables with their columns,
// keys and indexes, enums and views, functions, triggers and checks. Prisma's table of migrations and what is external does not count, nor does what only
// the first one has and a push would leave alone: a view, an index on an expression, a trigger.
func Drift(ctx context.Context, here, there postgres.Querier, desired *Database) ([]Difference, error) {
	a, err := objectsOf(ctx, here, desired)
	if err != nil {
		return nil, err
	}
	b, err := objectsOf(ctx, there, desired)
	if err != nil {
		return nil, err
	}
	return driftOf(a, b), nil
}

// object is something that two databases can both have.
type object struct{ kind, of, name string } // of is the table that it belongs to, or ""

func (o object) path() string { return strings.TrimPrefix(o.of+"."+o.name, ".") }

// fact is what an object is.
type fact struct {
	what  string
	loose bool // the Prisma language cannot express it
}

func driftOf(here, there map[object]fact) []Difference {
	var out []Difference
	note := func(o object) {
		table := object{kind: "table", name: o.of}
		if o.of != "" && (here[table].what == "") != (there[table].what == "") { // the table itself is only in one of them
			return
		}
		out = append(out, Difference{o.kind, o.path(), here[o].what, there[o].what})
	}
	for o, is := range here {
		if there[o].what != is.what && !(is.loose && there[o].what == "") {
			note(o)
		}
	}
	for o := range there {
		if here[o].what == "" {
			note(o)
		}
	}
	slices.SortFunc(out, func(a, b Difference) int { return strings.Compare(a.Object+" "+a.Kind, b.Object+" "+b.Kind) })
	return out
}

func objectsOf(ctx context.Context, q postgres.Querier, desired *Database) (map[object]fact, error) {
	var db *Database
	err := onConnection(ctx, q, nil, 0, func(c *postgres.Conn) (err error) {
		db, err = inspect(ctx, c, desired.Scope, settings{})
		return err
	})
	if err != nil {
		return nil, err
	}
	db.setApart(desired.external)
	out := map[object]fact{}
	for _, e := range db.Enums {
		if e.Unmanaged != externalReason {
			out[object{"enum", "", e.String()}] = fact{strings.Join(e.Values, ", "), e.Unmanaged != ""}
		}
	}
	for _, r := range db.Others {
		if r.Name != migrationsTable && r.Kind != "sequence" {
			out[object{r.Kind, "", r.String()}] = fact{present, true}
		}
	}
	for _, t := range db.Tables {
		if t.Name != migrationsTable && t.Unmanaged != externalReason {
			t.objects(out)
		}
	}
	return out, addCode(ctx, q, desired.Scope, out)
}

func (t *Table) objects(out map[object]fact) {
	of := t.String()
	out[object{"table", "", of}] = fact{present, t.Unmanaged != ""}
	for _, c := range t.Columns {
		out[object{"column", of, c.Name}] = fact{what: c.described(), loose: c.Generated}
	}
	if k := t.PrimaryKey; k != nil {
		out[object{"primary key", of, k.Name}] = fact{what: "(" + strings.Join(k.Columns, ", ") + ")"}
	}
	for _, x := range t.Indexes {
		out[object{indexNoun(x), of, x.Name}] = fact{x.described(), x.Unmanaged != ""}
	}
	for _, k := range t.ForeignKeys {
		out[object{"foreign key", of, k.Name}] = fact{what: fmt.Sprintf("(%s) to %s (%s) on delete %s on update %s", strings.Join(k.Columns, ", "), k.References,
			strings.Join(k.RefColumns, ", "), strings.ToLower(k.OnDelete), strings.ToLower(k.OnUpdate))}
	}
}

func (c *column) described() string {
	s := c.Type.Text
	if s == "" {
		s = typeSummary(&column{Type: c.Type})
	}
	if c.NotNull {
		s += " not null"
	}
	switch {
	case c.Identity:
		s += " identity"
	case c.Generated:
		s += " generated"
	case c.AutoIncrement:
		s += " autoincrement"
	case c.Default != nil:
		s += " default " + c.Default.SQL
	}
	return s
}

func (x *index) described() string {
	s := x.Method + " (" + say.Join(x.Columns, ", ", func(c indexColumn) string {
		name := c.Name
		if name == "" {
			name = "an expression"
		}
		if c.Class != "" && !c.DefaultClass {
			name += " " + c.Class
		}
		if c.Desc {
			name += " desc"
		}
		return name
	}) + ")"
	if x.Predicate != "" {
		s += " where " + x.Predicate
	}
	if len(x.Include) > 0 {
		s += " include (" + strings.Join(x.Include, ", ") + ")"
	}
	return s
}
