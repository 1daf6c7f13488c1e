package backend

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/schemaplan"
)

// PushPlan is what a push would do, with the files that it was made from.
type PushPlan struct {
	*schemaplan.Plan
	Notes []string // what to know about the database and the files
	File  FileState
	env   *devenv.Env
}

// Warnings returns what to know before the plan is carried out. The commands in them are for the target.
func (p *PushPlan) Warnings(target remedy.Target) []string {
	out := append(slices.Clone(p.Notes), p.WipeLines()...)
	if note := p.SplitNote(); note != "" {
		out = append(out, note)
	}
	for _, r := range p.Renames {
		out = append(out, target.Line(r.Advice()))
	}
	return out
}

// PlanPush returns what a push would do.
func (b *Backend) PlanPush(ctx context.Context) (*PushPlan, error) {
	read := time.Now()
	env, err := b.reread(ctx)
	if err != nil {
		return nil, err
	}
	plan, err := env.Diff(ctx, devenv.PushOptions{})
	if err != nil {
		return nil, err
	}
	out := &PushPlan{Plan: plan, File: fileState(env, read), env: env}
	if line, err := env.Stranger(ctx); err == nil && line != "" {
		out.Notes = append(out.Notes, line)
	}
	if none := env.NoModel(); none != "" {
		out.Notes = append(out.Notes, none)
	}
	return out, nil
}

// CheckPush returns an error with the code plan.stale if the plan's files have changed since it was made: for what is
// done before a push.
func (b *Backend) CheckPush(ctx context.Context, plan *PushPlan) error {
	env, err := b.reread(ctx)
	if err != nil {
		return fmt.Errorf("nothing was pushed: %w", err)
	}
	return plan.File.stale(fileState(env, time.Now()), "push")
}

// Push carries out the given plan and no other: if the Prisma file has changed since, it does nothing and returns an
// error with the code plan.stale.
func (b *Backend) Push(ctx context.Context, plan *PushPlan, acceptLoss bool, report progress.Report) error {
	return b.explained(ctx, "dev push", func(ctx context.Context) error {
		if err := b.CheckPush(ctx, plan); err != nil {
			return err
		}
		_, err := plan.env.Push(ctx, plan.Plan, devenv.PushOptions{AcceptDataLoss: acceptLoss, AllowExternal: true}, report)
		return err
	})
}
