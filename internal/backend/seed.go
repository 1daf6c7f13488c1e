package backend

import (
	"context"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/seeding"
	"github.com/livepeer/naap-dev/internal/trust"
)

// SeedsPlan is what applying seeds would do, with the files that it was made from.
type SeedsPlan struct {
	*devenv.SeedsPlan
	File FileState
	env  *devenv.Env
}

// Seeds returns the state of each seed.
func (b *Backend) Seeds(ctx context.Context) ([]seeding.Seed, error) {
	return asNow(ctx, b, func(env *devenv.Env) ([]seeding.Seed, error) { return env.SeedList(ctx) })
}

// PlanSeeds returns what ApplySeeds would do: it applies the seeds that are pending or changed, with force also the
// others. names restricts it to these.
func (b *Backend) PlanSeeds(ctx context.Context, names []string, force bool) (*SeedsPlan, error) {
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

// AllowSeeds records that the files and the command of a plan may do what its Asks say: exactly these texts, whatever
// the files say by now.
func (b *Backend) AllowSeeds(ctx context.Context, plan *SeedsPlan) error {
	return b.env.Allow(ctx, trust.Items(trust.Held(plan.Standings)))
}

// ApplySeeds does what PlanSeeds said, with the files that it read: if they have changed since, it does nothing and
// returns an error with the code plan.stale.
func (b *Backend) ApplySeeds(ctx context.Context, plan *SeedsPlan, report progress.Report) error {
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

// FakeData makes up rows. The terminal app asks for the numbers first, and shows the refusal for tables that have rows.
func (b *Backend) FakeData(ctx context.Context, opt devenv.FakeOptions, report progress.Report) error {
	opt.AllowExternal = true
	return b.verb(ctx, "dev seed", func(ctx context.Context, env *devenv.Env) error {
		_, _, err := env.Fake(ctx, opt, report)
		return err
	})
}
