package devenv

import (
	"context"
	"fmt"

	"github.com/livepeer/naap-dev/internal/migrate"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
)

// What is copied unasked for a rehearsal: more than a second or two is not spent on it.
const (
	mostCopied = 512 << 20 // by the server, in bytes of the database
	mostDumped = 64 << 20  // by pg_dump, where other sessions use it
)

// RehearseNew carries out a new migration, and those that are pending, on a copy of the database, before anything is
// written. Unless it is asked for, it is left out where there are no rows or it would take long; why says so. An error is
// one that the database itself would give.
func (e *Env) RehearseNew(ctx context.Context, m *NewMigration, opt NewMigrationOptions, asked bool, report progress.Report) (out *migrate.Rehearsal, why string, err error) {
	plan, err := e.rehearsalOf(m)
	if err != nil || plan.Empty() {
		return nil, "", err
	}
	r := &rehearsing{plan: plan, opt: RehearseOptions{AllowExternal: opt.AllowExternal || opt.Adopt}, tools: lateTools{e}}
	if !asked {
		bytes, rows, err := e.weighRows(ctx)
		switch {
		case err != nil:
			return nil, "", err
		case !rows:
			return nil, "", nil
		case bytes > mostCopied:
			return nil, "the database has " + say.Bytes(bytes) + ", and is copied only when asked (" + e.opt.Target.Line(remedy.Naap("migrate dev", "--rehearse")) + ")", nil
		case bytes > mostDumped:
			r.tools = nil
		}
	}
	err = e.rehearse(ctx, r, progress.Clock(report))
	switch beyond := remedy.Code(err) == "migrate.beyond"; {
	case err == nil || ctx.Err() != nil:
		return r.out, "", err
	case !asked && (!r.made || beyond):
		return nil, err.Error(), nil
	}
	return r.out, "", mendNew(err, m.Name, r.out)
}

// mendNew says what to do about a migration that fails on the copy: the new one, which is not written yet, or one before it.
func mendNew(err error, name string, out *migrate.Rehearsal) error {
	r, ok := remedy.Of(err)
	if !ok || out == nil || len(out.Migrations) == 0 {
		return err
	}
	r.Fix = nil
	if out.Migrations[len(out.Migrations)-1].Name == name {
		return r.WithHelp(remedy.Again("migrate dev", "--create-only").Note("writes the script, for you to change before it runs"))
	}
	return r.WithHelp(remedy.Words("fix the script, and then:"), remedy.Again("migrate dev"))
}

// MakeRehearsed is MakeMigration after a rehearsal, as migrate dev has one unasked: what fails there is neither written nor run.
func (e *Env) MakeRehearsed(ctx context.Context, m *NewMigration, opt NewMigrationOptions, report progress.Report) error {
	if !m.Rehearses(opt) {
		return e.MakeMigration(ctx, m, opt, report)
	}
	out, why, err := e.RehearseNew(ctx, m, opt, false, report)
	if err != nil {
		return err
	}
	step := progress.Step{Name: rehearseStep, Title: rehearseTitle, Status: progress.Done}
	switch {
	case out != nil:
		step.Detail = fmt.Sprintf("on a copy, %s rewritten or built", say.Bytes(out.Rewritten))
		report(step)
		for _, line := range out.Summary()[1:] { // what it destroys, and who would be in the way
			report(progress.Step{Name: rehearseStep + " " + line, Title: line, Status: progress.Warned})
		}
	case why != "":
		step.Status, step.Detail = progress.Skipped, why
		report(step)
	}
	return e.MakeMigration(ctx, m, opt, report)
}

// Rehearses reports whether there is something to rehearse before a new migration is made.
func (m *NewMigration) Rehearses(opt NewMigrationOptions) bool {
	return !opt.CreateOnly && !m.Recorded && m.canRun()
}

// rehearsalOf returns the plan that a new migration would be the end of.
func (e *Env) rehearsalOf(m *NewMigration) (*MigratePlan, error) {
	plan := migrate.NewPlan(m.Dir, e.urlSchema())
	if m.deploy != nil {
		plan = m.deploy.Plan
	}
	if m.Name != "" {
		var err error
		if plan, err = plan.With(migrate.Migration{Name: m.Name, Path: m.Path, Script: m.SQL}); err != nil {
			return nil, err
		}
	}
	return &MigratePlan{Plan: plan}, nil
}

// weighRows returns the size of the database, and whether any table of the user's has rows.
func (e *Env) weighRows(ctx context.Context) (bytes int64, rows bool, err error) {
	db, err := e.Connect(ctx)
	if err != nil {
		return 0, false, err
	}
	err = db.QueryRow(ctx, `SELECT pg_catalog.pg_database_size(pg_catalog.current_database()), EXISTS (
	SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
	WHERE c.relkind IN ('r', 'm') AND n.nspname !~ '^(pg_|information_schema$|naap_dev$|naap_undo_)' AND c.relname <> '_prisma_migrations'
		AND pg_catalog.pg_relation_size(c.oid) > 0)`).Scan(&bytes, &rows)
	if err != nil {
		err = fmt.Errorf("look whether there are rows: %w", err)
	}
	return bytes, rows, err
}

// canRun reports whether a new migration may be run at all on the rows that are there, with every loss allowed.
func (m *NewMigration) canRun() bool {
	return len(m.Pending) > 0 || m.Name == "" || m.Change.Gate("migrate dev", true) == nil
}
