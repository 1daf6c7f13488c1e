package dialog

import (
	"context"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/widget"
)

// taskScreen carries out a verb and shows its steps.
type taskScreen struct {
	screen.Base
	name  string
	Do    func(ctx context.Context, report progress.Report) error
	after func() tea.Cmd // once it is done
	Retry func() tea.Cmd // runs it again, with the sessions ended that were in the way; nil where none can be
	Again func() tea.Cmd // shows what it would do once more, where that has changed since it was shown; may be nil
	// refused asks about an error that a yes lifts; nil, or what it returns, where it does not.
	Refused func(error) tea.Cmd
	steps   []progress.Step
	seen    map[string]time.Time
	began   time.Time
	took    time.Duration
	over    bool
	err     error
	list    widget.List
}

// NewTask is a verb with a name, which begins when it is opened.
func NewTask(s screen.Root, name string) *taskScreen {
	return &taskScreen{Base: screen.NewBase(s), name: name, seen: map[string]time.Time{}}
}

// Working is the verb while it is being carried out, or "".
func (t *taskScreen) Working() string {
	if t.over {
		return ""
	}
	return t.name
}

// RunTask opens the screen and begins.
func RunTask(s screen.Root, name string, do func(ctx context.Context, report progress.Report) error, after func() tea.Cmd) tea.Cmd {
	t := NewTask(s, name)
	t.Do, t.after = do, after
	return s.Open(t)
}

// RunTaskEnding is runTask for a verb that other sessions may be in the way of: it is asked whether to end them, and the
// verb is run again with leave to do so.
func RunTaskEnding(s screen.Root, name string, do func(ctx context.Context, end bool, report progress.Report) error) tea.Cmd {
	run := func(end bool) func(context.Context, progress.Report) error {
		return func(ctx context.Context, report progress.Report) error { return do(ctx, end, report) }
	}
	t := NewTask(s, name)
	t.Do, t.Retry = run(false), func() tea.Cmd { return RunTask(s, name, run(true), nil) }
	return s.Open(t)
}

// inTheWay tells whether an error's remedy is to end sessions.
func inTheWay(err error) (*remedy.Error, bool) {
	e, ok := remedy.Of(err)
	return e, ok && (remedy.Offers(err, "--terminate-blockers") || remedy.Offers(err, "--terminate-sessions"))
}

// askToEnd names the sessions that were in the way, and asks whether to end them.
func askToEnd(s screen.Root, e *remedy.Error, again func() tea.Cmd) tea.Cmd {
	q := Confirmation{Title: "End what is in the way?", Text: []string{e.Error() + "."}, Yes: "End and try again", Do: again}
	for _, line := range e.Seen {
		q.Rows = append(q.Rows, Row{Label: "would end", Value: line, Role: draw.Warn})
	}
	return s.Open(NewConfirm(s, q))
}

func (t *taskScreen) Title() string       { return "" }
func (t *taskScreen) Shape() screen.Shape { return screen.Shape{Floats: true, W: 84, H: 16} }

func (t *taskScreen) Init() tea.Cmd {
	t.began = t.Now()
	do := t.Do
	return job.Stream(t.Jobs(), t.Slot(t.name), false, func(ctx context.Context, emit func(progress.Step) bool) error {
		return do(ctx, progress.ClockBy(t.Jobs().Watch, func(s progress.Step) { emit(s) }))
	})
}

func (t *taskScreen) Actions() []keymap.Action {
	if t.over {
		return []keymap.Action{keymap.Open, keymap.LastError}
	}
	return nil
}

func (t *taskScreen) Act(a keymap.Action) tea.Cmd {
	if a == keymap.Open && t.over {
		return t.Close(t)
	}
	if a == keymap.LastError {
		return OpenError(t.Root)
	}
	t.list.Move(a)
	return nil
}

// Back leaves a verb that was cancelled and takes its time to stop.
func (t *taskScreen) Back() (tea.Cmd, bool) {
	if !t.over {
		t.Say(draw.Warn, t.name+" was cancelled and is stopping; "+t.Label(keymap.Refresh)+" shows what it did")
	}
	return nil, false
}

func (t *taskScreen) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case job.Batch[progress.Step]:
		for _, s := range m.Items {
			t.report(s)
		}
	case job.Answer[job.StreamEnd]:
		return t.ended(m.Err)
	}
	return nil
}

func (t *taskScreen) report(s progress.Step) {
	t.seen[s.Name] = t.Now()
	for i := range t.steps {
		if t.steps[i].Name == s.Name {
			t.steps[i] = s
			return
		}
	}
	t.steps = append(t.steps, s)
	t.list.Size(len(t.steps))
	t.list.At = len(t.steps) - 1
}

func (t *taskScreen) ended(err error) tea.Cmd {
	t.over, t.err, t.took = true, err, t.Now().Sub(t.began)
	if err != nil {
		t.Fail(t.name, err)
	} else {
		t.Settled(t.name)
		t.Say(draw.Good, t.name+": done in "+say.Took(t.took))
	}
	cmds := []tea.Cmd{t.Changed(true)}
	if remedy.Code(err) == "plan.stale" && t.Again != nil {
		return tea.Batch(append(cmds, t.Close(t), t.Again())...)
	}
	if err == nil && t.after != nil {
		cmds = append(cmds, t.after())
	}
	if err != nil && t.Refused != nil {
		cmds = append(cmds, t.Refused(err))
	}
	if e, ok := inTheWay(err); ok && t.Retry != nil {
		cmds = append(cmds, askToEnd(t.Root, e, func() tea.Cmd { return tea.Batch(t.Close(t), t.Retry()) }))
	}
	return tea.Batch(cmds...)
}

func (t *taskScreen) Draw(a draw.Area) {
	role := draw.Plain
	if t.err != nil {
		role = draw.Bad
	}
	in := a.Box(draw.Frame{Title: " " + t.name + " ", Focused: true, Role: role})
	room := in.H - 1
	if t.err != nil {
		lines := ErrorLines(t.Root, t.err, in.W)
		lines = lines[:min(len(lines), max(1, room-2))]
		room -= len(lines)
		for y, l := range lines {
			l.Draw(in, 0, room+y)
		}
	}
	from, to := t.list.Window(max(room, 1))
	for y, s := range t.steps[min(from, len(t.steps)):min(to, len(t.steps))] {
		DrawStep(in.Sub(0, y, in.W, 1), s, t.Now(), t.seen[s.Name])
	}
	foot := "working… " + t.Label(keymap.Interrupt) + " cancels"
	if t.over {
		foot = "done in " + say.Took(t.took) + "; " + t.Label(keymap.Back) + " closes"
		if t.err != nil {
			foot = t.Label(keymap.Back) + " closes"
		}
	}
	in.Text(1, in.H-1, foot, draw.Dim)
}
