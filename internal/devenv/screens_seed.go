package devenv

import (
	"context"

	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/seeding"
	"github.com/livepeer/naap-dev/internal/trust"
)

// Seeds returns the state of each seed.
func (s *Screens) Seeds(ctx context.Context) ([]seeding.Seed, error) {
	env, err := s.reread(ctx)
	if err != nil {
		return nil, err
	}
	return env.SeedList(ctx)
}

// PlanSeeds returns what ApplySeeds would do: it applies the seeds that are pending or changed, with force also the
// others. names restricts it to these.
func (s *Screens) PlanSeeds(ctx context.Context, names []string, force bool) (*SeedsPlan, error) {
	env, file, err := s.rowFiles(ctx)
	if err != nil {
		return nil, err
	}
	plan, err := env.PlanSeeds(ctx, SeedOptions{Names: names, Force: force})
	if err != nil {
		return nil, err
	}
	plan.File, plan.env = file, env
	return plan, nil
}

// AllowSeeds records that the files and the command of a plan may do what its Asks say: exactly these texts, whatever
// the files say by now.
func (s *Screens) AllowSeeds(ctx context.Context, plan *SeedsPlan) error {
	return s.env.Allow(ctx, trust.Items(trust.Held(plan.Standings)))
}

// ApplySeeds does what PlanSeeds said, with the files that it read: if they have changed since, it does nothing and
// returns an error with the code plan.stale.
func (s *Screens) ApplySeeds(ctx context.Context, plan *SeedsPlan, report progress.Report) error {
	return s.explained(ctx, "dev seed", func(ctx context.Context) error {
		if err := s.sameRowFiles(ctx, plan.File, "apply", "applied"); err != nil {
			return err
		}
		opt := plan.Options
		opt.AllowExternal = true
		_, err := plan.env.Seed(ctx, opt, report)
		return err
	})
}

// FakeData makes up rows. The terminal app asks for the numbers first, and shows the refusal for tables that have rows.
func (s *Screens) FakeData(ctx context.Context, opt FakeOptions, report progress.Report) error {
	return s.explained(ctx, "dev seed", func(ctx context.Context) error {
		env, err := s.reread(ctx)
		if err != nil {
			return err
		}
		opt.AllowExternal = true
		_, _, err = env.Fake(ctx, opt, report)
		return err
	})
}
