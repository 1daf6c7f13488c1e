package tui

import (
	"context"
	"errors"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/screen/panes"
)

// bootScreen shows the steps of bringing the environment up, and becomes the dashboard when they are done.
type bootScreen struct {
	screen.Base
	started func() tea.Cmd // once everything is up
	steps   dialog.Steps
	began   time.Time
	took    time.Duration // until it ended
	err     error

	over, told bool // it has ended, and the last report is here; the two come in any order
}

func newBoot(r screen.Root, started func() tea.Cmd) *bootScreen {
	r.Live().Starting = true
	return &bootScreen{Base: screen.NewBase(r), started: started}
}

func (b *bootScreen) Title() string { return "starting" }

// Working is the verb while it is being carried out, or "".
func (b *bootScreen) Working() string {
	if b.over {
		return ""
	}
	return "up"
}

// spent is how long it has taken, or took.
func (b *bootScreen) spent() time.Duration {
	if b.err != nil {
		return b.took
	}
	return b.Now().Sub(b.began)
}

func (b *bootScreen) Init() tea.Cmd {
	b.steps, b.err, b.began = dialog.Steps{}, nil, b.Now()
	b.over, b.told = false, false
	return dialog.StreamSteps(&b.Base, "boot", b.Backend().Boot)
}

func (b *bootScreen) Actions() []keymap.Action {
	if b.err != nil {
		return []keymap.Action{keymap.Retry, keymap.ShowLogs, keymap.LastError}
	}
	return []keymap.Action{keymap.ShowLogs}
}

func (b *bootScreen) Act(a keymap.Action) tea.Cmd {
	switch {
	case a == keymap.Retry && b.err != nil:
		return b.Init()
	case a == keymap.ShowLogs:
		return panes.OpenLogs(b.Root)
	case a == keymap.LastError:
		return dialog.OpenError(b.Root)
	}
	b.steps.Move(a)
	return nil
}

func (b *bootScreen) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case job.Batch[progress.Step]:
		for _, s := range m.Items {
			b.report(s)
		}
		b.told = b.told || m.Closed
	case job.Answer[job.StreamEnd]:
		b.over, b.err, b.took = true, m.Err, b.Now().Sub(b.began)
	}
	if b.over && b.told {
		b.over = false
		return b.ended(b.err)
	}
	return nil
}

// ended goes to the dashboard, or shows what failed.
func (b *bootScreen) ended(err error) tea.Cmd {
	if err != nil {
		if errors.Is(err, context.Canceled) {
			err = remedy.New("boot.cancelled", remedy.ExitFailed, "starting was cancelled").WithFix("press " + b.Label(keymap.Retry) + " to try again")
		}
		b.err = err
		b.Fail("start", err)
		return nil
	}
	b.Settled("start")
	b.Say(draw.Good, "ready after "+say.Took(b.Now().Sub(b.began)))
	return b.started()
}

func (b *bootScreen) report(s progress.Step) {
	b.steps.Report(s, b.Now())
	if s.Status.Finished() {
		b.Log(dialog.StepRole(s.Status), s.Title+" "+s.Detail)
	}
}

func (b *bootScreen) Draw(a draw.Area) {
	title := " Starting " + b.Live().Instance() + " "
	if b.err != nil {
		title = " " + b.Live().Instance() + " was not started "
	}
	in := a.Box(draw.Frame{Title: title, Right: " " + say.Took(b.spent()) + " ", Focused: true})
	room := in.H
	if b.err != nil {
		lines := dialog.ErrorLines(b.Root, b.err, in.W)
		if in.H >= 8 {
			lines = append([]draw.Line{nil}, lines...)
		}
		keep := min(len(lines), max(in.H/2, in.H-b.steps.Count()-1))
		room -= keep
		for y, l := range lines[:keep] {
			l.Draw(in, 0, room+y)
		}
	}
	if b.steps.Count() == 0 && b.err == nil {
		in.Text(1, 0, "looking around…", draw.Dim)
	}
	b.steps.Draw(in.Sub(0, 0, in.W, max(room, 1)), b.Now())
}
