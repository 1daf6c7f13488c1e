package table

import (
	"maps"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/rowedit"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/widget"
)

// newRowScreen is a row to be added: its columns with what each gets.
type newRowScreen struct {
	screen.Base
	table   *rowedit.Table
	change  *rowedit.Change // the pending row that is changed; nil for another one
	columns []rowedit.Column
	set     map[string]rowedit.Value
	list    widget.List
	then    func()
}

// openNewRow opens a new row, or one that is pending. What the server computes is left out.
func openNewRow(s screen.Root, t *rowedit.Table, change *rowedit.Change, then func()) tea.Cmd {
	n := &newRowScreen{Base: screen.NewBase(s), table: t, change: change, set: map[string]rowedit.Value{}, then: then}
	for _, c := range t.Columns {
		if t.Fixed(c, true) == "" {
			n.columns = append(n.columns, c)
		}
	}
	if change != nil {
		n.set = maps.Clone(change.Set)
	}
	n.list.Size(len(n.columns))
	return s.Open(n)
}

func (n *newRowScreen) Title() string { return "new row" }

func (n *newRowScreen) Actions() []keymap.Action {
	return []keymap.Action{keymap.Open, keymap.Apply, keymap.Delete}
}

func (n *newRowScreen) Word(a keymap.Action) string {
	return map[keymap.Action]string{keymap.Open: "change", keymap.Apply: "add it", keymap.Delete: "default again"}[a]
}

func (n *newRowScreen) Act(a keymap.Action) tea.Cmd {
	if n.list.Move(a) {
		return nil
	}
	if a == keymap.Apply {
		return n.add()
	}
	if n.list.At >= len(n.columns) {
		return nil
	}
	c := n.columns[n.list.At]
	switch a {
	case keymap.Delete:
		delete(n.set, c.Name)
	case keymap.Open:
		now := func(column string) rowedit.Value {
			if v, given := n.set[column]; given {
				return v
			}
			return rowedit.Value{Kind: rowedit.Default}
		}
		return valueOf{root: n.Root, table: n.table, column: c, now: now(c.Name), other: now, isNew: true, take: n.take}.open()
	}
	return nil
}

// take sets columns; the cursor goes on to the next.
func (n *newRowScreen) take(set map[string]rowedit.Value) {
	for column, v := range set {
		if n.set[column] = v; v.Kind == rowedit.Default {
			delete(n.set, column)
		}
	}
	n.list.Move(keymap.Down)
}

// lacks reports whether a column must be given a value and has none.
func (n *newRowScreen) lacks(c rowedit.Column) bool {
	_, given := n.set[c.Name]
	return !given && c.NotNull && !c.HasDefault()
}

// add makes the row pending.
func (n *newRowScreen) add() tea.Cmd {
	for i, c := range n.columns {
		if n.lacks(c) {
			n.list.At = i
			n.Hint(c.Name + " needs a value: it is NOT NULL and has no default")
			return nil
		}
	}
	if n.change != nil {
		n.Live().Edits.Replace(n.change, n.set)
	} else {
		n.Live().Edits.Insert(n.table, n.set)
	}
	closing := n.Close(n)
	n.then()
	return closing
}

// Back asks before what was typed is dropped.
func (n *newRowScreen) Back() (tea.Cmd, bool) {
	var was map[string]rowedit.Value
	if n.change != nil {
		was = n.change.Set
	}
	if maps.Equal(n.set, was) {
		return nil, false
	}
	return dialog.Ask(n.Root, dialog.Confirmation{
		Title: "Drop what was typed?", Text: []string{n.Label(keymap.Apply) + " would add the row to what is pending."}, Yes: "Drop it",
		Do: func() tea.Cmd { return n.Close(n) }, No: func() tea.Cmd { return nil },
	}), true
}

func (n *newRowScreen) Subject() (string, postgres.TableRef) { return n.table.Schema, n.table.TableRef }

func (n *newRowScreen) Draw(a draw.Area) {
	in := a.Box(draw.Frame{Title: " new row of " + n.table.String() + " ", Focused: true})
	types := 10
	for _, c := range n.columns {
		text, _ := n.cell(c, 1)
		types = max(types, min(draw.Width(text), in.W/2))
	}
	widget.Table{
		Columns: []widget.Column{{Title: "COLUMN", Width: 12, Flex: 2}, {Title: "TYPE", Width: types, Least: 50}, {Title: "VALUE", Width: 16, Flex: 5}},
		List:    &n.list, Focused: true,
		Cell: func(line, col int) (string, draw.Role) { return n.cell(n.columns[line], col) },
	}.Draw(in)
}

func (n *newRowScreen) cell(c rowedit.Column, col int) (string, draw.Role) {
	switch col {
	case 0:
		return c.Name, draw.Plain
	case 1:
		if c.NotNull {
			return c.Type + " NOT NULL", draw.Dim
		}
		return c.Type, draw.Dim
	}
	v, given := n.set[c.Name]
	switch {
	case n.lacks(c):
		return "needed", draw.Warn
	case !given:
		return c.DefaultText(), draw.Dim
	case v.Kind == rowedit.Null:
		return n.Look().Glyphs.Null, draw.Null
	}
	return v.String(), draw.Good
}

// Click goes to a column, or changes the one under the cursor.
func (n *newRowScreen) Click(x, y int) tea.Cmd {
	return n.list.Click(x, y, func() tea.Cmd { return n.Act(keymap.Open) })
}
