package verbs

import (
	"context"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
)

// resetScreen waits for the plan of a reset, and shows it as a question.
type resetScreen struct {
	screen.Base
	schema string
	opt    devenv.ResetOptions
}

// OpenReset asks whether to reset a schema, once what that touches is known.
func OpenReset(s screen.Root, schema string) tea.Cmd {
	if schema == "" {
		s.Hint("choose a schema to reset")
		return nil
	}
	return planReset(s, schema, devenv.ResetOptions{})
}

func planReset(s screen.Root, schema string, opt devenv.ResetOptions) tea.Cmd {
	return s.Open(&resetScreen{Base: screen.NewBase(s), schema: schema, opt: opt})
}

func (r *resetScreen) Title() string       { return "" }
func (r *resetScreen) Shape() screen.Shape { return screen.Shape{Floats: true, W: 60, H: 3} }

func (r *resetScreen) Init() tea.Cmd {
	schema, opt := r.schema, r.opt
	return job.Ask(r.Jobs(), r.Slot("plan the reset"), planLimit, func(ctx context.Context) (*devenv.ResetPlan, error) {
		return r.Backend().PlanReset(ctx, []string{schema}, opt)
	})
}

func (r *resetScreen) Update(msg tea.Msg) tea.Cmd {
	m, ok := msg.(job.Answer[*devenv.ResetPlan])
	if !ok {
		return nil
	}
	closing := r.Close(r)
	if m.Err != nil {
		r.Fail("plan the reset", m.Err)
		return closing
	}
	r.Settled("plan the reset")
	c := dialog.NewConfirm(r.Root, dialog.Confirmation{})
	c.Q = r.question(m.Value, func() tea.Cmd { return c.Close(c) })
	return tea.Batch(closing, r.Open(c))
}

// choices are what the plan may be made with, where that helps: it is made anew when one is ticked.
func (r *resetScreen) choices(plan *devenv.ResetPlan, closing func() tea.Cmd) []*dialog.Choice {
	var out []*dialog.Choice
	offer := func(label string, on bool, set func(*devenv.ResetOptions, bool)) {
		ch := &dialog.Choice{Label: label, On: on}
		ch.Changed = func() tea.Cmd {
			opt := r.opt
			set(&opt, ch.On)
			return tea.Batch(closing(), planReset(r.Root, r.schema, opt))
		}
		out = append(out, ch)
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
func (r *resetScreen) question(plan *devenv.ResetPlan, closing func() tea.Cmd) dialog.Confirmation {
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
		Choices: r.choices(plan, closing),
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
func (r *resetScreen) refusal(plan *devenv.ResetPlan) string {
	why := strings.Join(plan.Refused, "; ")
	if e, ok := remedy.Of(plan.Err()); ok && len(e.Fix) > 0 && !plan.CascadeHelps {
		why += "; on the command line: " + r.Target().Line(e.Fix[len(e.Fix)-1])
	}
	return why
}

// carryOut resets. Where sessions hold what it needs, the plan is shown once more with leave to end them.
func (r *resetScreen) carryOut(names string, plan *devenv.ResetPlan) tea.Cmd {
	t := dialog.NewTask(r.Root, "reset "+names)
	t.Do = func(ctx context.Context, report progress.Report) error { return r.Backend().Reset(ctx, plan, report) }
	t.Again = func() tea.Cmd { return planReset(r.Root, r.schema, r.opt) }
	t.Retry = func() tea.Cmd {
		opt := r.opt
		opt.TerminateBlockers = true
		return planReset(r.Root, r.schema, opt)
	}
	return r.Open(t)
}

func resetFigures(plan *devenv.ResetPlan) []dialog.Row {
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
		add(t.Ref().String(), screen.WithNoun(screen.Known(t.Rows, t.Exact))+", "+screen.Size(t.Bytes), role)
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

func (r *resetScreen) Draw(a draw.Area) {
	a.Box(draw.Frame{Title: " Reset " + r.schema + " ", Focused: true}).Text(1, 0, "looking at what it touches…", draw.Dim)
}
