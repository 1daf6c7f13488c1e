package verbs

import (
	"context"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/reset"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/screen"
)

// undoCell is a cell of the list for a reset.
func undoCell(s screen.Root, e reset.Entry, col int) (string, draw.Role) {
	return []string{screen.When(e.At, s.Now()), e.Verb, strings.Join(e.Schemas(), ", "), screen.Rows(known(e.Rows, e.Exact)), screen.Size(e.Bytes), undoNote(e)}[col], dimIf(e.Dropping)
}

// undoNote is why an entry cannot be taken back any more, or "".
func undoNote(e reset.Entry) string {
	if e.Dropping {
		return "expired: its space is being given back"
	}
	return ""
}

// dropUndo gives an entry up, after a yes.
func dropUndo(s screen.Root, e reset.Entry) tea.Cmd {
	names := strings.Join(e.Schemas(), ", ")
	return dialog.Ask(s, dialog.Confirmation{
		Title: "Give up what undo keeps of " + names + "?",
		Text:  []string{"The " + screen.WithNoun(known(e.Rows, e.Exact)) + " of " + screen.When(e.At, s.Now()) + " go for good, and give back " + screen.Size(e.Bytes) + ". The schema itself stays as it is."},
		Yes:   "Give up",
		Do: func() tea.Cmd {
			return dialog.Task{Name: "give up " + names, Do: func(ctx context.Context, report progress.Report) error {
				return s.Backend().DropUndo(ctx, e.ID, report)
			}}.Run(s)
		},
	})
}

// undoing is an undo of one entry.
type undoing struct {
	screen.Root
	entry reset.Entry
	opt   devenv.UndoOptions
}

// undoPlan is what an undo would do, or why it is refused where cascade would lift that.
type undoPlan struct {
	*reset.Undone
	refusal error
}

func (u undoing) open() tea.Cmd {
	return look[undoPlan]{
		title: "Undo", says: "looking at what it touches…", doing: "plan the undo", limit: planLimit,
		plan: func(ctx context.Context) (undoPlan, error) {
			plan, err := u.Backend().PlanUndo(ctx, u.entry.ID, u.opt)
			if err != nil && !u.opt.Cascade && remedy.Offers(err, "--cascade") {
				return undoPlan{plan, err}, nil
			}
			return undoPlan{Undone: plan}, err
		},
		next: func(plan undoPlan) tea.Cmd { return dialog.Ask(u.Root, u.question(plan)) },
	}.open(u.Root)
}

// question is what the undo would do, a line each, or why it is refused.
func (u undoing) question(plan undoPlan) dialog.Confirmation {
	names := strings.Join(u.entry.Schemas(), ", ")
	q := dialog.Confirmation{
		Title: "Undo the " + u.entry.Verb + " of " + names + "?",
		Text:  []string{"It brings back what was there " + screen.When(u.entry.At, u.Now()) + ". What was written since is kept, to be undone in turn."},
		Yes:   "Undo",
		Do:    func() tea.Cmd { return u.carryOut(names) },
	}
	if plan.Undone != nil {
		q.Rows = planRows(plan.Lines())
	}
	if plan.refusal != nil {
		q.Text = []string{plan.refusal.Error()}
		q.Yes, q.Do = "Close", func() tea.Cmd { return nil }
		if e, ok := remedy.Of(plan.refusal); ok {
			for _, line := range e.Seen {
				q.Rows = append(q.Rows, dialog.Row{Value: line, Role: draw.Bad})
			}
		}
	}
	if plan.refusal != nil || u.opt.Cascade {
		q.Choices = []*dialog.Choice{{Label: "cascade: let go the rows whose reference would be gone", On: u.opt.Cascade, Instead: func(on bool) tea.Cmd {
			u.opt.Cascade = on
			return u.open()
		}}}
	}
	return q
}

func (u undoing) carryOut(names string) tea.Cmd {
	id, opt := u.entry.ID, u.opt
	return dialog.RunEnding(u.Root, "undo "+names, func(ctx context.Context, end bool, report progress.Report) error {
		opt.TerminateBlockers = end
		return u.Backend().Undo(ctx, id, opt, report)
	})
}
