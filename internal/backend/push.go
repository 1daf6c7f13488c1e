package backend

import (
	"context"
	"fmt"
	"time"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/trust"
)

func (b *environment) PlanPush(ctx context.Context) (*PushPlan, error) {
	read := time.Now()
	env, err := b.reread(ctx)
	if err != nil {
		return nil, err
	}
	plan, err := env.Diff(ctx, devenv.PushOptions{})
	if err != nil {
		return nil, err
	}
	out := &PushPlan{Plan: plan, File: fileState(env, read), Hooks: env.HookStandings(), env: env}
	out.Beside = !plan.Empty() && env.PushesBeside(ctx)
	if line, err := env.Stranger(ctx); err == nil && line != "" {
		out.Notes = append(out.Notes, line)
	}
	if hint := env.PushHint(ctx, plan); hint != "" {
		out.Notes = append(out.Notes, hint)
	}
	if none := env.NoModel(); none != "" {
		out.Notes = append(out.Notes, none)
	}
	return out, nil
}

func (b *environment) AllowHooks(ctx context.Context, plan *PushPlan) error {
	return b.env.Allow(ctx, trust.Items(trust.Held(plan.Hooks)))
}

func (b *environment) CheckPush(ctx context.Context, plan *PushPlan) error {
	env, err := b.reread(ctx)
	if err != nil {
		return fmt.Errorf("nothing was pushed: %w", err)
	}
	return plan.File.stale(fileState(env, time.Now()), "push")
}

func (b *environment) Push(ctx context.Context, plan *PushPlan, acceptLoss bool, report progress.Report) error {
	return b.explained(ctx, "dev push", func(ctx context.Context) error {
		if err := b.CheckPush(ctx, plan); err != nil {
			return err
		}
		_, err := plan.env.Push(ctx, plan.Plan, devenv.PushOptions{AcceptDataLoss: acceptLoss, AllowExternal: true, Beside: plan.Beside}, report)
		return err
	})
}
