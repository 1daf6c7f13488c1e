package tui

import (
	"os/exec"
	"runtime/debug"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/backend"
	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/server"
	"github.com/livepeer/naap-dev/internal/watch"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/screen"
)

func (a *app) Init() tea.Cmd {
	a.looks.asked = a.clock()
	cmds := []tea.Cmd{a.Top().Init(), a.tick(), a.question}
	if !a.live.Starting {
		cmds = append(cmds, a.refresh(false))
	}
	return tea.Batch(cmds...)
}

// Update never panics: a mistake in a screen closes the screen and is shown as an error.
func (a *app) Update(msg tea.Msg) (model tea.Model, cmd tea.Cmd) {
	defer func() {
		if r := recover(); r != nil {
			a.Fail("this key", crash(a.stateDir, r, debug.Stack()))
			model, cmd = a, a.Close(a.Top())
		}
	}()
	return a, a.take(msg)
}

func (a *app) take(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case tea.WindowSizeMsg:
		a.resize(m.Width, m.Height)
		return nil
	case tea.KeyMsg:
		return a.key(m)
	case screen.Ahead:
		var cmds []tea.Cmd
		for _, k := range m {
			cmds = append(cmds, a.key(k))
		}
		return tea.Batch(cmds...)
	case tea.MouseMsg:
		return a.pointed(m)
	case tea.FocusMsg:
		return a.wake()
	case tea.ResumeMsg:
		return tea.Batch(a.wake(), a.takeMouse())
	case tea.BlurMsg:
		a.live.Blurred = true
		return nil
	case tickMsg:
		return a.ticked(m)
	case overdueMsg:
		return a.notice()
	case editorEnd:
		return tea.Batch(a.wake(), a.takeMouse(), a.answered(m.answer, m.answer))
	case panicMsg:
		a.Fail("naap", m.err)
		return nil
	case job.Reply:
		return a.answered(m, msg)
	case job.Delivery:
		return a.delivered(m, msg)
	}
	return nil
}

func (a *app) resize(w, h int) {
	a.w, a.h = w, h
	for _, sc := range a.stack {
		if s, ok := sc.(sizer); ok {
			s.Resized(w, h)
		}
	}
}

// answered routes an answer to the screen that asked, if it still wants it.
func (a *app) answered(r job.Reply, msg tea.Msg) tea.Cmd {
	if !a.jobs.Accept(r) {
		return nil
	}
	to, _ := r.To()
	if to.Owner == 0 {
		return a.own(to, msg)
	}
	if sc, ok := a.find(to.Owner); ok {
		return sc.Update(msg)
	}
	return nil
}

func (a *app) delivered(d job.Delivery, msg tea.Msg) tea.Cmd {
	if a.jobs.Outdated(d) {
		return nil
	}
	to, _ := d.Of()
	if to.Owner == 0 {
		return tea.Batch(a.own(to, msg), d.Next())
	}
	if sc, ok := a.find(to.Owner); ok {
		return tea.Batch(sc.Update(msg), d.Next())
	}
	return nil
}

// own takes the answers to the root's own questions.
func (a *app) own(to job.Slot, msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case job.Answer[*postgres.Snapshot]:
		return a.refreshed(m)
	case job.Answer[probed]:
		return a.looked(m)
	case job.Answer[*backend.Facts]:
		return a.informed(m)
	case job.Answer[*server.Stats]:
		a.measured(m)
	case job.Answer[devenv.Identity]:
		a.live.Identity = m.Value
	case job.Batch[server.Event]:
		return a.happened(m.Items)
	case job.Batch[watch.Change]:
		return a.filesChanged(m.Items)
	case job.Batch[string]:
		a.logged(m.Items)
	case job.Answer[copied]:
		a.Fail("copy", m.Err)
		if m.Err == nil {
			a.Say(draw.Good, "copied "+m.Value.what+" ("+m.Value.way+")")
		}
	case job.Answer[stopped]:
		return a.stoppedDatabase(m)
	case job.Answer[*exec.Cmd]:
		return a.runPsql(m)
	case job.Answer[psqlEnd]:
		a.Fail("psql", m.Err)
		return tea.Batch(a.wake(), a.takeMouse())
	}
	return nil
}

// View only draws. A mistake in drawing leaves the frame with a message, and closes the screen at the next key.
func (a *app) View() (frame string) {
	if a.w <= 0 || a.h <= 0 {
		return ""
	}
	defer func() {
		if r := recover(); r != nil {
			a.fallen++
			if a.fallen == 1 {
				a.failure = crash(a.stateDir, r, debug.Stack())
			}
			a.canvas.Resize(a.w, a.h, a.look)
			all := a.canvas.All()
			for y, line := range draw.Wrap("This screen can't be drawn: "+a.failure.Error()+". esc goes back, q detaches.", a.w) {
				all.Text(0, y, line, draw.Bad)
			}
			frame = a.canvas.String()
		}
	}()
	a.canvas.Resize(a.w, a.h, a.look)
	a.compose(a.canvas.All())
	frame = a.canvas.String()
	a.fallen = 0
	return frame
}
