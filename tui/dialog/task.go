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
)

// Task is a verb to carry out.
type Task struct {
	Name    string
	Do      func(ctx context.Context, report progress.Report) error
	Retry   func() tea.Cmd                       // runs it again, ending the sessions that were in the way; nil where none can be
	Again   func() tea.Cmd                       // shows what it would do once more, where that has changed since it was shown; may be nil
	Refused func(err error) (Confirmation, bool) // the question whose yes lifts a refusal, if there is one; may be nil
}

// Run opens the screen of the task, and begins.
func (t Task) Run(s screen.Root) tea.Cmd {
	return s.Open(&taskScreen{Base: screen.NewBase(s), Task: t})
}

// RunEnding runs a verb that other sessions may be in the way of: the user is asked whether to end them, and the verb is run
// again with leave to do so.
func RunEnding(s screen.Root, name string, do func(ctx context.Context, end bool, report progress.Report) error) tea.Cmd {
	run := func(end bool) Task {
		return Task{Name: name, Do: func(ctx context.Context, report progress.Report) error { return do(ctx, end, report) }}
	}
	t := run(false)
	t.Retry = func() tea.Cmd { return run(true).Run(s) }
	return t.Run(s)
}

// taskScreen carries out a verb and shows its steps.
type taskScreen struct {
	screen.Base
	Task
	steps Steps
	began time.Time
	took  time.Duration
	over  bool
	err   error
}

// Working is the verb while it is being carried out, or "".
func (t *taskScreen) Working() string {
	if t.over {
		return ""
	}
	return t.Name
}

// Finished reports whether the verb was carried out, or failed.
func (t *taskScreen) Finished() bool { return t.over }

// lift is the question whose yes lifts a refusal: whether to end the sessions that were in the way, or the task's own.
func (t *taskScreen) lift(err error) (q Confirmation, ok bool) {
	switch {
	case InTheWay(err) && t.Retry != nil:
		return ending(err, t.Retry), true
	case err != nil && t.Refused != nil:
		return t.Refused(err)
	}
	return q, false
}

// InTheWay reports whether an error is that of sessions which may be ended.
func InTheWay(err error) bool {
	_, coded := remedy.Of(err)
	return coded && (remedy.Offers(err, "--terminate-blockers") || remedy.Offers(err, "--terminate-sessions"))
}

// AskEnding asks whether to end the sessions that were in the way, and retries.
func AskEnding(s screen.Root, err error, retry func() tea.Cmd) tea.Cmd {
	return Ask(s, ending(err, retry))
}

func ending(err error, retry func() tea.Cmd) Confirmation {
	e, _ := remedy.Of(err)
	q := Confirmation{Title: "End what is in the way?", Text: []string{e.Error() + "."}, Yes: "End and try again", Do: retry}
	for _, line := range e.Seen {
		q.Rows = append(q.Rows, Row{Label: "would end", Value: line, Role: draw.Warn})
	}
	return q
}

func (t *taskScreen) Shape() screen.Shape { return screen.Shape{Floats: true, W: 84, H: 16} }

func (t *taskScreen) Init() tea.Cmd {
	t.began = t.Now()
	return StreamSteps(&t.Base, t.Name, t.Do)
}

func (t *taskScreen) Actions() []keymap.Action {
	if t.over {
		return []keymap.Action{keymap.Open, keymap.LastError}
	}
	return nil
}

// Word is what enter does once the verb is over.
func (t *taskScreen) Word(a keymap.Action) string {
	if a == keymap.Open {
		return "close"
	}
	return ""
}

func (t *taskScreen) Act(a keymap.Action) tea.Cmd {
	if a == keymap.Open && t.over {
		return t.Close(t)
	}
	if a == keymap.LastError {
		return OpenError(t.Root)
	}
	t.steps.Move(a)
	return nil
}

// Back leaves a verb that was cancelled and takes its time to stop.
func (t *taskScreen) Back() (tea.Cmd, bool) {
	if !t.over {
		t.Say(draw.Warn, t.Name+" was cancelled and is stopping; "+t.Label(keymap.Refresh)+" shows what it did")
	}
	return nil, false
}

func (t *taskScreen) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case job.Batch[progress.Step]:
		for _, s := range m.Items {
			t.steps.Report(s, t.Now())
		}
	case job.Answer[job.StreamEnd]:
		return t.ended(m.Err)
	}
	return nil
}

func (t *taskScreen) ended(err error) tea.Cmd {
	t.over, t.err, t.took = true, err, t.Now().Sub(t.began)
	if err != nil {
		t.Fail(t.Name, err)
	} else {
		t.Settled(t.Name)
		t.Say(draw.Good, t.Name+": done in "+say.Took(t.took))
	}
	cmds := []tea.Cmd{t.Changed(true)}
	if remedy.Code(err) == "plan.stale" && t.Again != nil {
		return tea.Batch(append(cmds, t.Close(t), t.Again())...)
	}
	if q, ok := t.lift(err); ok {
		do := q.Do
		q.Do = func() tea.Cmd { return tea.Batch(t.Close(t), do()) }
		cmds = append(cmds, Ask(t.Root, q))
	}
	return tea.Batch(cmds...)
}

func (t *taskScreen) Draw(a draw.Area) {
	role := draw.Plain
	if t.err != nil {
		role = draw.Bad
	}
	in := a.Box(draw.Frame{Title: " " + t.Name + " ", Focused: true, Role: role})
	room := in.H - 1
	if t.err != nil {
		lines := ErrorLines(t.Root, t.err, in.W)
		lines = lines[:min(len(lines), max(1, room-2))]
		room -= len(lines)
		for y, l := range lines {
			l.Draw(in, 0, room+y)
		}
	}
	t.steps.Draw(in.Sub(0, 0, in.W, max(room, 1)), t.Now())
	foot := "working… " + t.Label(keymap.Interrupt) + " cancels"
	if t.over {
		foot = "done in " + say.Took(t.took) + "; " + t.Label(keymap.Back) + " closes"
		if t.err != nil {
			foot = t.Label(keymap.Back) + " closes"
		}
	}
	in.Text(1, in.H-1, foot, draw.Dim)
}
