package schemaplan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
)

// columnSQL returns a column as CREATE TABLE and ADD COLUMN spell it.
func columnSQL(c *column) string {
	s := postgres.Ident(c.Name) + " "
	if c.AutoIncrement {
		s += c.Type.serial()
		if !c.Optional {
			s += " NOT NULL"
		}
		return s
	}
	s += c.Type.sql()
	if c.NotNull {
		s += " NOT NULL"
	}
	if c.Default != nil {
		s += " DEFAULT " + c.Default.SQL
	}
	return s
}

func (d *differ) createTable(w *Table) {
	body := say.Join(w.Columns, ",\n", func(c *column) string { return "    " + columnSQL(c) })
	if k := w.PrimaryKey; k != nil {
		body += fmt.Sprintf(",\n\n    CONSTRAINT %s PRIMARY KEY (%s)", postgres.Ident(k.Name), identList(k.Columns, ","))
	}
	s := d.add(CreateTable, Adds, w.String(), w.Pos,
		fmt.Sprintf("create table %s with %s", w, say.Count(len(w.Columns), "column")),
		fmt.Sprintf("CREATE TABLE %s (\n%s\n)", w.sql(), body))
	s.table = w.qName
	s.needs(schemaKey(w.Schema), freeKey(w.Schema, w.Name), extensionsKey()).gives(tableKey(w.qName))
	if w.PrimaryKey != nil {
		s.needs(freeKey(w.Schema, w.PrimaryKey.Name)).gives(uniqueKey(w.qName, w.PrimaryKey.Columns))
	}
	for _, c := range w.Columns {
		d.columnNeeds(s, c)
		d.refusedBy(s, columnTrial(c), c.Pos)
	}
	for _, x := range w.Indexes {
		d.createIndex(w.qName, x, nil)
	}
	for _, k := range w.ForeignKeys {
		d.addForeignKey(w.qName, k, true)
	}
}

// columnNeeds notes what must exist before a column of this form can.
func (d *differ) columnNeeds(s *Step, c *column) {
	if !c.Type.known() && !c.Type.isEnum() || c.Type.Name == "citext" {
		s.needs(extensionsKey())
	}
	if !c.Type.isEnum() {
		return
	}
	enum := c.Type.Enum
	s.needs(typeKey(enum))
	d.needsExternal(s, qName{}, enum)
	if !d.in(enum.Schema) && d.have.enum(enum) == nil && d.want.enum(enum) != nil && s.Blocked == nil {
		s.Blocked = &block{Why: fmt.Sprintf("enum %s is not there, and schema %s is not part of this plan", enum, enum.Schema),
			Count: 1, Ways: remedy.Lines("push schema " + enum.Schema + " too")}
	}
	if w := d.want.enum(enum); w != nil && c.Default != nil {
		for _, v := range w.Values {
			if strings.Contains(c.Default.SQL, quoted(v, stringLiteral).SQL) {
				d.needsValue(s, enum, v)
			}
		}
	}
}

// needsValue notes that an enum must have a value, which nothing adds where its schema is not part of the plan.
func (d *differ) needsValue(s *Step, enum qName, value string) {
	s.needs(valueKey(enum, value))
	if h := d.have.enum(enum); h != nil && !d.in(enum.Schema) && !slices.Contains(h.Values, value) {
		s.block(1, fmt.Sprintf("enum %s has no value %s yet, and schema %s is not part of this plan", enum, value, enum.Schema),
			"push schema "+enum.Schema+" too")
	}
}

// dropTables drops tables that are no longer in the schema file.
func (d *differ) dropTables() {
	for _, h := range d.have.Tables {
		if !d.in(h.Schema) || h.Unmanaged != "" || d.want.table(h.qName) != nil {
			continue
		}
		for _, k := range h.ForeignKeys {
			d.dropForeignKey(h.qName, k)
		}
		s := d.add(DropTable, Changes, h.String(), noPos, "drop table "+h.String(), "DROP TABLE "+h.sql())
		s.table = h.qName
		s.needs(dependentKey(h.qName)).gives(freeKey(h.Schema, h.Name), clearKey(h.qName, ""))
		if h.PrimaryKey != nil {
			s.gives(freeKey(h.Schema, h.PrimaryKey.Name))
		}
		for _, x := range h.Indexes {
			s.gives(freeKey(h.Schema, x.Name))
		}
		s.locks = []qName{h.asIs()}
		s.mayLose("You are about to drop the `%s` table. If the table is not empty, all the data it contains will be lost.", h.Name)
		s.unsettles = []columnName{{table: h.asIs()}}
		only := ""
		if len(h.Children) > 0 { // their rows belong to them
			only = "ONLY "
		}
		s.checks = append(s.checks, check{
			sql: "SELECT count(*) FROM " + only + h.asIs().sql(),
			weigh: func(s *Step, n int64) {
				if n > 0 {
					s.lose(&Loss{What: fmt.Sprintf("%s of %s", say.Count(n, "row"), h), Rows: n})
				}
			},
		})
		d.childrenFirst(s, h)
		unmanaged, managed := d.keysTo(h.qName)
		for _, in := range unmanaged {
			s.block(1, fmt.Sprintf("foreign key %s of %s refers to it, and %s", in.Key.Name, in.From, d.ruler(in.From)),
				fmt.Sprintf("drop it first: ALTER TABLE %s DROP CONSTRAINT %s", in.From.sql(), postgres.Ident(in.Key.Name)))
		}
		for _, out := range managed {
			s.block(1, fmt.Sprintf("foreign key %s of %s refers to it, and schema %s is not part of this plan", out.Key.Name, out.From, out.From.Schema),
				"push schema "+out.From.Schema+" too")
		}
	}
}

// nowCalled returns the table that was found under a name, whatever it is to be called, or nil.
func (d *differ) nowCalled(name qName) *Table {
	if d.foundAs == nil {
		d.foundAs = make(map[qName]*Table, len(d.have.Tables))
		for _, t := range d.have.Tables {
			d.foundAs[t.asIs()] = t
		}
	}
	return d.foundAs[name]
}

// childrenFirst drops the tables that inherit from a dropped one before it. Those that stay prevent the drop.
func (d *differ) childrenFirst(s *Step, parent *Table) {
	for _, name := range parent.Children {
		if t := d.nowCalled(name); t != nil && d.in(t.Schema) && t.Unmanaged == "" && d.want.table(t.qName) == nil {
			s.needs(clearKey(t.qName, ""))
			continue
		}
		s.block(1, fmt.Sprintf("table %s inherits from it", name),
			fmt.Sprintf("cut it off first: ALTER TABLE %s NO INHERIT %s", name.sql(), parent.asIs().sql()))
	}
}

func (d *differ) tableSteps(t *tableDiff) {
	for _, x := range t.dropIndex {
		d.removeIndex(t, x)
	}
	d.keySteps(t)
	for _, c := range t.dropped {
		d.dropColumn(t, c)
	}
	for _, c := range t.added {
		d.addColumn(t, c)
	}
	for _, p := range t.pairs {
		if p.recreated() {
			d.recreateColumn(t, p)
		} else {
			d.alterColumn(t, p)
		}
	}
	d.addKey(t)
	for _, x := range t.makeIndex {
		d.createIndex(t.name, x, t)
	}
	for _, r := range t.renames {
		d.renameIndex(t, r[0], r[1])
	}
}

func (d *differ) keySteps(t *tableDiff) {
	have, want := t.have.PrimaryKey, t.want.PrimaryKey
	switch {
	case t.dropKey:
		s := d.add(dropPrimaryKey, Changes, t.name.String()+"."+have.Name, noPos,
			fmt.Sprintf("drop primary key (%s) of %s", strings.Join(have.Columns, ", "), t.name),
			fmt.Sprintf("ALTER TABLE %s DROP CONSTRAINT %s", t.name.sql(), postgres.Ident(have.Name)))
		s.table = t.name
		if t.addKey {
			s.mayLose("The primary key for the `%s` table will be changed. If it partially fails, the table could be left without primary key constraint.", t.name.Name)
		}
		if staying := slices.ContainsFunc(have.Columns, func(c string) bool { return t.want.column(c) != nil }); staying && !t.uniqueStays(have.Columns) {
			s.weakens(fmt.Sprintf("primary key %s on (%s)", have.Name, strings.Join(have.Columns, ", ")))
		}
		s.needs(dependentKey(t.name)).gives(freeKey(t.name.Schema, have.Name), clearKey(t.name, "primary key"))
	case have != nil && want != nil && have.Name != want.Name:
		s := d.add(renamePrimaryKey, Changes, t.name.String()+"."+want.Name, want.Pos,
			fmt.Sprintf("rename primary key %s of %s to %s", have.Name, t.name, want.Name),
			fmt.Sprintf("ALTER TABLE %s RENAME CONSTRAINT %s", t.name.sql(), identList([]string{have.Name, want.Name}, " TO ")))
		s.table = t.name
		s.needs(freeKey(t.name.Schema, want.Name)).gives(freeKey(t.name.Schema, have.Name))
		s.aside = between("ALTER TABLE "+strings.ReplaceAll(t.name.sql(), "%", "%%")+" RENAME CONSTRAINT %s TO %s", have.Name, want.Name)
	}
}

func (d *differ) addKey(t *tableDiff) {
	want := t.want.PrimaryKey
	if !t.addKey {
		return
	}
	s := d.add(addPrimaryKey, Adds, t.name.String()+"."+want.Name, want.Pos,
		fmt.Sprintf("add primary key (%s) to %s", strings.Join(want.Columns, ", "), t.name),
		fmt.Sprintf("ALTER TABLE %s ADD CONSTRAINT %s PRIMARY KEY (%s)", t.name.sql(), postgres.Ident(want.Name), identList(want.Columns, ", ")))
	s.table = t.name
	s.needs(freeKey(t.name.Schema, want.Name), clearKey(t.name, "primary key")).
		gives(uniqueKey(t.name, want.Columns), primaryKeyKey(t.name))
	for _, c := range want.Columns {
		s.needs(columnKey(t.name, c))
	}
	d.checkDuplicates(s, t, want.Columns, "", true)
}

func (d *differ) removeIndex(t *tableDiff, x *index) {
	sql := "DROP INDEX " + qName{t.name.Schema, x.Name}.sql()
	if x.Constraint { // the server refuses to drop the index of a constraint
		sql = fmt.Sprintf("ALTER TABLE %s DROP CONSTRAINT %s", t.name.sql(), postgres.Ident(x.Name))
	}
	s := d.add(dropIndex, Changes, t.name.Schema+"."+x.Name, noPos,
		fmt.Sprintf("drop %s %s of %s", indexNoun(x), x.Name, t.name), sql)
	s.table = t.name
	if lost := d.lostWith(t, x); lost != "" {
		s.weakens(lost)
	}
	if x.Unique {
		s.needs(dependentKey(t.name))
	}
	s.gives(freeKey(t.name.Schema, x.Name))
}

func (d *differ) renameIndex(t *tableDiff, from, to *index) {
	s := d.add(renameIndex, Changes, t.name.Schema+"."+to.Name, to.Pos,
		fmt.Sprintf("rename index %s of %s to %s", from.Name, t.name, to.Name),
		fmt.Sprintf("ALTER INDEX %s RENAME TO %s", qName{t.name.Schema, from.Name}.sql(), postgres.Ident(to.Name)))
	s.table = t.name
	s.needs(freeKey(t.name.Schema, to.Name)).gives(freeKey(t.name.Schema, from.Name))
	s.aside = func(between string, onward bool) string {
		if onward {
			return "ALTER INDEX " + qName{t.name.Schema, between}.sql() + " RENAME TO " + postgres.Ident(to.Name)
		}
		return "ALTER INDEX " + qName{t.name.Schema, from.Name}.sql() + " RENAME TO " + postgres.Ident(between)
	}
}

// createIndex creates an index; t is nil for a table that the plan creates.
func (d *differ) createIndex(table qName, x *index, t *tableDiff) {
	s := d.add(createIndex, Adds, table.Schema+"."+x.Name, x.Pos,
		fmt.Sprintf("create %s %s on %s (%s)", indexNoun(x), x.Name, table, strings.Join(x.columnNames(), ", ")),
		createIndexSQL(table, x))
	s.table = table
	s.needs(tableKey(table), freeKey(table.Schema, x.Name), extensionsKey())
	w := d.want.table(table)
	for _, c := range x.Columns {
		s.needs(columnKey(table, c.Name))
		if w != nil && w.column(c.Name) != nil {
			d.refusedBy(s, classTrial(x, c, w.column(c.Name)), x.Pos)
		}
	}
	if w != nil && x.Predicate != "" {
		for _, c := range w.Columns {
			if e := d.want.enum(c.Type.Enum); e != nil {
				for _, v := range e.Values {
					if strings.Contains(x.Predicate, quoted(v, stringLiteral).SQL) {
						d.needsValue(s, e.qName, v)
					}
				}
			}
		}
	}
	if x.Unique {
		s.gives(uniqueKey(table, x.columnNames()))
		if t != nil {
			s.mayLose("A unique constraint covering the columns `[%s]` on the table `%s` will be added. If there are existing duplicate values, this will fail.",
				strings.Join(x.columnNames(), ","), table.Name)
			d.checkDuplicates(s, t, x.columnNames(), x.Predicate, false)
		}
	}
}

func createIndexSQL(table qName, x *index) string {
	unique := ""
	if x.Unique {
		unique = "UNIQUE "
	}
	columns := make([]string, len(x.Columns))
	for i, c := range x.Columns {
		columns[i] = postgres.Ident(c.Name)
		if c.Class != "" {
			columns[i] += " " + c.Class
		}
		switch {
		case c.Desc:
			columns[i] += " DESC"
		case c.Asc:
			columns[i] += " ASC"
		}
	}
	using := ""
	if x.Method != "btree" {
		using = " USING " + strings.ToUpper(x.Method) + " "
	}
	sql := fmt.Sprintf("CREATE %sINDEX %s ON %s%s(%s)", unique, postgres.Ident(x.Name), table.sql(), using, strings.Join(columns, ", "))
	if x.Predicate != "" {
		sql += " WHERE (" + x.Predicate + ")"
	}
	return sql
}
