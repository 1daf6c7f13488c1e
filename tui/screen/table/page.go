package table

import (
	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
)

// Page is the page of one table.
type Page struct {
	screen.Base
	View *View
}

// Open opens a table's page at a tab.
func Open(s screen.Root, ref postgres.TableRef, at Tab) tea.Cmd {
	if ref.Name == "" {
		s.Hint("there is no table here")
		return nil
	}
	t := &Page{Base: screen.NewBase(s)}
	t.View = NewView(s, t.ID(), true)
	t.View.Tab = at
	first := t.View.Show(ref)
	return tea.Batch(s.Open(t), first)
}

// openRows opens a table's page at the rows that fulfil conditions: the other end of a foreign key.
func openRows(s screen.Root, ref postgres.TableRef, where []postgres.Condition) tea.Cmd {
	t := &Page{Base: screen.NewBase(s)}
	t.View = NewView(s, t.ID(), true)
	t.View.Ref, t.View.Tab = ref, RowTab
	t.View.Rows.turnTo(ref)
	t.View.Rows.Given = where
	return tea.Batch(s.Open(t), t.View.askDetail(0), t.View.askRows(0))
}

// Title is the name of the table.
func (t *Page) Title() string { return t.View.Ref.Name }

// Subject is the table.
func (t *Page) Subject() (string, postgres.TableRef) { return t.View.Ref.Schema, t.View.Ref }

// Actions are those of the tabs, and going from one to the next.
func (t *Page) Actions() []keymap.Action {
	return append(t.View.Actions(), keymap.NextPane, keymap.PrevPane, keymap.Pane1, keymap.Pane2, keymap.Pane3, keymap.Pane4, keymap.Pane5, keymap.Pane6)
}

// Raw takes the keys while a filter is typed.
func (t *Page) Raw(k tea.KeyMsg) (tea.Cmd, bool) { return t.View.Raw(k) }

// Hints are the keys while a filter is typed.
func (t *Page) Hints() [][2]string { return t.View.Hints() }

// Back steps back inside of the tab.
func (t *Page) Back() (tea.Cmd, bool) { return t.View.Back() }

// Act carries out an action on the tab.
func (t *Page) Act(a keymap.Action) tea.Cmd {
	switch a {
	case keymap.NextPane:
		a = keymap.NextTab
	case keymap.PrevPane:
		a = keymap.PrevTab
	case keymap.Pane1, keymap.Pane2, keymap.Pane3, keymap.Pane4, keymap.Pane5, keymap.Pane6:
		for i, p := range []keymap.Action{keymap.Pane1, keymap.Pane2, keymap.Pane3, keymap.Pane4, keymap.Pane5, keymap.Pane6} {
			if p == a {
				return t.View.turn(Tab(i))
			}
		}
	}
	return t.View.Act(a)
}

func (t *Page) Update(msg tea.Msg) tea.Cmd {
	switch msg.(type) {
	case screen.ChangedNews, screen.WakeNews:
		return t.View.Reload()
	}
	return t.View.Update(msg)
}

// Draw draws the table over the whole area.
func (t *Page) Draw(a draw.Area) {
	title := t.View.Ref.String()
	right := draw.Frame{Title: " " + title + " ", Focused: true}
	t.View.Draw(a, right, true)
}

// Click goes to what is under the mouse, or opens it.
func (t *Page) Click(x, y int) tea.Cmd { return t.View.Click(x, y, true) }

// Wheel moves three lines.
func (t *Page) Wheel(_, _, by int) tea.Cmd {
	act := keymap.Down
	if by < 0 {
		act = keymap.Up
	}
	return tea.Batch(t.View.Act(act), t.View.Act(act), t.View.Act(act))
}

// Click moves the cursor to a cell; a click on the cell under the cursor opens it.
func (r *Grid) Click(x, y int) tea.Cmd {
	line, ok := r.List.Under(x, y)
	if !ok || line >= len(r.Rows) {
		return nil
	}
	if !r.GoTo(x, line) {
		return r.open()
	}
	return nil
}

// GoTo moves the cursor to a line and to the column at a place, and reports whether that is another cell.
func (r *Grid) GoTo(x, line int) (moved bool) {
	left, _ := r.List.Seen.At()
	col := r.Col
	for _, c := range r.columnsSeen(r.lastWidth) {
		if x-left >= c.X && x-left < c.X+c.w+2 {
			col = c.at
		}
	}
	moved = col != r.Col || line != r.List.At
	r.Col, r.List.At = col, line
	return moved
}
