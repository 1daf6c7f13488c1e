package mcpserver

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/schemaplan"
)

type pushArguments struct {
	Schemas []string `json:"schemas,omitempty" jsonschema:"only these schemas; all of the Prisma file if absent"`
}

type pushAnswer struct {
	Applied    []stepEntry `json:"applied"`
	Statements int         `json:"statements"`
	HeldBack   []stepEntry `json:"held_back" jsonschema:"what was not done, why, and the ways out"`
	Snapshot   string      `json:"snapshot,omitempty" jsonschema:"the copy of the database as it was before"`
	TakeBack   string      `json:"take_back,omitempty" jsonschema:"what a person runs to take it back"`
	Client     string      `json:"stale_client,omitempty" jsonschema:"that the generated client is older than the Prisma file, and what generates it"`
	Cut        string      `json:"cut,omitempty"`
}

func pushTool() tool {
	return define(tool{
		name: "push", title: "Push what adds", kind: adds,
		about: "Makes in the database what the Prisma file adds: tables, columns, indexes, enum values. What would change or destroy something is held back and named, never done.",
	}, changes, func(ctx context.Context, env *devenv.Env, in pushArguments) (pushAnswer, error) {
		plan, err := env.Diff(ctx, devenv.PushOptions{Schemas: in.Schemas})
		if err != nil {
			return pushAnswer{}, err
		}
		part := plan.Additive()
		result, err := env.Push(ctx, part, devenv.PushOptions{Schemas: in.Schemas}, progress.Discard)
		if err != nil {
			return pushAnswer{}, err
		}
		return pushedOf(ctx, env, part, result), nil
	})
}

func pushedOf(ctx context.Context, env *devenv.Env, plan *schemaplan.Plan, result *schemaplan.Result) pushAnswer {
	left := room(roomSize)
	step := func(s *schemaplan.Step) stepEntry { return stepOf(env.Target(), s) }
	held, missing := fill(&left, say.Each(plan.HeldBack, step))
	done, more := fill(&left, say.Each(plan.Steps, step))
	out := pushAnswer{Applied: append([]stepEntry{}, done...), HeldBack: append([]stepEntry{}, held...), Statements: result.Statements}
	if missing+more > 0 {
		out.Cut = say.Count(missing+more, "step") + " more; diff says what is left to do"
	}
	out.Client = devenv.StaleLine(env.StatusClients(ctx))
	return out
}

type pushDestructiveArguments struct {
	Plan    string   `json:"plan" jsonschema:"the plan that diff answered with, for the same schemas and renames: only that one is carried out"`
	Schemas []string `json:"schemas,omitempty" jsonschema:"as for diff"`
	Renames []string `json:"renames,omitempty" jsonschema:"as for diff"`
	// Unsaved is rarely wanted: it is what a person says no to.
	Unsaved bool `json:"without_snapshot,omitempty" jsonschema:"do not save a snapshot of the database first; there is then no way back"`
}

func pushDestructiveTool() tool {
	return define(tool{
		name: "push_destructive", title: "Push what destroys", kind: destroys,
		about: "Carries out all of a plan of diff, also what destroys rows or values. A snapshot of the whole database is saved first, and named in the answer with what takes it back.",
	}, changes, pushDestructive)
}

func pushDestructive(ctx context.Context, env *devenv.Env, in pushDestructiveArguments) (pushAnswer, error) {
	opt := devenv.PushOptions{Schemas: in.Schemas, Renames: in.Renames, AcceptDataLoss: true}
	plan, err := env.Diff(ctx, opt)
	if err != nil {
		return pushAnswer{}, err
	}
	if id := planID(plan); id != in.Plan {
		return pushAnswer{}, remedy.New("plan.stale", remedy.ExitRefused, "the plan is now another one than %q; nothing was done", in.Plan).
			WithFix("see what it would do now: the tool diff, with the same schemas and renames")
	}
	saved := ""
	if plan.Destructive() && !in.Unsaved {
		saved = "before push " + say.Moment(time.Now())
		if _, err := env.SaveSnapshot(ctx, saved, devenv.CopyOptions{Note: "before an agent's push that destroys"}, progress.Discard); err != nil {
			return pushAnswer{}, fmt.Errorf("nothing was pushed, because there would be no way back: %w", err)
		}
	}
	result, err := env.Push(ctx, plan, opt, progress.Discard)
	if err != nil {
		return pushAnswer{}, err
	}
	out := pushedOf(ctx, env, plan, result)
	if saved != "" {
		out.Snapshot, out.TakeBack = saved, env.Target().Line(remedy.Naap("dev snapshot restore", saved))
	}
	return out, nil
}

func (p pushAnswer) text() string {
	var b strings.Builder
	if len(p.Applied) == 0 {
		b.WriteString("nothing was pushed\n")
	} else {
		b.WriteString("pushed, " + say.Count(p.Statements, "statement") + ":\n")
	}
	for _, s := range p.Applied {
		b.WriteString(s.text())
	}
	if len(p.HeldBack) > 0 {
		b.WriteString("held back:\n")
	}
	for _, s := range p.HeldBack {
		b.WriteString(s.text())
	}
	if p.TakeBack != "" {
		fmt.Fprintf(&b, "the database as it was is the snapshot %q; a person takes it back with: %s\n", p.Snapshot, p.TakeBack)
	}
	if p.Client != "" {
		b.WriteString(p.Client + "\n")
	}
	return b.String() + note(p.Cut)
}
