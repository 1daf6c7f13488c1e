package devenv

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/livepeer/naap-dev/internal/ledger"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/reset"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/seeding"
)

// ResetOptions says what a reset may do.
type ResetOptions struct {
	Cascade           bool // give up what cannot be kept, and apply ON DELETE to rows elsewhere
	NoSeed            bool // leave the tables empty
	TerminateBlockers bool // end sessions that hold locks
	AllowExternal     bool // change a server that naap did not start
}

// PlanReset returns what resetting schemas would do now. It changes nothing; the plan says what would refuse the reset.
func (e *Env) PlanReset(ctx context.Context, schemas []string, opt ResetOptions) (*reset.Plan, error) {
	db, err := e.connectDirect(ctx)
	if err != nil {
		return nil, err
	}
	if err := e.mayWrite(ctx, db, writing{}); err != nil {
		return nil, err
	}
	options, err := e.resetOptions(ctx, opt, schemas, progress.Discard)
	if err != nil {
		return nil, err
	}
	if err := e.keepsExternal(ctx, db, schemas); err != nil {
		return nil, err
	}
	options.LookOnly = e.mayTouch("dev reset", opt.AllowExternal) != nil // such a server may only be looked at
	plan, err := reset.Compute(ctx, db, schemas, options)
	if err == nil {
		e.warnOfSeeds(ctx, plan, opt)
	}
	return plan, err
}

// warnOfSeeds adds to the plan of a reset which of the workspace's seeds it does not apply.
func (e *Env) warnOfSeeds(ctx context.Context, plan *reset.Plan, opt ResetOptions) {
	if opt.NoSeed {
		return
	}
	if n := len(e.ws.SeedCommands); n > 0 {
		plan.Warnings = append(plan.Warnings, "the workspace's own seed "+say.Form(n, "command is", "commands are")+" not run; afterwards: "+e.opt.Target.Line(remedy.Naap("dev seed", "--force")))
	}
	plan.Warnings = append(plan.Warnings, e.heldOfReset(ctx, plan.Schemas)...)
}

// ResetAtOnce is PlanReset and Reset in one, where the user has said beforehand that it is to be done: show gets the plan
// before anything is committed. It is a single transaction that holds the database's lock, on one connection. If it has to
// be planned first, it is.
func (e *Env) ResetAtOnce(ctx context.Context, schemas []string, opt ResetOptions, show func(*reset.Plan), report progress.Report) (*reset.Plan, *reset.Entry, error) {
	shown := func(plan *reset.Plan) {
		e.warnOfSeeds(ctx, plan, opt)
		show(plan)
	}
	report = progress.Clock(report)
	if plan, entry, err := e.tryReset(ctx, schemas, opt, shown, report); !errors.Is(err, reset.ErrNotAtOnce) {
		return plan, entry, err
	}
	plan, err := e.PlanReset(ctx, schemas, opt)
	if err != nil {
		return nil, nil, err
	}
	show(plan)
	if err := plan.Err(); err != nil {
		return plan, nil, err
	}
	entry, err := e.Reset(ctx, plan, opt, report)
	return plan, entry, err
}

// tryReset is ResetAtOnce where nothing is in the way, and the database is known to be this workspace's.
func (e *Env) tryReset(ctx context.Context, schemas []string, opt ResetOptions, show func(*reset.Plan), report progress.Report) (plan *reset.Plan, entry *reset.Entry, err error) {
	if opt.TerminateBlockers || e.mayTouch("dev reset", opt.AllowExternal) != nil {
		return nil, nil, reset.ErrNotAtOnce
	}
	e.readAhead()
	leave, err := e.lockInstance(ctx, "reset", false)
	if err != nil {
		return nil, nil, err
	}
	defer leave()
	db, err := e.connectDirect(ctx)
	if err != nil {
		return nil, nil, err
	}
	options, err := e.resetOptions(ctx, opt, schemas, progress.Discard)
	if err != nil {
		return nil, nil, err
	}
	if plan, entry, err = e.resetIn(ctx, db, schemas, options, show); err != nil {
		return plan, nil, err
	}
	e.resetDone(plan, entry, report)
	if ids := plan.EvictedIDs(); len(ids) > 0 {
		if unlock, err := e.lockTarget(ctx, db, "reset", false); err == nil { // otherwise the next reset does it
			defer unlock()
			e.evict(ctx, db, ids, report)
		}
	}
	return plan, entry, nil
}

// resetIn is the transaction of tryReset.
func (e *Env) resetIn(ctx context.Context, db *postgres.DB, schemas []string, opt reset.Options, show func(*reset.Plan)) (*reset.Plan, *reset.Entry, error) {
	tx, err := postgres.BeginLasting(ctx, db)
	if err != nil {
		return nil, nil, err
	}
	defer postgres.Rollback(ctx, tx)
	tx = ledger.Within(tx)
	if takeTarget(ctx, tx, "reset") != nil || !e.isNoted(ctx, tx) {
		return nil, nil, reset.ErrNotAtOnce // the long way says whose it is, and waits if it is told to
	}
	if err := e.keepsExternal(ctx, tx, schemas); err != nil {
		return nil, nil, err
	}
	plan, entry, err := reset.AtOnce(ctx, tx, schemas, opt, show)
	if err == nil {
		err = e.noteBaseline(ctx, tx, plan.Schemas)
	}
	if err == nil {
		err = postgres.Commit(ctx, tx)
	}
	return plan, entry, err
}

// isNoted reports whether the database's ledger names this workspace as its owner, just as it is.
func (e *Env) isNoted(ctx context.Context, q postgres.Querier) bool {
	s, err := e.stand(ctx, q, record{})
	return err == nil && s.entry != nil && s.same && s.renewed().Equal(s.entry.Workspace)
}

// resetDone reports the last step of a reset.
func (e *Env) resetDone(plan *reset.Plan, entry *reset.Entry, report progress.Report) {
	report(progress.Step{Name: "reset", Title: "Reset " + strings.Join(plan.Schemas, ", "), Status: progress.Done,
		Detail: "to take it back: " + e.opt.Target.Line(remedy.Naap("dev undo", fmt.Sprint(entry.ID)))})
}

// heldOfReset returns the names of seed files that a reset of schemas leaves out.
func (e *Env) heldOfReset(ctx context.Context, schemas []string) []string {
	files, err := e.seedFiles(ctx)
	if err != nil {
		return nil
	}
	held := e.heldSeeds(files)
	var lines []string
	for _, f := range files {
		if slices.Contains(schemas, f.Schema) && slices.Contains(held, f.Name) {
			lines = append(lines, "the seed "+f.Name+" is left out: what it does outside the database was "+e.notAllowed(""))
		}
	}
	return lines
}

// keepsExternal refuses to reset a schema with a table that is named as external: a reset recreates the schema, and
// naap cannot recreate a table that others made.
func (e *Env) keepsExternal(ctx context.Context, q postgres.Querier, schemas []string) error {
	if len(e.ws.External.Tables) == 0 {
		return nil
	}
	there, err := postgres.CollectStrings(q.Query(ctx, `SELECT n.nspname || '.' || c.relname FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname = ANY ($1) AND ((n.nspname || '.' || c.relname) = ANY ($2) OR c.relname = ANY ($2)) ORDER BY 1`,
		schemas, e.ws.External.Tables))
	if err != nil {
		return fmt.Errorf("look for external tables: %w", err)
	}
	if len(there) == 0 {
		return nil
	}
	return remedy.New("reset.external", remedy.ExitRefused, "%s: a reset would remove it, and it is named as external", strings.Join(there, ", ")).
		WithFix("delete the rows of your own tables instead, or reset the other schemas")
}

// Reset carries out a plan that PlanReset made with the same options, and returns the entry for undoing it.
func (e *Env) Reset(ctx context.Context, plan *reset.Plan, opt ResetOptions, report progress.Report) (*reset.Entry, error) {
	report = progress.Clock(report)
	if err := e.mayTouch("dev reset", opt.AllowExternal); err != nil {
		return nil, err
	}
	db, release, err := e.lockAndConnect(ctx, "reset")
	if err != nil {
		return nil, err
	}
	defer release()
	options, err := e.resetOptions(ctx, opt, plan.Schemas, report)
	if err != nil {
		return nil, err
	}
	title := "Reset " + strings.Join(plan.Schemas, ", ")
	entry, err := reset.Apply(ctx, db, plan, options)
	if err != nil {
		return nil, failed(report, "reset", title, err)
	}
	e.resetDone(plan, entry, report)
	e.afterwards(ctx, db, plan, report)
	return entry, nil
}

// afterwards does what may fail without harm: it records the rows to compare with, and frees the space of the entries
// that the plan named.
func (e *Env) afterwards(ctx context.Context, db *postgres.DB, plan *reset.Plan, report progress.Report) {
	of := map[string]bool{}
	for _, s := range plan.Schemas {
		of[s] = true
	}
	if err := e.setBaseline(ctx, db, of); err != nil {
		report(progress.Step{Name: "baseline", Title: "Note the rows", Status: progress.Warned, Detail: err.Error()})
	}
	e.evict(ctx, db, plan.EvictedIDs(), report)
}

// evict gives up undo entries that a plan named, and finishes dropping those where that was interrupted.
func (e *Env) evict(ctx context.Context, db *postgres.DB, ids []int, report progress.Report) {
	const name, title = "evict", "Give up undo entries"
	gone, err := reset.Evict(ctx, db, ids)
	switch {
	case err != nil:
		report(progress.Step{Name: name, Title: title, Status: progress.Warned, Detail: err.Error()})
	case len(gone) > 0:
		lines := make([]string, len(gone))
		for i, e := range gone {
			lines[i] = strconv.Itoa(e.ID)
		}
		report(progress.Step{Name: name, Title: title, Status: progress.Done, Detail: strings.Join(lines, ", ")})
	}
}

// resetOptions gives a reset what it needs of the workspace: its Prisma file, its seeds, and what is recorded of them.
func (e *Env) resetOptions(ctx context.Context, opt ResetOptions, schemas []string, report progress.Report) (reset.Options, error) {
	want := e.desired()
	if want.err != nil {
		return reset.Options{}, want.err
	}
	made, err := e.madeByMigrations(ctx, schemas, &want, opt.AllowExternal)
	if err != nil {
		return reset.Options{}, err
	}
	if made != nil && opt.NoSeed {
		made.Rows = nil
	}
	set := e.ws.Settings.Undo
	return reset.Options{
		Made: made, FromMigrations: made.IsRead() && e.ws.Settings.Migrate.Use == "migrate",
		Limits:  reset.Limits{Keep: set.Keep, MaxAge: set.MaxAge, MaxSize: int64(set.MaxSize)},
		Desired: want.db, Cascade: opt.Cascade, TerminateBlockers: opt.TerminateBlockers, LockTimeout: e.ws.Settings.LockTimeout,
		Report: report, WithImage: e.withImage,
		Seed: func(ctx context.Context, tx postgres.Tx) error { return e.seedAgain(ctx, tx, schemas, opt.NoSeed) },
	}, nil
}

// seedAgain applies the seeds of schemas whose tables were recreated, within the reset's transaction.
func (e *Env) seedAgain(ctx context.Context, tx postgres.Tx, schemas []string, noSeed bool) error {
	files, err := e.seedFiles(ctx)
	if err != nil {
		return err
	}
	if err := ledger.Prepare(ctx, tx); err != nil {
		return err
	}
	var seeded []string
	for _, s := range schemas {
		if err := ledger.ForgetSeeds(ctx, tx, s); err != nil {
			return err
		}
		for _, f := range files {
			if f.Schema == s && !slices.Contains(seeded, s) {
				seeded = append(seeded, s)
			}
		}
	}
	if noSeed || len(seeded) == 0 {
		return nil
	}
	plan, err := seeding.Decide(ctx, tx, files, seeding.Options{Schemas: seeded, Held: e.heldSeeds(files)})
	if err != nil {
		return err
	}
	for _, step := range plan.Steps {
		if _, err := seeding.ApplyIn(ctx, tx, step); err != nil {
			return e.withholdSeeds(ctx, err)
		}
	}
	return nil
}
