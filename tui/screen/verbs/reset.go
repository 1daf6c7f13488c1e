package verbs

import (
	"context"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/backend"
	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
)

// resetting is a reset of one schema.
type resetting struct {
	screen.Root
	schema string
	opt    devenv.ResetOptions
}

// OpenReset asks whether to reset a schema, once what that touches is known.
func OpenReset(s screen.Root, schema string) tea.Cmd {
	if schema == "" {
		s.Hint("choose a schema to reset")
		return nil
	}
	return resetting{Root: s, schema: schema}.open()
}

func (r resetting) open() tea.Cmd {
	return look[*backend.ResetPlan]{
		title: "Reset " + r.schema, says: "looking at what it touches…", doing: "plan the reset", limit: planLimit,
		plan: func(ctx context.Context) (*backend.ResetPlan, error) {
			return r.Backend().PlanReset(ctx, []string{r.schema}, r.opt)
		},
		next: func(plan *backend.ResetPlan) tea.Cmd { return dialog.Ask(r.Root, r.question(plan)) },
	}.open(r.Root)
}

// with is the same reset with other options.
func (r resetting) with(set func(*devenv.ResetOptions)) resetting {
	set(&r.opt)
	return r
}

// choices are the options that the plan may be made with, where they help: it is made again when one is ticked.
func (r resetting) choices(plan *backend.ResetPlan) []*dialog.Choice {
	var out []*dialog.Choice
	offer := func(label string, on bool, set func(*devenv.ResetOptions, bool)) {
		out = append(out, &dialog.Choice{Label: label, On: on, Instead: func(on bool) tea.Cmd {
			return r.with(func(o *devenv.ResetOptions) { set(o, on) }).open()
		}})
	}
	if plan.CascadeHelps || r.opt.Cascade {
		offer("cascade: let go what cannot be kept, and the rows that need it", r.opt.Cascade,
			func(o *devenv.ResetOptions, on bool) { o.Cascade = on })
	}
	if r.opt.TerminateBlockers {
		offer("end the sessions that hold locks on it", true, func(o *devenv.ResetOptions, on bool) { o.TerminateBlockers = on })
	}
	return out
}

// question is the plan as figures, with the schema's name to be typed.
func (r resetting) question(plan *backend.ResetPlan) dialog.Confirmation {
	names := strings.Join(plan.Schemas, ", ")
	q := dialog.Confirmation{
		Title: "Reset " + names + "?",
		Text: []string{
			say.Count(plan.Rows, "row") + " in " + say.Count(len(plan.Tables), "table") + " go. " + r.Label(keymap.Undo) + " brings them back; that keeps " + screen.Size(plan.Bytes) + ".",
			"The new tables are those of " + screen.AsOf(plan.File) + ".",
		},
		Word:    r.schema,
		Files:   true,
		Yes:     "Reset",
		Choices: r.choices(plan),
	}
	if len(plan.Refused) > 0 {
		q.Rows = append([]dialog.Row{{Label: "refused", Value: r.refusal(plan), Role: draw.Bad}}, resetFigures(plan)...)
		q.Yes, q.Word = "Close", ""
		q.Do = func() tea.Cmd { return nil }
		return q
	}
	q.Rows = resetFigures(plan)
	q.Do = func() tea.Cmd { return r.carryOut(names, plan) }
	return q
}

// refusal is why the plan cannot be carried out, with the command that helps where no choice here does.
func (r resetting) refusal(plan *backend.ResetPlan) string {
	why := strings.Join(plan.Refused, "; ")
	if e, ok := remedy.Of(plan.Err()); ok && len(e.Fix) > 0 && !plan.CascadeHelps {
		why += "; on the command line: " + r.Target().Line(e.Fix[len(e.Fix)-1])
	}
	return why
}

// carryOut resets. Where sessions hold what it needs, the plan is shown once more with leave to end them.
func (r resetting) carryOut(names string, plan *backend.ResetPlan) tea.Cmd {
	return dialog.Task{
		Name:  "reset " + names,
		Do:    func(ctx context.Context, report progress.Report) error { return r.Backend().Reset(ctx, plan, report) },
		Again: r.open,
		Retry: r.with(func(o *devenv.ResetOptions) { o.TerminateBlockers = true }).open,
	}.Run(r.Root)
}

func resetFigures(plan *backend.ResetPlan) []dialog.Row {
	var out []dialog.Row
	add := func(label, value string, role draw.Role) {
		out = append(out, dialog.Row{Label: label, Value: value, Role: role})
	}
	for _, e := range plan.Evicts {
		add("lost for good", e.String(), draw.Bad)
	}
	for _, t := range plan.Tables {
		role := draw.Dim
		if t.Rows > 0 {
			role = draw.Bad
		}
		add(t.Ref().String(), screen.WithNoun(known(t.Rows, t.Exact))+", "+screen.Size(t.Bytes), role)
	}
	for _, e := range plan.Effects {
		add("in "+e.Table.String(), say.Count(e.Rows, "row")+" point here: "+e.Action, draw.Bad)
	}
	for _, k := range plan.Keys {
		add("held by "+k.From.String(), k.Name+" is made again", draw.Warn)
	}
	for _, s := range plan.Seeds {
		add("then seeded from", s, draw.Good)
	}
	for _, w := range plan.Warnings {
		add("note", w, draw.Warn)
	}
	for _, o := range plan.Objects {
		role := draw.Warn
		if !o.Kept {
			role = draw.Bad
		}
		add("note", o.String(), role)
	}
	return out
}
