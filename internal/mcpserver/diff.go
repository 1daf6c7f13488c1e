package mcpserver

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/schemaplan"
	"github.com/livepeer/naap-dev/internal/visible"
)

type diffArguments struct {
	Schemas []string `json:"schemas,omitempty" jsonschema:"only these schemas; all of the Prisma file if absent"`
	Renames []string `json:"renames,omitempty" jsonschema:"keys of suggested renames to be taken instead of a drop and an addition"`
}

func (in diffArguments) options() devenv.PushOptions {
	return devenv.PushOptions{Schemas: in.Schemas, Renames: in.Renames}
}

type diffAnswer struct {
	Empty   bool              `json:"empty" jsonschema:"whether the database is what the Prisma file says"`
	Plan    string            `json:"plan" jsonschema:"identifies this plan"`
	Counts  schemaplan.Counts `json:"counts"`
	Steps   []stepEntry       `json:"steps"`
	Renames []renameEntry     `json:"renames" jsonschema:"what may be renames, if the data is to stay"`
	SQL     string            `json:"sql,omitempty"`
	Notes   []string          `json:"notes"`
	Cut     string            `json:"cut,omitempty"`
}

type stepEntry struct {
	Summary string   `json:"summary"`
	Class   string   `json:"class" jsonschema:"adds, changes or destroys"`
	Note    string   `json:"note,omitempty" jsonschema:"what it loses, or why it cannot run"`
	At      string   `json:"at,omitempty" jsonschema:"the place in the Prisma file"`
	Ways    []string `json:"ways_out,omitempty"`
}

type renameEntry struct {
	Key   string `json:"key"`
	From  string `json:"from"`
	To    string `json:"to"`
	Keeps string `json:"keeps,omitempty"`
}

func diffTool() tool {
	return define(tool{
		name: "diff", title: "Compare with the Prisma file", kind: reads,
		about: "What a push would do to make the database what the Prisma file says, step by step, as SQL, with what would be lost. The file is read now.",
	}, looks, func(ctx context.Context, env *devenv.Env, in diffArguments) (diffAnswer, error) {
		plan, err := env.Diff(ctx, in.options())
		if err != nil {
			return diffAnswer{}, err
		}
		return diffOf(ctx, env, plan), nil
	})
}

func diffOf(ctx context.Context, env *devenv.Env, plan *schemaplan.Plan) diffAnswer {
	left := room(roomSize)
	out := diffAnswer{Empty: plan.Empty(), Plan: planID(plan), Counts: plan.Counts(), Renames: []renameEntry{}, Notes: plan.WipeLines()}
	steps, missing := fill(&left, say.Each(plan.Steps, func(s *schemaplan.Step) stepEntry { return stepOf(env.Target(), s) }))
	out.Steps = append([]stepEntry{}, steps...)
	renames, more := fill(&left, say.Each(plan.Renames, func(r schemaplan.Rename) renameEntry {
		return renameEntry{visible.String(r.Key), visible.String(r.From), visible.String(r.To), r.Keeps}
	}))
	out.Renames = append(out.Renames, renames...)
	if line, err := env.Disagreements(ctx); err == nil {
		out.Notes = append(out.Notes, line...)
	}
	if line := env.NoModel(); line != "" {
		out.Notes = append(out.Notes, line)
	}
	out.Notes = fitting(&left, out.Notes)
	if text := visible.Text(plan.SQL()); !out.Empty && left.take(text) {
		out.SQL = text
	} else if !out.Empty {
		out.Cut = "the SQL is left out: give schemas"
	}
	if missing+more > 0 {
		out.Cut = say.Count(missing+more, "step") + " or renames more, and the SQL: give schemas"
	}
	return out
}

// planID identifies a plan: what it runs, and how much that loses.
func planID(plan *schemaplan.Plan) string {
	sum := sha256.Sum256([]byte(plan.SQL() + "\x00" + strings.Join(plan.Summary(remedy.Target{}), "\n")))
	return hex.EncodeToString(sum[:6])
}

func stepOf(target remedy.Target, s *schemaplan.Step) stepEntry {
	e := stepEntry{Summary: visible.String(s.Summary), Class: string(s.Class), Note: visible.String(s.Note()), At: visible.String(s.At)}
	if s.Blocked != nil {
		e.Ways = say.Each(target.Lines(s.Blocked.Ways), visible.String)
	}
	if s.Held != nil {
		e.Note, e.Ways = visible.String(s.Held.Why), say.Each(target.Lines(s.Held.Ways), visible.String)
	}
	return e
}

func (s stepEntry) text() string {
	line := "  " + s.Class + ": " + s.Summary
	if s.Note != "" {
		line += " (" + s.Note + ")"
	}
	if s.At != "" {
		line += " at " + s.At
	}
	return line + "\n" + say.Join(s.Ways, "", func(w string) string { return "    try: " + w + "\n" })
}

func (d diffAnswer) text() string {
	if d.Empty {
		return "The database is what the Prisma file says.\n" + lines(d.Notes)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "plan %s: %d add, %d change, %d destroy, %d blocked\n", d.Plan, d.Counts.Adds, d.Counts.Changes, d.Counts.Destroys, d.Counts.Blocked)
	for _, s := range d.Steps {
		b.WriteString(s.text())
	}
	for _, r := range d.Renames {
		fmt.Fprintf(&b, "  may be a rename of %s to %s: renames [%q]\n", r.From, r.To, r.Key)
	}
	return b.String() + lines(d.Notes) + d.SQL + note(d.Cut)
}
