package reset

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/ledger"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
)

// Apply carries out a plan in one transaction and returns the entry that undoes it. Before and after the exchange it
// compares what it finds with the plan. Its errors are remedies: "reset.refused" (exit 3) where the plan is refused or
// something cannot be kept, "reset.stale" where the database is no longer the one of the plan, "reset.locked" (exit 4)
// where another session holds a lock.
func Apply(ctx context.Context, db *postgres.DB, plan *Plan, opt Options) (*Entry, error) {
	if err := plan.Err(); err != nil {
		return nil, err
	}
	opt.Cascade = plan.Cascade
	e := &Entry{Verb: "reset", Rows: plan.Rows, Exact: plan.RowsExact, Bytes: plan.Bytes}
	err := withLocks(ctx, db, opt, "reset", plan.Schemas, func(tx postgres.Tx, opt Options) error {
		e.Places = nil
		s := &swap{tx: tx, opt: opt, schemas: plan.Schemas, cascade: plan.Cascade}
		return s.applyPlan(ctx, plan, e)
	})
	if err != nil {
		return nil, err
	}
	return e, nil
}

func (s *swap) applyPlan(ctx context.Context, plan *Plan, e *Entry) error {
	s.opt.report("reset", "Reset "+strings.Join(s.schemas, ", "), progress.Running, "waiting for locks")
	if err := s.begin(ctx); err != nil {
		return err
	}
	switch err := s.lock(ctx, plan.locks); {
	case postgres.HasCode(err, undefinedTable), postgres.HasCode(err, undefinedSchema):
		return stale("a table of the plan is gone")
	case err != nil:
		return err
	}
	if err := s.lookAll(ctx); err != nil {
		return err
	}
	if string(marshal(s.links)) != plan.fingerprint {
		return stale("the tables, or what depends on them, have changed")
	}
	if plan.made != s.opt.Made.digest() {
		return stale("the migrations have changed")
	}
	if e.empty() { // rows added since the plan was made belong to the entry too: as an empty one it would be given up too readily
		if err := e.weigh(ctx, s.tx, s.schemas); err != nil {
			return err
		}
	}
	s.opt.report("reset", "Reset "+strings.Join(s.schemas, ", "), progress.Running, "making it again")
	if err := s.reset(ctx, e); err != nil {
		return err
	}
	if err := refusal("reset", s.schemas, s.schemas, s.outcome.Refused, s.outcome.cascadeHelps); err != nil {
		return err
	}
	if !slices.Equal(plan.Effects, s.outcome.Effects) {
		return stale("rows of other schemas are affected otherwise than the plan says")
	}
	return nil
}

// undefinedTable and undefinedSchema are SQLSTATEs.
const (
	undefinedTable  = "42P01"
	undefinedSchema = "3F000"
)

// reset does everything from detaching to noting the entry, in a transaction that holds the locks.
func (s *swap) reset(ctx context.Context, e *Entry) error {
	if err := ledger.Prepare(ctx, s.tx); err != nil {
		return err
	}
	var err error
	if e.detail.Remembered, err = ledger.Remember(ctx, s.tx, s.schemas); err != nil {
		return fmt.Errorf("note what is known of the schemas: %w", err)
	}
	for _, step := range []func(context.Context) error{
		s.detach, s.moveAside, s.createAgain, s.moveOver, s.build, s.putBackRows, s.keepExtras, s.countOn, s.keepSettings, s.drawOn, s.grant, s.seed,
		s.keepNumbering, s.drawOnOwned, s.attachColumns, s.attachDependents,
	} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	if err := s.settle(ctx, s.links.In); err != nil {
		return err
	}
	if err := s.verify(ctx); err != nil {
		return err
	}
	if err := s.undisturbed(ctx); err != nil {
		return err
	}
	return s.note(ctx, e)
}

// seed runs the caller's seeds as an ordinary session would.
func (s *swap) seed(ctx context.Context) error {
	if s.opt.Seed == nil {
		return nil
	}
	if err := s.ownPath(ctx); err != nil {
		return err
	}
	if err := s.opt.Seed(ctx, s.tx); err != nil {
		return err
	}
	// A pending deferred check would forbid ALTER TABLE.
	if err := s.exec(ctx, "SET CONSTRAINTS ALL IMMEDIATE"); err != nil {
		return fmt.Errorf("check what the seeds brought: %w", err)
	}
	return s.catalogPath(ctx)
}
