// Package table is the screens of one table: its columns, indexes, keys and rows, a record, what points where, an export.
package table

import (
	"context"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/widget"
)

// Tab is one of the ways to look at a table.
type Tab int

const (
	ColumnTab Tab = iota
	indexTab
	keyTab
	RowTab
	ddlTab
	statTab
	tabs
)

var (
	tabNames       = [tabs]string{"Columns", "Indexes", "Keys", "Rows", "DDL", "Stats"}
	mediumTabNames = [tabs]string{"Cols", "Idx", "Keys", "Rows", "DDL", "Stats"}
	shortTabNames  = [tabs]string{"Col", "Idx", "Key", "Row", "DDL", "Sta"}
)

// View shows one table in tabs: the dashboard's fifth pane, and the whole page of a table.
type View struct {
	screen.Base
	page   bool // it is the whole screen, and no pane of one
	Ref    postgres.TableRef
	Tab    Tab
	Turned bool // the user chose the tab
	detail *postgres.TableDetail
	err    error
	Lists  [tabs]widget.List
	skip   widget.Sideways // of the DDL and the figures
	filter widget.Filter
	Rows   Grid
	labels [tabs]draw.Area                             // where the tabs' names were last drawn, for the mouse
	known  map[postgres.TableRef]*postgres.TableDetail // seen before: shown at once while they are asked for again
}

const (
	DetailLimit = 10 * time.Second // of a question about one table
	CountLimit  = 10 * time.Minute // of counting rows
	knownKept   = 64
)

// NewView has no table yet; base is that of the screen that it is part of.
func NewView(base screen.Base) *View {
	return &View{Base: base, known: map[postgres.TableRef]*postgres.TableDetail{}, Rows: Grid{Root: base.Root, Owner: base.ID()}}
}

// Show turns to a table; nothing happens if it is shown already.
func (v *View) Show(ref postgres.TableRef) tea.Cmd {
	if ref == v.Ref {
		return nil
	}
	v.Ref, v.err = ref, nil
	v.detail = v.known[ref]
	v.Lists, v.skip = [tabs]widget.List{}, widget.Sideways{}
	v.filter.Clear()
	v.Rows.turnTo(ref)
	if ref.Name == "" {
		v.Jobs().Cancel(v.Slot("table"))
		v.Jobs().Cancel(v.Slot("rows"))
		return nil
	}
	return tea.Batch(v.askDetail(v.Pauses().Rest), v.askRows(v.Pauses().Rest))
}

// reload asks again for what is shown.
func (v *View) reload() tea.Cmd {
	if v.Ref.Name == "" {
		return nil
	}
	if v.Tab != RowTab {
		v.Rows.Loaded = false
		return v.askDetail(0)
	}
	return tea.Batch(v.askDetail(0), v.Rows.again())
}

func (v *View) askDetail(wait time.Duration) tea.Cmd {
	backend, ref := v.Backend(), v.Ref
	return job.AskQuietly(v.Jobs(), v.Slot("table"), DetailLimit, func(ctx context.Context) (*postgres.TableDetail, error) {
		if err := settle(ctx, wait); err != nil {
			return nil, err
		}
		return backend.Detail(ctx, ref)
	})
}

// askRows asks for rows if they are looked at and not there yet: the first ones, or again those that were there.
func (v *View) askRows(wait time.Duration) tea.Cmd {
	if v.Tab != RowTab || v.Rows.Loaded || v.Ref.Name == "" {
		return nil
	}
	if len(v.Rows.Rows) > 0 {
		return v.Rows.again()
	}
	return v.Rows.ask(postgres.FirstPage, nil, wait)
}

// settle waits, unless the question is over before.
func settle(ctx context.Context, wait time.Duration) error {
	if wait <= 0 {
		return nil
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (v *View) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case screen.ChangedNews, screen.WakeNews:
		return v.reload()
	case job.Answer[*postgres.TableDetail]:
		if m.Err != nil {
			v.err = m.Err
			return nil
		}
		v.detail, v.err = m.Value, nil
		if len(v.known) >= knownKept {
			clear(v.known)
		}
		v.known[v.Ref] = m.Value
	case job.Answer[PageOf]:
		return v.Rows.arrived(m)
	case job.Answer[named]:
		v.Rows.names.take(m)
		v.Rows.measureNames()
	case job.Answer[screen.Passed]:
		v.Rows.fresh = nil
	case job.Answer[counted]:
		noteCount(v.Root, m)
		if m.Err == nil && m.Value.table == v.Rows.ref && !v.Rows.filtered() {
			v.Rows.total, v.Rows.known = m.Value.rows, true
		}
	case job.Answer[incomingOf]:
		return v.Rows.incoming(m)
	case job.Answer[toChange]:
		return v.Rows.editor().toBeChanged(m)
	case job.Answer[toAdd]:
		return v.Rows.toBeAdded(m)
	case job.Answer[toDelete]:
		return v.Rows.editor().toBeDeleted(m)
	}
	return nil
}

// Actions are those of the tab.
func (v *View) Actions() []keymap.Action {
	own := []keymap.Action{keymap.Open, keymap.NextTab}
	if v.Tab == RowTab {
		own = append(own, editActions...)
		own = append(own, keymap.Record, keymap.Filter, keymap.Sort, keymap.SortAlso, keymap.FilterCell, keymap.FilterAlso, keymap.Conditions, keymap.Incoming, keymap.CopyCell,
			keymap.CopyRow, keymap.Mark, keymap.MarkRange, keymap.MarkAll, keymap.Unmark, keymap.Export, keymap.Count, keymap.ClearWhere, keymap.Hide, keymap.Pin, keymap.ShowAll, keymap.ColsLeft, keymap.ColsRight, keymap.FirstCol, keymap.LastCol)
	} else {
		own = append(own, keymap.Filter, keymap.CopyCell, keymap.CopyRow, keymap.Export, keymap.Count)
	}
	if v.Tab == ddlTab || v.Tab == statTab {
		own = append(own, keymap.ColsLeft, keymap.ColsRight, keymap.FirstCol, keymap.LastCol)
	}
	own = append(own, keymap.PrevTab, keymap.NextMatch, keymap.PrevMatch)
	if v.page {
		own = append(append(own, keymap.NextPane, keymap.PrevPane), keymap.Panes[:]...)
	}
	return own
}

// Quiet reports whether an action needs something else first: writes that are unlocked, or something pending.
func (v *View) Quiet(a keymap.Action) bool {
	keyed := len(v.Rows.Columns) == 0 || !v.Rows.byNumber() && len(v.Rows.key) > 0
	return quietEdit(v.Root, a) || unchangeable(keyed, a)
}

// Raw takes the keys while a filter is typed.
func (v *View) Raw(k tea.KeyMsg) (tea.Cmd, bool) {
	if v.Tab == RowTab {
		return v.Rows.raw(k)
	}
	return nil, v.filter.Key(k)
}

// Hints are the keys while a filter is typed.
func (v *View) Hints() [][2]string {
	if v.Tab != RowTab {
		return v.filter.Hints()
	}
	if !v.Rows.typOn {
		return nil
	}
	return [][2]string{{"enter", "keeps it"}, {"esc", "drops it"}, {"text !not =x >x ~regexp null", "about " + v.Rows.about}, {"where", "any SQL"}}
}

// Back steps back inside of the tab.
func (v *View) Back() (tea.Cmd, bool) {
	if v.Tab == RowTab {
		return v.Rows.back()
	}
	if v.filter.Active() {
		v.filter.Clear()
		return nil, true
	}
	return nil, false
}

// Act carries out an action on the tab.
func (v *View) Act(a keymap.Action) tea.Cmd {
	if i := slices.Index(keymap.Panes[:], a); i >= 0 {
		return v.turn(Tab(i))
	}
	switch a {
	case keymap.NextTab, keymap.NextPane:
		return v.turn((v.Tab + 1) % tabs)
	case keymap.PrevTab, keymap.PrevPane:
		return v.turn((v.Tab + tabs - 1) % tabs)
	case keymap.Count:
		if v.Tab == RowTab && v.Rows.filtered() {
			return v.Rows.countAll()
		}
		return CountRows(v.Root, v.Ref)
	}
	if v.Tab == RowTab {
		return v.Rows.act(a)
	}
	switch a {
	case keymap.Filter:
		v.filter.Begin()
	case keymap.CopyCell:
		if what, text := v.chosenText(); text != "" {
			return v.Copy(what, text)
		}
	case keymap.CopyRow:
		return v.CopyDDL()
	case keymap.Export:
		return OpenExport(v.Root, postgres.ExportRequest{Table: v.Ref})
	case keymap.Open:
		return v.enter()
	default:
		v.Lists[v.Tab].Move(a)
		v.skip.Move(a)
	}
	return nil
}

// ClickPane turns to a tab, or goes to a line or cell; again reports whether the pane had the keys already.
func (v *View) ClickPane(x, y int, again bool) tea.Cmd {
	for t, label := range v.labels {
		if label.Holds(x, y) {
			return v.turn(Tab(t))
		}
	}
	if v.Tab == RowTab {
		return v.Rows.click(x, y)
	}
	return v.Lists[v.Tab].Click(x, y, func() tea.Cmd {
		if !again {
			return nil
		}
		return v.Act(keymap.Open)
	})
}

// LeftEdge reports whether there is nothing more to the left, so that the key may go to the pane there.
func (v *View) LeftEdge() bool { return v.Tab != RowTab && v.skip.At == 0 }

// turn goes to a tab.
func (v *View) turn(t Tab) tea.Cmd {
	v.Tab, v.Turned, v.skip = t, true, widget.Sideways{}
	v.filter.Clear()
	return v.askRows(0)
}

// enter opens what the cursor stands on: the table at the other end of a foreign key, or the table's own page.
func (v *View) enter() tea.Cmd {
	if v.Tab == keyTab {
		if line, ok := v.keyLine(); ok && line.other.Name != "" {
			return Open(v.Root, line.other, ColumnTab)
		}
	}
	if v.Tab == ColumnTab && v.page {
		if c, ok := v.chosenColumn(); ok && c.References != nil {
			return Open(v.Root, c.References.Table, ColumnTab)
		}
		v.Hint("this column points at no other table")
		return nil
	}
	if !v.page && v.Ref.Name != "" {
		return Open(v.Root, v.Ref, v.PageTab())
	}
	return nil
}

// PageTab is the tab at which the table's page opens: that of its rows, whatever the pane has room for, or the one that the
// user chose.
func (v *View) PageTab() Tab {
	if v.Turned {
		return v.Tab
	}
	return RowTab
}

// CopyDDL copies the statement that makes the table.
func (v *View) CopyDDL() tea.Cmd {
	if v.detail == nil {
		v.Hint("the table's definition is not here yet")
		return nil
	}
	return v.Copy("the DDL of "+v.Ref.Name, v.detail.DDL)
}

// CountRows counts a table's rows exactly, now.
func CountRows(s screen.Root, ref postgres.TableRef) tea.Cmd {
	if ref.Name == "" {
		return nil
	}
	owner := s.Top().ID()
	s.Hint("counting " + ref.String())
	return job.Ask(s.Jobs(), job.Slot{Owner: owner, Name: "count " + ref.Name}, CountLimit, func(ctx context.Context) (counted, error) {
		n, err := s.Backend().Count(ctx, ref, nil)
		return counted{ref, n}, err
	})
}

// counted is an exact count of a table.
type counted struct {
	table postgres.TableRef
	rows  postgres.RowCount
}

// noteCount keeps an exact count until something changes.
func noteCount(s screen.Root, m job.Answer[counted]) {
	if m.Err != nil {
		s.Fail("count", m.Err)
		return
	}
	s.Settled("count")
	if s.Live().Counted == nil {
		s.Live().Counted = map[postgres.TableRef]postgres.RowCount{}
	}
	s.Live().Counted[m.Value.table] = m.Value.rows
	s.Say(draw.Good, m.Value.table.String()+" has "+say.Count(m.Value.rows.N, "row")+", counted in "+say.Took(m.Took))
}

// DrawPane draws the table with its tabs in the border.
func (v *View) DrawPane(a draw.Area, f draw.Frame, focused bool) {
	in := a.Box(f)
	if in.W != a.W {
		v.tabLine(a, draw.Width(f.Number+" "+f.Title)+2)
	}
	if v.Ref.Name == "" {
		return
	}
	if v.Tab == RowTab {
		v.Rows.draw(in, focused)
		return
	}
	if v.detail == nil {
		v.drawWaiting(in)
		return
	}
	foot := 0
	if v.filter.Draw(in, in.H-1) {
		foot = 1
	}
	body := in.Sub(0, 0, in.W, in.H-foot)
	switch v.Tab {
	case ColumnTab:
		v.drawColumns(body, focused)
	case indexTab:
		v.drawIndexes(body, focused)
	case keyTab:
		v.drawKeys(body, focused)
	case ddlTab:
		v.drawLines(body, widget.SQLLines(v.detail.DDL), focused)
	case statTab:
		v.drawLines(body, v.statLines(), focused)
	}
}

func (v *View) drawWaiting(in draw.Area) {
	if v.err == nil {
		in.Text(1, 0, "asking…", draw.Dim)
		return
	}
	for y, l := range dialog.ErrorLines(v.Root, v.err, in.W) {
		l.Draw(in, 0, y)
	}
}

// tabLine writes the tabs' names at the right of the top border, short or only the open one where there is no room.
func (v *View) tabLine(a draw.Area, from int) {
	v.labels = [tabs]draw.Area{}
	for _, names := range [][tabs]string{tabNames, mediumTabNames, shortTabNames} {
		w := len(strings.Join(names[:], " ")) + 4
		if a.W-2-from < w {
			continue
		}
		p := a.Pen(a.W-w-1, 0).Text(" ", draw.Dim)
		for t, name := range names {
			from := p.X
			if Tab(t) == v.Tab {
				p.Text("["+name+"]", draw.Accent)
			} else {
				p.Text(name, draw.Dim)
			}
			v.labels[t] = a.Sub(from, 0, p.X-from, 1)
			p.Text(" ", draw.Dim)
		}
		return
	}
	a.Right(a.W-1, 0, a.W-2, " ["+tabNames[v.Tab]+"] ", draw.Accent)
}
