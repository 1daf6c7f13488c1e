package tui

import (
	"context"
	"os/exec"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/keymap"
)

// pointer is a screen that stands on a schema, and maybe a table, for the verbs that need one.
type pointer interface {
	subject() (schema string, table devenv.TableRef)
}

// before is the schema and the table that a person has before them.
func (s *shared) before() (schema string, table devenv.TableRef) {
	for i := len(s.stack) - 1; i >= 0; i-- {
		if p, ok := s.stack[i].(pointer); ok {
			return p.subject()
		}
	}
	return "", devenv.TableRef{}
}

// verb opens the screen of a verb.
func (s *shared) verb(act keymap.Action) tea.Cmd {
	schema, table := s.before()
	switch act {
	case keymap.SQL:
		return s.openConsole("")
	case keymap.Psql:
		return s.askPsql()
	case keymap.Push:
		return s.openPush()
	case keymap.Reset:
		return s.openReset(schema)
	case keymap.Undo:
		return s.openUndo()
	case keymap.Doctor:
		return s.openDoctor()
	case keymap.Relations:
		return s.openRelations(schema, table)
	case keymap.Seeds:
		return s.openSeeds()
	case keymap.Logs:
		return s.openLogs()
	}
	return nil
}

// stopped is the answer of stopping the database.
type stopped struct{}

// askStop asks before it stops the database.
func (s *shared) askStop() tea.Cmd {
	if why := s.live.identity.Lacks.Stop; why != "" {
		s.say(draw.Warn, "stop: "+string(why))
		return nil
	}
	return s.open(s.newConfirm(confirmation{
		title: "Stop the database?",
		text: []string{
			"The server of " + s.instance() + " stops for everyone who uses it. Its data stays.",
			s.label(keymap.Detach) + " would leave it running.",
		},
		yes: "Stop it",
		do: func() tea.Cmd {
			return job.Ask(s.jobs, job.Slot{Name: "stop the database"}, 2*time.Minute, func(ctx context.Context) (stopped, error) {
				return stopped{}, s.backend.Stop(ctx, progress.Discard)
			})
		},
	}))
}

func (s *shared) instance() string {
	if s.live.identity.Instance == "" {
		return "naap"
	}
	return s.live.identity.Instance
}

func (a *app) stoppedDatabase(m job.Answer[stopped]) tea.Cmd {
	if m.Err != nil {
		a.fail("stop the database", m.Err)
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
		a.fail("psql", m.Err)
		return nil
	}
	a.live.hidden = true
	a.say(draw.Info, "psql")
	to := job.Slot{Name: "psql"}
	gen := a.jobs.Begin(to, true, func() {})
	interrupts := a.interrupts
	run := tea.ExecProcess(m.Value, func(err error) tea.Msg {
		interrupts(true)
		return job.Answer[psqlEnd]{Slot: to, Generation: gen, Err: err}
	})
	return tea.Sequence(func() tea.Msg { interrupts(false); return nil }, run)
}
