package table

import (
	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/screen"
)

// Open opens a table's page at a tab.
func Open(s screen.Root, ref postgres.TableRef, at Tab) tea.Cmd {
	if ref.Name == "" {
		s.Hint("there is no table here")
		return nil
	}
	v := newPage(s, at)
	first := v.Show(ref)
	return tea.Batch(s.Open(v), first)
}

// openRows opens a table's page at the rows that fulfil conditions: the other end of a foreign key.
func openRows(s screen.Root, ref postgres.TableRef, where []postgres.Condition) tea.Cmd {
	v := newPage(s, RowTab)
	v.Ref = ref
	v.Rows.turnTo(ref)
	v.Rows.Given = where
	return tea.Batch(s.Open(v), v.askDetail(0), v.askRows(0))
}

func newPage(s screen.Root, at Tab) *View {
	v := NewView(screen.NewBase(s))
	v.page, v.Tab = true, at
	return v
}

// Title is the name of the table.
func (v *View) Title() string { return v.Ref.Name }

// Subject is the table.
func (v *View) Subject() (string, postgres.TableRef) { return v.Ref.Schema, v.Ref }

// Draw draws the table over the whole area.
func (v *View) Draw(a draw.Area) {
	v.DrawPane(a, draw.Frame{Title: " " + v.Ref.String() + " ", Focused: true}, true)
}

// Click goes to what is under the mouse, or opens it.
func (v *View) Click(x, y int) tea.Cmd { return v.ClickPane(x, y, true) }

// click moves the cursor to a cell; a click on the cell under the cursor opens it.
func (r *Grid) click(x, y int) tea.Cmd {
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
