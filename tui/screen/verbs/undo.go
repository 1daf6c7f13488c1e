package verbs

import (
	"context"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/widget"
)

// OpenUndo lists what can be taken back.
func OpenUndo(s screen.Root) tea.Cmd {
	return s.Open(dialog.NewList(s, dialog.ListSpec[devenv.UndoEntry]{
		Name: "undo", Open: "undo", Fetch: s.Backend().ListUndo, Empty: "nothing to undo: no schema was reset",
		Columns: []widget.Column{
			{Title: "WHEN", Width: 12}, {Title: "WHAT", Width: 8, Flex: 1}, {Title: "SCHEMAS", Width: 10, Flex: 3},
			{Title: "ROWS", Width: 7, Right: true}, {Title: "SIZE", Width: 7, Right: true, Least: 50}, {Title: "", Width: 6, Flex: 2, Least: 70},
		},
		Cell: func(e devenv.UndoEntry, col int) (string, draw.Role) {
			return []string{screen.When(e.At, s.Now()), e.Verb, strings.Join(e.Schemas(), ", "), screen.Rows(screen.Known(e.Rows, e.Exact)), screen.Size(e.Bytes), undoNote(e)}[col], screen.DimIf(e.Dropping)
		},
		Words:   func(e devenv.UndoEntry) string { return e.Verb + " " + strings.Join(e.Schemas(), " ") },
		Actions: []keymap.Action{keymap.Delete},
		Do:      func(a keymap.Action, e devenv.UndoEntry, ok bool) tea.Cmd { return actUndo(s, a, e, ok) },
	}))
}

func actUndo(s screen.Root, a keymap.Action, e devenv.UndoEntry, ok bool) tea.Cmd {
	switch {
	case !ok:
		return nil
	case a == keymap.Delete:
		return dropUndo(s, e)
	case a != keymap.Open:
		return nil
	case e.Dropping:
		s.Hint(undoNote(e))
		return nil
	}
	return planUndo(s, e, devenv.UndoOptions{})
}

// undoNote is why an entry cannot be taken back any more, or "".
func undoNote(e devenv.UndoEntry) string {
	if e.Dropping {
		return "expired: its space is being given back"
	}
	return ""
}

// dropUndo gives an entry up, after a yes.
func dropUndo(s screen.Root, e devenv.UndoEntry) tea.Cmd {
	names := strings.Join(e.Schemas(), ", ")
	return s.Open(dialog.NewConfirm(s, dialog.Confirmation{
		Title: "Give up what undo keeps of " + names + "?",
		Text:  []string{"The " + screen.WithNoun(screen.Known(e.Rows, e.Exact)) + " of " + screen.When(e.At, s.Now()) + " go for good, and give back " + screen.Size(e.Bytes) + ". The schema itself stays as it is."},
		Yes:   "Give up",
		Do: func() tea.Cmd {
			return dialog.RunTask(s, "give up "+names, func(ctx context.Context, report progress.Report) error {
				return s.Backend().DropUndo(ctx, e.ID, report)
			}, nil)
		},
	}))
}

// undoScreen waits for what an undo would do, and shows it as a question.
type undoScreen struct {
	screen.Base
	entry devenv.UndoEntry
	opt   devenv.UndoOptions
}

func planUndo(s screen.Root, e devenv.UndoEntry, opt devenv.UndoOptions) tea.Cmd {
	return s.Open(&undoScreen{Base: screen.NewBase(s), entry: e, opt: opt})
}

func (u *undoScreen) Title() string       { return "" }
func (u *undoScreen) Shape() screen.Shape { return screen.Shape{Floats: true, W: 60, H: 3} }

func (u *undoScreen) Draw(a draw.Area) {
	a.Box(draw.Frame{Title: " Undo ", Focused: true}).Text(1, 0, "looking at what it touches…", draw.Dim)
}

func (u *undoScreen) Init() tea.Cmd {
	id, opt := u.entry.ID, u.opt
	return job.Ask(u.Jobs(), u.Slot("plan the undo"), planLimit, func(ctx context.Context) (*devenv.Undone, error) {
		return u.Backend().PlanUndo(ctx, id, opt)
	})
}

func (u *undoScreen) Update(msg tea.Msg) tea.Cmd {
	m, ok := msg.(job.Answer[*devenv.Undone])
	if !ok {
		return nil
	}
	closing := u.Close(u)
	if m.Err != nil && !u.mayCascade(m.Err) {
		u.Fail("plan the undo", m.Err)
		return closing
	}
	u.Settled("plan the undo")
	c := dialog.NewConfirm(u.Root, dialog.Confirmation{})
	c.Q = u.question(m.Value, m.Err, func() tea.Cmd { return c.Close(c) })
	return tea.Batch(closing, u.Open(c))
}

// mayCascade tells whether a refusal would be none with cascade.
func (u *undoScreen) mayCascade(err error) bool {
	return !u.opt.Cascade && remedy.Offers(err, "--cascade")
}

// question is what the undo would do, a line each, or why it is refused.
func (u *undoScreen) question(plan *devenv.Undone, refusal error, closing func() tea.Cmd) dialog.Confirmation {
	names := strings.Join(u.entry.Schemas(), ", ")
	q := dialog.Confirmation{
		Title: "Undo the " + u.entry.Verb + " of " + names + "?",
		Text:  []string{"It brings back what was there " + screen.When(u.entry.At, u.Now()) + ". What was written since is kept, to be undone in turn."},
		Yes:   "Undo",
		Do:    func() tea.Cmd { return u.carryOut(names) },
	}
	if plan != nil {
		q.Rows = planRows(plan.Lines())
	}
	if refusal != nil {
		q.Text = []string{refusal.Error()}
		q.Yes, q.Do = "Close", func() tea.Cmd { return nil }
		if e, ok := remedy.Of(refusal); ok {
			for _, line := range e.Seen {
				q.Rows = append(q.Rows, dialog.Row{Value: line, Role: draw.Bad})
			}
		}
	}
	if refusal != nil || u.opt.Cascade {
		ch := &dialog.Choice{Label: "cascade: let go the rows whose reference would be gone", On: u.opt.Cascade}
		ch.Changed = func() tea.Cmd {
			opt := u.opt
			opt.Cascade = ch.On
			return tea.Batch(closing(), planUndo(u.Root, u.entry, opt))
		}
		q.Choices = []*dialog.Choice{ch}
	}
	return q
}

// planRows are the lines of a plan, each in its colour.
func planRows(lines []string) []dialog.Row {
	var out []dialog.Row
	for _, line := range lines {
		out = append(out, dialog.Row{Value: line, Role: planRole(line)})
	}
	return out
}

func (u *undoScreen) carryOut(names string) tea.Cmd {
	id, opt := u.entry.ID, u.opt
	return dialog.RunTaskEnding(u.Root, "undo "+names, func(ctx context.Context, end bool, report progress.Report) error {
		opt.TerminateBlockers = end
		return u.Backend().Undo(ctx, id, opt, report)
	})
}
