package tui

import (
	"context"
	"os/exec"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen/console"
	"github.com/livepeer/naap-dev/tui/screen/dashboard"
	"github.com/livepeer/naap-dev/tui/screen/panes"
	"github.com/livepeer/naap-dev/tui/screen/table"
	"github.com/livepeer/naap-dev/tui/screen/verbs"
)

// pointer is a screen that stands on a schema, and maybe a table, for the verbs that need one.
type pointer interface {
	Subject() (schema string, table devenv.TableRef)
}

// Before is the schema and the table that a person has before them.
func (s *shared) Before() (schema string, table devenv.TableRef) {
	for i := len(s.stack) - 1; i >= 0; i-- {
		if p, ok := s.stack[i].(pointer); ok {
			return p.Subject()
		}
	}
	return "", devenv.TableRef{}
}

// verb opens the screen of a verb.
func (s *shared) verb(act keymap.Action) tea.Cmd {
	schema, ref := s.Before()
	switch act {
	case keymap.SQL:
		return console.Open(s, s.history, "")
	case keymap.Psql:
		return s.askPsql()
	case keymap.Push:
		return verbs.OpenPush(s)
	case keymap.Reset:
		return verbs.OpenReset(s, schema)
	case keymap.Undo:
		return verbs.OpenUndo(s)
	case keymap.Doctor:
		return panes.OpenDoctor(s)
	case keymap.Relations:
		return table.OpenRelations(s, schema, ref)
	case keymap.Seeds:
		return verbs.OpenSeeds(s)
	case keymap.Logs:
		return panes.OpenLogs(s)
	}
	return nil
}

// stopped is the answer of stopping the database.
type stopped struct{}

// askStop asks before it stops the database.
func (s *shared) askStop() tea.Cmd {
	if why := s.live.Identity.Lacks.Stop; why != "" {
		s.Say(draw.Warn, "stop: "+string(why))
		return nil
	}
	return dialog.Ask(s, dialog.Confirmation{
		Title: "Stop the database?",
		Text: []string{
			"The server of " + s.live.Instance() + " stops for everyone who uses it. Its data stays.",
			s.Label(keymap.Detach) + " would leave it running.",
		},
		Yes: "Stop it",
		Do: func() tea.Cmd {
			return job.Ask(s.jobs, job.Slot{Name: "stop the database"}, 2*time.Minute, func(ctx context.Context) (stopped, error) {
				return stopped{}, s.backend.Stop(ctx, progress.Discard)
			})
		},
	})
}

func (a *app) stoppedDatabase(m job.Answer[stopped]) tea.Cmd {
	if m.Err != nil {
		a.Fail("stop the database", m.Err)
		return nil
	}
	return tea.Quit
}

type psqlEnd struct{}

func (s *shared) askPsql() tea.Cmd {
	return job.Ask(s.jobs, job.Slot{Name: "find psql"}, 5*time.Second, s.backend.Psql)
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
func (s *shared) started() tea.Cmd {
	s.jobs.CloseOwner(s.stack[0].ID())
	dash := dashboard.New(s)
	s.stack[0] = dash
	return tea.Batch(dash.Init(), s.askIdentity(), s.askSnapshot(false), s.askFacts(), s.askEngine())
}
