package reset

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/livepeer/naap-dev/internal/postgres"
)

// ErrNotAtOnce is AtOnce's error where the reset has to be planned first: another session is in the way, or something
// changes all the time. Nothing was changed.
var ErrNotAtOnce = errors.New("the reset has to be planned first")

// AtOnce makes the plan of resetting schemas and carries it out in the same transaction, tx: for when nobody is asked in
// between. What Compute and Apply each look at, it looks at once. show gets the plan when all of it is known, before
// anything is committed; the error of a plan that is refused is returned after that. The caller commits tx where the
// error is nil, and else rolls it back.
func AtOnce(ctx context.Context, tx postgres.Tx, schemas []string, opt Options, show func(*Plan)) (*Plan, *Entry, error) {
	opt.LockTimeout = min(opt.lockTimeout(), rehearsalPatience)
	plan := &Plan{Schemas: inOrder(schemas), Cascade: opt.Cascade, RowsExact: true}
	e := &Entry{Verb: "reset"}
	if err := plan.atOnce(ctx, &swap{tx: tx, opt: opt, schemas: plan.Schemas, cascade: opt.Cascade}, e); err != nil {
		return nil, nil, inTheWay(err)
	}
	show(plan)
	return plan, e, plan.Err()
}

// inTheWay adds ErrNotAtOnce to an error that says that another session holds something, or has just dropped it.
func inTheWay(err error) error {
	var held *heldUp
	if errors.As(err, &held) || postgres.HasCode(err, lockNotAvailable) || postgres.HasCode(err, undefinedTable) || postgres.HasCode(err, undefinedSchema) {
		return fmt.Errorf("%w: %w", ErrNotAtOnce, err)
	}
	return err
}

// entries returns the undo entries that limits are about. What they use on the disk now is looked at only where it may
// matter: their tables do not change, so that it is about what was noted.
func (s *swap) entries(ctx context.Context) ([]Entry, error) {
	noted, err := list(ctx, s.tx, false)
	if err != nil {
		return nil, err
	}
	var bytes int64
	for _, e := range noted {
		bytes += e.Bytes
	}
	l := s.opt.Limits
	mayGive := l.MaxSize > 0 && bytes > l.MaxSize/4
	for i, e := range noted {
		mayGive = mayGive || l.MaxAge > 0 && time.Since(e.At) > l.MaxAge || l.Keep > 0 && newerOfItsSchemas(noted[:i], e)+1 >= l.Keep
	}
	if !mayGive {
		return noted, nil
	}
	return list(ctx, s.tx, true)
}

func (p *Plan) atOnce(ctx context.Context, s *swap, e *Entry) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	if err := exist(ctx, s.tx, p.Schemas); err != nil {
		return err
	}
	if err := s.lookLocked(ctx, s.lookAll); err != nil {
		return err
	}
	if err := p.describe(ctx, s); err != nil {
		return err
	}
	var entries []Entry
	if s.opt.Limits != (Limits{}) {
		var err error
		if entries, err = s.entries(ctx); err != nil { // before there is the new one
			return err
		}
	}
	var err error
	if len(s.outcome.Refused) == 0 {
		// It is said in the plan, as when it was made beforehand.
		if p.Rehearsed, err = s.worthRehearsing(ctx); err == nil {
			e.Rows, e.Exact, e.Bytes = p.Rows, p.RowsExact, p.Bytes
			err = s.reset(ctx, e)
		}
	}
	if err != nil {
		return err
	}
	p.take(s)
	p.conclude()
	if s.opt.Limits != (Limits{}) {
		p.evictsOf(entries, s.opt.Limits)
	}
	return nil
}

// lookLocked reads the links by read and takes the locks that they ask for, and those on other tables. What was read
// before the locks were taken holds if nothing was committed in between, which the server's snapshots say: they are the
// same as long as no transaction that wrote something has ended. Otherwise it is read again; for a reset, whose plan
// begins with it, it must be the same.
func (s *swap) lookLocked(ctx context.Context, read func(context.Context) error, others ...string) error {
	// With a number of its own from the beginning, this transaction changes no snapshot when it locks.
	before, err := s.snapshot(ctx, "SELECT pg_current_xact_id()")
	if err != nil {
		return err
	}
	if err := read(ctx); err != nil {
		return err
	}
	if err := s.lock(ctx, append(others, s.links.tables()...)); err != nil {
		return err
	}
	after, err := s.snapshot(ctx)
	if err != nil || after == before {
		return err
	}
	seen := string(marshal(s.links))
	s.outcome = outcome{}
	if err := read(ctx); err != nil {
		return err
	}
	if !s.undoing && string(marshal(s.links)) != seen {
		return ErrNotAtOnce
	}
	return nil
}

// snapshot returns the server's snapshot after some statements, with which it goes in one message.
func (s *swap) snapshot(ctx context.Context, after ...string) (text string, err error) {
	b := &postgres.Batch{}
	for _, sql := range after {
		b.Queue(sql)
	}
	b.Queue("SELECT pg_current_snapshot()::text").QueryRow(func(row postgres.Row) error { return row.Scan(&text) })
	if err = s.tx.SendBatch(ctx, b).Close(); err != nil {
		err = fmt.Errorf("ask what was committed: %w", err)
	}
	return text, err
}
