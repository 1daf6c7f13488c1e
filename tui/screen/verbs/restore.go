package verbs

import (
	"context"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/backup"
	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/screen"
)

// restoring is a snapshot or a file that is to be restored.
type restoring struct {
	name string // that is typed once more
	what string // "what old.dump holds"
	plan func(ctx context.Context) (*backup.Plan, error)
}

// readLimit is how long a plan may take: a file is read to its end for it.
const readLimit = time.Hour

// open asks whether to restore it, once what that replaces is known.
func (of restoring) open(s screen.Root) tea.Cmd {
	return look[*backup.Plan]{
		title: "Restore " + of.name, says: "looking at what it would replace…", doing: "plan the restore", limit: readLimit, plan: of.plan,
		next: func(plan *backup.Plan) tea.Cmd { return dialog.Ask(s, of.question(s, plan)) },
	}.open(s)
}

// question is the plan, a line each. What it needs leave for is ticked, each by itself.
func (of restoring) question(s screen.Root, plan *backup.Plan) dialog.Confirmation {
	q := dialog.Confirmation{
		Title: "Restore " + of.name + "?",
		Text:  []string{"The database becomes " + of.what + ". What is in it now is kept among the snapshots, and can be restored in turn."},
		Word:  of.name, Yes: "Restore", Rows: planRows(plan.Lines()),
	}
	accept, drop := &dialog.Choice{Label: "let go what the file does not hold"}, &dialog.Choice{Label: "drop what earlier restores replaced"}
	if plan.Loses() {
		q.Choices = append(q.Choices, accept)
	}
	if len(plan.Drops) > 0 {
		q.Choices = append(q.Choices, drop)
	}
	q.Do = func() tea.Cmd {
		opt := devenv.CopyOptions{AcceptDataLoss: accept.On, DropReplaced: drop.On}
		return dialog.RunEnding(s, "restore "+of.name, func(ctx context.Context, end bool, report progress.Report) error {
			opt.TerminateSessions = end
			return s.Backend().Restore(ctx, plan, opt, report)
		})
	}
	return q
}
