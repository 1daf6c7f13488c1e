package devenv

import (
	"context"
	"path/filepath"

	"github.com/livepeer/naap-dev/internal/migrate"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/schemaplan"
	"github.com/livepeer/naap-dev/internal/visible"
)

// PlanSquash returns how several migrations become one. It is proved on shadow databases; the folder and the database are
// as they were.
func (e *Env) PlanSquash(ctx context.Context, squash migrate.SquashOptions, opt MigrateOptions) (*migrate.Squash, error) {
	want, _, err := e.desiredAndDatabase(ctx)
	if err != nil {
		return nil, err
	}
	h, _, err := e.migrations(ctx)
	if err != nil {
		return nil, err
	}
	if err := e.scriptsAllowed(h.Folder().Migrations); err != nil {
		return nil, err
	}
	shadow, err := e.Shadow(ctx, opt.AllowExternal || opt.Adopt)
	if err != nil {
		return nil, err
	}
	defer shadow.Close()
	plan, err := migrate.PlanSquash(ctx, shadow, h.Folder(), squash, func(before, all []migrate.Migration) (string, error) {
		return e.asPrismaWrites(ctx, shadow, want, before, all)
	})
	if err != nil {
		return nil, err
	}
	return plan, plan.Meets(h)
}

// asPrismaWrites returns the script from the end state of some migrations to that of more, in what Prisma can express.
func (e *Env) asPrismaWrites(ctx context.Context, shadow *migrate.Shadow, want wanted, before, all []migrate.Migration) (string, error) {
	start, err := shadow.End(ctx, before)
	if err != nil {
		return "", err
	}
	defer start.Close()
	end, err := shadow.End(ctx, all)
	if err != nil {
		return "", err
	}
	defer end.Close()
	aim, err := schemaplan.Found(ctx, end, want.db)
	if err != nil {
		return "", err
	}
	plan, err := schemaplan.Compute(ctx, start, aim, schemaplan.ComputeOptions{OneTransaction: true, WithImage: e.withImage})
	if err != nil {
		return "", err
	}
	return plan.Script(schemaplan.ScriptOptions{Unqualified: len(want.schemas) == 0, Bare: true}), nil
}

// squashing runs f while no other naap squashes for this instance, with the folder as it is now.
func (e *Env) squashing(ctx context.Context, f func(now *migrate.Folder) error) error {
	release, err := lock(ctx, filepath.Join(e.StateDir(), "squash"), "squash", true)
	if err != nil {
		return err
	}
	defer release()
	now, err := e.migrationsFolder(ctx)
	if err != nil {
		return err
	}
	return f(now)
}

// TakeBackSquash moves the folders back that a squash had moved before it was broken off.
func (e *Env) TakeBackSquash(ctx context.Context, plan *migrate.Squash) error {
	return e.squashing(ctx, func(now *migrate.Folder) error { return now.TakeBackSquash(e.written(now), plan.TakesBack) })
}

// Squash carries out a plan that PlanSquash made. Where this database has the migrations, its table says so under the new
// name afterwards.
func (e *Env) Squash(ctx context.Context, plan *migrate.Squash, opt MigrateOptions, report progress.Report) error {
	report = progress.Clock(report)
	const name, title = "squash", "Squash the migrations"
	err := e.squashing(ctx, func(now *migrate.Folder) error {
		if err := plan.Unchanged(now); err != nil {
			return err
		}
		return plan.Write(e.written(now))
	})
	if err != nil {
		return failed(report, name, title, err)
	}
	report(progress.Step{Name: name, Title: title, Status: progress.Done, Detail: visible.String(plan.Path)})
	if !plan.Records {
		return nil
	}
	r, err := e.PlanResolve(ctx, plan.Name, true)
	if err != nil {
		return err
	}
	return e.Resolve(ctx, r, opt, report)
}
