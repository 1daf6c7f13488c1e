package devenv

import (
	"context"
	"fmt"

	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/seeding"
)

// Seeds is where each seed stands.
func (s *Screens) Seeds(ctx context.Context) ([]SeedState, error) {
	db, err := s.env.Connect(ctx)
	if err != nil {
		return nil, err
	}
	list, err := s.env.listSeeds(ctx, db)
	if err != nil {
		return nil, err
	}
	out := make([]SeedState, len(list))
	for i, seed := range list {
		out[i] = SeedState{Name: seed.Name, Schema: seed.Schema, State: string(seed.State), Applied: seed.AppliedAt, Rows: seed.Rows,
			Detail: detailOf(seed)}
	}
	return out, nil
}

func detailOf(s seeding.Seed) string {
	switch {
	case s.Was != "":
		return "it was called " + s.Was + " when it was applied"
	case s.File == nil && s.State == seeding.Changed:
		return "the command has changed since it ran"
	case s.File == nil && s.State != seeding.Missing:
		return "the workspace's own command"
	}
	switch s.State {
	case seeding.Changed:
		return "the file has changed since it was applied"
	case seeding.Missing:
		return "the file is gone; its rows stay"
	case seeding.Applied:
		return fmt.Sprintf("in %s", s.Took)
	}
	return ""
}

// ApplySeeds applies the seeds that are pending or changed; with force also the others. Names choose among them.
func (s *Screens) ApplySeeds(ctx context.Context, names []string, force bool, report progress.Report) error {
	_, err := s.env.Seed(ctx, SeedOptions{Names: names, Force: force, AllowExternal: true}, report)
	return err
}
