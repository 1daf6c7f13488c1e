package backend

import (
	"context"
	"slices"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/reset"
)

func (b *environment) PlanReset(ctx context.Context, schemas []string, opt devenv.ResetOptions) (*ResetPlan, error) {
	opt.AllowExternal = true
	look := opt
	look.TerminateBlockers = false
	env, seeds, file, err := b.rowFiles(ctx)
	if err != nil {
		return nil, err
	}
	plan, err := env.PlanReset(ctx, schemas, look)
	if err != nil {
		return nil, err
	}
	out := &ResetPlan{Plan: plan, Options: opt, File: file, env: env}
	for _, f := range seeds {
		if slices.Contains(plan.Schemas, f.Schema) {
			out.Seeds = append(out.Seeds, f.Name)
		}
	}
	return out, nil
}

func (b *environment) Reset(ctx context.Context, plan *ResetPlan, report progress.Report) error {
	return b.explained(ctx, "dev reset", func(ctx context.Context) error {
		if err := b.sameRowFiles(ctx, plan.File, "reset", "reset"); err != nil {
			return err
		}
		_, err := plan.env.Reset(ctx, plan.Plan, plan.Options, report)
		return err
	})
}

func (b *environment) ListUndo(ctx context.Context) ([]reset.Entry, error) {
	return b.env.ListUndo(ctx)
}

func (b *environment) PlanUndo(ctx context.Context, id int, opt devenv.UndoOptions) (*reset.Undone, error) {
	opt.DryRun, opt.TerminateBlockers = true, false
	return b.undo(ctx, id, opt, progress.Discard)
}

func (b *environment) Undo(ctx context.Context, id int, opt devenv.UndoOptions, report progress.Report) error {
	return b.explained(ctx, "dev undo", func(ctx context.Context) error {
		_, err := b.undo(ctx, id, opt, report)
		return err
	})
}

func (b *environment) undo(ctx context.Context, id int, opt devenv.UndoOptions, report progress.Report) (*reset.Undone, error) {
	opt.AllowExternal = true
	return asNow(ctx, b, func(env *devenv.Env) (*reset.Undone, error) { return env.Undo(ctx, id, opt, report) }) // for how much undo may keep
}

func (b *environment) DropUndo(ctx context.Context, id int, report progress.Report) error {
	return b.explained(ctx, "dev undo", func(ctx context.Context) error {
		_, err := b.env.DropUndo(ctx, id, true, report)
		return err
	})
}
