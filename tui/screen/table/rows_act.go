package table

import (
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/sqltext"
	"github.com/livepeer/naap-dev/tui/keymap"
)

// raw takes the keys while the filter is typed: it asks the server as one types.
func (r *Grid) raw(k tea.KeyMsg) (tea.Cmd, bool) {
	if !r.typOn {
		return nil, r.editor().holds(k)
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

// Where is all conditions in force: of columns, and in SQL.
func (r *Grid) Where() (where []postgres.Condition, raw string) {
	where = slices.Clone(r.Given)
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
func (r *Grid) filtered() bool {
	where, raw := r.Where()
	return len(where) > 0 || raw != ""
}

// both is two conditions in SQL, either of which may be none. Each ends with its line, since it may end with a comment.
func both(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return "(" + a + "\n) AND (" + b + "\n)"
}

// columnHere is the column under the cursor.
func (r *Grid) columnHere() string {
	if r.Col >= len(r.Order) {
		return ""
	}
	return r.Columns[r.Order[r.Col]].Name
}

// condition reads a typed filter about a column: text that it contains, !text that it does not, =x, !=x, <x, >x, <=x,
// >=x, ~regexp, ^beginning, null, !null; or "where …" with SQL of any kind.
func condition(column, text string) (cond *postgres.Condition, raw string) {
	text = strings.TrimSpace(text)
	if sql, ok := strings.CutPrefix(text, "where "); ok {
		return nil, sql
	}
	if text == "" || column == "" {
		return nil, ""
	}
	if text == "null" {
		return &postgres.Condition{Column: column, Op: postgres.IsNull}, ""
	}
	if text == "!null" {
		return &postgres.Condition{Column: column, Op: postgres.IsNotNull}, ""
	}
	for _, p := range []struct {
		prefix string
		op     postgres.Operator
	}{
		{"!=", postgres.NotEqual}, {"<>", postgres.NotEqual}, {"<=", postgres.LessEqual}, {">=", postgres.GreaterEqual}, {"=", postgres.Equal},
		{"<", postgres.Less}, {">", postgres.Greater}, {"~", postgres.Matches}, {"^", postgres.StartsWith},
	} {
		if v, ok := strings.CutPrefix(text, p.prefix); ok {
			if strings.TrimSpace(v) == "" {
				return nil, ""
			}
			return &postgres.Condition{Column: column, Op: p.op, Value: strings.TrimSpace(v)}, ""
		}
	}
	if v, ok := strings.CutPrefix(text, "!"); ok {
		if v == "" {
			return nil, ""
		}
		return nil, "NOT coalesce(" + sqltext.Ident(column) + "::text ILIKE " + sqltext.Literal("%"+escapeLike(v)+"%") + ", false)"
	}
	return &postgres.Condition{Column: column, Op: postgres.Contains, Value: text}, ""
}

func escapeLike(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}

// back takes back the filter that was typed last, one after the other, then the marks, before the page closes.
func (r *Grid) back() (tea.Cmd, bool) {
	if len(r.typed) == 0 {
		some := len(r.marks.list) > 0
		r.Unmark()
		return nil, some
	}
	r.typed = slices.Clone(r.typed[:len(r.typed)-1])
	return r.restart(0), true
}

// act carries out an action on the rows.
func (r *Grid) act(a keymap.Action) tea.Cmd {
	if edits(a) {
		return r.edit(a)
	}
	switch a {
	case keymap.Left, keymap.Right, keymap.ColsLeft, keymap.ColsRight, keymap.FirstCol, keymap.LastCol:
		r.Sideways(a)
		return nil
	case keymap.Top:
		if r.First == 0 {
			r.List.Move(a)
			return nil
		}
		return r.ask(postgres.FirstPage, nil, 0)
	case keymap.Bottom:
		if !r.HasNext {
			r.List.Move(a)
			return nil
		}
		return r.ask(postgres.LastPage, nil, 0)
	case keymap.Open:
		return r.open()
	case keymap.Record:
		return openRecord(r.Root, r)
	case keymap.Incoming:
		return openIncoming(r.Root, r)
	case keymap.Mark, keymap.MarkRange, keymap.MarkAll, keymap.Unmark:
		return r.mark(a)
	case keymap.Filter, keymap.FilterAlso:
		r.beginTyping(a == keymap.FilterAlso)
	case keymap.Conditions:
		return openConditions(r)
	case keymap.Sort:
		return r.sortHere()
	case keymap.SortAlso:
		return r.sortAlso()
	case keymap.Hide, keymap.Pin, keymap.ShowAll:
		r.arrange(a)
	case keymap.FilterCell:
		return r.filterHere()
	case keymap.ClearWhere:
		r.Given, r.typed, r.Sort = nil, nil, nil
		return r.restart(0)
	case keymap.CopyCell:
		return r.CopyCell()
	case keymap.CopyRow:
		return r.copyRows()
	case keymap.Export:
		where, raw := r.Where()
		return OpenExport(r.Root, postgres.ExportRequest{Table: r.ref, Where: where, Raw: raw, Sort: r.Sort})
	default:
		return r.step(a)
	}
	return nil
}

// step moves the cursor, and asks for more rows when it comes to an end of those that are here.
func (r *Grid) step(a keymap.Action) tea.Cmd {
	before := r.List.At
	if !r.List.Move(a) || len(r.Rows) == 0 || r.Jobs().Busy(r.slot()) || !slices.Equal(r.Sort, r.sorted) {
		return nil
	}
	down := a == keymap.Down || a == keymap.NextMatch || a == keymap.HalfDown || a == keymap.PageDown
	up := a == keymap.Up || a == keymap.PrevMatch || a == keymap.HalfUp || a == keymap.PageUp
	switch {
	case down && r.HasNext && (r.List.At == before || r.List.At > len(r.Rows)-r.List.Height):
		return r.ask(postgres.NextPage, r.Cursors[len(r.Cursors)-1], 0)
	case up && r.HasPrev && (r.List.At == before || r.List.At < r.List.Height):
		return r.ask(postgres.PrevPage, r.Cursors[0], 0)
	}
	return nil
}

// Sideways moves the cursor's column, or scrolls the columns.
func (r *Grid) Sideways(a keymap.Action) {
	n := len(r.Order)
	switch a {
	case keymap.Left:
		r.Col--
	case keymap.Right:
		r.Col++
	case keymap.FirstCol:
		r.Col = 0
	case keymap.LastCol:
		r.Col = n - 1
	case keymap.ColsRight:
		r.Col = max(r.Col, r.left+r.frozen) + max(1, r.seen)
	case keymap.ColsLeft:
		r.Col -= max(1, r.seen)
	}
	r.Col = max(0, min(r.Col, n-1))
	if r.line.String() == "" {
		r.typOn = false
	}
}

// open follows the foreign key under the cursor, or shows the row as a page.
func (r *Grid) open() tea.Cmd {
	c, _, ok := r.Cell()
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
func (r *Grid) valueOf(column string) (postgres.Cell, bool) { return r.valueIn(r.List.At, column) }

// valueIn is a value of a row that is here.
func (r *Grid) valueIn(row int, column string) (postgres.Cell, bool) {
	for i, c := range r.Columns {
		if c.Name == column && i < len(r.Rows[row]) {
			return r.Rows[row][i], true
		}
	}
	return postgres.Cell{}, false
}

// keyText names a key of several columns in a sentence; "it " is one of a single column.
func keyText(ref *postgres.ColumnReference) string {
	if len(ref.Key) < 2 {
		return "it "
	}
	return "the key (" + say.Join(ref.Key, ", ", func(k postgres.KeyColumn) string { return k.From }) + ") "
}

// CopyCell copies the value under the cursor.
func (r *Grid) CopyCell() tea.Cmd {
	c, cell, ok := r.Cell()
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
