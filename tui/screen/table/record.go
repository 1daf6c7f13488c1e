package table

import (
	"context"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/rowedit"
	"github.com/livepeer/naap-dev/internal/say"
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
	name   string                 // of the row: its key
	at     postgres.PageRequest   // selects the row
	req    postgres.ExportRequest // of the row, to copy it
	keyed  bool                   // its place is its key
	shown  []postgres.Cell        // what the page showed of a row that only its number tells apart, by column
	over   func()                 // after something has become pending
	rec    *postgres.Record
	counts linkCounts // of what points at it
	names  keyNames
	err    error
	list   widget.List
	filter widget.Filter
	ahead  screen.Awaited // what is typed while the row is read to be changed
	width  int
	drawn  int          // how many changes were pending
	lines  []recordLine // made for width
}

// recordLine is a line of the page and what it belongs to.
type recordLine struct {
	text  draw.Line
	value int // index of the column; −1
	link  *postgres.RecordLink
}

const recordLimit = 15 * time.Second

// openRecord opens the row under the cursor of a rows view.
func openRecord(s screen.Root, r *Grid) tea.Cmd {
	if r.List.At >= len(r.Cursors) {
		return nil
	}
	t := &recordScreen{Base: screen.NewBase(s), ref: r.ref, name: r.rowName(r.List.At), at: r.recordRequest(r.List.At), over: r.Measure}
	t.keyed = len(r.key) > 0 && !r.byNumber()
	if r.byNumber() {
		t.shown = r.Rows[r.List.At]
	}
	t.req = postgres.ExportRequest{Table: r.ref, At: []postgres.Cursor{t.at.Cursor}, Where: t.at.Where, Raw: t.at.Raw, Sort: t.at.Sort}
	return s.Open(t)
}

// recordRequest selects a row that is here: by its place in the table's own order, or among the rows that the page chose
// where nothing but their number tells them apart.
func (r *Grid) recordRequest(i int) postgres.PageRequest {
	req := postgres.PageRequest{Table: r.ref, Cursor: slices.Clone(r.Place(i))}
	if r.byNumber() {
		req.Where, req.Raw, req.Sort = r.shownBy.Where, r.shownBy.Raw, r.shownBy.Sort
	}
	return req
}

func (t *recordScreen) ask() tea.Cmd {
	req := t.at
	return job.Ask(t.Jobs(), t.Slot("row"), recordLimit, func(ctx context.Context) (*postgres.Record, error) {
		return t.Backend().Record(ctx, req)
	})
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
		t.rec, t.err = m.Value, nil
		w, _ := t.Size()
		t.unfold(w - 2) // for keys that were typed ahead
		t.compare()
		return tea.Batch(countLinks(t.Root, t.Slot("count"), t.rec.In), t.askNames())
	case job.Answer[linksCounted]:
		t.counts.take(t.Root, m)
		t.width = 0
	case job.Answer[named]:
		t.names.take(m)
		t.width = 0
	case job.Answer[toChange]:
		return t.editor().toBeChanged(m)
	case job.Answer[toDelete]:
		return t.editor().toBeDeleted(m)
	case job.Answer[toAdd]: // asked for the reason why the row cannot be changed
		if m.Err != nil {
			return t.editor().failed(m.Err)
		}
		t.Hint("nothing identifies the rows of " + t.ref.String() + ", so that this one cannot be changed")
	case screen.ChangedNews, screen.WakeNews:
		return t.ask()
	}
	return nil
}

// compare says that a row which only its number tells apart is not what the page showed at that number.
func (t *recordScreen) compare() {
	for i, was := range t.shown {
		now := t.rec.Values[i]
		if was.Null != now.Null || was.Text != now.Text && !(was.Truncated && strings.HasPrefix(now.Text, was.Text)) {
			t.Hint("this row, or another one at its place, has changed since the page was read: nothing identifies the rows of " + t.ref.String())
			return
		}
	}
}

func (t *recordScreen) Actions() []keymap.Action {
	return []keymap.Action{keymap.Open, keymap.Change, keymap.DeleteRow, keymap.Pending, keymap.Unlock,
		keymap.CopyCell, keymap.CopyRow, keymap.Filter, keymap.NextMatch, keymap.PrevMatch, keymap.NextPane}
}

// Quiet reports whether an action needs something else first.
func (t *recordScreen) Quiet(a keymap.Action) bool {
	return quietEdit(t.Root, a) || unchangeable(t.keyed, a)
}

// editor is that of the record.
func (t *recordScreen) editor() editor {
	over := func() { t.width = 0; t.over() }
	return editor{Root: t.Root, slot: t.Slot("the row"), ref: t.ref, shownAs: t.shownAs, then: over, unmark: func() {}, ahead: &t.ahead}
}

// edit carries out an action that changes the row.
func (t *recordScreen) edit(a keymap.Action, line recordLine, ok bool) tea.Cmd {
	e := t.editor()
	cmd, goOn := e.begin(a)
	switch {
	case !goOn:
		return cmd
	case !t.keyed:
		return e.askTable()
	case a == keymap.DeleteRow:
		return e.delete([]postgres.Cursor{t.at.Cursor})
	case !ok || line.value < 0:
		t.Hint("this line is not a value of the row")
		return nil
	}
	return e.change(t.at.Cursor, t.rec.Columns[line.value].Name)
}

// pending is what is pending for the row, or nil.
func (t *recordScreen) pending() *rowedit.Change {
	if !t.keyed {
		return nil
	}
	return t.Live().Edits.At(t.ref, t.at.Cursor)
}

// shownAs has the page show the row as it was read, and reports whether it showed it otherwise.
func (t *recordScreen) shownAs(row *rowedit.Row) (changed bool) {
	if t.rec == nil {
		return false
	}
	for i, c := range t.rec.Columns {
		now, was := row.Cell(c.Name), t.rec.Values[i]
		if now.Unread || c.Kind == postgres.BytesKind || !now.Whole() || was.Truncated || was.Null == now.Null && was.Text == now.Text {
			continue
		}
		changed = true
		t.rec.Values[i] = postgres.Cell{Text: now.Text, Null: now.Null, Bytes: now.Bytes}
	}
	t.width = 0
	return changed
}

func (t *recordScreen) Raw(k tea.KeyMsg) (tea.Cmd, bool) {
	return nil, t.filter.Key(k) || t.editor().holds(k)
}

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
	if edits(a) {
		return t.edit(a, line, ok)
	}
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
	same := func(x, y recordLine) bool { return x.value == y.value && sameLink(x.link, y.link) }
	for i >= 0 && i < len(at) && same(t.lines[at[i]], t.lines[at[t.list.At]]) {
		i += by
	}
	if i >= 0 && i < len(at) {
		t.list.At = i
	}
}

// sameLink reports whether two links, or none, are of one foreign key.
func sameLink(a, b *postgres.RecordLink) bool {
	return a == b || a != nil && b != nil && a.Table == b.Table && a.ForeignKey.Name == b.ForeignKey.Name
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
	if link == nil {
		t.Hint("this value points at no other row")
		return nil
	}
	return followLink(t.Root, link)
}

func (t *recordScreen) Draw(a draw.Area) {
	right := ""
	if n := t.Live().Edits.Len(); n > 0 {
		right = " Pending (" + say.Number(int64(n)) + ") "
	}
	in := a.Box(draw.Frame{Title: " " + t.ref.String() + " " + t.Look().Glyphs.Middle + " " + t.name + " ", Right: right, Focused: true})
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
	if t.width != in.W || t.drawn != t.Live().Edits.Len() {
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

// unfold makes the lines for a width. The cursor stays on its value.
func (t *recordScreen) unfold(w int) {
	was, some := t.line()
	defer func() {
		at := t.shownLines()
		t.list.Size(len(at))
		same := func(i int) bool {
			return t.lines[i].value == was.value && t.lines[i].text.String() != "" && sameLink(t.lines[i].link, was.link)
		}
		if some && t.list.At < len(at) && !same(at[t.list.At]) {
			t.list.At = max(slices.IndexFunc(at, same), 0)
		}
	}()
	t.width, t.drawn = w, t.Live().Edits.Len()
	t.lines = nil
	label := 8
	for _, c := range t.rec.Columns {
		label = max(label, draw.Width(c.Name))
	}
	label = min(label, 28, max(6, w/3))
	for i := range t.rec.Columns {
		t.unfoldValue(i, label, w)
	}
	t.unfoldLinks(t.rec.Out, "points at", t.outLine)
	t.unfoldLinks(t.rec.In, "used by", t.inLine)
}

func (t *recordScreen) unfoldValue(i, label, w int) {
	c, v := t.rec.Columns[i], t.rec.Values[i]
	change := t.pending()
	var lines []draw.Line
	if c.Kind == postgres.JSONKind && !v.Null && !changes(change, c.Name) && (len(v.Text) > w-label-4 || strings.ContainsAny(v.Text, "{[")) {
		lines, _ = widget.JSONLines(v.Text)
	}
	if lines == nil {
		text, role := showChanged(t.Look(), v, postgres.PageColumn{Name: c.Name, Kind: c.Kind}, change)
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
		if n == 0 && c.References != nil && !v.Null && !changes(change, c.Name) {
			l = append(l, draw.Text("  "+t.Look().Glyphs.Right+" "+c.References.Table.String(), draw.Info), draw.Text(t.nameBeside(c.Name, c.References, change), draw.Dim))
		}
		t.lines = append(t.lines, recordLine{text: append(draw.Line{name}, l...), value: i})
	}
}

func (t *recordScreen) unfoldLinks(links []postgres.RecordLink, title string, line func(i int, l *postgres.RecordLink) draw.Line) {
	if len(links) == 0 {
		return
	}
	t.lines = append(t.lines, recordLine{value: -1}, recordLine{text: draw.Line{draw.Text(title, draw.Head)}, value: -1})
	for i := range links {
		t.lines = append(t.lines, recordLine{text: line(i, &links[i]), value: -1, link: &links[i]})
	}
}

// outLine is a row that this one points at.
func (t *recordScreen) outLine(_ int, l *postgres.RecordLink) draw.Line {
	arrow := "  " + t.Look().Glyphs.Right + " "
	if l.Null {
		return draw.Line{draw.Text(arrow, draw.Dim), draw.Text(l.Table.String()+"  NULL", draw.Dim)}
	}
	return draw.Line{draw.Text(arrow, draw.Info), draw.Text(l.Table.String(), draw.Plain), draw.Text("  "+whereText(l.Where, ""), draw.Dim)}
}

// inLine is rows that point at this one: how many, of which table, by which key.
func (t *recordScreen) inLine(i int, l *postgres.RecordLink) draw.Line {
	number, why, role := t.counts.text(t.Look(), i)
	arrow := "  " + t.Look().Glyphs.Left + " "
	table := draw.Plain
	if number == "0" {
		table = draw.Dim
	}
	line := draw.Line{draw.Text(arrow, draw.Info), draw.Text(strings.Repeat(" ", max(0, 6-draw.Width(number)))+number, role), draw.Text("  "+l.Table.String(), table)}
	if why != "" {
		line = append(line, draw.Text("  "+why, draw.Warn))
	}
	if l.Null {
		return append(line, draw.Text("  NULL", draw.Dim))
	}
	return append(line, draw.Text("  "+whereText(l.Where, ""), draw.Dim))
}

func (t *recordScreen) Click(x, y int) tea.Cmd {
	return t.list.Click(x, y, func() tea.Cmd { return t.Act(keymap.Open) })
}
