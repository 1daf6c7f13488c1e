package tui

import (
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/sqltext"
	"github.com/livepeer/naap-dev/tui/keymap"
)

// Raw takes the keys while the filter is typed: it asks the server as one types.
func (r *rowsView) Raw(k tea.KeyMsg) (tea.Cmd, bool) {
	if !r.typOn {
		return nil, false
	}
	switch k.String() {
	case "enter":
		r.typOn = false
		return nil, true
	case "esc":
		r.typOn = false
		r.line.Set("")
		return r.applyTyped(0), true
	case "up", "down", "pgup", "pgdown":
		return nil, false
	}
	was := r.line.String()
	if !r.line.Key(k) {
		return nil, false
	}
	if r.line.String() == was {
		return nil, true
	}
	return r.applyTyped(r.Pauses().Typing), true
}

// applyTyped makes what is typed the filter of the column that it is about; those of other columns stay.
func (r *rowsView) applyTyped(wait time.Duration) tea.Cmd {
	r.forget(r.about)
	text := r.line.String()
	if cond, raw := condition(r.about, text); cond != nil || raw != "" { // half of one, as ">=", is none yet
		r.typed = append(r.typed, typedFilter{r.about, text})
	}
	return r.restart(wait)
}

// forget drops a column's typed filter, and reports whether there was one.
func (r *rowsView) forget(column string) bool {
	n := len(r.typed)
	r.typed = slices.DeleteFunc(slices.Clone(r.typed), func(f typedFilter) bool { return f.column == column })
	return len(r.typed) < n
}

// where is all conditions in force: of columns, and in SQL.
func (r *rowsView) where() (where []devenv.Condition, raw string) {
	where = slices.Clone(r.given)
	for _, f := range r.typed {
		cond, sql := condition(f.column, f.text)
		if cond != nil {
			where = append(where, *cond)
		}
		raw = both(raw, sql)
	}
	return where, raw
}

// filtered reports whether there are conditions.
func (r *rowsView) filtered() bool {
	where, raw := r.where()
	return len(where) > 0 || raw != ""
}

// both is two conditions in SQL, either of which may be none. Each ends with its line, since it may end with a comment.
func both(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return "(" + a + "\n) AND (" + b + "\n)"
}

// beginTyping goes on with the filter about the column under the cursor, or begins one.
func (r *rowsView) beginTyping() {
	r.line.Single, r.typOn, r.about = true, true, r.columnHere()
	r.line.Set("")
	for _, f := range r.typed {
		if f.column == r.about {
			r.line.Set(f.text)
		}
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
		return nil, "NOT coalesce(" + sqltext.Ident(column) + "::text ILIKE " + sqltext.Literal("%"+escapeLike(v)+"%") + ", false)"
	}
	return &devenv.Condition{Column: column, Op: devenv.Contains, Value: text}, ""
}

func escapeLike(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}

// Back takes back the filter that was typed last, one after the other, before the page closes.
func (r *rowsView) Back() (tea.Cmd, bool) {
	if len(r.typed) == 0 {
		return nil, false
	}
	r.typed = slices.Clone(r.typed[:len(r.typed)-1])
	return r.restart(0), true
}

func (r *rowsView) Act(a keymap.Action) tea.Cmd {
	switch a {
	case keymap.Left, keymap.Right, keymap.ColsLeft, keymap.ColsRight, keymap.FirstCol, keymap.LastCol:
		r.sideways(a)
		return nil
	case keymap.Top:
		if r.first == 0 {
			r.list.Move(a)
			return nil
		}
		return r.ask(devenv.FirstPage, nil, 0)
	case keymap.Bottom:
		if !r.hasNext {
			r.list.Move(a)
			return nil
		}
		return r.ask(devenv.LastPage, nil, 0)
	case keymap.Open:
		return r.open()
	case keymap.Record:
		return openRecord(r.Root, r)
	case keymap.Incoming:
		return openIncoming(r.Root, r)
	case keymap.Filter:
		r.beginTyping()
	case keymap.Sort:
		return r.sortHere()
	case keymap.FilterCell:
		return r.filterHere()
	case keymap.ClearWhere:
		r.given, r.typed, r.sort = nil, nil, nil
		return r.restart(0)
	case keymap.CopyCell:
		return r.copyCell()
	case keymap.CopyRow:
		return r.copyRow()
	case keymap.Export:
		where, raw := r.where()
		return openExport(r.Root, devenv.ExportRequest{Table: r.ref, Where: where, Raw: raw, Sort: r.sort})
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
	before := r.list.At
	if !r.list.Move(a) || len(r.rows) == 0 || r.Jobs().Busy(r.slot()) {
		return nil
	}
	down := a == keymap.Down || a == keymap.HalfDown || a == keymap.PageDown
	up := a == keymap.Up || a == keymap.HalfUp || a == keymap.PageUp
	switch {
	case down && r.hasNext && (r.list.At == before || r.list.At > len(r.rows)-r.list.Height):
		return r.ask(devenv.NextPage, r.cursors[len(r.cursors)-1], 0)
	case up && r.hasPrev && (r.list.At == before || r.list.At < r.list.Height):
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
	if r.line.String() == "" {
		r.typOn = false
	}
}

// open follows the foreign key under the cursor, or shows the row as a page.
func (r *rowsView) open() tea.Cmd {
	c, _, ok := r.cell()
	if !ok {
		return nil
	}
	if c.References == nil {
		return openRecord(r.Root, r)
	}
	where, null, missing := c.References.Row(r.valueOf)
	switch {
	case null != "":
		r.Hint(null + " is NULL: " + keyText(c.References) + "points at nothing")
		return nil
	case missing != "":
		r.Hint("the value of " + missing + " is too long to follow; v shows the row")
		return nil
	}
	return openRows(r.Root, c.References.Table, where)
}

// valueOf is a value of the row under the cursor.
func (r *rowsView) valueOf(column string) (devenv.Cell, bool) {
	for i, c := range r.columns {
		if c.Name == column && i < len(r.rows[r.list.At]) {
			return r.rows[r.list.At][i], true
		}
	}
	return devenv.Cell{}, false
}

// keyText names a key of several columns in a sentence; "it " is one of a single column.
func keyText(ref *devenv.ColumnReference) string {
	if len(ref.Key) < 2 {
		return "it "
	}
	names := make([]string, len(ref.Key))
	for i, k := range ref.Key {
		names[i] = k.From
	}
	return "the key (" + strings.Join(names, ", ") + ") "
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

// filterHere keeps the rows with the value under the cursor; where the column has a filter already, it lets go of that.
func (r *rowsView) filterHere() tea.Cmd {
	c, cell, ok := r.cell()
	if !ok {
		return nil
	}
	n := len(r.given)
	r.given = slices.DeleteFunc(slices.Clone(r.given), func(w devenv.Condition) bool { return w.Column == c.Name })
	if len(r.given) < n || r.forget(c.Name) {
		return r.restart(0)
	}
	cond := devenv.Condition{Column: c.Name, Op: devenv.Equal, Value: cell.Text}
	if cell.Truncated {
		r.Hint("the value is too long to filter by")
		return nil
	}
	if cell.Null {
		cond = devenv.Condition{Column: c.Name, Op: devenv.IsNull}
	}
	r.given = append(r.given, cond)
	return r.restart(0)
}

func (r *rowsView) copyCell() tea.Cmd {
	c, cell, ok := r.cell()
	switch {
	case !ok:
		return nil
	case cell.Truncated:
		r.Hint("only the beginning of the value is here: v shows the row, and y copies it whole")
		return nil
	case cell.Null:
		r.Hint(c.Name + " is NULL: nothing to copy")
		return nil
	}
	return r.Copy(c.Name, cell.Text)
}

func (r *rowsView) copyRow() tea.Cmd {
	if r.list.At >= len(r.rows) {
		return nil
	}
	row := r.rows[r.list.At]
	for _, cell := range row {
		if cell.Truncated {
			return copyWholeRow(r.Root, r)
		}
	}
	return r.Copy("the row", rowJSON(r.columns, row))
}
