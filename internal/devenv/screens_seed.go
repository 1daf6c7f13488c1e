package devenv

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/seeding"
	"github.com/livepeer/naap-dev/internal/trust"
	"github.com/livepeer/naap-dev/internal/visible"
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

// SeedsAhead is what applying seeds would do. Token is the files that it would be done with.
type SeedsAhead struct {
	Lines    []string // the plan, a line a file and a table
	Replaces bool     // rows that seeds brought before go
	Names    []string // which seeds; none for all that are pending or changed
	Force    bool
	Asks     []Asked // what the files and the command would make run or reach, which the person has not allowed yet
	File     FileState
	Token    any
	plan     *SeedsPlan
}

// Asked is one thing that the repository's files would make run or reach, for a person to read whole.
type Asked struct {
	Title string // "seed command, package.json:4", safe to show
	Text  string // safe to show, in lines
	Was   string // the text that was allowed before, or ""
}

func askedOf(all []trust.Standing) []Asked {
	var out []Asked
	for _, s := range trust.Held(all) {
		out = append(out, Asked{s.Kind.Title() + ", " + visible.String(s.Where), visible.Text(s.Text), visible.Text(s.Was)})
	}
	return out
}

// AllowSeeds keeps that the files and the command of a plan may do what its Asks say: exactly these texts, whatever the
// files say by now.
func (s *Screens) AllowSeeds(ctx context.Context, ahead SeedsAhead) error {
	if ahead.plan == nil {
		return errors.New("the plan is none that PlanSeeds made")
	}
	return s.env.Allow(ctx, trust.Items(trust.Held(ahead.plan.Standings)))
}

// PlanSeeds is what ApplySeeds would do: it applies the seeds that are pending or changed; with force also the others.
// Names choose among them.
func (s *Screens) PlanSeeds(ctx context.Context, names []string, force bool) (SeedsAhead, error) {
	ahead := SeedsAhead{Names: names, Force: force}
	env, file, err := s.rowFiles(ctx)
	if err != nil {
		return ahead, err
	}
	plan, err := env.PlanSeeds(ctx, SeedOptions{Names: names, Force: force})
	if err != nil {
		return ahead, err
	}
	ahead.File, ahead.Token, ahead.plan, ahead.Asks = file, env, plan, askedOf(plan.Standings)
	for line := range strings.Lines(plan.String()) {
		ahead.Lines = append(ahead.Lines, strings.TrimRight(line, "\n"))
	}
	ahead.Replaces = slices.ContainsFunc(plan.Steps, func(s seeding.Step) bool { return s.Replace })
	return ahead, nil
}

// ApplySeeds does what PlanSeeds said, with the files that it was said of: where they have changed since, nothing is done
// and the error has the code plan.stale.
func (s *Screens) ApplySeeds(ctx context.Context, ahead SeedsAhead, report progress.Report) error {
	env, ok := ahead.Token.(*Env)
	if !ok {
		return errors.New("the plan is none that PlanSeeds made")
	}
	return s.explained(ctx, "dev seed", func(ctx context.Context) error {
		_, now, err := s.rowFiles(ctx)
		if err != nil {
			return fmt.Errorf("nothing was applied: %w", err)
		}
		if err := ahead.File.stale(now, "apply"); err != nil {
			return err
		}
		_, err = env.Seed(ctx, SeedOptions{Names: ahead.Names, Force: ahead.Force, AllowExternal: true}, report)
		return err
	})
}
