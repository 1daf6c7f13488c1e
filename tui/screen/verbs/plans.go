// Package verbs is the screens of what changes the database: push, migrations, reset, undo, snapshots, backups and seeds.
// Each shows its plan, asks, and carries out what it showed.
package verbs

import (
	"context"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/screen"
)

const planLimit = time.Minute

// look is a verb that looks before it asks: it says so for as long as it takes, and goes on with what it found.
type look[P any] struct {
	title string // of the dialog
	says  string // in it, while it looks
	doing string // "plan the reset"
	limit time.Duration
	plan  func(context.Context) (P, error)
	next  func(P) tea.Cmd // opens the question
}

func (l look[P]) open(s screen.Root) tea.Cmd {
	return s.Open(&lookScreen[P]{screen.NewBase(s), l})
}

// lookScreen is shown while a verb looks.
type lookScreen[P any] struct {
	screen.Base
	look[P]
}

func (l *lookScreen[P]) Shape() screen.Shape { return screen.Shape{Floats: true, W: 60, H: 3} }

func (l *lookScreen[P]) Draw(a draw.Area) {
	a.Box(draw.Frame{Title: " " + l.title + " ", Focused: true}).Text(1, 0, l.says, draw.Dim)
}

func (l *lookScreen[P]) Init() tea.Cmd { return job.Ask(l.Jobs(), l.Slot(l.doing), l.limit, l.plan) }

func (l *lookScreen[P]) Update(msg tea.Msg) tea.Cmd {
	m, ok := msg.(job.Answer[P])
	if !ok {
		return nil
	}
	closing := l.Close(l)
	l.Fail(l.doing, m.Err)
	if m.Err != nil {
		return closing
	}
	return tea.Batch(closing, l.next(m.Value))
}

// planRows are the lines of a plan, each in its colour by its sign.
func planRows(lines []string) []dialog.Row {
	var out []dialog.Row
	for _, line := range lines {
		role := draw.Plain
		switch {
		case strings.HasPrefix(line, "- "), strings.HasPrefix(line, "! "):
			role = draw.Bad
		case strings.HasPrefix(line, "~ "):
			role = draw.Warn
		}
		out = append(out, dialog.Row{Value: line, Role: role})
	}
	return out
}

// known is a count that is negative where nobody counted.
func known(n int64, exact bool) postgres.RowCount {
	return postgres.RowCount{N: n, Exact: exact && n >= 0}
}

// dimIf is Dim, or Plain.
func dimIf(yes bool) draw.Role {
	if yes {
		return draw.Dim
	}
	return draw.Plain
}
