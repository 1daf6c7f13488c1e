package schemaplan

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
)

// check is one count that tells what a step meets in the data.
type check struct {
	sql   string // one row of one bigint
	weigh func(s *Step, n int64)
}

func (s *Step) lose(l *Loss) {
	s.Class = Destroys
	if s.Destroys == nil {
		s.Destroys = l
	}
}

// block notes why a step cannot run, if n is not 0. The first reason stands.
func (s *Step) block(n int64, why string, ways ...string) {
	if n > 0 && s.Blocked == nil {
		s.Blocked = &Block{Why: why, Count: n, Ways: ways}
	}
}

// weigh runs the steps' checks in one round trip. All of them are in one message: a batch would be parsed, which takes a
// lock on each table, before its own settings hold.
func weigh(ctx context.Context, conn *postgres.Conn, steps []*Step, in settings) error {
	asked := []string{in.enter()}
	var owners []*Step
	for _, s := range steps {
		for _, c := range s.checks {
			asked, owners = append(asked, c.sql), append(owners, s)
		}
	}
	if len(owners) == 0 {
		return nil
	}
	counts := make([]int64, len(owners)+2)
	failed, err := postgres.AskStatements(ctx, conn, append(asked, leave), func(i int, row [][]byte) {
		counts[i], _ = strconv.ParseInt(string(row[0]), 10, 64) // a bigint, but for the settings
	})
	if err != nil {
		if failed < 1 || failed > len(owners) {
			return fmt.Errorf("count what the plan meets: %w", err)
		}
		return countError(err, owners[failed-1], asked[failed])
	}
	at := 1
	for _, s := range steps {
		for _, c := range s.checks {
			c.weigh(s, counts[at])
			at++
		}
	}
	return nil
}

// suppose marks what would destroy if there were rows.
func suppose(steps []*Step) {
	for _, s := range steps {
		switch s.Kind {
		case DropTable, DropColumn, RecreateColumn:
			s.lose(&Loss{What: "what is in " + s.Object + " (not counted)"})
		}
	}
}

func plural(n int64, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

func rowCount(n int64) string   { return fmt.Sprintf("%d %s", n, plural(n, "row", "rows")) }
func valueCount(n int64) string { return fmt.Sprintf("%d %s", n, plural(n, "value", "values")) }
func rowsHave(n int64) string   { return fmt.Sprintf("%s %s", rowCount(n), plural(n, "has", "have")) }

// removedValues looks for rows that still have a value which an enum is to lose.
func removedValues(u enumUser, removed []string) check {
	labels := make([]string, len(removed))
	for i, v := range removed {
		labels[i] = literal(v)
	}
	table, column := u.asIs.table, quoteIdent(u.asIs.column)
	condition := fmt.Sprintf("%s::text IN (%s)", column, strings.Join(labels, ", "))
	if u.list {
		condition = fmt.Sprintf("%s::text[] && ARRAY[%s]", column, strings.Join(labels, ", "))
	}
	return check{
		sql: fmt.Sprintf("SELECT count(*) FROM %s WHERE %s", table.SQL(), condition),
		weigh: func(s *Step, n int64) {
			s.block(n, fmt.Sprintf("%s of %s %s %s in %s, which the enum is to lose", rowCount(n), u.table,
				plural(n, "has", "have"), strings.Join(removed, " or "), u.column),
				fmt.Sprintf("give them another value: UPDATE %s SET %s = … WHERE %s", table.SQL(), column, condition),
				"keep the value in the schema file")
		},
	}
}

// checkDuplicates looks for rows that a unique index or a primary key would not allow. Columns that the plan adds or
// changes are taken for what they will hold, where that is known.
func (d *differ) checkDuplicates(s *Step, t *tableDiff, columns []string, predicate string, key bool) {
	var group, filled []string
	for _, name := range columns {
		p := t.pair(name)
		if p != nil && p.change == keepType {
			group = append(group, quoteIdent(p.have.asIs()))
			filled = append(filled, quoteIdent(p.have.asIs())+" IS NOT NULL")
			continue
		}
		c := t.want.Column(name)
		if c.Default == nil || c.Default.kind == expression || p != nil && !p.recreated() {
			return // NULL in each row, a value of its own in each, or not to be told before the cast
		}
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
	grouping, see := "()", "see them: TABLE "+t.have.asIs().SQL() // no column: all rows are one group
	if len(group) > 0 {
		grouping = strings.Join(group, ", ")
		see = fmt.Sprintf("see them: SELECT %s, count(*) FROM %s GROUP BY %s HAVING count(*) > 1", grouping, t.have.asIs().SQL(), grouping)
	}
	s.locks = append(s.locks, t.have.asIs())
	s.checks = append(s.checks, check{
		sql: fmt.Sprintf("SELECT count(*) FROM (SELECT FROM %s%s GROUP BY %s HAVING count(*) > 1) duplicates",
			t.have.asIs().SQL(), where, grouping),
		weigh: func(s *Step, n int64) {
			s.block(n, fmt.Sprintf("%s of (%s) in %s %s in more than one row", valueCount(n), strings.Join(columns, ", "), t.name, plural(n, "stands", "stand")),
				"make them differ, or delete the rows that are too many", see)
		},
	})
	if !key || len(group) == 0 {
		return
	}
	s.checks = append(s.checks, check{
		sql: fmt.Sprintf("SELECT count(*) FROM %s WHERE %s IS NULL", t.have.asIs().SQL(), strings.Join(group, " IS NULL OR ")),
		weigh: func(s *Step, n int64) {
			s.block(n, fmt.Sprintf("%s NULL in the new primary key (%s) of %s", rowsHave(n), strings.Join(columns, ", "), t.name),
				"fill the columns, or delete those rows")
		},
	})
}
