package tui

import (
	"strings"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/widget"
)

// How wide a column gets: at most, and one of identifiers where the frame is narrow.
const (
	widestCell  = 42
	shortUUID   = 13
	narrowFrame = 110
)

// measure sets the order and widths of the columns from what they hold.
func (r *rowsView) measure() {
	r.narrow = r.isNarrow()
	r.order = r.order[:0]
	for i, c := range r.columns {
		if c.Key {
			r.order = append(r.order, i)
		}
	}
	r.frozen = min(len(r.order), 2)
	for i, c := range r.columns {
		if !c.Key {
			r.order = append(r.order, i)
		}
	}
	r.widths = make([]int, len(r.order))
	for shown, i := range r.order {
		w := draw.Width(r.heading(i))
		for _, row := range r.rows {
			if i < len(row) {
				text, _ := showValue(r.Look(), row[i], r.columns[i])
				w = max(w, draw.Width(text))
			}
		}
		r.widths[shown] = min(max(w, 3), widestCell)
		if r.narrow && r.holdsUUIDs(i) {
			r.widths[shown] = min(r.widths[shown], max(shortUUID, draw.Width(r.heading(i))))
		}
	}
	r.col = max(0, min(r.col, len(r.order)-1))
}

// holdsUUIDs tells whether all values of a column look like UUIDs, whatever its type: Prisma keeps them as text.
func (r *rowsView) holdsUUIDs(i int) bool {
	some := false
	for _, row := range r.rows {
		if i < len(row) && !row[i].Null {
			if !looksLikeUUID(row[i].Text) {
				return false
			}
			some = true
		}
	}
	return some
}

func looksLikeUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		if hyphen := i == 8 || i == 13 || i == 18 || i == 23; hyphen != (s[i] == '-') || s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// middle cuts an identifier in its middle, as its end tells rows apart as well as its beginning does.
func (r *rowsView) middle(text string, w int) string {
	if w >= len(text) || w < 9 || !looksLikeUUID(text) {
		return text
	}
	return text[:w-5] + r.Look().Glyphs.Ellipsis + text[len(text)-4:]
}

// heading is a column's name with its order and whether it leads elsewhere.
func (r *rowsView) heading(i int) string {
	c, g := r.columns[i], r.Look().Glyphs
	text := c.Name
	if len(r.sort) > 0 && r.sort[0].Column == c.Name {
		if r.sort[0].Desc {
			text += " " + g.Down
		} else {
			text += " " + g.Up
		}
	}
	if c.References != nil {
		text += " " + g.Right
	}
	return text
}

// showValue is how a value looks: NULL, empty and binary values differ from any text.
func showValue(look *draw.Look, c devenv.Cell, col devenv.PageColumn) (string, draw.Role) {
	switch {
	case c.Null:
		return look.Glyphs.Null, draw.Null
	case c.Text == "" && c.Bytes == 0:
		return `""`, draw.Null
	case col.Kind == devenv.BytesKind:
		return c.Text + " (" + screen.Size(c.Bytes) + ")", draw.Null
	}
	role := draw.Plain
	switch col.Kind {
	case devenv.NumberKind:
		role = draw.Number
	case devenv.JSONKind, devenv.ArrayKind, devenv.CompositeKind, devenv.RangeKind:
		role = draw.Quote
	case devenv.BoolKind, devenv.EnumKind:
		role = draw.Word
	case devenv.TimeKind, devenv.UUIDKind:
		role = draw.Info
	}
	if c.Truncated {
		return c.Text + look.Glyphs.Ellipsis, role
	}
	if strings.Trim(c.Text, " ") == "" {
		return `"` + c.Text + `"`, draw.Null
	}
	return c.Text, role
}

func (r *rowsView) Draw(a draw.Area, focused bool) {
	if a.W < 1 || a.H < 1 {
		return
	}
	if !r.loaded && len(r.rows) == 0 {
		a.Text(1, 0, "asking for rows…", draw.Dim)
		return
	}
	if r.err != nil {
		lines := dialog.ErrorLines(r.Root, r.err, a.W)
		if len(r.rows) == 0 {
			r.conditions(a, a.H-1)
			for y, l := range lines[:min(len(lines), max(0, a.H-1))] {
				l.Draw(a, 0, y)
			}
			return
		}
	}
	foot := 0
	if a.H >= 4 {
		foot = 1
	}
	if a.H >= 5 && r.conditions(a, a.H-2) {
		foot = 2
	}
	r.drawGrid(a.Sub(0, 0, a.W, a.H-foot), focused)
	if foot > 0 {
		r.footing(a, a.H-1)
	}
}

// drawGrid draws the head and the rows that are here.
func (r *rowsView) drawGrid(body draw.Area, focused bool) {
	r.lastWidth = body.W
	if narrow := r.isNarrow(); narrow != r.narrow {
		r.narrow = narrow
		r.measure()
	}
	columns := r.columnsSeen(body.W)
	head := 0
	if body.H >= 3 {
		head = 1
		r.heads(body, columns)
	}
	if body.H >= 8 {
		head = 2
		r.rule(body, columns)
	}
	body = body.Sub(0, head, body.W, body.H-head)
	if len(r.rows) == 0 {
		body.Text(1, 0, "no rows", draw.Dim)
		return
	}
	r.list.Size(len(r.rows))
	from, to := r.list.In(body)
	for y := from; y < to; y++ {
		r.row(body, columns, y, y-from, focused)
	}
}

// seenColumn is a column with its place on the screen.
type seenColumn struct{ at, x, w int }

// columnsSeen lays out the frozen columns and as many others as fit, so that the cursor's column is among them.
func (r *rowsView) columnsSeen(width int) []seenColumn {
	n := len(r.order)
	if n == 0 {
		return nil
	}
	frozen, fw := 0, 0
	for i := range r.frozen {
		if w := min(r.widths[i], max(8, width*2/5)); fw+w+3 <= width*9/20 || i == 0 {
			frozen, fw = i+1, fw+w+3
		}
	}
	if r.col < frozen {
		r.left = 0
	}
	if r.col >= frozen && r.col < frozen+r.left {
		r.left = r.col - frozen
	}
	r.left = max(0, min(r.left, n-frozen-1))
	for {
		columns := r.layout(width, frozen)
		lastSeen := columns[len(columns)-1]
		whole := lastSeen.w >= min(r.widths[lastSeen.at], 12)
		if r.col < frozen || r.col < lastSeen.at || (r.col == lastSeen.at && (whole || r.col == r.left+frozen)) || r.left >= n-frozen-1 {
			r.seen = max(1, len(columns)-frozen)
			return columns
		}
		r.left++
	}
}

func (r *rowsView) layout(width, frozen int) []seenColumn {
	var out []seenColumn
	x := 1
	for shown := 0; shown < len(r.order); shown++ {
		if shown == frozen {
			shown += r.left
			if shown >= len(r.order) {
				break
			}
		}
		w := r.widths[shown]
		if shown < frozen {
			w = min(w, max(8, width*2/5))
		}
		if room := width - x; w > room || shown == len(r.order)-1 {
			if w = min(room, max(w, room*2/3)); w < 3 && len(out) > 0 {
				break
			}
		}
		out = append(out, seenColumn{shown, x, max(w, 1)})
		if x += w + 3; x >= width {
			break
		}
	}
	return out
}

func (r *rowsView) heads(a draw.Area, columns []seenColumn) {
	g := r.Look().Glyphs
	for i, c := range columns {
		role := draw.Head
		if c.at == r.col {
			role = draw.Accent
		}
		if r.columns[r.order[c.at]].Kind == devenv.NumberKind && c.w == r.widths[c.at] {
			a.Right(c.x+c.w, 0, c.w, r.heading(r.order[c.at]), role)
		} else {
			a.Cut(c.x, 0, c.w, r.heading(r.order[c.at]), role)
		}
		if i < len(columns)-1 {
			a.Text(c.x+c.w+1, 0, g.V, draw.Border)
		}
	}
	if r.left > 0 && len(columns) > 0 {
		a.Text(0, 0, g.Left[:len(g.Left)], draw.Accent)
	}
}

func (r *rowsView) rule(a draw.Area, columns []seenColumn) {
	g := r.Look().Glyphs
	a.Run(1, 1, a.W-2, g.H, draw.Border)
	for i, c := range columns {
		if i < len(columns)-1 {
			a.Text(c.x+c.w+1, 1, g.Cross4, draw.Border)
		}
	}
}

func (r *rowsView) row(a draw.Area, columns []seenColumn, i, y int, focused bool) {
	chosen := i == r.list.At
	for n, c := range columns {
		shown := r.order[c.at]
		if n < len(columns)-1 {
			a.Text(c.x+c.w+1, y, r.Look().Glyphs.V, draw.Border)
		}
		if shown >= len(r.rows[i]) {
			continue
		}
		text, role := showValue(r.Look(), r.rows[i][shown], r.columns[shown])
		if r.columns[shown].Kind == devenv.NumberKind && c.w == r.widths[c.at] {
			a.Right(c.x+c.w, y, c.w, text, role)
		} else {
			a.Cut(c.x, y, c.w, r.middle(text, c.w), role)
		}
	}
	if !chosen {
		return
	}
	a.Mark(0, y, a.W, draw.ChosenAside)
	a.Text(0, y, r.Look().Glyphs.Pick, draw.Accent)
	for _, c := range columns {
		if c.at == r.col && focused {
			a.Mark(c.x, y, c.w, draw.Chosen)
		}
	}
}

// conditions writes the conditions in force, and tells whether there are any.
func (r *rowsView) conditions(a draw.Area, y int) bool {
	parts := []string{}
	if len(r.given) > 0 {
		parts = append(parts, whereText(r.given, ""))
	}
	for _, f := range r.typed {
		if !r.typOn || f.column != r.about {
			parts = append(parts, f.String())
		}
	}
	text := strings.Join(parts, " and ")
	if !r.typOn {
		if text != "" {
			a.Pen(1, y).Text("where ", draw.Head).Text(text, draw.Match)
		}
		return text != ""
	}
	p := a.Pen(1, y)
	if room := a.W - 32; text != "" && room > 12 { // what is typed needs its own
		p.Text("where ", draw.Head).Text(draw.Clip(text, room-6), draw.Match).Text(" and ", draw.Head)
	}
	p.Text(r.about+" / ", draw.Key)
	widget.DrawInput(a, p.X, y, max(8, a.W-p.X-2), &r.line, true)
	return true
}

// String is a typed filter as people read it.
func (f typedFilter) String() string {
	cond, raw := condition(f.column, f.text)
	switch {
	case cond != nil:
		return whereText([]devenv.Condition{*cond}, "")
	case strings.HasPrefix(strings.TrimSpace(f.text), "where "):
		return raw
	}
	return f.column + " " + strings.TrimSpace(f.text)
}

// whereText is conditions as people read them.
func whereText(where []devenv.Condition, raw string) string {
	var parts []string
	for _, w := range where {
		switch w.Op {
		case devenv.IsNull, devenv.IsNotNull:
			parts = append(parts, w.Column+" "+string(w.Op))
		case devenv.AnyOf:
			parts = append(parts, w.Column+" in ("+strings.Join(w.Values, ", ")+")")
		default:
			parts = append(parts, w.Column+" "+string(w.Op)+" "+w.Value)
		}
	}
	if raw != "" {
		parts = append(parts, raw)
	}
	return strings.Join(parts, " and ")
}

// footing says which rows these are, of how many, and how they came.
func (r *rowsView) footing(a draw.Area, y int) {
	text := "no rows"
	if n := len(r.rows); n > 0 {
		from, to := int64(r.list.Top), int64(min(n, r.list.Top+max(1, r.list.Height)))
		if r.first >= 0 {
			text = "rows " + say.Number(r.first+from+1) + "–" + say.Number(r.first+to)
		} else {
			text = say.Count(to-from, "row")
		}
		if r.known {
			text += " of " + totalText(r.total)
		}
	}
	p := a.Pen(1, y).Text(text, draw.Dim)
	if r.Jobs().Busy(r.slot()) {
		p.Text("  asking…", draw.Info)
	} else if r.err != nil {
		p.Text("  "+r.err.Error(), draw.Bad)
		return
	}
	g := r.Look().Glyphs
	p.Text(" "+g.Middle+" "+say.Took(r.took)+" "+g.Middle+" "+r.method, draw.Dim)
	if c, cell, ok := r.cell(); ok && p.Left() > 20 {
		p.Text("  "+c.Name+" "+c.Type, draw.Dim)
		if cell.Truncated {
			p.Text(" "+screen.Size(cell.Bytes), draw.Dim)
		}
		if c.References != nil && !cell.Null {
			p.Text("  "+r.Label("open")+" "+g.Right+" "+c.References.Table.String(), draw.Info)
		}
	}
}

func totalText(r devenv.RowCount) string {
	switch {
	case r.Capped:
		return "more than " + say.Number(r.N-1)
	case !r.Exact:
		return "~" + screen.Count(r.N)
	}
	return say.Number(r.N)
}

// isNarrow reports whether the frame has no room for identifiers in full.
func (r *rowsView) isNarrow() bool {
	w, _ := r.Size()
	return w < narrowFrame
}
