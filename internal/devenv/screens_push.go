package devenv

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/schemaplan"
)

// Facts are what naap knows beyond what the server says. They cost a comparison with the Prisma file.
func (s *Screens) Facts(ctx context.Context) (*Facts, error) {
	db, err := s.env.Connect(ctx)
	if err != nil {
		return nil, err
	}
	read := time.Now()
	env, err := s.reread(ctx)
	if err != nil {
		// The files cannot be read as they are; what the database knows by itself is still an answer.
		f := &Facts{Owners: map[string]string{}, Problems: map[string][]Finding{}, DriftErr: err, File: s.env.fileState(read)}
		f.Baseline, err = s.env.baseline(ctx, db)
		return f, err
	}
	var d drift
	if err := db.Quietly(ctx, func(q postgres.Querier) error { d = env.drift(ctx, q); return nil }); err != nil {
		return nil, err
	}
	f := &Facts{Owners: map[string]string{}, Missing: d.missing, Unknown: d.unknown, Problems: map[string][]Finding{}, DriftErr: d.err, File: env.fileState(read)}
	if d.plan != nil {
		f.Pending, f.Destroys = len(d.plan.Steps), len(d.plan.Losses())
	}
	s.mu.Lock()
	if s.last != nil {
		for _, sch := range s.last.Schemas {
			f.Owners[sch.Name] = env.ws.OwnerOf(sch.Name)
		}
	}
	s.mu.Unlock()
	if f.Seeds, err = env.seedStates(ctx); err != nil {
		return nil, err
	}
	f.Baseline, err = env.baseline(ctx, db)
	return f, err
}

// plannedPush is a plan with the files that it was made from.
type plannedPush struct {
	plan *schemaplan.Plan
	env  *Env
}

// PlanPush is what a push would do.
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
	out := &PushPlan{File: env.fileState(read), Token: plannedPush{plan, env}}
	for _, w := range plan.Wipes() {
		out.Wipes = append(out.Wipes, "drops "+w.String())
	}
	if line, err := env.Stranger(ctx); err == nil && line != "" {
		out.Warnings = append(out.Warnings, line)
	}
	if none := env.noModel(env.desired()); none != "" {
		out.Warnings = append(out.Warnings, none)
	}
	out.Warnings = append(out.Warnings, out.Wipes...)
	for _, step := range plan.Steps {
		for i, sql := range step.Statements {
			st := PlanStatement{SQL: sql, Effect: Effect(step.Class), Object: step.Object}
			if i == 0 {
				st.Note = noteOf(step)
				if step.Destroys != nil {
					st.Rows = step.Destroys.Rows + step.Destroys.NonNull
					out.Lost += st.Rows
				}
			} else if st.Effect == Destroys {
				st.Effect = Changes // one step is one loss, however many statements it takes
			}
			out.Statements = append(out.Statements, st)
		}
	}
	if note := plan.SplitNote(); note != "" {
		out.Warnings = append(out.Warnings, note)
	}
	for _, r := range plan.Renames {
		out.Warnings = append(out.Warnings, s.env.opt.Target.Line(r.Advice()))
	}
	return out, nil
}

// CheckPush is the error of a plan whose files are no longer those that it was made from, with the code plan.stale: for
// what is done before a push.
func (s *Screens) CheckPush(ctx context.Context, plan *PushPlan) error {
	env, err := s.reread(ctx)
	if err != nil {
		return fmt.Errorf("nothing was pushed: %w", err)
	}
	return plan.File.stale(env.fileState(time.Now()), "push")
}

// Push carries out the plan that it is given, and no other: where the Prisma file has changed since, nothing is done and
// the error has the code plan.stale.
func (s *Screens) Push(ctx context.Context, plan *PushPlan, acceptLoss bool, report progress.Report) error {
	p, ok := plan.Token.(plannedPush)
	if !ok {
		return errors.New("the plan is none that PlanPush made")
	}
	return s.explained(ctx, "dev push", func(ctx context.Context) error {
		if err := s.CheckPush(ctx, plan); err != nil {
			return err
		}
		_, err := p.env.Push(ctx, p.plan, PushOptions{AcceptDataLoss: acceptLoss, AllowExternal: true}, report)
		return err
	})
}

// noteOf is what a person should know of a step: what it loses, or why it cannot run.
func noteOf(s *schemaplan.Step) string {
	switch {
	case s.Blocked != nil:
		return "cannot run: " + s.Blocked.Why
	case s.Destroys != nil:
		return "loses " + s.Destroys.What
	}
	return ""
}
