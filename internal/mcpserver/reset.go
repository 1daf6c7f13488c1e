package mcpserver

import (
	"context"
	"fmt"
	"strings"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/reset"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

type resetArguments struct {
	Schema string `json:"schema" jsonschema:"the one schema to reset"`
	NoSeed bool   `json:"no_seed,omitempty" jsonschema:"leave its tables empty"`
	DryRun bool   `json:"dry_run,omitempty" jsonschema:"only say what it would do"`
}

type resetAnswer struct {
	Applied  bool     `json:"applied"`
	Plan     []string `json:"plan" jsonschema:"what it does, a line each"`
	Undo     int      `json:"undo_id,omitempty" jsonschema:"the tool undo takes it back with this id"`
	TakeBack string   `json:"take_back,omitempty" jsonschema:"what a person runs to take it back"`
	Cut      string   `json:"cut,omitempty"`
}

func resetTool() tool {
	return define(tool{
		name: "reset_schema", title: "Reset a schema", kind: destroys,
		about: "Makes one schema what it is on a fresh database: its tables again from the Prisma file, then its seeds. The old tables are moved aside with every row; the answer has the id with which undo brings them back.",
	}, changes, resetSchema)
}

func resetSchema(ctx context.Context, env *devenv.Env, in resetArguments) (resetAnswer, error) {
	opt := devenv.ResetOptions{NoSeed: in.NoSeed}
	schemas := []string{in.Schema}
	if in.DryRun {
		plan, err := env.PlanReset(ctx, schemas, opt)
		if err != nil {
			return resetAnswer{}, err
		}
		return resetOf(env, plan.Lines(), nil), plan.Err()
	}
	plan, entry, err := env.ResetAtOnce(ctx, schemas, opt, func(*reset.Plan) {}, progress.Discard)
	if err != nil {
		return resetAnswer{}, err
	}
	return resetOf(env, plan.Lines(), entry), nil
}

func resetOf(env *devenv.Env, plan []string, entry *reset.Entry) resetAnswer {
	left := room(roomSize)
	fits, missing := fill(&left, say.Each(plan, visible.String))
	out := resetAnswer{Plan: append([]string{}, fits...)}
	if missing > 0 {
		out.Cut = say.Count(missing, "line") + " more"
	}
	if entry != nil {
		out.Applied, out.Undo = true, entry.ID
		out.TakeBack = env.Target().Line(remedy.Naap("dev undo", fmt.Sprint(entry.ID)))
	}
	return out
}

func (r resetAnswer) text() string {
	text := lines(r.Plan) + note(r.Cut)
	if r.Applied {
		text += fmt.Sprintf("done; the tool undo takes it back with id %d, and so does: %s\n", r.Undo, r.TakeBack)
	}
	return text
}

type undoArguments struct {
	ID     int  `json:"id,omitempty" jsonschema:"the undo_id of a reset or of an undo; the newest if absent"`
	DryRun bool `json:"dry_run,omitempty" jsonschema:"only say what it would do"`
}

func undoTool() tool {
	return define(tool{
		name: "undo", title: "Undo a reset", kind: destroys,
		about: "Brings back what a reset moved aside, to the row. What is there now is moved aside in turn; the answer has the id that undoes the undo.",
	}, changes, func(ctx context.Context, env *devenv.Env, in undoArguments) (resetAnswer, error) {
		undone, err := env.Undo(ctx, in.ID, devenv.UndoOptions{DryRun: in.DryRun}, progress.Discard)
		if err != nil {
			return resetAnswer{}, err
		}
		plan := []string{"brings back " + strings.Join(undone.Taken.Schemas(), ", ") + " with " + say.Count(undone.Taken.Rows, "row")}
		plan = append(plan, say.Each(undone.Effects, reset.Effect.String)...)
		plan = append(plan, undone.Notes...)
		if in.DryRun {
			return resetOf(env, plan, nil), nil
		}
		return resetOf(env, plan, undone.Back), nil
	})
}
