package dialog

import (
	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/widget"
)

// menuScreen is a short list to choose from.
type menuScreen struct {
	screen.Base
	name  string
	items []MenuItem
	list  widget.List
}

// MenuItem is one of a menu: what it says, and what choosing it does.
type MenuItem struct {
	Text, Detail string
	Do           func() tea.Cmd
}

// OpenMenu opens a menu.
func OpenMenu(s screen.Root, name string, items []MenuItem) tea.Cmd {
	m := &menuScreen{Base: screen.NewBase(s), name: name, items: items}
	m.list.Size(len(items)) // for keys that were typed ahead
	return s.Open(m)
}

func (m *menuScreen) Hints() [][2]string {
	return [][2]string{{"↑↓", "choose"}, {"enter", "goes"}, {"esc", "closes"}}
}

func (m *menuScreen) Shape() screen.Shape {
	return screen.Shape{Floats: true, W: 76, H: len(m.items) + 2}
}

func (m *menuScreen) Actions() []keymap.Action { return []keymap.Action{keymap.Open} }

func (m *menuScreen) Act(a keymap.Action) tea.Cmd {
	if a != keymap.Open {
		m.list.Move(a)
		return nil
	}
	do := m.items[m.list.At].Do
	return tea.Batch(m.Close(m), do())
}

func (m *menuScreen) Draw(a draw.Area) {
	in := a.Box(draw.Frame{Title: " " + m.name + " ", Focused: true})
	m.list.Size(len(m.items))
	widest := 0
	for _, item := range m.items {
		widest = max(widest, draw.Width(item.Text))
	}
	widest = min(widest, in.W*3/5)
	m.list.Draw(in, true, draw.Chosen, func(i, y int) {
		in.Cut(2, y, widest, m.items[i].Text, draw.Plain)
		in.Text(2+widest+2, y, m.items[i].Detail, draw.Dim)
	})
}

// Click chooses an item.
func (m *menuScreen) Click(x, y int) tea.Cmd {
	line, ok := m.list.Under(x, y)
	if !ok {
		return nil
	}
	m.list.At = line
	return m.Act(keymap.Open)
}
