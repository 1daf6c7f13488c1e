package schemaplan

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
)

func (s *Step) lose(l *Loss) {
	s.Class = Destroys
	switch was := s.Destroys; {
	case was == nil:
		s.Destroys = l
	case was.Weakens && !l.Weakens:
		s.Destroys = &Loss{What: l.What + ", and " + was.What, Rows: l.Rows, NonNull: l.NonNull, Takes: append(l.Takes, was.Takes...)}
	}
}

// block notes why a step cannot run, if n is not 0. The first reason is kept.
func (s *Step) block(n int64, why string, ways ...string) { s.blockWith(n, why, remedy.Lines(ways...)) }

// blockWith is block with ways that may be commands.
func (s *Step) blockWith(n int64, why string, ways []remedy.Advice) {
	if n > 0 && s.Blocked == nil {
		s.Blocked = &block{Why: why, Count: n, Ways: ways}
	}
}

// weighed is a check with its step.
type weighed struct {
	check
	step *Step
}

// weigh runs the steps' checks, in one round trip unless they are very many: outside a transaction, the locks of one
// message are released at its end, and each check locks a table and its indexes. room is the server's for locks; 0 where it
// is not known.
func weigh(ctx context.Context, conn *postgres.Conn, steps []*Step, room int64, in settings) error {
	var all []weighed
	for _, s := range steps {
		for _, c := range s.checks {
			all = append(all, weighed{c, s})
		}
	}
	for part := range slices.Chunk(all, atOnce(room)) {
		if err := weighAtOnce(ctx, conn, part, in); err != nil {
			return err
		}
	}
	return nil
}

// weighAtOnce runs checks in one message: a batch would be parsed, which takes a lock on each table, before its own settings
// apply.
func weighAtOnce(ctx context.Context, conn *postgres.Conn, all []weighed, in settings) error {
	asked := []string{in.enter()}
	for _, c := range all {
		asked = append(asked, c.sql)
	}
	counts := make([]int64, len(all)+2)
	failed, err := postgres.AskStatements(ctx, conn, append(asked, leave), func(i int, row [][]byte) {
		counts[i], _ = strconv.ParseInt(string(row[0]), 10, 64) // a bigint, except for the settings
	})
	if err != nil {
		if failed < 1 || failed > len(all) {
			return fmt.Errorf("count what the plan meets: %w", err)
		}
		return countError(err, all[failed-1].step, asked[failed])
	}
	for i, c := range all {
		c.weigh(c.step, counts[i+1])
	}
	return nil
}

// suppose marks what would destroy if there were rows.
func suppose(steps []*Step) {
	for _, s := range steps {
		switch s.Kind {
		case DropTable, dropColumn, recreateColumn:
			s.lose(&Loss{What: "what is in " + s.Object + " (not counted)"})
		}
	}
}

func rowsHave(n int64) string {
	return fmt.Sprintf("%s %s", say.Count(n, "row"), say.Form(n, "has", "have"))
}
