package backup

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// lastReplaced means the database that was replaced last, in addition to its own name.
const lastReplaced = "(replaced)"

// replacedName returns the name among the snapshots of a database that a restore replaced. It can be restored in turn.
func replacedName(database string, number int) string {
	if number == 0 { // by an earlier version of naap, which kept one or two
		return "(replaced " + strings.TrimPrefix(database, "naap_prev_") + ")"
	}
	return fmt.Sprintf("(replaced %d)", number)
}

// nextNumber returns a number that none of the snapshots has.
func nextNumber(list []Snapshot) int {
	n := 0
	for _, x := range list {
		n = max(n, x.number)
	}
	return n + 1
}

// expired returns the replaced databases, from a list with the newest first, that exceed the limits if one of that many
// more bytes is added. Those without rows are dropped first, then the oldest. The one that is being restored stays.
func expired(list []Snapshot, limits Limits, more int64, restored string) []Snapshot {
	kept := slices.DeleteFunc(slices.Clone(list), func(x Snapshot) bool { return !x.Replaced })
	size := more
	for _, x := range kept {
		size += x.Bytes
	}
	var out []Snapshot
	count := len(kept) + 1
	for _, empty := range []bool{true, false} {
		for _, x := range slices.Backward(kept) {
			over := limits.Keep > 0 && count > limits.Keep || limits.MaxSize > 0 && size > limits.MaxSize
			if over && x.database != restored && empty == (x.Rows == 0 && x.number > 0) {
				out = append(out, x)
				count, size = count-1, size-x.Bytes
			}
		}
	}
	return out
}

// keep fills in what is kept of the present database, and what is dropped for it.
func (s *Server) keep(ctx context.Context, p *Plan, limits Limits) (*Plan, error) {
	list, err := s.List(ctx)
	if err != nil {
		return nil, err
	}
	p.Limits = limits
	p.Keeps = replacedName("", nextNumber(list))
	p.Drops = expired(list, limits, p.Bytes, p.from)
	return p, nil
}

// replace gives the fresh database the name of the old one, in one transaction, and keeps the old one as replaced. Only
// then does it drop those that the plan names; if anything fails earlier, everything stays as it was.
func (s *Server) replace(ctx context.Context, fresh string, p *Plan, opt Options, verb remedy.Advice) error {
	statements, err := postgres.CollectStrings(s.db.Query(ctx, copySettings, s.database, fresh))
	if err != nil {
		return fmt.Errorf("read the settings of %q: %w", s.database, err)
	}
	if err := postgres.ExecAll(ctx, s.db, statements...); err != nil {
		return fmt.Errorf("copy the settings of %q: %w", s.database, err)
	}
	list, err := s.List(ctx)
	if err != nil {
		return err
	}
	l := label{Naap: "replaced", Of: s.database, At: time.Now().UTC().Truncate(time.Second), Rows: p.Rows, Number: nextNumber(list)}
	aside := databaseName("prev", s.database, fmt.Sprint(l.Number))
	err = s.alone(ctx, opt, verb, func() error {
		return s.db.InTx(ctx, func(tx postgres.Tx) error {
			return postgres.ExecAll(ctx, tx, "ALTER DATABASE "+postgres.Ident(s.database)+" RENAME TO "+postgres.Ident(aside),
				"ALTER DATABASE "+postgres.Ident(fresh)+" RENAME TO "+postgres.Ident(s.database),
				l.comment(aside), "ALTER DATABASE "+postgres.Ident(aside)+" ALLOW_CONNECTIONS false")
		})
	})
	if err != nil {
		return fmt.Errorf("exchange the databases: %w", err)
	}
	p.Keeps = replacedName(aside, l.Number)
	s.dropReplaced(ctx, p.Drops, opt)
	return nil
}

// dropReplaced drops what the plan said. If that fails, the restore is still done, and a later plan names it again.
func (s *Server) dropReplaced(ctx context.Context, drops []Snapshot, opt Options) {
	for _, x := range drops {
		if err := s.drop(ctx, x.database); err != nil {
			opt.report(progress.Warned, "Drop "+x.Name, err.Error())
			continue
		}
		opt.report(progress.Done, "Drop "+x.Name, x.describe())
	}
}
