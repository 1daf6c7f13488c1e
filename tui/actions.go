package tui

import (
	"context"
	"os/exec"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen/dashboard"
)

// interrupt cancels what the user waits for; without anything new to cancel, the second press detaches.
func (a *app) interrupt() tea.Cmd {
	now := a.clock()
	again := now.Sub(a.cancels) < 2*time.Second
	a.cancels = now
	if a.jobs.InterruptOne(a.Top().ID()) || a.jobs.InterruptOne(-1) {
		a.Hint("cancelling; " + a.Label(keymap.Interrupt) + " again detaches")
		return nil
	}
	if again {
		return tea.Quit
	}
	a.Hint(a.Label(keymap.Interrupt) + " again detaches; the database stays up")
	return nil
}

// goBack is esc: a question under way is cancelled first, then the screen may step back inside, then it closes.
func (a *app) goBack() tea.Cmd {
	top := a.Top()
	if a.jobs.InterruptOne(top.ID()) {
		return nil
	}
	if b, ok := top.(backer); ok {
		if cmd, did := b.Back(); did {
			return cmd
		}
	}
	if len(a.stack) == 1 {
		a.Hint(a.Label(keymap.Detach) + " detaches; the database stays up")
		return nil
	}
	return a.Close(top)
}

func (a *app) togglePause() tea.Cmd {
	a.live.Paused = !a.live.Paused
	if a.live.Paused {
		a.Say(draw.Warn, "paused: the server is asked nothing until "+a.Label(keymap.Pause))
		return nil
	}
	a.Say(draw.Good, "going on")
	return a.refresh(false)
}

func (a *app) toggleMouse() tea.Cmd {
	a.mouse = !a.mouse
	if a.mouse {
		a.Hint("mouse on; " + a.Label(keymap.Mouse) + " gives it back to the terminal")
		return a.takeMouse()
	}
	a.Hint("mouse off; the terminal selects text again")
	return tea.DisableMouse
}

// takeMouse takes the mouse, if it is ours: bubbletea gives it back while another program has the terminal, and leaves it
// there.
func (a *app) takeMouse() tea.Cmd {
	if !a.mouse {
		return nil
	}
	return tea.EnableMouseCellMotion
}

// nextTheme goes through the terminal's own, dark and light.
func (a *app) nextTheme(name string) tea.Cmd {
	if name == "" {
		name = map[string]string{"dark": "light", "light": "dark"}[a.looks.name()]
	}
	a.looks.chosen = name
	if name == "auto" {
		a.looks.chosen = ""
	}
	a.look = a.looks.make()
	a.Hint("theme " + a.looks.name())
	return nil
}

// detach leaves, after a yes where that loses what is pending.
func (a *app) detach() tea.Cmd {
	n := a.live.Edits.Len()
	if n == 0 {
		return tea.Quit
	}
	return dialog.Ask(a.shared, dialog.Confirmation{
		Title: "Leave without a commit?", Text: []string{say.Count(n, "pending change") + " would be lost; " + a.Label(keymap.Pending) + " in a table's rows, or :pending, shows what."},
		Yes: "Leave", Keep: "Stay", Do: func() tea.Cmd { return tea.Quit }, No: func() tea.Cmd { return nil },
	})
}

// stopped is the answer of stopping the database.
type stopped struct{}

// askStop asks before it stops the database.
func (a *app) askStop() tea.Cmd {
	if why := a.live.Identity.Lacks.Stop; why != "" {
		a.Say(draw.Warn, "stop: "+string(why))
		return nil
	}
	return dialog.Ask(a.shared, dialog.Confirmation{
		Title: "Stop the database?",
		Text: []string{
			"The server of " + a.live.Instance() + " stops for everyone who uses it. Its data stays.",
			a.Label(keymap.Detach) + " would leave it running.",
		},
		Yes: "Stop it",
		Do: func() tea.Cmd {
			return job.Ask(a.jobs, job.Slot{Name: "stop the database"}, 2*time.Minute, func(ctx context.Context) (stopped, error) {
				return stopped{}, a.backend.Stop(ctx, progress.Discard)
			})
		},
	})
}

// canStart reports whether the server does not answer and is naap's to start.
func (a *app) canStart() bool { return a.live.Lost != nil && a.live.Identity.Lacks.Stop == "" }

// startAgain brings the environment up again, as at the start.
func (a *app) startAgain() tea.Cmd {
	switch {
	case a.live.Lost == nil:
		a.Hint("the server answers")
		return nil
	case !a.canStart():
		a.Say(draw.Warn, "start: "+string(a.live.Identity.Lacks.Stop))
		return nil
	}
	return dialog.Task{Name: "start " + a.live.Instance(), Do: a.backend.Boot}.Run(a.shared)
}

func (a *app) stoppedDatabase(m job.Answer[stopped]) tea.Cmd {
	if m.Err != nil {
		a.Fail("stop the database", m.Err)
		return nil
	}
	return tea.Quit
}

type psqlEnd struct{}

func (a *app) askPsql() tea.Cmd {
	return job.Ask(a.jobs, job.Slot{Name: "find psql"}, 5*time.Second, a.backend.Psql)
}

// runPsql gives the terminal to psql and takes it back when it ends.
func (a *app) runPsql(m job.Answer[*exec.Cmd]) tea.Cmd {
	if m.Err != nil {
		a.Fail("psql", m.Err)
		return nil
	}
	a.live.Hidden = true
	a.Say(draw.Info, "psql")
	to := job.Slot{Name: "psql"}
	gen := a.jobs.Begin(to, true, func() {})
	interrupts := a.interrupts
	run := tea.ExecProcess(m.Value, func(err error) tea.Msg {
		interrupts(true)
		return job.Answer[psqlEnd]{Slot: to, Generation: gen, Err: err}
	})
	return tea.Sequence(func() tea.Msg { interrupts(false); return nil }, run)
}

// started puts the dashboard in the place of the boot screen.
func (a *app) started() tea.Cmd {
	a.jobs.CloseOwner(a.stack[0].ID())
	a.live.Starting = false
	dash := dashboard.New(a.shared)
	a.stack[0] = dash
	return tea.Batch(dash.Init(), a.askIdentity(), a.askSnapshot(false), a.askFacts(), a.askEngine())
}
