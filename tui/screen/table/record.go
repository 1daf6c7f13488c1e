package table

import (
	"context"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/widget"
)

// recordScreen is one row as a page: a value under the other, JSON unfolded, then what it points at and what points at
// it.
type recordScreen struct {
	screen.Base
	ref    postgres.TableRef
	name   string // of the row: its key
	ask    func() tea.Cmd
	req    postgres.ExportRequest // of the row, to copy it
	rec    *postgres.Record
	err    error
	list   widget.List
	filter widget.Filter
	width  int
	lines  []recordLine // made for width
}

// recordLine is a line of the page and what it belongs to.
type recordLine struct {
	text  draw.Line
	value int // index of the column; −1
	link  *postgres.RecordLink
	out   bool
}

const recordLimit = 15 * time.Second

// openRecord opens the row under the cursor of a rows view.
func openRecord(s screen.Root, r *Grid) tea.Cmd {
	if r.List.At >= len(r.Cursors) {
		return nil
	}
	t := &recordScreen{Base: screen.NewBase(s), ref: r.ref, name: r.rowName(r.List.At)}
	t.req = postgres.ExportRequest{Table: r.ref, At: []postgres.Cursor{r.Place(r.List.At)}}
	if r.byNumber() {
		t.req.Where, t.req.Raw = r.Where()
		t.req.Sort = r.sorted
	}
	ref, at, sort := r.ref, slices.Clone(r.Cursors[r.List.At]), slices.Clone(r.sorted)
	t.ask = func() tea.Cmd {
		return job.Ask(t.Jobs(), t.Slot("row"), recordLimit, func(ctx context.Context) (*postgres.Record, error) {
			return s.Backend().Record(ctx, ref, at, sort)
		})
	}
	return s.Open(t)
}

// rowName is a row's key as people would name it.
func (r *Grid) rowName(row int) string {
	var parts []string
	for i, c := range r.Columns {
		if c.Key && i < len(r.Rows[row]) {
			parts = append(parts, r.Rows[row][i].Text)
		}
	}
	if len(parts) == 0 {
		return "row"
	}
	return strings.Join(parts, ", ")
}

func (t *recordScreen) Title() string {
	name, rest := t.name, ""
	if len(name) > 18 {
		name, rest = firstN(name, 17), "…"
	}
	return name + rest
}

func firstN(s string, n int) string {
	out := ""
	for range n {
		c, rest := draw.FirstCluster(s)
		out, s = out+c, rest
	}
	return out
}

func (t *recordScreen) Init() tea.Cmd { return t.ask() }

func (t *recordScreen) Subject() (string, postgres.TableRef) { return t.ref.Schema, t.ref }

func (t *recordScreen) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case job.Answer[*postgres.Record]:
		if m.Err != nil {
			t.err = m.Err
			t.Fail("record", m.Err)
			return nil
		}
		t.Settled("record")
		t.rec, t.err, t.width = m.Value, nil, 0
	case screen.ChangedNews, screen.WakeNews:
		return t.ask()
	}
	return nil
}

func (t *recordScreen) Actions() []keymap.Action {
	return []keymap.Action{keymap.Open, keymap.CopyCell, keymap.CopyRow, keymap.Filter, keymap.NextMatch, keymap.PrevMatch, keymap.NextPane}
}

func (t *recordScreen) Raw(k tea.KeyMsg) (tea.Cmd, bool) { return nil, t.filter.Key(k) }

func (t *recordScreen) Hints() [][2]string { return t.filter.Hints() }

func (t *recordScreen) Back() (tea.Cmd, bool) {
	if t.filter.Active() {
		t.filter.Clear()
		return nil, true
	}
	return nil, false
}

func (t *recordScreen) Act(a keymap.Action) tea.Cmd {
	line, ok := t.line()
	switch a {
	case keymap.Filter:
		t.filter.Begin()
	case keymap.NextMatch, keymap.NextPane, keymap.Right:
		t.jump(1)
	case keymap.PrevMatch, keymap.Left:
		t.jump(-1)
	case keymap.CopyCell:
		if ok && line.value >= 0 && !t.rec.Values[line.value].Null {
			return t.Copy(t.rec.Columns[line.value].Name, t.rec.Values[line.value].Text)
		}
	case keymap.CopyRow:
		if t.rec != nil {
			return CopyRows(t.Root, t.req)
		}
	case keymap.Open:
		if ok {
			return t.follow(line)
		}
	default:
		t.list.Move(a)
	}
	return nil
}

// jump goes to the next value or link.
func (t *recordScreen) jump(by int) {
	at := t.shownLines()
	i := t.list.At
	same := func(x, y recordLine) bool { return x.value == y.value && x.link == y.link }
	for i >= 0 && i < len(at) && same(t.lines[at[i]], t.lines[at[t.list.At]]) {
		i += by
	}
	if i >= 0 && i < len(at) {
		t.list.At = i
	}
}

func (t *recordScreen) shownLines() []int {
	return t.filter.Choose(len(t.lines), func(i int) string { return t.lines[i].text.String() })
}

func (t *recordScreen) line() (recordLine, bool) {
	at := t.shownLines()
	if t.rec == nil || t.list.At >= len(at) {
		return recordLine{}, false
	}
	return t.lines[at[t.list.At]], true
}

// follow goes to the rows at the other end of a link, or of the foreign key of a value.
func (t *recordScreen) follow(line recordLine) tea.Cmd {
	link := line.link
	if link == nil && line.value >= 0 {
		c := t.rec.Columns[line.value]
		for i := range t.rec.Out {
			if c.References != nil && t.rec.Out[i].ForeignKey.Name == c.References.Constraint {
				link = &t.rec.Out[i]
			}
		}
	}
	switch {
	case link == nil:
		t.Hint("this value points at no other row")
		return nil
	case link.Null:
		t.Hint("the key is NULL: it points at nothing")
		return nil
	}
	return openRows(t.Root, link.Table, link.Where)
}

func (t *recordScreen) Draw(a draw.Area) {
	in := a.Box(draw.Frame{Title: " " + t.ref.String() + " " + t.Look().Glyphs.Middle + " " + t.name + " ", Focused: true})
	if t.rec == nil {
		if t.err == nil {
			in.Text(1, 0, "asking…", draw.Dim)
			return
		}
		for y, l := range dialog.ErrorLines(t.Root, t.err, in.W) {
			l.Draw(in, 0, y)
		}
		return
	}
	if t.width != in.W {
		t.width = in.W
		t.unfold(in.W)
	}
	h := in.H
	if t.filter.Draw(in, in.H-1) {
		h--
	}
	at := t.shownLines()
	t.list.Size(len(at))
	t.list.Draw(in.Sub(0, 0, in.W, h), true, draw.Chosen, func(n, y int) { t.lines[at[n]].text.Draw(in, 1, y) })
}

// unfold makes the lines for a width.
func (t *recordScreen) unfold(w int) {
	t.lines = t.lines[:0]
	label := 8
	for _, c := range t.rec.Columns {
		label = max(label, draw.Width(c.Name))
	}
	label = min(label, 28, max(6, w/3))
	for i := range t.rec.Columns {
		t.unfoldValue(i, label, w)
	}
	t.unfoldLinks(t.rec.Out, true, w)
	t.unfoldLinks(t.rec.In, false, w)
}

func (t *recordScreen) unfoldValue(i, label, w int) {
	c, v := t.rec.Columns[i], t.rec.Values[i]
	var lines []draw.Line
	if c.Kind == postgres.JSONKind && !v.Null && len(v.Text) > w-label-4 {
		lines, _ = widget.JSONLines(v.Text)
	} else if c.Kind == postgres.JSONKind && !v.Null && strings.ContainsAny(v.Text, "{[") {
		lines, _ = widget.JSONLines(v.Text)
	}
	if lines == nil {
		text, role := ShowValue(t.Look(), v, postgres.PageColumn{Kind: c.Kind})
		if role == draw.Null {
			lines = []draw.Line{{draw.Text(text, role)}}
		} else {
			for _, l := range draw.Wrap(strings.ReplaceAll(text, "\r\n", "\n"), max(8, w-label-3)) {
				lines = append(lines, draw.Line{draw.Text(l, role)})
			}
		}
	}
	name := draw.Text(draw.Pad(draw.Clip(c.Name, label), label+1), draw.Word)
	if c.PrimaryKey > 0 {
		name.Role = draw.Strong
	}
	for n, l := range lines {
		if n > 0 {
			name = draw.Text(draw.Pad("", label+1), draw.Plain)
		}
		if n == 0 && c.References != nil && !v.Null {
			l = append(l, draw.Text("  "+t.Look().Glyphs.Right+" "+c.References.Table.String(), draw.Info))
		}
		t.lines = append(t.lines, recordLine{text: append(draw.Line{name}, l...), value: i})
	}
}

func (t *recordScreen) unfoldLinks(links []postgres.RecordLink, out bool, w int) {
	if len(links) == 0 {
		return
	}
	g := t.Look().Glyphs
	title, arrow := "points at", g.Right
	if !out {
		title, arrow = "may be pointed at by", g.Left
	}
	t.lines = append(t.lines, recordLine{value: -1}, recordLine{text: draw.Line{draw.Text(title, draw.Head)}, value: -1})
	for i := range links {
		l := &links[i]
		line := draw.Line{draw.Text("  "+arrow+" ", draw.Info), draw.Text(l.Table.String(), draw.Plain), draw.Text("  "+whereText(l.Where, ""), draw.Dim)}
		if l.Null {
			line = draw.Line{draw.Text("  "+arrow+" ", draw.Dim), draw.Text(l.Table.String()+"  NULL", draw.Dim)}
		}
		t.lines = append(t.lines, recordLine{text: line, value: -1, link: l, out: out})
	}
}

func (t *recordScreen) Click(x, y int) tea.Cmd {
	return t.list.Click(x, y, func() tea.Cmd { return t.Act(keymap.Open) })
}
