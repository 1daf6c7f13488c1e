package schemaplan

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
)

// check is one count that tells what a step meets in the data.
type check struct {
	sql   string // one row of one bigint
	weigh func(s *Step, n int64)
}

func (s *Step) lose(l *Loss) {
	s.Class = Destroys
	switch was := s.Destroys; {
	case was == nil:
		s.Destroys = l
	case was.Weakens && !l.Weakens:
		s.Destroys = &Loss{What: l.What + ", and " + was.What, Rows: l.Rows, NonNull: l.NonNull, Takes: append(l.Takes, was.Takes...)}
	}
}

// block notes why a step cannot run, if n is not 0. The first reason stands.
func (s *Step) block(n int64, why string, ways ...string) { s.blockWith(n, why, remedy.Lines(ways...)) }

// blockWith is block with ways that may be commands.
func (s *Step) blockWith(n int64, why string, ways []remedy.Advice) {
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

func rowsHave(n int64) string {
	return fmt.Sprintf("%s %s", say.Count(n, "row"), say.Form(n, "has", "have"))
}

// removedValues looks for rows that still have a value which an enum is to lose; kept are the values that stay.
func removedValues(u enumUser, removed, kept []string) check {
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
			s.removed += n
			var ways []string
			if len(kept) > 0 && !u.list { // a value that is yet to come cannot be given to a row before the push
				ways = append(ways, fmt.Sprintf("give them a value that stays (%s): UPDATE %s SET %s = %s WHERE %s",
					strings.Join(kept, ", "), table.SQL(), column, literal(kept[0]), condition))
			}
			s.block(n, fmt.Sprintf("%s of %s %s %s in %s, which the enum is to lose", say.Count(n, "row"), u.table,
				say.Form(n, "has", "have"), say.Or(removed), u.column),
				append(ways, "keep "+say.And(removed)+" in the schema file beside what is new, push, change the rows, and take it out then")...)
		},
	}
}
