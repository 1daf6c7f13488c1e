package table

import (
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/rowedit"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/tui/draw"
)

// newRowsSeen is how many new rows are drawn over the others.
const newRowsSeen = 4

// pendingAt is what is pending for a row that is here, or nil.
func (r *Grid) pendingAt(i int) *rowedit.Change {
	if len(r.key) == 0 || i >= len(r.Cursors) || r.Live().Edits.Len() == 0 {
		return nil
	}
	return r.Live().Edits.At(r.ref, r.Place(i))
}

// cellText is a cell as the grid shows it: what is there, or what it was and is to be.
func (r *Grid) cellText(i, col int, c *rowedit.Change) (string, draw.Role) {
	return showChanged(r.Look(), r.Rows[i][col], r.Columns[col], c)
}

// showChanged is ShowValue for a value of a row with what is pending for it, or nil.
func showChanged(look *draw.Look, cell postgres.Cell, column postgres.PageColumn, c *rowedit.Change) (string, draw.Role) {
	text, role := ShowValue(look, cell, column)
	if c == nil {
		return text, role
	}
	if c.Verb == rowedit.Delete {
		return text, draw.Bad
	}
	v, ok := c.Set[column.Name]
	if !ok {
		return text, role
	}
	to := becomes(look, v)
	if was := shortCell(c.Row.Cell(column.Name)); column.Kind != postgres.BytesKind && (was.Null != cell.Null || was.Text != cell.Text && !was.Truncated && !cell.Truncated) {
		old, _ := ShowValue(look, was, column)
		return old + ", now " + text + to, draw.Bad // somebody else has changed it since
	}
	return text + to, draw.Warn
}

// changes reports whether a change, or nil, is about a column.
func changes(c *rowedit.Change, column string) bool {
	if c == nil {
		return false
	}
	_, set := c.Set[column]
	return set || c.Verb == rowedit.Delete
}

// becomes is what a cell is to be, behind what it is.
func becomes(look *draw.Look, v rowedit.Value) string {
	return " " + look.Glyphs.Right + " " + valueText(look, v)
}

// fit cuts what a cell was, so that what it is to be is seen.
func (r *Grid) fit(text string, col, w int, c *rowedit.Change) string {
	if c == nil || draw.Width(text) <= w {
		return text
	}
	v, ok := c.Set[r.Columns[col].Name]
	if !ok {
		return text
	}
	to := becomes(r.Look(), v)
	was := strings.TrimSuffix(text, to)
	if room := w - draw.Width(to); room >= 4 {
		return draw.Clip(was, room-1) + r.Look().Glyphs.Ellipsis + to
	}
	return strings.TrimPrefix(to, " ")
}

// valueText is a value that is pending, as it is shown.
func valueText(look *draw.Look, v rowedit.Value) string {
	if v.Kind == rowedit.Null {
		return look.Glyphs.Null
	}
	return v.String()
}

// pendingSign stands before a row that is to be changed or deleted.
func pendingSign(c *rowedit.Change) (string, draw.Role) {
	if c == nil {
		return "", draw.Accent
	}
	return c.Verb.Sign(), changeRole(c.Verb)
}

// changeRole is how a change is drawn.
func changeRole(v rowedit.Verb) draw.Role {
	return [...]draw.Role{rowedit.Update: draw.Warn, rowedit.Insert: draw.Good, rowedit.Delete: draw.Bad}[v]
}

// newRows draws the rows that are to be added over the others, and returns how many lines they take.
func (r *Grid) newRows(a draw.Area, columns []seenColumn) int {
	added := r.Live().Edits.New(r.ref)
	most := min(newRowsSeen, max(0, a.H-2))
	if len(added) == 0 || most == 0 {
		return 0
	}
	lines := 0
	for _, c := range added {
		if lines == most-1 && len(added) > most {
			a.Text(1, lines, "+ "+say.Count(len(added)-lines, "new row")+" more", draw.Good)
			return most
		}
		a.Text(0, lines, c.Verb.Sign(), draw.Good)
		for _, s := range columns {
			col := r.Columns[r.Order[s.at]]
			text, role := "DEFAULT", draw.Dim
			if v, ok := c.Set[col.Name]; ok {
				text, role = valueText(r.Look(), v), draw.Good
			}
			a.Cut(s.X, lines, s.w, strings.ReplaceAll(text, "\n", "⏎"), role)
		}
		lines++
	}
	return lines
}
