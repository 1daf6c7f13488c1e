package tui

import (
	"context"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/widget"
)

// tab is one of the ways to look at a table.
type tab int

const (
	columnTab tab = iota
	indexTab
	keyTab
	rowTab
	ddlTab
	statTab
	tabs
)

var (
	tabNames       = [tabs]string{"Columns", "Indexes", "Keys", "Rows", "DDL", "Stats"}
	mediumTabNames = [tabs]string{"Cols", "Idx", "Keys", "Rows", "DDL", "Stats"}
	shortTabNames  = [tabs]string{"Col", "Idx", "Key", "Row", "DDL", "Sta"}
)

// tableView shows one table in tabs: the dashboard's fifth pane, and the whole page of a table.
type tableView struct {
	screen.Root
	owner  int // the screen it is part of
	page   bool
	ref    devenv.TableRef
	tab    tab
	turned bool // a person chose the tab
	detail *devenv.TableDetail
	err    error
	lists  [tabs]widget.List
	skip   widget.Sideways // of the DDL and the figures
	filter widget.Filter
	rows   rowsView
	labels [tabs]draw.Area                         // where the tabs' names were last drawn, for the mouse
	known  map[devenv.TableRef]*devenv.TableDetail // seen before: shown at once while they are asked for again
}

const (
	detailLimit = 10 * time.Second
	countLimit  = 10 * time.Minute
	knownKept   = 64
)

func newTableView(s screen.Root, owner int, page bool) *tableView {
	v := &tableView{Root: s, owner: owner, page: page, known: map[devenv.TableRef]*devenv.TableDetail{}}
	v.rows = rowsView{Root: s, owner: owner}
	return v
}

func (v *tableView) slot(name string) job.Slot { return job.Slot{Owner: v.owner, Name: name} }

// show turns to a table; nothing happens if it is shown already.
func (v *tableView) show(ref devenv.TableRef) tea.Cmd {
	if ref == v.ref {
		return nil
	}
	v.ref, v.err = ref, nil
	v.detail = v.known[ref]
	v.lists, v.skip = [tabs]widget.List{}, widget.Sideways{}
	v.filter.Clear()
	v.rows.turnTo(ref)
	if ref.Name == "" {
		v.Jobs().Cancel(v.slot("table"))
		v.Jobs().Cancel(v.slot("rows"))
		return nil
	}
	return tea.Batch(v.askDetail(v.Pauses().Rest), v.askRows(v.Pauses().Rest))
}

// reload asks again for what is shown.
func (v *tableView) reload() tea.Cmd {
	if v.ref.Name == "" {
		return nil
	}
	if v.tab != rowTab {
		v.rows.loaded = false
		return v.askDetail(0)
	}
	return tea.Batch(v.askDetail(0), v.rows.again())
}

func (v *tableView) askDetail(wait time.Duration) tea.Cmd {
	backend, ref := v.Backend(), v.ref
	return job.AskQuietly(v.Jobs(), v.slot("table"), detailLimit, func(ctx context.Context) (*devenv.TableDetail, error) {
		if err := settle(ctx, wait); err != nil {
			return nil, err
		}
		return backend.Detail(ctx, ref)
	})
}

// askRows asks for rows if they are looked at and not there yet: the first ones, or anew those that were there.
func (v *tableView) askRows(wait time.Duration) tea.Cmd {
	if v.tab != rowTab || v.rows.loaded || v.ref.Name == "" {
		return nil
	}
	if len(v.rows.rows) > 0 {
		return v.rows.again()
	}
	return v.rows.ask(devenv.FirstPage, nil, wait)
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

func (v *tableView) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case job.Answer[*devenv.TableDetail]:
		if m.Err != nil {
			v.err = m.Err
			return nil
		}
		v.detail, v.err = m.Value, nil
		if len(v.known) >= knownKept {
			clear(v.known)
		}
		v.known[v.ref] = m.Value
	case job.Answer[pageOf]:
		return v.rows.arrived(m)
	case job.Answer[counted]:
		noteCount(v.Root, m)
		if m.Err == nil && m.Value.table == v.rows.ref && !v.rows.filtered() {
			v.rows.total, v.rows.known = m.Value.rows, true
		}
	case job.Answer[incomingOf]:
		return v.rows.incoming(m)
	}
	return nil
}

func (v *tableView) Actions() []keymap.Action {
	own := []keymap.Action{keymap.Open, keymap.NextTab}
	if v.tab == rowTab {
		own = append(own, keymap.Record, keymap.Filter, keymap.Sort, keymap.FilterCell, keymap.Incoming, keymap.CopyCell,
			keymap.CopyRow, keymap.Export, keymap.Count, keymap.ClearWhere, keymap.ColsLeft, keymap.ColsRight, keymap.FirstCol, keymap.LastCol)
	} else {
		own = append(own, keymap.Filter, keymap.CopyCell, keymap.CopyRow, keymap.Export, keymap.Count)
	}
	if v.tab == ddlTab || v.tab == statTab {
		own = append(own, keymap.ColsLeft, keymap.ColsRight, keymap.FirstCol, keymap.LastCol)
	}
	return append(own, keymap.PrevTab, keymap.NextMatch, keymap.PrevMatch)
}

func (v *tableView) Raw(k tea.KeyMsg) (tea.Cmd, bool) {
	if v.tab == rowTab {
		return v.rows.Raw(k)
	}
	return nil, v.filter.Key(k)
}

func (v *tableView) Hints() [][2]string {
	if v.tab != rowTab {
		return v.filter.Hints()
	}
	if !v.rows.typOn {
		return nil
	}
	return [][2]string{{"enter", "keeps it"}, {"esc", "drops it"}, {"text !not =x >x ~regexp null", "about " + v.rows.about}, {"where", "any SQL"}}
}

func (v *tableView) Back() (tea.Cmd, bool) {
	if v.tab == rowTab {
		return v.rows.Back()
	}
	if v.filter.Active() {
		v.filter.Clear()
		return nil, true
	}
	return nil, false
}

func (v *tableView) Act(a keymap.Action) tea.Cmd {
	switch a {
	case keymap.NextTab:
		return v.turn((v.tab + 1) % tabs)
	case keymap.PrevTab:
		return v.turn((v.tab + tabs - 1) % tabs)
	case keymap.Count:
		if v.tab == rowTab && v.rows.filtered() {
			return v.rows.countAll()
		}
		return countTable(v.Root, v.ref)
	}
	if v.tab == rowTab {
		return v.rows.Act(a)
	}
	switch a {
	case keymap.Filter:
		v.filter.Begin()
	case keymap.CopyCell:
		if what, text := v.chosenText(); text != "" {
			return v.Copy(what, text)
		}
	case keymap.CopyRow:
		return v.copyDDL()
	case keymap.Export:
		return openExport(v.Root, devenv.ExportRequest{Table: v.ref})
	case keymap.Open:
		return v.enter()
	case keymap.NextMatch:
		v.lists[v.tab].Move(keymap.Down)
	case keymap.PrevMatch:
		v.lists[v.tab].Move(keymap.Up)
	default:
		v.lists[v.tab].Move(a)
		v.skip.Move(a)
	}
	return nil
}

// Click turns to a tab, or goes to a line or cell; again tells that the keys were here already.
func (v *tableView) Click(x, y int, again bool) tea.Cmd {
	for t, label := range v.labels {
		if label.Holds(x, y) {
			return v.turn(tab(t))
		}
	}
	if v.tab == rowTab {
		return v.rows.Click(x, y)
	}
	return v.lists[v.tab].Click(x, y, func() tea.Cmd {
		if !again {
			return nil
		}
		return v.Act(keymap.Open)
	})
}

// leftEdge tells whether there is nothing more to the left, so that the key may go to the pane there.
func (v *tableView) leftEdge() bool { return v.tab != rowTab && v.skip.At == 0 }

// turn goes to a tab.
func (v *tableView) turn(t tab) tea.Cmd {
	v.tab, v.turned, v.skip = t, true, widget.Sideways{}
	v.filter.Clear()
	return v.askRows(0)
}

// enter opens what the cursor stands on: the table at the other end of a foreign key, or the table's own page.
func (v *tableView) enter() tea.Cmd {
	if v.tab == keyTab {
		if line, ok := v.keyLine(); ok && line.other.Name != "" {
			return openTable(v.Root, line.other, columnTab)
		}
	}
	if v.tab == columnTab && v.page {
		if c, ok := v.chosenColumn(); ok && c.References != nil {
			return openTable(v.Root, c.References.Table, columnTab)
		}
		v.Hint("this column points at no other table")
		return nil
	}
	if !v.page && v.ref.Name != "" {
		return openTable(v.Root, v.ref, v.tab)
	}
	return nil
}

func (v *tableView) copyDDL() tea.Cmd {
	if v.detail == nil {
		v.Hint("the table's definition is not here yet")
		return nil
	}
	return v.Copy("the DDL of "+v.ref.Name, v.detail.DDL)
}

// countTable counts a table's rows exactly, now.
func countTable(s screen.Root, ref devenv.TableRef) tea.Cmd {
	if ref.Name == "" {
		return nil
	}
	owner := s.Top().ID()
	s.Hint("counting " + ref.String())
	return job.Ask(s.Jobs(), job.Slot{Owner: owner, Name: "count " + ref.Name}, countLimit, func(ctx context.Context) (counted, error) {
		n, err := s.Backend().Count(ctx, ref, nil)
		return counted{ref, n}, err
	})
}

// counted is an exact count of a table.
type counted struct {
	table devenv.TableRef
	rows  devenv.RowCount
}

// noteCount keeps an exact count until something changes.
func noteCount(s screen.Root, m job.Answer[counted]) {
	if m.Err != nil {
		s.Fail("count", m.Err)
		return
	}
	s.Settled("count")
	if s.Live().Counted == nil {
		s.Live().Counted = map[devenv.TableRef]devenv.RowCount{}
	}
	s.Live().Counted[m.Value.table] = m.Value.rows
	s.Say(draw.Good, m.Value.table.String()+" has "+say.Count(m.Value.rows.N, "row")+", counted in "+say.Took(m.Took))
}

// Draw draws the pane with its tabs in the border.
func (v *tableView) Draw(a draw.Area, f draw.Frame, focused bool) {
	in := a.Box(f)
	if in.W != a.W {
		v.tabLine(a, draw.Width(f.Number+" "+f.Title)+2)
	}
	if v.ref.Name == "" {
		return
	}
	if v.tab == rowTab {
		v.rows.Draw(in, focused)
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
	switch v.tab {
	case columnTab:
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

func (v *tableView) drawWaiting(in draw.Area) {
	if v.err == nil {
		in.Text(1, 0, "asking…", draw.Dim)
		return
	}
	for y, l := range dialog.ErrorLines(v.Root, v.err, in.W) {
		l.Draw(in, 0, y)
	}
}

// tabLine writes the tabs' names at the right of the top border, short or only the open one where there is no room.
func (v *tableView) tabLine(a draw.Area, from int) {
	v.labels = [tabs]draw.Area{}
	for _, names := range [][tabs]string{tabNames, mediumTabNames, shortTabNames} {
		w := len(strings.Join(names[:], " ")) + 4
		if a.W-2-from < w {
			continue
		}
		p := a.Pen(a.W-w-1, 0).Text(" ", draw.Dim)
		for t, name := range names {
			from := p.X
			if tab(t) == v.tab {
				p.Text("["+name+"]", draw.Accent)
			} else {
				p.Text(name, draw.Dim)
			}
			v.labels[t] = a.Sub(from, 0, p.X-from, 1)
			p.Text(" ", draw.Dim)
		}
		return
	}
	a.Right(a.W-1, 0, a.W-2, " ["+tabNames[v.tab]+"] ", draw.Accent)
}
