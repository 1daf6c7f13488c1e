package tui

import (
	"context"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/widget"
)

// menuScreen is a short list to choose from.
type menuScreen struct {
	base
	name  string
	items []menuItem
	list  widget.List
}

type menuItem struct {
	text, detail string
	do           func() tea.Cmd
}

func (s *shared) newMenu(name string, items []menuItem) *menuScreen {
	return &menuScreen{base: s.newBase(), name: name, items: items}
}

func (m *menuScreen) hints() [][2]string {
	return [][2]string{{"↑↓", "choose"}, {"enter", "goes"}, {"esc", "closes"}}
}

func (m *menuScreen) title() string            { return "" }
func (m *menuScreen) shape() shape             { return shape{floats: true, w: 76, h: len(m.items) + 2} }
func (m *menuScreen) actions() []keymap.Action { return []keymap.Action{keymap.Open} }

func (m *menuScreen) act(a keymap.Action) tea.Cmd {
	if a != keymap.Open {
		m.list.Move(a)
		return nil
	}
	do := m.items[m.list.At].do
	return tea.Batch(m.close(m), do())
}

func (m *menuScreen) draw(a draw.Area) {
	in := a.Box(draw.Frame{Title: " " + m.name + " ", Focused: true})
	m.list.Size(len(m.items))
	from, to := m.list.In(in)
	for y, item := range m.items[from:to] {
		x := in.Cut(2, y, in.W*3/5, item.text, draw.Plain)
		in.Text(x+2, y, item.detail, draw.Dim)
		if from+y == m.list.At {
			in.Mark(0, y, in.W, draw.Chosen)
			in.Text(0, y, in.Look().Glyphs.Pick, draw.Accent)
		}
	}
}

// click chooses an item.
func (m *menuScreen) click(x, y int) tea.Cmd {
	line, ok := m.list.Under(x, y)
	if !ok {
		return nil
	}
	m.list.At = line
	return m.act(keymap.Open)
}

func (m *menuScreen) wheel(_, _, by int) tea.Cmd { m.list.Wheel(by); return nil }

// openIncoming goes to the rows that point at the row under the cursor; it asks which, if several tables may.
func (s *shared) openIncoming(r *rowsView) tea.Cmd {
	if r.list.At >= len(r.cursors) {
		return nil
	}
	ref, at, sort := r.ref, r.cursors[r.list.At], r.sort
	return job.Ask(s.jobs, job.Slot{Owner: r.owner, Name: "who points here"}, recordLimit, func(ctx context.Context) (incomingOf, error) {
		record, err := s.backend.Record(ctx, ref, at, sort)
		if err != nil {
			return incomingOf{}, err
		}
		return incomingOf{record.In}, nil
	})
}

// incomingOf is the links that may point at a row.
type incomingOf struct{ links []devenv.RecordLink }

func (r *rowsView) incoming(m job.Answer[incomingOf]) tea.Cmd {
	links := m.Value.links
	if m.Err == nil {
		r.settled("who points here")
	}
	switch {
	case m.Err != nil:
		r.fail("who points here", m.Err)
		return nil
	case len(links) == 0:
		r.hint("no foreign key points at " + r.ref.String())
		return nil
	case len(links) == 1:
		return r.openRows(links[0].Table, links[0].Where)
	}
	items := make([]menuItem, len(links))
	for i, l := range links {
		items[i] = menuItem{
			text: l.Table.String(), detail: strings.Join(l.ForeignKey.FromColumns, ", "),
			do: func() tea.Cmd { return r.openRows(l.Table, l.Where) },
		}
	}
	return r.shared.open(r.newMenu("Rows that point here", items))
}

// copyWholeRow copies the row under the cursor with all its values, which are cut in the list.
func (s *shared) copyWholeRow(r *rowsView) tea.Cmd {
	ref, at, sort := r.ref, r.cursors[r.list.At], r.sort
	c := s.clip
	return job.Ask(s.jobs, job.Slot{Name: "copy"}, recordLimit, func(ctx context.Context) (copied, error) {
		record, err := s.backend.Record(ctx, ref, at, sort)
		if err != nil {
			return copied{}, err
		}
		way, err := c.Copy(ctx, recordJSON(record))
		return copied{"the row", way}, err
	})
}
