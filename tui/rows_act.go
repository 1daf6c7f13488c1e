package tui

import (
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/tui/keymap"
)

// raw takes the keys while the filter is typed: it asks the server as one types.
func (r *rowsView) raw(k tea.KeyMsg) (tea.Cmd, bool) {
	if !r.typOn {
		return nil, false
	}
	switch k.String() {
	case "enter":
		r.typOn = false
		return nil, true
	case "esc":
		r.typOn = false
		r.typed.Set("")
		return r.applyTyped(0), true
	case "up", "down", "pgup", "pgdown":
		return nil, false
	}
	was := r.typed.String()
	if !r.typed.Key(k) {
		return nil, false
	}
	if r.typed.String() == was {
		return nil, true
	}
	return r.applyTyped(r.pause.typing), true
}

// applyTyped makes the typed filter the condition on the column that it is about.
func (r *rowsView) applyTyped(wait time.Duration) tea.Cmd {
	r.where = slices.DeleteFunc(slices.Clone(r.where), func(c devenv.Condition) bool { return c.Column == r.about })
	cond, raw := condition(r.about, r.typed.String())
	r.raws = both(r.fixed, raw)
	if cond != nil {
		r.where = append(r.where, *cond)
	}
	return r.restart(wait)
}

// both is two conditions in SQL, either of which may be none.
func both(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return "(" + a + ") AND (" + b + ")"
}

// beginTyping goes on with the filter about the column under the cursor, or begins one: what was typed about another
// column stays in force.
func (r *rowsView) beginTyping() {
	r.typed.Single, r.typOn = true, true
	if column := r.columnHere(); column != r.about {
		r.typed.Set("")
		r.about, r.fixed = column, r.raws
	}
}

// columnHere is the column under the cursor.
func (r *rowsView) columnHere() string {
	if r.col >= len(r.order) {
		return ""
	}
	return r.columns[r.order[r.col]].Name
}

// condition reads a typed filter about a column: text that it contains, !text that it does not, =x, !=x, <x, >x, <=x,
// >=x, ~regexp, ^beginning, null, !null; or "where …" with SQL of any kind.
func condition(column, text string) (cond *devenv.Condition, raw string) {
	text = strings.TrimSpace(text)
	if sql, ok := strings.CutPrefix(text, "where "); ok {
		return nil, sql
	}
	if text == "" || column == "" {
		return nil, ""
	}
	if text == "null" {
		return &devenv.Condition{Column: column, Op: devenv.IsNull}, ""
	}
	if text == "!null" {
		return &devenv.Condition{Column: column, Op: devenv.IsNotNull}, ""
	}
	for _, p := range []struct {
		prefix string
		op     devenv.Operator
	}{
		{"!=", devenv.NotEqual}, {"<>", devenv.NotEqual}, {"<=", devenv.LessEqual}, {">=", devenv.GreaterEqual}, {"=", devenv.Equal},
		{"<", devenv.Less}, {">", devenv.Greater}, {"~", devenv.Matches}, {"^", devenv.StartsWith},
	} {
		if v, ok := strings.CutPrefix(text, p.prefix); ok {
			if strings.TrimSpace(v) == "" {
				return nil, ""
			}
			return &devenv.Condition{Column: column, Op: p.op, Value: strings.TrimSpace(v)}, ""
		}
	}
	if v, ok := strings.CutPrefix(text, "!"); ok {
		if v == "" {
			return nil, ""
		}
		return nil, "NOT coalesce(" + quoteName(column) + "::text ILIKE " + quoteText("%"+escapeLike(v)+"%") + ", false)"
	}
	return &devenv.Condition{Column: column, Op: devenv.Contains, Value: text}, ""
}

func quoteName(s string) string { return `"` + strings.ReplaceAll(s, `"`, `""`) + `"` }

// quoteText is a string constant, whatever standard_conforming_strings says.
func quoteText(s string) string {
	return `E'` + strings.NewReplacer(`\`, `\\`, `'`, `''`).Replace(s) + `'`
}

func escapeLike(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}

// back drops the filter before the page closes.
func (r *rowsView) back() (tea.Cmd, bool) {
	if r.typed.String() == "" {
		return nil, false
	}
	r.typed.Set("")
	return r.applyTyped(0), true
}

func (r *rowsView) act(a keymap.Action) tea.Cmd {
	switch a {
	case keymap.Left, keymap.Right, keymap.ColsLeft, keymap.ColsRight, keymap.FirstCol, keymap.LastCol:
		r.sideways(a)
		return nil
	case keymap.Top:
		if r.first == 0 {
			r.list.move(a)
			return nil
		}
		return r.ask(devenv.FirstPage, nil, 0)
	case keymap.Bottom:
		if !r.hasNext {
			r.list.move(a)
			return nil
		}
		return r.ask(devenv.LastPage, nil, 0)
	case keymap.Open:
		return r.open()
	case keymap.Record:
		return r.openRecord(r)
	case keymap.Incoming:
		return r.openIncoming(r)
	case keymap.Filter:
		r.beginTyping()
	case keymap.Sort:
		return r.sortHere()
	case keymap.FilterCell:
		return r.filterHere()
	case keymap.ClearWhere:
		r.where, r.raws, r.fixed, r.sort = nil, "", "", nil
		r.typed.Set("")
		return r.restart(0)
	case keymap.CopyCell:
		return r.copyCell()
	case keymap.CopyRow:
		return r.copyRow()
	case keymap.Export:
		return r.openExport(devenv.ExportRequest{Table: r.ref, Where: r.where, Raw: r.raws, Sort: r.sort})
	case keymap.NextMatch:
		return r.step(keymap.Down)
	case keymap.PrevMatch:
		return r.step(keymap.Up)
	default:
		return r.step(a)
	}
	return nil
}

// step moves the cursor, and asks for more rows when it comes to an end of those that are here.
func (r *rowsView) step(a keymap.Action) tea.Cmd {
	before := r.list.at
	if !r.list.move(a) || len(r.rows) == 0 || r.jobs.busy(r.slot()) {
		return nil
	}
	down := a == keymap.Down || a == keymap.HalfDown || a == keymap.PageDown
	up := a == keymap.Up || a == keymap.HalfUp || a == keymap.PageUp
	switch {
	case down && r.hasNext && (r.list.at == before || r.list.at > len(r.rows)-r.list.height):
		return r.ask(devenv.NextPage, r.cursors[len(r.cursors)-1], 0)
	case up && r.hasPrev && (r.list.at == before || r.list.at < r.list.height):
		return r.ask(devenv.PrevPage, r.cursors[0], 0)
	}
	return nil
}

// sideways moves the cursor's column, or scrolls the columns.
func (r *rowsView) sideways(a keymap.Action) {
	n := len(r.order)
	switch a {
	case keymap.Left:
		r.col--
	case keymap.Right:
		r.col++
	case keymap.FirstCol:
		r.col = 0
	case keymap.LastCol:
		r.col = n - 1
	case keymap.ColsRight:
		r.col = max(r.col, r.left+r.frozen) + max(1, r.seen)
	case keymap.ColsLeft:
		r.col -= max(1, r.seen)
	}
	r.col = max(0, min(r.col, n-1))
	if r.typed.String() == "" {
		r.typOn = false
	}
}

// open follows the foreign key under the cursor, or shows the row as a page.
func (r *rowsView) open() tea.Cmd {
	c, cell, ok := r.cell()
	if !ok {
		return nil
	}
	if c.References == nil {
		return r.openRecord(r)
	}
	if cell.Null {
		r.hint(c.Name + " is NULL: it points at nothing")
		return nil
	}
	if cell.Truncated {
		r.hint("the value is too long to follow; v shows the row")
		return nil
	}
	to := c.References
	return r.openRows(to.Table, []devenv.Condition{{Column: to.Column, Op: devenv.Equal, Value: cell.Text}})
}

// sortHere orders by the column under the cursor: up, down, not at all.
func (r *rowsView) sortHere() tea.Cmd {
	name := r.columnHere()
	if name == "" {
		return nil
	}
	switch {
	case len(r.sort) == 0 || r.sort[0].Column != name:
		r.sort = []devenv.SortKey{{Column: name}}
	case !r.sort[0].Desc:
		r.sort = []devenv.SortKey{{Column: name, Desc: true}}
	default:
		r.sort = nil
	}
	return r.restart(0)
}

// filterHere keeps the rows with the value under the cursor; the second time it lets go of it.
func (r *rowsView) filterHere() tea.Cmd {
	c, cell, ok := r.cell()
	if !ok {
		return nil
	}
	for i, w := range r.where {
		if w.Column == c.Name {
			r.where = slices.Delete(slices.Clone(r.where), i, i+1)
			return r.restart(0)
		}
	}
	cond := devenv.Condition{Column: c.Name, Op: devenv.Equal, Value: cell.Text}
	if cell.Truncated {
		r.hint("the value is too long to filter by")
		return nil
	}
	if cell.Null {
		cond = devenv.Condition{Column: c.Name, Op: devenv.IsNull}
	}
	r.where = append(slices.Clone(r.where), cond)
	return r.restart(0)
}

func (r *rowsView) copyCell() tea.Cmd {
	c, cell, ok := r.cell()
	switch {
	case !ok:
		return nil
	case cell.Truncated:
		r.hint("only the beginning of the value is here: v shows the row, and y copies it whole")
		return nil
	case cell.Null:
		r.hint(c.Name + " is NULL: nothing to copy")
		return nil
	}
	return r.copy(c.Name, cell.Text)
}

func (r *rowsView) copyRow() tea.Cmd {
	if r.list.at >= len(r.rows) {
		return nil
	}
	row := r.rows[r.list.at]
	for _, cell := range row {
		if cell.Truncated {
			return r.copyWholeRow(r)
		}
	}
	return r.copy("the row", rowJSON(r.columns, row))
}
