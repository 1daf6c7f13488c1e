package backend

import (
	"context"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/seeding"
	"github.com/livepeer/naap-dev/internal/trust"
)

func (b *environment) Seeds(ctx context.Context) ([]seeding.Seed, error) {
	return asNow(ctx, b, func(env *devenv.Env) ([]seeding.Seed, error) { return env.SeedList(ctx) })
}

func (b *environment) PlanSeeds(ctx context.Context, names []string, force bool) (*SeedsPlan, error) {
	env, _, file, err := b.rowFiles(ctx)
	if err != nil {
		return nil, err
	}
	plan, err := env.PlanSeeds(ctx, devenv.SeedOptions{Names: names, Force: force})
	if err != nil {
		return nil, err
	}
	return &SeedsPlan{plan, file, env}, nil
}

func (b *environment) AllowSeeds(ctx context.Context, plan *SeedsPlan) error {
	return b.env.Allow(ctx, trust.Items(trust.Held(plan.Standings)))
}

func (b *environment) ApplySeeds(ctx context.Context, plan *SeedsPlan, report progress.Report) error {
	return b.explained(ctx, "dev seed", func(ctx context.Context) error {
		if err := b.sameRowFiles(ctx, plan.File, "apply", "applied"); err != nil {
			return err
		}
		opt := plan.Options
		opt.AllowExternal = true
		_, err := plan.env.Seed(ctx, opt, report)
		return err
	})
}

func (b *environment) FakeData(ctx context.Context, opt devenv.FakeOptions, report progress.Report) error {
	opt.AllowExternal = true
	return b.verb(ctx, "dev seed", func(ctx context.Context, env *devenv.Env) error {
		_, _, err := env.Fake(ctx, opt, report)
		return err
	})
}
