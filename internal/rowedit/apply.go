package rowedit

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// Result is what came of a plan.
type Result struct {
	// Conflicts are rows that are not what was shown any more. Then nothing was changed.
	Conflicts []Conflict
	Effects   []Effect // what happened in each table, whatever did it: the plan, foreign keys, triggers
	Left      []Left   // rows that the server leaves otherwise than the plan says
	Commit    *Commit  // nil where nothing was committed
	NoWayBack string   // why it cannot be taken back, or ""
	Asked     bool     // the answer to the COMMIT got lost, and the server said later that it had happened
	Doubt     string   // the transaction's id, where the answer got lost and nobody could be asked
}

// Effect is how many rows of a table were inserted, updated and deleted.
type Effect struct {
	Table                      postgres.TableRef
	Inserted, Updated, Deleted int64
}

// Left is what the server makes of the row of a change beyond what that says, by a trigger as a rule.
type Left struct {
	Change *Change
	Cells  []Cell
	Names  []string // of the columns that these are of
}

// What says what the columns are: "name ADA, changed_at 2026-11-28 09:00:00+00".
func (l Left) What() string {
	var parts []string
	for i, name := range l.Names {
		parts = append(parts, visible.String(name)+" "+l.Cells[i].Value().String())
	}
	return strings.Join(parts, ", ")
}

// Commit is what was committed, and what takes it back.
type Commit struct {
	At      time.Time
	Changes []*Change
	Back    []*Change // nil where it cannot be taken back
	Why     string    // why not
}

// lockWait is how long a statement waits for a row that somebody else changes.
const lockWait = "10s"

// Apply carries a plan out in one transaction and commits it, or undoes it in the end where commit is false: a trial.
// Changes that the server refuses before others are made are made after those (a child's parent is there first, a unique
// value is free first), and constraints that can be deferred are. Errors have the codes rows.denied (what the server said
// is in them), rows.locked and rows.readonly.
func Apply(ctx context.Context, db *postgres.DB, plan Plan, commit bool) (*Result, error) {
	order := slices.Clone(plan.Changes)
	for tries := 0; ; tries++ {
		a := &attempt{db: db, order: order, commit: commit, last: tries == 2}
		res, err := a.run(ctx)
		if err != nil || !a.reordered {
			return res, err
		}
		order = a.order
	}
}

// attempt carries out the changes of a plan in an order.
type attempt struct {
	db        *postgres.DB
	tx        postgres.Tx
	order     []*Change
	commit    bool
	last      bool // nothing is tried once more in another order
	reordered bool // order is another one by now, in which they can be made

	writers []Writer // who was changing the tables when it began
	keys    map[*Change][]string
	kept    *kept // what foreign keys take along
	result  Result
}

// run begins, tries and ends a transaction. A trial of the order is undone: what the server counts of a statement that
// failed would be among the effects.
func (a *attempt) run(ctx context.Context) (*Result, error) {
	tx, err := a.db.BeginReadCommitted(ctx)
	if err != nil {
		return nil, err
	}
	defer postgres.Rollback(ctx, tx)
	a.tx, a.keys, a.kept = tx, map[*Change][]string{}, &kept{db: a.db, tx: tx}
	if err := a.prepare(ctx); err != nil {
		return nil, err
	}
	before, err := a.counted(ctx)
	if err != nil {
		return nil, err
	}
	if err := a.changeAll(ctx); err != nil || a.reordered || len(a.result.Conflicts) > 0 {
		return &a.result, err
	}
	if _, err := postgres.Texts(ctx, tx, `SET CONSTRAINTS ALL IMMEDIATE`); err != nil {
		return nil, a.denied(ctx, nil, err)
	}
	after, err := a.counted(ctx)
	if err != nil {
		return nil, err
	}
	a.result.Effects = after.since(before)
	done, err := a.wayBack(ctx)
	if err != nil {
		return nil, err
	}
	a.result.NoWayBack = done.Why
	if !a.commit {
		return &a.result, nil
	}
	if err := postgres.Commit(ctx, tx); err != nil {
		return &Result{Effects: a.result.Effects, Commit: done, NoWayBack: done.Why}, err
	}
	a.result.Commit = done
	return &a.result, nil
}

// prepare sets how values are read, how long is waited, and looks who else is at work.
func (a *attempt) prepare(ctx context.Context) error {
	for _, sql := range []string{asRead, `SELECT pg_catalog.set_config('lock_timeout', '` + lockWait + `', true)`, `SET CONSTRAINTS ALL DEFERRED`} {
		if _, err := postgres.Texts(ctx, a.tx, sql); err != nil {
			return err
		}
	}
	var err error
	a.writers, err = atWork(ctx, a.tx, a.order)
	return err
}

// changeAll makes the changes. One that the server refuses for a key is tried again after the others, as long as that
// helps.
func (a *attempt) changeAll(ctx context.Context) error {
	left, done := slices.Clone(a.order), []*Change(nil)
	for len(left) > 0 {
		var late []*Change
		var first error
		for _, c := range left {
			err := a.change(ctx, c, len(a.order) > 1)
			switch {
			case err == nil:
				done = append(done, c)
			case !waits(err):
				return a.denied(ctx, c, err)
			default:
				late = append(late, c)
				if first == nil {
					first = a.denied(ctx, c, err)
				}
			}
		}
		if len(late) == len(left) {
			return first
		}
		left, a.reordered = late, a.reordered || len(late) > 0 && !a.last
	}
	a.order = done
	return nil
}

// waits reports whether the server refuses a change for a unique or foreign key, which another change may make free.
func waits(err error) bool {
	return postgres.HasCode(err, "23505") || postgres.HasCode(err, "23503") || postgres.HasCode(err, "23001")
}

// change makes one change, or notes a conflict. With others after it, a refusal leaves them the transaction.
func (a *attempt) change(ctx context.Context, c *Change, more bool) error {
	if more {
		if _, err := postgres.Texts(ctx, a.tx, `SAVEPOINT change`); err != nil {
			return err
		}
	}
	err := a.make(ctx, c)
	if err != nil && more && waits(err) {
		a.kept.forget(c)
		if _, back := postgres.Texts(ctx, a.tx, `ROLLBACK TO SAVEPOINT change`); back != nil {
			return back
		}
	}
	return err
}

func (a *attempt) make(ctx context.Context, c *Change) error {
	if c.Verb == Delete {
		if err := a.kept.collect(ctx, c); err != nil {
			return err
		}
	}
	sql, p := c.statement()
	rows, err := postgres.Texts(ctx, a.tx, sql, p.values...)
	if err != nil {
		return err
	}
	if len(rows) > 1 {
		return remedy.New("rows.refused", remedy.ExitRefused, "%s has several rows with the key of %s", visible.String(c.Table.String()), visible.String(c.Name()))
	}
	if len(rows) == 0 {
		return a.conflict(ctx, c)
	}
	key := make([]string, len(rows[0]))
	for i, v := range rows[0] {
		if v != nil {
			key[i] = *v
		}
	}
	a.keys[c] = key
	return nil
}
