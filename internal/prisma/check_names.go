package prisma

import (
	"fmt"
)

// checkLength reports a name that PostgreSQL would truncate.
func (c *checker) checkLength(name string, span Span, what, inSchema string) {
	if len(name) <= MaxName {
		return
	}
	mark := "@map"
	if what == "table" || what == "enum" {
		mark = "@@map"
	}
	help := fmt.Sprintf("Give it a shorter one with %s.", mark)
	if what == "schema" || inSchema == "" {
		help = "Choose a shorter one."
	}
	c.fail(codeTooLong, span, help, "The %s's name `%s` has %d bytes, and PostgreSQL keeps %d.", what, shorten(name), len(name), MaxName)
}

// shorten cuts a name that is too long to show in full.
func shorten(name string) string {
	if len(name) <= 100 {
		return name
	}
	return CutName(name, 100) + "…"
}

// checkNames checks names against each other as the database will see them.
func (c *checker) checkNames() {
	tables := &nameScope{c: c, seen: make(map[scopedName]named, 5*len(c.models))}
	types := &nameScope{c: c, seen: make(map[scopedName]named, 5*len(c.models))}
	for _, m := range c.models {
		if c.byName[m.Name] != m {
			continue // a second one of this name, which was reported
		}
		c.checkLength(m.DBName, m.mapAt, "table", m.Name)
		tables.add(m.Schema, m.DBName, &m.mapAt, m.Name, "table", "@@map")
		c.checkColumns(m)
	}
	for _, r := range c.schema.ManyToMany {
		c.checkJoinTable(r, tables)
	}
	for _, e := range c.schema.Enums {
		info := c.enums[e.Name]
		if info == nil || info.Enum != e {
			continue
		}
		c.checkLength(e.DBName, info.mapAt, "enum", e.Name)
		types.add(e.Schema, e.DBName, &info.mapAt, e.Name, "enum", "@@map")
		if table, taken := tables.seen[scopedName{e.Schema, e.DBName}]; taken { // so far there are only tables
			c.fail(codeClash, info.mapAt, fmt.Sprintf("Give one of them another name with @@map; the other is at %s.", table.span.Start),
				"The enum `%s` has the same name in the database as the table of `%s`, %q: PostgreSQL makes a type of each table.", e.Name, table.who, e.DBName)
		}
	}
	for _, m := range c.models {
		c.checkConstraints(m, tables)
	}
}

// nameScope is a set of names that must be unique in a database schema.
type nameScope struct {
	c    *checker
	seen map[scopedName]named
}

type scopedName struct{ schema, name string }

type named struct {
	what string // "table", "index", …
	who  string
	span *Span
}

// add adds a name, or reports it where it is taken.
func (s *nameScope) add(schema, name string, span *Span, who, what, remedy string) {
	key := scopedName{schema, name}
	if other, ok := s.seen[key]; ok {
		help := fmt.Sprintf("Give one of them another name with %s; the other is at %s.", remedy, other.span.Start)
		switch {
		case other.what == what && other.who == who:
			s.c.fail(codeClash, *span, help, "This %s has the same name in the database as another of `%s`, %q.", what, who, name)
		case other.what == what:
			s.c.fail(codeClash, *span, help, "The %s of `%s` and that of `%s` have the same name in the database, %q.", what, other.who, who, name)
		default:
			s.c.fail(codeClash, *span, help, "The %s of `%s` has the same name in the database as the %s of `%s`, %q.", what, who, other.what, other.who, name)
		}
		return
	}
	s.seen[key] = named{what, who, span}
}

// checkColumns checks the names of a table's columns.
func (c *checker) checkColumns(m *modelInfo) {
	seen := make(map[string]*fieldInfo, len(m.fields))
	for _, f := range m.fields {
		if !f.HasColumn() || m.byName[f.Name] != f {
			continue
		}
		c.checkLength(f.DBName, f.mapAt, "column", f.Name)
		if other := seen[f.DBName]; other != nil {
			c.fail(codeClash, f.mapAt, "Give one of them another name with @map.", "The fields `%s` and `%s` of `%s` have the same column, %q.", other.Name, f.Name, m.Name, f.DBName)
			continue
		}
		seen[f.DBName] = f
	}
}

// checkJoinTable checks the name of an implicit many-to-many relation's table.
func (c *checker) checkJoinTable(r *ManyToMany, tables *nameScope) {
	name := r.uncutName()
	who := r.A.Model.Name + "." + r.A.Name
	if len(name) > MaxName { // it contains non-ASCII characters
		c.fail(codeTooLong, r.A.NameAt, `Give the relation a shorter name on both sides: @relation("…").`, "The table between `%s` and `%s` would be called `%s`, which has %d bytes, and PostgreSQL keeps %d.",
			r.A.Model.Name, r.B.Model.Name, name, len(name), MaxName)
		return
	}
	tables.add(r.A.Model.Schema, name, &r.A.NameAt, who, "table", `@relation("…")`)
}

// checkConstraints checks a model's primary key, indexes and foreign keys: indexes share their names with the tables of
// the database schema, and a table's constraints must differ in name.
func (c *checker) checkConstraints(m *modelInfo, tables *nameScope) {
	if m.View || c.byName[m.Name] != m {
		return
	}
	own := map[string]bool{}
	for i := range m.allIndexes() {
		c.checkConstraintName(i.Map, i.Span)
		name := i.DBName(m.Model)
		what := [...]string{"primary key", "unique index", "index"}[i.Kind]
		tables.add(m.Schema, name, &i.Span, m.Name, what, "map:")
		own[name] = true
	}
	if d := c.schema.Datasource; d != nil && d.RelationMode == "prisma" {
		return
	}
	for _, f := range m.relations {
		r := f.Relation
		if !r.Holds() || f.badRelation || f.to.View {
			continue
		}
		c.checkConstraintName(r.Map, r.Span)
		name := r.DBName(m.Model)
		if own[name] {
			c.fail(codeClash, r.Span, "Give it another name with map:.", "The foreign key of `%s.%s` has the name of another constraint of its table, %q.", m.Name, f.Name, name)
		}
		own[name] = true
	}
}

// checkConstraintName reports a name given with map: that PostgreSQL would truncate.
func (c *checker) checkConstraintName(given string, span Span) {
	if len(given) > MaxName {
		c.fail(codeTooLong, span, "Choose a shorter one.", "The name `%s` has %d bytes, and PostgreSQL keeps %d.", shorten(given), len(given), MaxName)
	}
}
