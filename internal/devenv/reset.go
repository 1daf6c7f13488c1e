package devenv

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/ledger"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/reset"
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
	options, err := e.resetOptions(opt, schemas, progress.Discard)
	if err != nil {
		return nil, err
	}
	if err := e.keepsExternal(ctx, db, schemas); err != nil {
		return nil, err
	}
	options.LookOnly = e.mayTouch("dev reset", opt.AllowExternal) != nil // such a server may only be looked at
	plan, err := reset.Compute(ctx, db, schemas, options)
	if err == nil && e.ws.SeedTool != nil && !opt.NoSeed {
		plan.Warnings = append(plan.Warnings, "the workspace's own seed command is not run; afterwards: "+e.opt.Target.Line(remedy.Naap("dev seed", "--force")))
	}
	if err == nil && !opt.NoSeed {
		plan.Warnings = append(plan.Warnings, e.heldOfReset(ctx, schemas)...)
	}
	return plan, err
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
	options, err := e.resetOptions(opt, plan.Schemas, report)
	if err != nil {
		return nil, err
	}
	title := "Reset " + strings.Join(plan.Schemas, ", ")
	entry, err := reset.Apply(ctx, db, plan, options)
	if err != nil {
		return nil, failed(report, "reset", title, err)
	}
	report(progress.Step{Name: "reset", Title: title, Status: progress.Done, Detail: "to take it back: " + e.opt.Target.Line(remedy.Naap("dev undo", fmt.Sprint(entry.ID)))})
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
func (e *Env) resetOptions(opt ResetOptions, schemas []string, report progress.Report) (reset.Options, error) {
	want := e.desired()
	if want.err != nil {
		return reset.Options{}, want.err
	}
	set := e.ws.Settings.Undo
	return reset.Options{
		Limits:  reset.Limits{Keep: set.Keep, MaxAge: set.MaxAge, MaxSize: int64(set.MaxSize)},
		Desired: want.db, Cascade: opt.Cascade, TerminateBlockers: opt.TerminateBlockers, LockTimeout: e.ws.Settings.LockTimeout,
		Report: report, WithImage: engine.WithImage,
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
