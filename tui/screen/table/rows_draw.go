package table

import (
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
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
	manyRows    = 50_000 // of which sorting takes long enough to say why
)

// Measure sets the order and widths of the columns from what they hold.
func (r *Grid) Measure() {
	r.narrow = r.isNarrow()
	r.Order, r.frozen = r.shownColumns()
	r.Widths = make([]int, len(r.Order))
	for shown, i := range r.Order {
		w := draw.Width(r.heading(i))
		for n, row := range r.Rows {
			if i < len(row) {
				text, _ := r.cellText(n, i, r.pendingAt(n))
				w = max(w, draw.Width(text))
			}
		}
		widest := widestCell
		if r.Columns[i].Kind == postgres.NumberKind { // whose digits all count
			widest = max(widest, r.lastWidth-2)
		}
		r.Widths[shown] = min(max(w, 3), widest)
		if r.narrow && r.holdsUUIDs(i) {
			r.Widths[shown] = min(r.Widths[shown], max(shortUUID, draw.Width(r.heading(i))))
		}
	}
	r.measureNames()
	r.Col = max(0, min(r.Col, len(r.Order)-1))
}

// holdsUUIDs reports whether all values of a column look like UUIDs, whatever its type: Prisma keeps them as text.
func (r *Grid) holdsUUIDs(i int) bool {
	some := false
	for _, row := range r.Rows {
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
func (r *Grid) middle(text string, w int) string {
	if !looksLikeUUID(text) {
		return text
	}
	return draw.Middle(text, w, r.Look().Glyphs.Ellipsis)
}

// heading is a column's name with its order and whether it leads elsewhere.
func (r *Grid) heading(i int) string {
	c, g := r.Columns[i], r.Look().Glyphs
	text := c.Name + r.orderSign(c.Name)
	if c.References != nil {
		text += " " + g.Right
	}
	return text
}

// ShowValue is how a value looks: NULL, empty and binary values differ from any text.
func ShowValue(look *draw.Look, c postgres.Cell, col postgres.PageColumn) (string, draw.Role) {
	switch {
	case c.Null:
		return look.Glyphs.Null, draw.Null
	case c.Text == "" && c.Bytes == 0:
		return `""`, draw.Null
	case col.Kind == postgres.BytesKind:
		return c.Text + " (" + screen.Size(c.Bytes) + ")", draw.Null
	}
	role := draw.Plain
	switch col.Kind {
	case postgres.NumberKind:
		role = draw.Number
	case postgres.JSONKind, postgres.ArrayKind, postgres.CompositeKind, postgres.RangeKind:
		role = draw.Quote
	case postgres.BoolKind, postgres.EnumKind:
		role = draw.Word
	case postgres.TimeKind, postgres.UUIDKind:
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

// draw draws the rows, and under them how many there are.
func (r *Grid) draw(a draw.Area, focused bool) {
	if a.W < 1 || a.H < 1 {
		return
	}
	if !r.Loaded && len(r.Rows) == 0 {
		a.Text(1, 0, "asking for rows…", draw.Dim)
		return
	}
	if r.err != nil {
		lines := dialog.ErrorLines(r.Root, r.err, a.W)
		if len(r.Rows) == 0 {
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
	r.DrawGrid(a.Sub(0, 0, a.W, a.H-foot), focused)
	if foot > 0 {
		r.footing(a, a.H-1)
	}
}

// DrawGrid draws the head and the rows that are here.
func (r *Grid) DrawGrid(body draw.Area, focused bool) {
	r.lastWidth = body.W
	if narrow := r.isNarrow(); narrow != r.narrow {
		r.narrow = narrow
		r.Measure()
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
	if n := r.newRows(body, columns); n > 0 {
		body = body.Sub(0, n, body.W, body.H-n)
	}
	if len(r.Rows) == 0 {
		body.Text(1, 0, "no rows", draw.Dim)
		return
	}
	r.List.Size(len(r.Rows))
	from, to := r.List.In(body)
	for y := from; y < to; y++ {
		r.row(body, columns, y, y-from, focused)
	}
}

// seenColumn is a column with its place on the screen.
type seenColumn struct {
	at, X, w int
	name     int // how many cells of w are for names beside the values
}

// columnsSeen lays out the frozen columns and as many others as fit, so that the cursor's column is among them.
func (r *Grid) columnsSeen(width int) []seenColumn {
	n := len(r.Order)
	if n == 0 {
		return nil
	}
	frozen, fw := 0, 0
	for i := range r.frozen {
		if w := min(r.Widths[i], max(8, width*2/5)); fw+w+3 <= width*9/20 || i == 0 {
			frozen, fw = i+1, fw+w+3
		}
	}
	if r.Col < frozen {
		r.left = 0
	}
	if r.Col >= frozen && r.Col < frozen+r.left {
		r.left = r.Col - frozen
	}
	r.left = max(0, min(r.left, n-frozen-1))
	for {
		columns := r.layout(width, frozen)
		lastSeen := columns[len(columns)-1]
		whole := lastSeen.w >= min(r.Widths[lastSeen.at], 12) || r.Columns[r.Order[lastSeen.at]].Kind == postgres.NumberKind
		if r.Col < frozen || r.Col < lastSeen.at || (r.Col == lastSeen.at && (whole || r.Col == r.left+frozen)) || r.left >= n-frozen-1 {
			r.seen = max(1, len(columns)-frozen)
			return r.giveNames(columns, width)
		}
		r.left++
	}
}

func (r *Grid) layout(width, frozen int) []seenColumn {
	var out []seenColumn
	x := 1
	for shown := 0; shown < len(r.Order); shown++ {
		if shown == frozen {
			shown += r.left
			if shown >= len(r.Order) {
				break
			}
		}
		w := r.Widths[shown]
		if shown < frozen {
			w = min(w, max(8, width*2/5))
		}
		if room := width - x; w > room || shown == len(r.Order)-1 {
			number := r.Columns[r.Order[shown]].Kind == postgres.NumberKind
			if number && w > room && len(out) > 0 { // part of a number would be another
				break
			}
			if w = min(room, max(w, room*2/3)); w < 3 && len(out) > 0 {
				break
			}
		}
		out = append(out, seenColumn{at: shown, X: x, w: max(w, 1)})
		if x += w + 3; x >= width {
			break
		}
	}
	return out
}

func (r *Grid) heads(a draw.Area, columns []seenColumn) {
	g := r.Look().Glyphs
	for i, c := range columns {
		role := draw.Head
		if c.at == r.Col {
			role = draw.Accent
		}
		if w := c.w - c.name; r.Columns[r.Order[c.at]].Kind == postgres.NumberKind && w == r.Widths[c.at] {
			a.Right(c.X+w, 0, w, r.heading(r.Order[c.at]), role)
		} else {
			a.Cut(c.X, 0, c.w, r.heading(r.Order[c.at]), role)
		}
		if i < len(columns)-1 {
			a.Text(c.X+c.w+1, 0, g.V, draw.Border)
		}
	}
	if r.left > 0 && len(columns) > 0 {
		a.Text(0, 0, g.Left[:len(g.Left)], draw.Accent)
	}
}

func (r *Grid) rule(a draw.Area, columns []seenColumn) {
	g := r.Look().Glyphs
	a.Run(1, 1, a.W-2, g.H, draw.Border)
	for i, c := range columns {
		if i < len(columns)-1 {
			a.Text(c.X+c.w+1, 1, g.Cross4, draw.Border)
		}
	}
}

func (r *Grid) row(a draw.Area, columns []seenColumn, i, y int, focused bool) {
	chosen, pending := i == r.List.At, r.pendingAt(i)
	for n, c := range columns {
		shown := r.Order[c.at]
		if n < len(columns)-1 {
			a.Text(c.X+c.w+1, y, r.Look().Glyphs.V, draw.Border)
		}
		if shown >= len(r.Rows[i]) {
			continue
		}
		text, role := r.cellText(i, shown, pending)
		w := c.w - c.name
		if r.Columns[shown].Kind == postgres.NumberKind && w == r.Widths[c.at] {
			a.Right(c.X+w, y, w, text, role)
		} else {
			a.Cut(c.X, y, w, r.middle(r.fit(text, shown, w, pending), w), role)
		}
		if c.name > 0 {
			r.nameBeside(a, c.X+w, y, c.name, r.nameIn(i, shown))
		}
	}
	sign, signRole := pendingSign(pending)
	marked := r.isMarked(i)
	if marked {
		sign, signRole = r.Look().Glyphs.Marked, draw.Accent
	}
	if chosen {
		a.Mark(0, y, a.W, draw.ChosenAside)
	}
	r.markFresh(a, columns, i, y)
	if !chosen {
		a.Text(0, y, sign, signRole)
		return
	}
	if sign = r.Look().Glyphs.Pick; marked {
		sign = r.Look().Glyphs.PickMarked
	}
	a.Text(0, y, sign, draw.Accent)
	for _, c := range columns {
		if c.at == r.Col && focused {
			a.Mark(c.X, y, c.w-c.name, draw.Chosen)
		}
	}
}

// conditions writes the conditions in force, and reports whether there are any.
func (r *Grid) conditions(a draw.Area, y int) bool {
	parts := r.conditionTexts()
	if r.typOn && r.editing >= 0 {
		parts = slices.Delete(parts, len(r.Given)+r.editing, len(r.Given)+r.editing+1)
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

// whereText is conditions as people read them.
func whereText(where []postgres.Condition, raw string) string {
	var parts []string
	for _, w := range where {
		switch w.Op {
		case postgres.IsNull, postgres.IsNotNull:
			parts = append(parts, w.Column+" "+string(w.Op))
		case postgres.AnyOf:
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
func (r *Grid) footing(a draw.Area, y int) {
	text := "no rows"
	if n := len(r.Rows); n > 0 {
		from, to := int64(r.List.Top), int64(min(n, r.List.Top+max(1, r.List.Height)))
		if r.First >= 0 {
			text = "rows " + say.Number(r.First+from+1) + "–" + say.Number(r.First+to)
		} else {
			text = say.Count(to-from, "row")
		}
		if r.known {
			text += " of " + totalText(r.total)
		}
	}
	p := a.Pen(1, y).Text(text, draw.Dim)
	if n := r.Live().Edits.Len(); n > 0 && r.ref.Name != "" {
		p.Text("  Pending ("+say.Number(n)+")", draw.Warn)
	}
	if n := len(r.hidden); n > 0 {
		p.Text("  "+say.Number(int64(n))+" hidden", draw.Warn)
	}
	if n := len(r.marks.list); n > 0 {
		p.Text("  "+say.Number(int64(n))+" marked", draw.Accent)
	}
	if r.Jobs().Busy(r.slot()) {
		p.Text("  asking…", draw.Info)
	} else if r.err != nil {
		p.Text("  "+r.err.Error(), draw.Bad)
		return
	}
	g := r.Look().Glyphs
	p.Text(" "+g.Middle+" "+say.Took(r.took)+" "+g.Middle+" "+r.method, draw.Dim)
	if r.sorts && (r.total.N >= manyRows || !r.total.Exact) {
		p.Text(", no index has this order: each page sorts them all", draw.Warn)
	}
	if c, cell, ok := r.Cell(); ok && p.Left() > 20 {
		p.Text("  "+c.Name+" "+c.Type, draw.Dim)
		if cell.Truncated {
			p.Text(" "+screen.Size(cell.Bytes), draw.Dim)
		}
		if c.References != nil && !cell.Null {
			p.Text("  "+r.Label("open")+" "+g.Right+" "+c.References.Table.String(), draw.Info)
			p.Text("  "+r.nameIn(r.List.At, r.Order[r.Col]), draw.Dim)
		}
	}
}

func totalText(r postgres.RowCount) string {
	switch {
	case r.Capped:
		return "more than " + say.Number(r.N-1)
	case !r.Exact:
		return "~" + screen.Count(r.N)
	}
	return say.Number(r.N)
}

// isNarrow reports whether the frame has no room for identifiers in full.
func (r *Grid) isNarrow() bool {
	w, _ := r.Size()
	return w < narrowFrame
}
