package tui

import (
	"context"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/keymap"
)

// resetScreen waits for the plan of a reset, and shows it as a question.
type resetScreen struct {
	base
	resetter Resetter
	schema   string
}

func (s *shared) openReset(schema string) tea.Cmd {
	r, ok := s.backend.(Resetter)
	if !ok {
		return s.notHere("reset")
	}
	if schema == "" {
		s.hint("choose a schema to reset")
		return nil
	}
	return s.open(&resetScreen{base: s.newBase(), resetter: r, schema: schema})
}

func (r *resetScreen) title() string { return "" }
func (r *resetScreen) shape() shape  { return shape{floats: true, w: 60, h: 3} }

func (r *resetScreen) init() tea.Cmd {
	resetter, schema := r.resetter, r.schema
	return ask(r.shared, r.slot("plan the reset"), planLimit, func(ctx context.Context) (*devenv.ResetPlan, error) {
		return resetter.PlanReset(ctx, []string{schema})
	})
}

func (r *resetScreen) update(msg tea.Msg) tea.Cmd {
	m, ok := msg.(answer[*devenv.ResetPlan])
	if !ok {
		return nil
	}
	closing := r.close(r)
	if m.err != nil {
		r.fail("plan the reset", m.err)
		return closing
	}
	return tea.Batch(closing, r.open(r.newConfirm(r.question(m.value))))
}

// question is the plan as figures, with the schema's name to be typed.
func (r *resetScreen) question(plan *devenv.ResetPlan) confirmation {
	names := strings.Join(plan.Schemas, ", ")
	q := confirmation{
		title: "Reset " + names + "?",
		text: []string{
			plural(plan.Rows, "row") + " in " + plural(int64(len(plan.Tables)), "table") + " go. " + r.label(keymap.Undo) + " brings them back; that keeps " + size(plan.Bytes) + ".",
		},
		word: r.schema,
		yes:  "Reset",
	}
	if plan.Refused != "" {
		q.text = append(q.text, plan.Refused)
		q.yes, q.word = "Close", ""
		q.do = func() tea.Cmd { return nil }
		return q
	}
	q.rows = resetFigures(plan)
	resetter := r.resetter
	q.do = func() tea.Cmd {
		return r.runTask("reset "+names, func(ctx context.Context, report progress.Report) error {
			return resetter.Reset(ctx, plan, report)
		}, nil)
	}
	return q
}

func resetFigures(plan *devenv.ResetPlan) []confirmRow {
	var out []confirmRow
	for _, t := range plan.Tables {
		role := draw.Dim
		if t.Rows.N > 0 {
			role = draw.Bad
		}
		out = append(out, confirmRow{label: t.Table.String(), value: rows(t.Rows) + " rows, " + size(t.Bytes), role: role})
	}
	for _, o := range plan.Orphans {
		out = append(out, confirmRow{label: "in " + o.Edge.From.String(), value: plural(o.Rows, "row") + " point here: " + o.Then, role: draw.Bad})
	}
	for _, c := range plan.Cuts {
		out = append(out, confirmRow{label: "held by " + c.From.String(), value: c.Name + " is made again", role: draw.Warn})
	}
	for _, c := range plan.Cascades {
		out = append(out, confirmRow{label: "also goes", value: c, role: draw.Bad})
	}
	for _, s := range plan.Seeds {
		out = append(out, confirmRow{label: "then seeded from", value: s, role: draw.Good})
	}
	for _, w := range plan.Warnings {
		out = append(out, confirmRow{label: "note", value: w, role: draw.Warn})
	}
	return out
}

func (r *resetScreen) draw(a draw.Area) {
	a.Box(draw.Frame{Title: " Reset " + r.schema + " ", Focused: true}).Text(1, 0, "looking at what it touches…", draw.Dim)
}

// openUndo lists what can be taken back.
func (s *shared) openUndo() tea.Cmd {
	u, ok := s.backend.(Undoer)
	if !ok {
		return s.notHere("undo")
	}
	return s.open(newListScreen(s, listSpec[devenv.UndoEntry]{
		name: "undo", open: "undo", fetch: u.ListUndo, empty: "nothing to undo: no schema was reset",
		columns: []column{
			{title: "WHEN", width: 12}, {title: "WHAT", width: 8, flex: 1}, {title: "SCHEMAS", width: 10, flex: 3},
			{title: "ROWS", width: 7, right: true}, {title: "SIZE", width: 7, right: true, least: 50}, {title: "", width: 6, flex: 2, least: 70},
		},
		cell: func(e devenv.UndoEntry, col int) (string, draw.Role) {
			return []string{when(e.At, s.clock()), e.Verb, strings.Join(e.Schemas, ", "), rows(known(e.Rows, true)), size(e.Bytes), e.Note}[col], dimIf(e.Note != "")
		},
		words: func(e devenv.UndoEntry) string { return e.Verb + " " + strings.Join(e.Schemas, " ") },
		do:    func(a keymap.Action, e devenv.UndoEntry, ok bool) tea.Cmd { return s.actUndo(u, a, e, ok) },
	}))
}

func dimIf(yes bool) draw.Role {
	if yes {
		return draw.Dim
	}
	return draw.Plain
}

func (s *shared) actUndo(u Undoer, a keymap.Action, e devenv.UndoEntry, ok bool) tea.Cmd {
	if a != keymap.Open || !ok {
		return nil
	}
	if e.Note != "" {
		s.hint(e.Note)
		return nil
	}
	names := strings.Join(e.Schemas, ", ")
	return s.open(s.newConfirm(confirmation{
		title: "Undo the " + e.Verb + " of " + names + "?",
		text:  []string{"The " + plural(e.Rows, "row") + " of " + when(e.At, s.clock()) + " come back. What was written since is kept, to be undone in turn."},
		yes:   "Undo",
		do: func() tea.Cmd {
			return s.runTask("undo "+names, func(ctx context.Context, report progress.Report) error { return u.Undo(ctx, e.ID, report) }, nil)
		},
	}))
}
