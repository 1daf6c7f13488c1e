package schemaplan

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// differ finds the steps from one database to another. It asks nothing: the server's answers are in canon beforehand,
// and what has to be counted is left with the steps as checks.
type differ struct {
	have, want *Database
	canon      *canon
	limit      []string        // the schemas to compare; all of the scope where empty
	scope      map[string]bool // those of the scope that are compared
	steps      []*Step
	tables     []*tableDiff
	byName     map[qName]*tableDiff
	rebuilt    map[qName]bool // enums that are recreated

	// What is looked up for each of many steps, made when it is first needed.
	users                map[qName][]columnUse  // of the tables that were found: the columns of each enum
	inboundTo, leftOutTo map[qName][]inboundKey // foreign keys by the table that they refer to
	foundAs              map[qName]*Table       // the tables that were found, by their current names
	others               map[qName]bool         // relations that are left alone
}

// columnUse is a column of an enum type.
type columnUse struct {
	table  *Table
	column *column
}

// noPos is the position of what the schema file does not describe.
var noPos prisma.Pos

func newDiffer(have, want *Database, c *canon, limit []string) *differ {
	d := &differ{have: have, want: want, canon: c, limit: limit, scope: map[string]bool{}, byName: map[qName]*tableDiff{}, rebuilt: map[qName]bool{}}
	for _, s := range have.Scope {
		d.scope[s] = len(limit) == 0 || slices.Contains(limit, s)
	}
	return d
}

// diff returns the steps in order.
func (d *differ) diff() []*Step {
	d.schemas()
	d.extensions()
	d.enums()
	d.compareTables()
	d.foreignKeys()
	for _, t := range d.tables {
		d.tableSteps(t)
	}
	d.dropTables()
	d.takenNames()
	return arrange(d.steps)
}

// in reports whether a schema is to be compared.
func (d *differ) in(schema string) bool { return d.scope[schema] }

// usersOf returns the columns of an enum type in the tables that were found.
func (d *differ) usersOf(enum qName) []columnUse {
	if d.users == nil {
		d.users = d.have.enumColumns()
	}
	return d.users[enum]
}

func (d *Database) enumColumns() map[qName][]columnUse {
	out := map[qName][]columnUse{}
	for _, t := range d.Tables {
		for _, c := range t.Columns {
			if c.Type.isEnum() {
				out[c.Type.Enum] = append(out[c.Type.Enum], columnUse{t, c})
			}
		}
	}
	return out
}

// add appends a step. Its statements have no final semicolon.
func (d *differ) add(kind Kind, class Class, object string, at prisma.Pos, summary string, statements ...string) *Step {
	s := &Step{Kind: kind, Class: class, Object: object, Summary: summary, Statements: statements, Pos: at}
	if at.Line > 0 {
		s.At, s.Line = at.String(), d.want.line(at)
	}
	d.steps = append(d.steps, s)
	return s
}

// within says in which schema a step is that no table is part of.
func (s *Step) within(schema string) *Step {
	s.schema = schema
	return s
}

func (s *Step) needs(keys ...string) *Step {
	s.requires = append(s.requires, keys...)
	return s
}

func (s *Step) gives(keys ...string) *Step {
	s.provides = append(s.provides, keys...)
	return s
}

// The keys by which steps need each other. A free key means that a name is no longer used: relations and types share
// one namespace each.
func schemaKey(name string) string              { return "schema " + name }
func extensionsKey() string                     { return "extensions" }
func typeKey(name qName) string                 { return "type " + name.sql() }
func valueKey(enum qName, value string) string  { return "value " + enum.sql() + " " + value }
func tableKey(name qName) string                { return "table " + name.sql() }
func columnKey(table qName, name string) string { return "column " + table.sql() + " " + name }
func clearKey(table qName, name string) string  { return "clear " + table.sql() + " " + name }
func primaryKeyKey(table qName) string          { return "primary key " + table.sql() }
func freeKey(schema, name string) string        { return "free " + qName{schema, name}.sql() }
func freeConstraintKey(table qName, name string) string {
	return "free " + table.sql() + " " + name
}
func uniqueKey(table qName, columns []string) string {
	sorted := slices.Clone(columns)
	sort.Strings(sorted)
	return "unique " + table.sql() + " " + strings.Join(sorted, "\x00")
}

func (d *differ) schemas() {
	there := map[string]bool{}
	for _, s := range d.have.Schemas {
		there[s.Name] = true
	}
	for _, s := range d.want.Schemas {
		if d.in(s.Name) && !there[s.Name] {
			d.add(CreateSchema, Adds, s.Name, s.Pos, "create schema "+s.Name,
				"CREATE SCHEMA IF NOT EXISTS "+postgres.Ident(s.Name)).within(s.Name).gives(schemaKey(s.Name))
		}
	}
}

// extensions creates and moves extensions, and never drops any.
func (d *differ) extensions() {
	for _, w := range d.want.Extensions {
		i := slices.IndexFunc(d.have.Extensions, func(h extensionInfo) bool { return h.Name == w.Name })
		name := postgres.Ident(w.Name)
		if i < 0 {
			sql := "CREATE EXTENSION IF NOT EXISTS " + name
			if w.Schema != "" || w.Version != "" {
				sql += " WITH"
			}
			if w.Schema != "" {
				sql += " SCHEMA " + postgres.Ident(w.Schema)
			}
			if w.Version != "" {
				sql += " VERSION " + postgres.Ident(w.Version)
			}
			s := d.add(createExtension, Adds, w.Name, w.Pos, "create extension "+w.Name, sql).
				needs(schemaKey(w.Schema))
			if d.refusedBy(s, extensionTrial(w), w.Pos); s.Blocked == nil {
				s.gives(extensionsKey()) // what needs one that is refused is refused by itself
			}
			continue
		}
		h := d.have.Extensions[i]
		if w.Version != "" && w.Version != h.Version {
			d.add(AlterExtension, Changes, w.Name, w.Pos, fmt.Sprintf("update extension %s from %s to %s", w.Name, h.Version, w.Version),
				"ALTER EXTENSION "+name+" UPDATE TO "+postgres.Ident(w.Version)).gives(extensionsKey())
		}
		if w.Schema != "" && w.Schema != h.Schema {
			d.add(AlterExtension, Changes, w.Name, w.Pos, fmt.Sprintf("move extension %s to schema %s", w.Name, w.Schema),
				"ALTER EXTENSION "+name+" SET SCHEMA "+postgres.Ident(w.Schema)).gives(extensionsKey())
		}
	}
}

// takenNames blocks the creation of anything with a name that something unmanaged has and keeps.
func (d *differ) takenNames() {
	taken := map[string]string{}
	for _, r := range d.have.Others {
		taken[freeKey(r.Schema, r.Name)] = "a " + r.Kind
	}
	for _, t := range d.have.Tables {
		if t.Unmanaged != "" {
			taken[freeKey(t.Schema, t.Name)] = "a table that is left alone, because " + t.Unmanaged
		}
		for _, x := range t.Indexes {
			if d.unmanagedIndex(x) {
				taken[freeKey(t.Schema, x.Name)] = x.Unmanaged + " of " + t.String() + " that is left alone"
			}
		}
	}
	types := map[string]string{}
	for _, r := range d.have.Types {
		types[freeKey(r.Schema, r.Name)] = "a " + r.Kind
	}
	for _, s := range d.steps {
		for _, key := range s.requires {
			holder, ok := taken[key]
			if !ok && (s.Kind == createEnum || s.Kind == CreateTable || s.Kind == renameTable) { // a table's name is also a type's
				holder, ok = types[key]
			}
			if ok && s.Blocked == nil {
				s.Blocked = &block{Why: "the name is taken by " + holder, Count: 1,
					Ways: remedy.Lines("rename or drop what has the name", "give it another name in the schema file with @@map or map:")}
			}
		}
	}
}

// unmanagedIndex reports whether an index that was found is left alone: partial ones are managed once the schema file
// can express them.
func (d *differ) unmanagedIndex(x *index) bool {
	if x.Unmanaged == "a partial index" && d.want.partial {
		return false
	}
	return x.Unmanaged != ""
}

// between returns a function for a constraint's rename via another name.
func between(form, from, to string) func(string, bool) string {
	return func(between string, onward bool) string {
		if onward {
			return fmt.Sprintf(form, postgres.Ident(between), postgres.Ident(to))
		}
		return fmt.Sprintf(form, postgres.Ident(from), postgres.Ident(between))
	}
}
