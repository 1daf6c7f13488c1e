package backend

import (
	"context"
	"fmt"
	"time"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/migrate"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/trust"
	"github.com/livepeer/naap-dev/internal/visible"
)

func (b *environment) Migrations(ctx context.Context) (*Migrations, error) {
	env, err := b.reread(ctx)
	if err != nil {
		return nil, err
	}
	h, err := env.Migrations(ctx)
	if remedy.Code(err) == "migrate.folder" {
		return &Migrations{History: &migrate.History{Verdict: migrate.Unmanaged}, None: err}, nil
	}
	if err != nil {
		return nil, err
	}
	m := &Migrations{History: h, Scripts: map[string]Script{}, Lint: env.LintHistory(h)}
	for _, x := range h.Folder().Migrations {
		m.Scripts[x.Name] = Script{x.Path, x.Script, x.Statements()}
	}
	return m, nil
}

func (b *environment) PlanDeploy(ctx context.Context) (*DeployPlan, error) {
	read := time.Now()
	env, err := b.reread(ctx)
	if err != nil {
		return nil, err
	}
	plan, err := env.PlanMigrate(ctx)
	if err != nil {
		return nil, err
	}
	out := &DeployPlan{MigratePlan: plan, Lint: env.LintPlan(plan), Notes: plan.Warnings, File: folderState(plan.Dir, plan.FolderID(), read), env: env}
	if line, err := env.Stranger(ctx); err == nil && line != "" {
		out.Notes = append(out.Notes, line)
	}
	return out, nil
}

// folderState returns the state of a folder of migrations.
func folderState(dir, id string, read time.Time) FileState {
	return FileState{Name: visible.String(dir), AsOf: read, ID: id}
}

// sameFolder returns the error for a plan whose migrations have changed since it was made.
func (b *environment) sameFolder(ctx context.Context, file FileState) error {
	env, err := b.reread(ctx)
	if err != nil {
		return fmt.Errorf("nothing was run: %w", err)
	}
	id, err := env.MigrationsID(ctx)
	if err != nil {
		return fmt.Errorf("nothing was run: %w", err)
	}
	return file.stale(FileState{ID: id}, "deploy")
}

func (b *environment) CheckDeploy(ctx context.Context, plan *DeployPlan) error {
	return b.sameFolder(ctx, plan.File)
}

func (b *environment) Deploy(ctx context.Context, plan *DeployPlan, report progress.Report) error {
	return b.explained(ctx, "migrate deploy", func(ctx context.Context) error {
		if err := b.CheckDeploy(ctx, plan); err != nil {
			return err
		}
		_, err := plan.env.Migrate(ctx, plan.MigratePlan, devenv.MigrateOptions{AllowExternal: true}, report)
		return err
	})
}

func (b *environment) Rehearse(ctx context.Context, plan *DeployPlan, opt devenv.RehearseOptions, report progress.Report) (out *migrate.Rehearsal, err error) {
	opt.AllowExternal = true
	err = b.explained(ctx, "migrate deploy", func(ctx context.Context) (err error) {
		if err := b.CheckDeploy(ctx, plan); err != nil {
			return err
		}
		out, err = plan.env.Rehearse(ctx, plan.MigratePlan, opt, report)
		return err
	})
	return out, err
}

func (b *environment) PlanResolve(ctx context.Context, name string, applied bool) (*migrate.Resolution, error) {
	return asNow(ctx, b, func(env *devenv.Env) (*migrate.Resolution, error) { return env.PlanResolve(ctx, name, applied) })
}

func (b *environment) Resolve(ctx context.Context, r *migrate.Resolution, report progress.Report) error {
	return b.verb(ctx, "migrate resolve", func(ctx context.Context, env *devenv.Env) error {
		return env.Resolve(ctx, r, devenv.MigrateOptions{AllowExternal: true}, report)
	})
}

func (b *environment) PlanScripts(ctx context.Context) (*ScriptsPlan, error) {
	return asNow(ctx, b, func(env *devenv.Env) (*ScriptsPlan, error) {
		standings, err := env.FolderStandings(ctx)
		if err != nil {
			return nil, err
		}
		return &ScriptsPlan{standings, (&devenv.MigratePlan{Standings: standings}).Asks()}, nil
	})
}

func (b *environment) AllowScripts(ctx context.Context, standings []trust.Standing) error {
	return b.env.Allow(ctx, trust.Items(trust.Held(standings)))
}

func (b *environment) PlanMigration(ctx context.Context, opt devenv.NewMigrationOptions) (*MigrationPlan, error) {
	opt.AllowExternal = true
	read := time.Now()
	env, err := b.reread(ctx)
	if err != nil {
		return nil, err
	}
	plan, err := env.PlanMigration(ctx, opt)
	if err != nil {
		return nil, err
	}
	return &MigrationPlan{NewMigration: plan, Options: opt, File: fileState(env, read).withFolder(plan.FolderID()), env: env}, nil
}

func (b *environment) MakeMigration(ctx context.Context, plan *MigrationPlan, only, acceptLoss bool, report progress.Report) error {
	opt := plan.Options
	opt.CreateOnly, opt.AcceptDataLoss = opt.CreateOnly || only, acceptLoss
	return b.explained(ctx, "migrate dev", func(ctx context.Context) error {
		env, err := b.reread(ctx)
		if err != nil {
			return fmt.Errorf("nothing was written: %w", err)
		}
		id, err := env.MigrationsID(ctx)
		if err != nil {
			return fmt.Errorf("nothing was written: %w", err)
		}
		if err := plan.File.stale(fileState(env, time.Now()).withFolder(id), "write"); err != nil {
			return err
		}
		return plan.env.MakeRehearsed(ctx, plan.NewMigration, opt, report)
	})
}

func (b *environment) CheckMigrations(ctx context.Context) (*Agreement, error) {
	read := time.Now()
	return asNow(ctx, b, func(env *devenv.Env) (*Agreement, error) {
		found, err := env.CheckMigrations(ctx, devenv.MigrateOptions{AllowExternal: true})
		if err != nil {
			return nil, err
		}
		return &Agreement{found, fileState(env, read)}, nil
	})
}
