package devenv

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/livepeer/naap-dev/internal/ledger"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/schemaplan"
)

// Facts returns what naap knows beyond what the server says. It costs a comparison with the Prisma file.
func (s *Screens) Facts(ctx context.Context) (*Facts, error) {
	db, err := s.env.Connect(ctx)
	if err != nil {
		return nil, err
	}
	schemas, err := postgres.CollectStrings(db.Query(ctx, `SELECT nspname FROM pg_catalog.pg_namespace`))
	if err != nil {
		return nil, db.Diagnose(err)
	}
	read := time.Now()
	env, err := s.reread(ctx)
	if err != nil {
		// The files cannot be read as they are; what the database knows by itself is still an answer.
		f := &Facts{Owners: s.env.ownersOf(schemas), DriftErr: err, File: s.env.fileState(read)}
		f.Baseline, err = ledger.Baseline(ctx, db)
		return f, err
	}
	var d drift
	if err := db.Quietly(ctx, func(q postgres.Querier) error { d = env.drift(ctx, q); return nil }); err != nil {
		return nil, err
	}
	f := &Facts{Owners: env.ownersOf(schemas), Missing: d.missing, Unknown: d.unknown, DriftErr: d.err, File: env.fileState(read)}
	if d.plan != nil {
		f.Pending, f.Destroys = len(d.plan.Steps), len(d.plan.Losses())
	}
	if f.Seeds, err = env.SeedList(ctx); err != nil {
		return nil, err
	}
	f.Baseline, err = ledger.Baseline(ctx, db)
	return f, err
}

// ownersOf returns the plugin or service of each schema that has one.
func (e *Env) ownersOf(schemas []string) map[string]string {
	owners := map[string]string{}
	for _, name := range schemas {
		if owner := e.ws.OwnerOf(name); owner != "" {
			owners[name] = owner
		}
	}
	return owners
}

// PushPlan is what a push would do, with the files that it was made from.
type PushPlan struct {
	*schemaplan.Plan
	Notes []string // what to know about the database and the files
	File  FileState
	env   *Env
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
func (s *Screens) PlanPush(ctx context.Context) (*PushPlan, error) {
	read := time.Now()
	env, err := s.reread(ctx)
	if err != nil {
		return nil, err
	}
	plan, err := env.Diff(ctx, PushOptions{})
	if err != nil {
		return nil, err
	}
	out := &PushPlan{Plan: plan, File: env.fileState(read), env: env}
	if line, err := env.Stranger(ctx); err == nil && line != "" {
		out.Notes = append(out.Notes, line)
	}
	if none := env.noModel(env.desired()); none != "" {
		out.Notes = append(out.Notes, none)
	}
	return out, nil
}

// CheckPush returns an error with the code plan.stale if the plan's files have changed since it was made: for what is
// done before a push.
func (s *Screens) CheckPush(ctx context.Context, plan *PushPlan) error {
	env, err := s.reread(ctx)
	if err != nil {
		return fmt.Errorf("nothing was pushed: %w", err)
	}
	return plan.File.stale(env.fileState(time.Now()), "push")
}

// Push carries out the given plan and no other: if the Prisma file has changed since, it does nothing and returns an
// error with the code plan.stale.
func (s *Screens) Push(ctx context.Context, plan *PushPlan, acceptLoss bool, report progress.Report) error {
	return s.explained(ctx, "dev push", func(ctx context.Context) error {
		if err := s.CheckPush(ctx, plan); err != nil {
			return err
		}
		_, err := plan.env.Push(ctx, plan.Plan, PushOptions{AcceptDataLoss: acceptLoss, AllowExternal: true}, report)
		return err
	})
}
