package verbs

import (
	"context"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/screen"
)

// restoring is a snapshot or a file that is to be restored.
type restoring struct {
	name string // that is typed once more
	what string // "what old.dump holds"
	plan func(ctx context.Context) (*devenv.RestorePlan, error)
	do   func(ctx context.Context, plan *devenv.RestorePlan, opt devenv.CopyOptions, report progress.Report) error
}

// restoreScreen waits for what a restore would do, and shows it as a question.
type restoreScreen struct {
	screen.Base
	of restoring
}

// readLimit is how long a plan may take: a file is read to its end for it.
const readLimit = time.Hour

func planRestore(s screen.Root, of restoring) tea.Cmd {
	return s.Open(&restoreScreen{Base: screen.NewBase(s), of: of})
}

func (r *restoreScreen) Title() string       { return "" }
func (r *restoreScreen) Shape() screen.Shape { return screen.Shape{Floats: true, W: 60, H: 3} }

func (r *restoreScreen) Draw(a draw.Area) {
	a.Box(draw.Frame{Title: " Restore " + r.of.name + " ", Focused: true}).Text(1, 0, "looking at what it would replace…", draw.Dim)
}

func (r *restoreScreen) Init() tea.Cmd {
	return job.Ask(r.Jobs(), r.Slot("plan the restore"), readLimit, r.of.plan)
}

func (r *restoreScreen) Update(msg tea.Msg) tea.Cmd {
	m, ok := msg.(job.Answer[*devenv.RestorePlan])
	if !ok {
		return nil
	}
	closing := r.Close(r)
	if m.Err != nil {
		r.Fail("plan the restore", m.Err)
		return closing
	}
	return tea.Batch(closing, r.Open(dialog.NewConfirm(r.Root, r.question(m.Value))))
}

// question is the plan, a line each. What it needs leave for is ticked, each by itself.
func (r *restoreScreen) question(plan *devenv.RestorePlan) dialog.Confirmation {
	q := dialog.Confirmation{
		Title: "Restore " + r.of.name + "?",
		Text:  []string{"The database becomes " + r.of.what + ". What is in it now is kept among the snapshots, and can be restored in turn."},
		Word:  r.of.name, Yes: "Restore", Rows: planRows(plan.Lines()),
	}
	accept, drop := &dialog.Choice{Label: "let go what the file does not hold"}, &dialog.Choice{Label: "drop what earlier restores replaced"}
	if plan.Loses() {
		q.Choices = append(q.Choices, accept)
	}
	if len(plan.Drops) > 0 {
		q.Choices = append(q.Choices, drop)
	}
	do := r.of.do
	q.Do = func() tea.Cmd {
		opt := devenv.CopyOptions{AcceptDataLoss: accept.On, DropReplaced: drop.On}
		return dialog.RunTaskEnding(r.Root, "restore "+r.of.name, func(ctx context.Context, end bool, report progress.Report) error {
			opt.TerminateSessions = end
			return do(ctx, plan, opt, report)
		})
	}
	return q
}
