package devenv

import (
	"context"
	"errors"
	"fmt"

	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/schemaplan"
)

// Facts are what naap knows beyond what the server says. They cost a comparison with the Prisma file.
func (s *Screens) Facts(ctx context.Context) (*Facts, error) {
	db, err := s.env.Connect(ctx)
	if err != nil {
		return nil, err
	}
	d := s.env.drift(ctx, db)
	f := &Facts{Owners: map[string]string{}, Missing: d.missing, Unknown: d.unknown, Problems: map[string][]Finding{}}
	if d.err != nil {
		f.DriftErr = d.err.Error()
	}
	if d.plan != nil {
		f.Pending, f.Destroys = len(d.plan.Steps), len(d.plan.Losses())
	}
	s.mu.Lock()
	if s.last != nil {
		for _, sch := range s.last.Schemas {
			f.Owners[sch.Name] = s.env.ws.OwnerOf(sch.Name)
		}
	}
	s.mu.Unlock()
	if f.Seeds, err = s.Seeds(ctx); err != nil && !errors.Is(err, ErrNotHere) {
		return nil, err
	}
	f.Baseline, err = s.env.baseline(ctx, db)
	return f, err
}

// PlanPush is what a push would do.
func (s *Screens) PlanPush(ctx context.Context) (*PushPlan, error) {
	plan, err := s.env.Diff(ctx, PushOptions{})
	if err != nil {
		return nil, err
	}
	out := &PushPlan{Token: plan}
	for _, w := range plan.Wipes() {
		out.Wipes = append(out.Wipes, "drops "+w.String())
	}
	if none := s.env.noModel(s.env.desired()); none != "" {
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
		out.Warnings = append(out.Warnings, fmt.Sprintf("is %s %s now called %s? naap dev push --rename %q keeps its values", r.Kind, r.From, r.To, r.Key))
	}
	return out, nil
}

// Push carries out the plan that it is given.
func (s *Screens) Push(ctx context.Context, plan *PushPlan, acceptLoss bool, report progress.Report) error {
	p, ok := plan.Token.(*schemaplan.Plan)
	if !ok {
		return errors.New("the plan is none that PlanPush made")
	}
	_, err := s.env.Push(ctx, p, PushOptions{AcceptDataLoss: acceptLoss, AllowExternal: true}, report)
	return err
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
