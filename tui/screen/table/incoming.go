package table

import (
	"context"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/widget"
)

// openIncoming goes to the rows that point at the row under the cursor; it asks which, if several tables may.
func openIncoming(s screen.Root, r *Grid) tea.Cmd {
	if r.List.At >= len(r.Cursors) {
		return nil
	}
	req := r.recordRequest(r.List.At)
	return job.Ask(s.Jobs(), job.Slot{Owner: r.Owner, Name: "who points here"}, recordLimit, func(ctx context.Context) (incomingOf, error) {
		record, err := s.Backend().Record(ctx, req)
		if err != nil {
			return incomingOf{}, err
		}
		return incomingOf{record.In}, nil
	})
}

// incomingOf is the links that may point at a row.
type incomingOf struct{ links []postgres.RecordLink }

func (r *Grid) incoming(m job.Answer[incomingOf]) tea.Cmd {
	links := m.Value.links
	if m.Err == nil {
		r.Settled("who points here")
	}
	switch {
	case m.Err != nil:
		r.Fail("who points here", m.Err)
		return nil
	case len(links) == 0:
		r.Hint("no foreign key points at " + r.ref.String())
		return nil
	case len(links) == 1:
		return followLink(r.Root, &links[0])
	}
	in := &incomingScreen{Base: screen.NewBase(r.Root), links: links}
	in.list.Size(len(links))
	return r.Open(in)
}

// followLink goes to the rows at the other end of a link.
func followLink(s screen.Root, l *postgres.RecordLink) tea.Cmd {
	if l.Null {
		s.Hint("the key is NULL: it points at nothing, and nothing points at it")
		return nil
	}
	return openRows(s, l.Table, l.Where)
}

// incomingScreen lists the foreign keys that may point at a row, with how many rows do by each.
type incomingScreen struct {
	screen.Base
	links  []postgres.RecordLink
	counts linkCounts
	list   widget.List
}

func (n *incomingScreen) Init() tea.Cmd { return countLinks(n.Root, n.Slot("count"), n.links) }

func (n *incomingScreen) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case job.Answer[linksCounted]:
		n.counts.take(n.Root, m)
	case screen.ChangedNews, screen.WakeNews:
		return n.Init()
	}
	return nil
}

func (n *incomingScreen) Hints() [][2]string {
	return [][2]string{{"↑↓", "choose"}, {"enter", "goes"}, {"esc", "closes"}}
}

func (n *incomingScreen) Shape() screen.Shape {
	return screen.Shape{Floats: true, W: 96, H: len(n.links) + 3}
}

func (n *incomingScreen) Actions() []keymap.Action { return []keymap.Action{keymap.Open} }

func (n *incomingScreen) Act(a keymap.Action) tea.Cmd {
	if a != keymap.Open {
		n.list.Move(a)
		return nil
	}
	return tea.Batch(n.Close(n), followLink(n.Root, &n.links[n.list.At]))
}

func (n *incomingScreen) Draw(a draw.Area) {
	in := a.Box(draw.Frame{Title: " Rows that point here ", Focused: true})
	n.list.Size(len(n.links))
	widest := 10
	for _, l := range n.links {
		widest = max(widest, draw.Width(l.Table.String()))
	}
	widget.Table{
		Columns: []widget.Column{{Title: "ROWS", Width: 6, Right: true}, {Title: "TABLE", Width: min(widest, in.W/2)}, {Title: "BY", Width: 8, Flex: 1}},
		List:    &n.list, Focused: true,
		Cell: func(line, col int) (string, draw.Role) {
			l := n.links[line]
			number, why, role := n.counts.text(n.Look(), line)
			switch {
			case col == 0:
				return number, role
			case col == 1 && number == "0":
				return l.Table.String(), draw.Dim
			case col == 1:
				return l.Table.String(), draw.Plain
			case why != "":
				return why + "  " + strings.Join(l.ForeignKey.FromColumns, ", "), draw.Warn
			}
			return strings.Join(l.ForeignKey.FromColumns, ", "), draw.Dim
		},
	}.Draw(in)
}

// Click chooses a line.
func (n *incomingScreen) Click(x, y int) tea.Cmd {
	line, ok := n.list.Under(x, y)
	if !ok {
		return nil
	}
	n.list.At = line
	return n.Act(keymap.Open)
}
