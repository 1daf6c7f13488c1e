package tui

import (
	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
)

// tableScreen is the page of one table.
type tableScreen struct {
	screen.Base
	view *tableView
}

// openTable opens a table's page at a tab.
func openTable(s screen.Root, ref devenv.TableRef, at tab) tea.Cmd {
	if ref.Name == "" {
		s.Hint("there is no table here")
		return nil
	}
	t := &tableScreen{Base: screen.NewBase(s)}
	t.view = newTableView(s, t.ID(), true)
	t.view.tab = at
	first := t.view.show(ref)
	return tea.Batch(s.Open(t), first)
}

// openRows opens a table's page at the rows that fulfil conditions: the other end of a foreign key.
func openRows(s screen.Root, ref devenv.TableRef, where []devenv.Condition) tea.Cmd {
	t := &tableScreen{Base: screen.NewBase(s)}
	t.view = newTableView(s, t.ID(), true)
	t.view.ref, t.view.tab = ref, rowTab
	t.view.rows.turnTo(ref)
	t.view.rows.given = where
	return tea.Batch(s.Open(t), t.view.askDetail(0), t.view.askRows(0))
}

func (t *tableScreen) Title() string { return t.view.ref.Name }

func (t *tableScreen) Subject() (string, devenv.TableRef) { return t.view.ref.Schema, t.view.ref }

func (t *tableScreen) Actions() []keymap.Action {
	return append(t.view.Actions(), keymap.NextPane, keymap.PrevPane, keymap.Pane1, keymap.Pane2, keymap.Pane3, keymap.Pane4, keymap.Pane5, keymap.Pane6)
}

func (t *tableScreen) Raw(k tea.KeyMsg) (tea.Cmd, bool) { return t.view.Raw(k) }

func (t *tableScreen) Hints() [][2]string { return t.view.Hints() }

func (t *tableScreen) Back() (tea.Cmd, bool) { return t.view.Back() }

func (t *tableScreen) Act(a keymap.Action) tea.Cmd {
	switch a {
	case keymap.NextPane:
		a = keymap.NextTab
	case keymap.PrevPane:
		a = keymap.PrevTab
	case keymap.Pane1, keymap.Pane2, keymap.Pane3, keymap.Pane4, keymap.Pane5, keymap.Pane6:
		for i, p := range []keymap.Action{keymap.Pane1, keymap.Pane2, keymap.Pane3, keymap.Pane4, keymap.Pane5, keymap.Pane6} {
			if p == a {
				return t.view.turn(tab(i))
			}
		}
	}
	return t.view.Act(a)
}

func (t *tableScreen) Update(msg tea.Msg) tea.Cmd {
	switch msg.(type) {
	case screen.ChangedNews, screen.WakeNews:
		return t.view.reload()
	}
	return t.view.Update(msg)
}

func (t *tableScreen) Draw(a draw.Area) {
	title := t.view.ref.String()
	right := draw.Frame{Title: " " + title + " ", Focused: true}
	t.view.Draw(a, right, true)
}

func (t *tableScreen) Click(x, y int) tea.Cmd { return t.view.Click(x, y, true) }

func (t *tableScreen) Wheel(_, _, by int) tea.Cmd {
	act := keymap.Down
	if by < 0 {
		act = keymap.Up
	}
	return tea.Batch(t.view.Act(act), t.view.Act(act), t.view.Act(act))
}

// Click moves the cursor to a cell; a click on the cell under the cursor opens it.
func (r *rowsView) Click(x, y int) tea.Cmd {
	line, ok := r.list.Under(x, y)
	if !ok || line >= len(r.rows) {
		return nil
	}
	if !r.goTo(x, line) {
		return r.open()
	}
	return nil
}

// goTo moves the cursor to a line and to the column at a place, and tells whether that is another cell.
func (r *rowsView) goTo(x, line int) (moved bool) {
	left, _ := r.list.Seen.At()
	col := r.col
	for _, c := range r.columnsSeen(r.lastWidth) {
		if x-left >= c.x && x-left < c.x+c.w+2 {
			col = c.at
		}
	}
	moved = col != r.col || line != r.list.At
	r.col, r.list.At = col, line
	return moved
}
