package schemaplan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/say"
)

func (d *differ) enums() {
	for _, w := range d.want.Enums {
		if !d.in(w.Schema) {
			continue
		}
		h := d.have.enum(w.qName)
		if h == nil {
			d.createEnum(w)
			continue
		}
		added, removed := without(w.Values, h.Values), without(h.Values, w.Values)
		if len(removed) > 0 || d.rebuilt[w.qName] {
			d.rebuilt[w.qName] = true // the step itself needs to know what happens to the columns
			continue
		}
		for _, value := range added {
			d.add(addEnumValue, Adds, w.String(), w.Pos, fmt.Sprintf("add value %s to enum %s", value, w),
				"ALTER TYPE "+w.sql()+" ADD VALUE "+literal(value)).within(w.Schema).gives(valueKey(w.qName, value)).enum = w.qName
		}
	}
	for _, h := range d.have.Enums {
		if d.in(h.Schema) && h.Unmanaged == "" && d.want.enum(h.qName) == nil {
			s := d.add(dropEnum, Changes, h.String(), noPos, "drop enum "+h.String(), "DROP TYPE "+h.sql()).within(h.Schema).
				gives(freeKey(h.Schema, h.Name))
			s.leavesType = h.qName
			for _, u := range d.have.enumUsers {
				if u.enum == h.qName {
					s.block(1, fmt.Sprintf("column %s of %s has that type, and schema %s is not ruled by this schema file", u.column, u.table, u.table.Schema),
						"give the column another type first, or drop it")
				}
			}
			d.blockUnmanagedUsers(s, h.qName)
			for _, u := range d.usersOf(h.qName) { // those that are dropped or change their type; others make the server refuse
				s.needs(clearKey(u.table.qName, u.column.Name), clearKey(u.table.qName, ""))
			}
		}
	}
}

func (d *differ) createEnum(w *enum) {
	d.add(createEnum, Adds, w.String(), w.Pos, fmt.Sprintf("create enum %s with %s", w, say.Count(len(w.Values), "value")),
		createEnumSQL(w.qName, w.Values)).within(w.Schema).
		needs(schemaKey(w.Schema), freeKey(w.Schema, w.Name)).gives(typeKey(w.qName))
}

func createEnumSQL(name qName, values []string) string {
	return "CREATE TYPE " + name.sql() + " AS ENUM (" + say.Join(values, ", ", literal) + ")"
}

// without returns the elements of a that are not in b, in a's order.
func without(a, b []string) []string {
	var out []string
	for _, s := range a {
		if !slices.Contains(b, s) {
			out = append(out, s)
		}
	}
	return out
}

// blockUnmanagedUsers keeps an enum that is used by a table that is left alone.
func (d *differ) blockUnmanagedUsers(s *Step, enum qName) {
	for _, u := range d.usersOf(enum) {
		if t := u.table; t.Unmanaged != "" {
			s.block(1, fmt.Sprintf("column %s of %s has that type, and %s", u.column.Name, t, d.ruler(t.qName)), "give the column another type first, or drop it")
		}
	}
}

// rebuildEnum recreates an enum without the removed values: the server cannot remove one. Every column of the type is
// cast via text; a column that is about to be dropped or to change its type keeps the old type until then.
func (d *differ) rebuildEnum(w *enum) {
	h := d.have.enum(w.qName)
	removed := without(h.Values, w.Values)
	old := qName{w.Schema, d.freeTypeName(w.Schema, w.Name)}
	s := d.add(rebuildEnum, Changes, w.String(), w.Pos,
		summaryOfRebuild(w, removed),
		"ALTER TYPE "+w.sql()+" RENAME TO "+postgres.Ident(old.Name), createEnumSQL(w.qName, w.Values))
	s.within(w.Schema).gives(typeKey(w.qName))
	s.leavesType = w.qName
	d.blockUnmanagedUsers(s, w.qName)
	if len(removed) > 0 {
		s.mayLose("The values [%s] on the enum `%s` will be removed. If these variants are still used in the database, this will fail.", strings.Join(removed, ","), w.Name)
	}
	leaving := false
	for _, u := range d.columnsOf(w.qName) {
		var want *column
		if u.managed != nil {
			if want = u.managed.stays(u.column); want == nil {
				leaving = true
				s.needs(clearBefore(u.table, u.column))
				continue
			}
		}
		s.Statements = append(s.Statements, castEnum(u, w.qName, want)...)
		s.locks = append(s.locks, u.asIs.table)
		s.unsettles = append(s.unsettles, u.asIs)
		if len(removed) > 0 {
			s.checks = append(s.checks, removedValues(u, removed, without(h.Values, removed)))
		}
	}
	if !leaving {
		s.Statements = append(s.Statements, "DROP TYPE "+old.sql())
		return
	}
	last := d.add(dropEnum, Changes, old.String(), w.Pos, "drop what is left of the old enum "+w.String(), "DROP TYPE "+old.sql()).within(w.Schema).
		needs(typeKey(w.qName))
	for _, u := range d.columnsOf(w.qName) {
		last.needs(clearKey(u.table, u.column), clearKey(u.table, ""))
	}
}

func summaryOfRebuild(w *enum, removed []string) string {
	if len(removed) == 0 {
		return fmt.Sprintf("make enum %s again with %s", w, say.Count(len(w.Values), "value"))
	}
	return fmt.Sprintf("make enum %s again without %s", w, strings.Join(removed, ", "))
}

// clearBefore returns a key that nothing provides: a rebuild does not wait for a column that is dropped.
func clearBefore(table qName, column string) string { return "leaves " + columnKey(table, column) }

// castEnum casts one column to the new type; want is nil for a column that the schema file does not manage.
func castEnum(u enumUser, to qName, want *column) []string {
	alter := "ALTER TABLE " + u.table.sql() + " ALTER COLUMN " + postgres.Ident(u.column)
	list := ""
	if u.list {
		list = "[]"
	}
	var out []string
	if u.dflt != "" {
		out = append(out, alter+" DROP DEFAULT")
	}
	out = append(out, fmt.Sprintf("%s TYPE %s%s USING (%s::text%s::%s%s)", alter, to.sql(), list,
		postgres.Ident(u.column), list, to.sql(), list))
	switch {
	case want != nil && want.Default != nil:
		out = append(out, alter+" SET DEFAULT "+want.Default.SQL)
	case want == nil && u.dflt != "":
		out = append(out, alter+" SET DEFAULT "+u.dflt)
	}
	return out
}

// columnsOf returns all columns of an enum type, in managed tables and elsewhere.
func (d *differ) columnsOf(enum qName) []enumUser {
	var out []enumUser
	for _, use := range d.usersOf(enum) {
		t, c := use.table, use.column
		u := enumUser{columnName: columnName{t.qName, c.Name}, list: c.Type.List, enum: enum, asIs: columnName{t.asIs(), c.asIs()}}
		if t.Unmanaged == "" && d.in(t.Schema) {
			u.managed = d.byName[t.qName]
			if u.managed == nil {
				u.managed = &tableDiff{have: t, name: t.qName} // a table that is dropped
			}
		}
		if c.Default != nil {
			u.dflt = c.Default.SQL
		}
		out = append(out, u)
	}
	for _, u := range d.have.enumUsers {
		if u.enum == enum {
			out = append(out, u)
		}
	}
	return out
}

// freeTypeName returns a name for the old type while the new one has its own.
func (d *differ) freeTypeName(schema, name string) string {
	for i := 0; ; i++ {
		suffix := "_old"
		if i > 0 {
			suffix = fmt.Sprintf("_old%d", i)
		}
		candidate := qName{schema, prisma.CutName(name, prisma.MaxName-len(suffix)) + suffix}
		if d.have.enum(candidate) == nil && d.have.table(candidate) == nil && d.want.enum(candidate) == nil {
			return candidate.Name
		}
	}
}

// removedValues looks for rows that still have a value which an enum is to lose; kept are the values that stay.
func removedValues(u enumUser, removed, kept []string) check {
	labels := say.Each(removed, literal)
	table, column := u.asIs.table, postgres.Ident(u.asIs.column)
	condition := fmt.Sprintf("%s::text IN (%s)", column, strings.Join(labels, ", "))
	if u.list {
		condition = fmt.Sprintf("%s::text[] && ARRAY[%s]", column, strings.Join(labels, ", "))
	}
	return check{
		sql: fmt.Sprintf("SELECT count(*) FROM %s WHERE %s", table.sql(), condition),
		weigh: func(s *Step, n int64) {
			s.removed += n
			var ways []string
			if len(kept) > 0 && !u.list { // a value that does not exist yet cannot be given to a row before the push
				ways = append(ways, fmt.Sprintf("give them a value that stays (%s): UPDATE %s SET %s = %s WHERE %s",
					strings.Join(kept, ", "), table.sql(), column, literal(kept[0]), condition))
			}
			s.block(n, fmt.Sprintf("%s of %s %s %s in %s, which the enum is to lose", say.Count(n, "row"), u.table,
				say.Form(n, "has", "have"), say.Or(removed), u.column),
				append(ways, "keep "+say.And(removed)+" in the schema file beside what is new, push, change the rows, and take it out then")...)
		},
	}
}

// stays returns the desired column of that name if its type stays as it is, or nil.
func (t *tableDiff) stays(column string) *column {
	if p := t.pair(column); p != nil && p.change == keepType {
		return p.want
	}
	return nil
}
