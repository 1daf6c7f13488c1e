package schemaplan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/say"
)

// fillWays returns the ways out where existing rows have no value for a required column.
func fillWays(c *column) []string {
	ways := []string{
		"make it optional (" + c.Name + " …?), push, fill it, then make it required",
		"give it a default that the database knows, such as @default(…) with a literal, now() or dbgenerated(\"…\")",
		"delete the rows, if they are not needed",
	}
	if c.ClientDefault != "" {
		ways[1] += "; " + c.ClientDefault + "() is filled in by Prisma's client, not by the database"
	}
	return ways
}

func (d *differ) addColumn(t *tableDiff, c *column) {
	s := d.add(addColumn, Adds, t.name.String()+"."+c.Name, c.Pos,
		fmt.Sprintf("add column %s.%s %s", t.name, c.Name, typeSummary(c)),
		fmt.Sprintf("ALTER TABLE %s ADD COLUMN %s", t.name.sql(), columnSQL(c)))
	s.table = t.name
	s.gives(columnKey(t.name, c.Name))
	d.columnNeeds(s, c)
	d.refusedBy(s, columnTrial(c), c.Pos)
	for _, child := range t.have.Children { // adding it to the parent adds it to them, unless they have it
		if of := d.byAsIs(child); of != nil && slices.ContainsFunc(of.added, func(a *column) bool { return a.Name == c.Name }) {
			s.needs(columnKey(of.name, c.Name))
		}
	}
	if c.NotNull && c.Default == nil && !c.AutoIncrement {
		s.mayFail("Added the required column `%s` to the `%s` table without a default value. This is not possible if the table is not empty.", c.Name, t.name.Name)
		s.backfill = backfill(t.name, c)
		s.checks = append(s.checks, check{
			sql: "SELECT count(*) FROM " + t.have.asIs().sql(),
			weigh: func(s *Step, n int64) {
				s.block(n, fmt.Sprintf("%s.%s is required and has no default in the database, and there %s %s",
					t.name, c.Name, say.Form(n, "is", "are"), say.Count(n, "row")), fillWays(c)...)
			},
		})
	}
}

func typeSummary(c *column) string {
	s := strings.ToLower(c.Type.sql())
	if c.Type.isEnum() {
		s = c.Type.Enum.String()
		if c.Type.List {
			s += "[]"
		}
	}
	if c.AutoIncrement {
		s = strings.ToLower(c.Type.serial())
	}
	if c.NotNull {
		s += " not null"
	}
	return s
}

func (d *differ) dropColumn(t *tableDiff, c *column) {
	s := d.add(dropColumn, Changes, t.name.String()+"."+c.Name, t.want.Pos,
		fmt.Sprintf("drop column %s.%s", t.name, c.Name),
		fmt.Sprintf("ALTER TABLE %s DROP COLUMN %s", t.name.sql(), postgres.Ident(c.Name)))
	s.table = t.name
	s.needs(dependentKey(t.name)).gives(clearKey(t.name, c.Name))
	s.unsettles = []columnName{{t.have.asIs(), c.asIs()}}
	s.inherits(c)
	if c.Sequence != nil {
		s.gives(freeKey(c.Sequence.Schema, c.Sequence.Name))
	}
	s.mayLose("You are about to drop the column `%s` on the `%s` table. All the data in the column will be lost.", c.Name, t.name.Name)
	d.checkValues(s, t, c)
}

// mayLose and mayFail note what a migration says above its statements.
func (s *Step) mayLose(format string, args ...any) {
	s.loses = append(s.loses, fmt.Sprintf(format, args...))
}

func (s *Step) mayFail(format string, args ...any) {
	s.fails = append(s.fails, fmt.Sprintf(format, args...))
}

// backfill returns what adds a required column to a table with rows.
func backfill(table qName, c *column) string {
	optional := *c
	optional.NotNull = false
	name := postgres.Ident(c.Name)
	return fmt.Sprintf("Where the table has rows, instead of adding %s so, with a value for them:\nALTER TABLE %s ADD COLUMN %s;\nUPDATE %s SET %s = …;\nALTER TABLE %s ALTER COLUMN %s SET NOT NULL;\n",
		name, table.sql(), columnSQL(&optional), table.sql(), name, table.sql(), name)
}

// inherits blocks changes to a column that are only possible where it comes from.
func (s *Step) inherits(c *column) {
	if c.Inherited {
		s.block(1, fmt.Sprintf("column %s comes from a table that this one inherits from", c.Name),
			fmt.Sprintf("keep %s in the schema file as it is", c.Name))
	}
}

// byAsIs returns the comparison of a table by its current name, or nil.
func (d *differ) byAsIs(name qName) *tableDiff {
	if t := d.nowCalled(name); t != nil {
		return d.byName[t.qName]
	}
	return nil
}

// checkValues counts what is dropped with a column.
func (d *differ) checkValues(s *Step, t *tableDiff, c *column) {
	s.locks = append(s.locks, t.have.asIs())
	s.checks = append(s.checks, check{
		sql: fmt.Sprintf("SELECT count(*) FROM %s WHERE %s IS NOT NULL", t.have.asIs().sql(), postgres.Ident(c.asIs())),
		weigh: func(s *Step, n int64) {
			if n > 0 {
				s.lose(&Loss{What: fmt.Sprintf("%s of %s.%s", say.Count(n, "value"), t.name, c.Name), NonNull: n})
			}
		},
	})
}

// recreateColumn replaces a column whose type the server cannot cast to the desired one.
func (d *differ) recreateColumn(t *tableDiff, p *columnPair) {
	w := p.want
	s := d.add(recreateColumn, Changes, t.name.String()+"."+w.Name, w.Pos,
		fmt.Sprintf("drop column %s.%s %s and make it again as %s", t.name, w.Name, p.have.Type.Text, typeSummary(w)),
		fmt.Sprintf("ALTER TABLE %s DROP COLUMN %s,\nADD COLUMN %s", t.name.sql(), postgres.Ident(w.Name), columnSQL(w)))
	s.table = t.name
	s.needs(dependentKey(t.name)).gives(columnKey(t.name, w.Name), clearKey(t.name, w.Name))
	s.unsettles = []columnName{{t.have.asIs(), p.have.asIs()}}
	s.inherits(p.have)
	d.columnNeeds(s, w)
	s.leavesDomain(p.have)
	d.refusedBy(s, columnTrial(w), w.Pos)
	d.checkValues(s, t, p.have)
	if w.NotNull && w.Default == nil && !w.AutoIncrement {
		s.mayFail("Changed the type of `%s` on the `%s` table. No cast exists, the column would be dropped and recreated, which cannot be done if there is data, since the column is required.", w.Name, t.name.Name)
	} else {
		s.mayLose("The `%s` column on the `%s` table would be dropped and recreated. This will lead to data loss if there is data in the column.", w.Name, t.name.Name)
	}
	if w.NotNull && w.Default == nil && !w.AutoIncrement {
		s.checks = append(s.checks, check{
			sql: "SELECT count(*) FROM " + t.have.asIs().sql(),
			weigh: func(s *Step, n int64) {
				s.block(n, fmt.Sprintf("%s cannot become %s, so %s.%s would be made again; it is required and there %s %s",
					p.have.Type.Text, typeSummary(w), t.name, w.Name, say.Form(n, "is", "are"), say.Count(n, "row")), fillWays(w)...)
			},
		})
	}
}

// alterColumn changes a column in place.
func (d *differ) alterColumn(t *tableDiff, p *columnPair) {
	if p.have.Generated {
		return
	}
	a := &alteration{d: d, t: t, p: p}
	a.typeClause()
	a.nullClause()
	a.defaultClauses()
	a.sequenceGoes()
	if len(a.clauses)+len(a.before)+len(a.after) == 0 {
		return
	}
	name := postgres.Ident(p.want.Name)
	var statements []string
	statements = append(statements, a.before...)
	if len(a.clauses) > 0 {
		for i, c := range a.clauses {
			a.clauses[i] = "ALTER COLUMN " + name + " " + c
		}
		statements = append(statements, "ALTER TABLE "+t.name.sql()+" "+strings.Join(a.clauses, ",\n"))
	}
	statements = append(statements, a.after...)
	s := d.add(alterColumn, Changes, t.name.String()+"."+p.want.Name, p.want.Pos,
		fmt.Sprintf("change column %s.%s: %s", t.name, p.want.Name, strings.Join(a.words, ", ")), statements...)
	s.table = t.name
	s.checks, s.locks = a.checks, a.locks
	if p.change != keepType && p.change != safeCast {
		s.mayLose("You are about to alter the column `%s` on the `%s` table. The data in that column could be lost. The data in that column will be cast from `%s` to `%s`.",
			p.want.Name, t.name.Name, p.have.Type.Text, strings.ToLower(p.want.Type.sql()))
	}
	if slices.Contains(a.words, "not null") {
		s.mayFail("Made the column `%s` on table `%s` required, but there are existing NULL values.", p.want.Name, t.name.Name)
	}
	s.gives(columnKey(t.name, p.want.Name))
	if p.change != keepType {
		s.leavesDomain(p.have)
		s.gives(clearKey(t.name, p.want.Name))
		s.unsettles, s.becomes = []columnName{{t.have.asIs(), p.have.asIs()}}, p.want.Type.sql()
		s.needs(dependentKey(t.name))
		d.checkKept(s, t, p)
		s.inherits(p.have)
	}
	if p.change != keepType || p.setDefault {
		d.refusedBy(s, columnTrial(p.want), p.want.Pos)
	}
	if t.dropKey && slices.Contains(t.have.PrimaryKey.Columns, p.want.Name) {
		s.needs(clearKey(t.name, "primary key")) // a primary key's column cannot become nullable
	}
	d.columnNeeds(s, p.want)
}

// alteration collects the clauses for one column.
type alteration struct {
	d             *differ
	t             *tableDiff
	p             *columnPair
	before, after []string
	clauses       []string
	words         []string
	checks        []check
	locks         []qName
	defaultGoes   bool // the existing default is dropped
}

func (a *alteration) typeClause() {
	p := a.p
	if p.change == keepType {
		return
	}
	if p.have.Default != nil && castGroup(p.have.Type.Name) != castGroup(p.want.Type.Name) && !p.want.AutoIncrement {
		// The server casts the default too, and fails where it cannot.
		a.clauses = append(a.clauses, "DROP DEFAULT")
		a.defaultGoes = true
		p.setDefault = p.want.Default != nil
	}
	a.clauses = append(a.clauses, "SET DATA TYPE "+p.want.Type.sql()+usingClause(postgres.Ident(p.want.Name), p.want.Type, p.change))
	a.words = append(a.words, fmt.Sprintf("type %s to %s", p.have.Type.Text, strings.ToLower(p.want.Type.sql())))
	if p.change != safeCast {
		a.checkCast()
	}
}

func (a *alteration) nullClause() {
	have, want := a.p.have, a.p.want
	if want.Type.List && (have.Type.List || have.Domain != nil) || want.AutoIncrement && want.Optional {
		return // a list may be NULL or not, and so may an optional autoincrement: the language does not say
	}
	table, name := a.t.have.asIs(), postgres.Ident(have.asIs())
	switch {
	case have.Domain != nil && have.Domain.NotNull && a.p.change == keepType: // up to the domain, whatever the file says
	case want.NotNull && !have.NotNull:
		a.clauses = append(a.clauses, "SET NOT NULL")
		a.words = append(a.words, "not null")
		a.locks = append(a.locks, table)
		a.checks = append(a.checks, check{
			sql: fmt.Sprintf("SELECT count(*) FROM %s WHERE %s IS NULL", table.sql(), name),
			weigh: func(s *Step, n int64) {
				s.block(n, fmt.Sprintf("%s.%s becomes required, and %s it NULL", a.t.name, want.Name, rowsHave(n)),
					fmt.Sprintf("fill it: UPDATE %s SET %s = … WHERE %s IS NULL", table.sql(), name, name),
					"leave it optional in the schema file", "delete those rows, if they are not needed")
			},
		})
	case !want.NotNull && have.NotNull:
		a.clauses = append(a.clauses, "DROP NOT NULL")
		a.words = append(a.words, "nullable")
	}
}

func (a *alteration) defaultClauses() {
	have, want := a.p.have, a.p.want
	switch {
	case want.AutoIncrement && !have.AutoIncrement:
		a.addSequence()
		return
	case have.Identity && !want.AutoIncrement && !want.AnyDefault:
		a.clauses = append(a.clauses, "DROP IDENTITY")
		a.words = append(a.words, "no autoincrement")
		if want.Default == nil {
			return
		}
	case !a.p.setDefault:
		return
	}
	a.defaultGoes = true
	if want.Default != nil {
		a.clauses = append(a.clauses, "SET DEFAULT "+want.Default.SQL)
		a.words = append(a.words, "default "+want.Default.SQL)
	} else {
		a.clauses = append(a.clauses, "DROP DEFAULT")
		a.words = append(a.words, "no default")
	}
}

// sequenceGoes drops the sequence of a column that is no longer an autoincrement.
func (a *alteration) sequenceGoes() {
	have, want := a.p.have, a.p.want
	if have.AutoIncrement && have.Sequence != nil && !have.Identity && !want.AutoIncrement && a.defaultGoes {
		a.after = append(a.after, "DROP SEQUENCE "+have.Sequence.sql())
	}
}

// addSequence makes an existing column an autoincrement. The sequence continues after the highest existing number.
func (a *alteration) addSequence() {
	table, column := a.t.name, postgres.Ident(a.p.want.Name)
	sequence := qName{table.Schema, a.d.freeSequenceName(table, a.p.want.Name)}
	regclass := literal(sequence.sql())
	a.before = append(a.before, "CREATE SEQUENCE "+sequence.sql())
	a.clauses = append(a.clauses, "SET DEFAULT nextval("+regclass+")")
	a.after = append(a.after, fmt.Sprintf("ALTER SEQUENCE %s OWNED BY %s.%s", sequence.sql(), table.sql(), column),
		fmt.Sprintf("SELECT setval(%s, greatest(max(%s), 0) + 1, false) FROM %s", regclass, column, table.sql()))
	a.words = append(a.words, "autoincrement")
}

// freeSequenceName returns Prisma's name, or a similar one where that is taken.
func (d *differ) freeSequenceName(table qName, column string) string {
	first := prisma.CutName(strings.ToLower(table.Name+"_"+column+"_seq"), prisma.MaxName)
	name := first
	for i := 1; d.relationExists(qName{table.Schema, name}); i++ {
		suffix := fmt.Sprint(i)
		name = prisma.CutName(first, prisma.MaxName-len(suffix)) + suffix
	}
	return name
}

func (d *differ) relationExists(name qName) bool {
	if d.others == nil {
		d.others = make(map[qName]bool, len(d.have.Others))
		for _, r := range d.have.Others {
			d.others[r.qName] = true
		}
	}
	return d.have.table(name) != nil || d.others[name]
}
