package schemaplan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/say"
)

// filling returns the value that every row gets in a new column, if it is the same for all of them.
func filling(c *column) (sql string, constant bool) {
	if c.AutoIncrement || c.Default == nil || c.Default.kind == expression || c.Default.kind == now || c.Type.isEnum() {
		return "", false
	}
	return "(" + c.Default.SQL + ")::" + c.Type.sql(), true
}

// becomes returns the column's new values as an expression on the old ones; known is false where only the cast itself
// can tell. merges reports that different values may become equal.
func (p *columnPair) becomes() (sql string, known, merges bool) {
	column, have, want := postgres.Ident(p.have.asIs()), p.have.Type, p.want.Type
	if p.change != keepType && want.Name == "citext" && !want.List {
		return "lower(" + column + "::text)", true, true // as citext compares; the extension may not exist yet
	}
	m := misfits(column, have, want)
	if p.change == keepType || p.change == safeCast || m.refused != "" && m.lessened == "" {
		return column, true, false
	}
	return fmt.Sprintf("CASE WHEN NOT (%s) THEN %s::%s END", m.refused, column, want.sql()), m.refused != "", true
}

// checkKept looks for rows that a unique index, or the primary key, would no longer allow once the column has its new
// type. An index on several such columns is checked once.
func (d *differ) checkKept(s *Step, t *tableDiff, p *columnPair) {
	var keys [][]string
	if t.want.PrimaryKey != nil && !t.addKey {
		keys = append(keys, t.want.PrimaryKey.Columns)
	}
	for _, x := range t.want.Indexes {
		if x.Unique && x.Predicate == "" && !slices.Contains(t.makeIndex, x) {
			keys = append(keys, x.columnNames())
		}
	}
	for _, columns := range keys {
		first := slices.IndexFunc(columns, func(c string) bool {
			_, _, merges := t.pair(c).becomes()
			return merges
		})
		if first >= 0 && columns[first] == p.want.Name {
			d.checkDuplicates(s, t, columns, "", false)
		}
	}
}

// checkDuplicates looks for rows that a unique index or a primary key would not allow. Columns that the plan adds or
// changes count with their future values, where these are known.
func (d *differ) checkDuplicates(s *Step, t *tableDiff, columns []string, predicate string, key bool) {
	var group, filled []string
	for _, name := range columns {
		p := t.pair(name)
		if p == nil || p.recreated() {
			if _, constant := filling(t.want.column(name)); !constant {
				return // NULL, or a value of its own, in each row
			}
			continue
		}
		value, known, _ := p.becomes()
		if !known {
			return
		}
		group = append(group, value)
		filled = append(filled, postgres.Ident(p.have.asIs())+" IS NOT NULL")
	}
	if predicate != "" {
		if len(t.added) > 0 || t.have.was.Name != "" {
			return
		}
		filled = append(filled, "("+predicate+")")
	}
	where := ""
	if len(filled) > 0 {
		where = " WHERE " + strings.Join(filled, " AND ")
	}
	grouping, see := "()", "see them: TABLE "+t.have.asIs().sql() // no column: all rows are one group
	if len(group) > 0 {
		grouping = strings.Join(group, ", ")
		see = fmt.Sprintf("see them: SELECT %s, count(*) FROM %s GROUP BY %s HAVING count(*) > 1", grouping, t.have.asIs().sql(), grouping)
	}
	s.locks = append(s.locks, t.have.asIs())
	s.checks = append(s.checks, check{
		sql: fmt.Sprintf("SELECT count(*) FROM (SELECT FROM %s%s GROUP BY %s HAVING count(*) > 1) duplicates",
			t.have.asIs().sql(), where, grouping),
		weigh: func(s *Step, n int64) {
			s.block(n, fmt.Sprintf("%s of (%s) in %s %s in more than one row", say.Count(n, "value"), strings.Join(columns, ", "), t.name, say.Form(n, "stands", "stand")),
				"make them differ, or delete the rows that are too many", see)
		},
	})
	if !key || len(group) == 0 {
		return
	}
	s.checks = append(s.checks, check{
		sql: fmt.Sprintf("SELECT count(*) FROM %s WHERE %s IS NULL", t.have.asIs().sql(), strings.Join(group, " IS NULL OR ")),
		weigh: func(s *Step, n int64) {
			s.block(n, fmt.Sprintf("%s NULL in the new primary key (%s) of %s", rowsHave(n), strings.Join(columns, ", "), t.name),
				"fill the columns, or delete those rows")
		},
	})
}

// checkOrphans looks for rows that the new foreign key would not allow.
func (d *differ) checkOrphans(s *Step, table qName, k *foreignKey) {
	from := d.byName[table]
	if from == nil {
		return // the table is new, and empty
	}
	var values, conditions []string
	for _, c := range k.Columns {
		p := from.pair(c)
		switch {
		case p == nil || p.recreated():
			value, constant := filling(from.want.column(c))
			if !constant {
				return // NULL, which refers to nothing, or a value of its own in each row
			}
			values = append(values, value)
		case p.change != keepType:
			return
		default:
			values = append(values, "f."+postgres.Ident(p.have.asIs()))
			conditions = append(conditions, "f."+postgres.Ident(p.have.asIs())+" IS NOT NULL")
		}
	}
	if to := d.have.table(k.References); to != nil {
		var match []string
		for i, c := range k.RefColumns {
			p := to.column(c)
			if p == nil {
				if t := d.want.table(k.References); t == nil || t.column(c).AutoIncrement || t.column(c).Default != nil {
					return // the rows there get values that may be the right ones
				}
				match = []string{"false"}
				break
			}
			if r := d.byName[k.References]; r != nil && (r.pair(c) == nil || r.pair(c).change != keepType) {
				return
			}
			match = append(match, "r."+postgres.Ident(p.asIs())+" = "+values[i])
		}
		conditions = append(conditions, fmt.Sprintf("NOT EXISTS (SELECT FROM %s r WHERE %s)", to.asIs().sql(), strings.Join(match, " AND ")))
	}
	condition := "true"
	if len(conditions) > 0 {
		condition = strings.Join(conditions, " AND ")
	}
	s.checks = append(s.checks, check{
		sql: fmt.Sprintf("SELECT count(*) FROM %s f WHERE %s", from.have.asIs().sql(), condition),
		weigh: func(s *Step, n int64) {
			s.block(n, fmt.Sprintf("%s of %s %s to no row of %s", say.Count(n, "row"), table, say.Form(n, "refers", "refer"), k.References),
				"add the missing rows to "+k.References.String(),
				fmt.Sprintf("delete those rows, or set %s to NULL where it may be", strings.Join(k.Columns, ", ")))
		},
	})
}
