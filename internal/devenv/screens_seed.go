package devenv

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/seeding"
)

// Seeds is where each seed stands.
func (s *Screens) Seeds(ctx context.Context) ([]SeedState, error) {
	env, err := s.reread(ctx)
	if err != nil {
		return nil, err
	}
	return env.seedStates(ctx)
}

func (e *Env) seedStates(ctx context.Context) ([]SeedState, error) {
	db, err := e.Connect(ctx)
	if err != nil {
		return nil, err
	}
	list, err := e.listSeeds(ctx, db)
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

// SeedsAhead is what applying seeds would do.
type SeedsAhead struct {
	Lines    []string // the plan, a line a file and a table
	Replaces bool     // rows that seeds brought before go
}

// PlanSeeds is what ApplySeeds would do.
func (s *Screens) PlanSeeds(ctx context.Context, names []string, force bool) (SeedsAhead, error) {
	var ahead SeedsAhead
	plan, err := s.env.PlanSeeds(ctx, SeedOptions{Names: names, Force: force})
	if err != nil {
		return ahead, err
	}
	for line := range strings.Lines(plan.String()) {
		ahead.Lines = append(ahead.Lines, strings.TrimRight(line, "\n"))
	}
	ahead.Replaces = slices.ContainsFunc(plan.Steps, func(s seeding.Step) bool { return s.Replace })
	return ahead, nil
}

// ApplySeeds applies the seeds that are pending or changed; with force also the others. Names choose among them.
func (s *Screens) ApplySeeds(ctx context.Context, names []string, force bool, report progress.Report) error {
	env, err := s.reread(ctx)
	if err != nil {
		return err
	}
	_, err = env.Seed(ctx, SeedOptions{Names: names, Force: force, AllowExternal: true}, report)
	return err
}
