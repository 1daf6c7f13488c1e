package tui

import (
	"cmp"
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/screen/table"
	"github.com/livepeer/naap-dev/tui/screen/verbs"
	"github.com/livepeer/naap-dev/tui/widget"
)

// pane is one of the dashboard's five.
type pane int

const (
	schemaPane pane = iota + 1
	tablePane
	healthPane
	activityPane
	detailPane
)

// dashboard is the lowest page: schemas, tables, the chosen table, health and activity side by side.
type dashboard struct {
	screen.Base
	focus pane
	zoom  bool

	schemas      widget.List
	schemaFilter widget.Filter
	schemaAt     []int // which schemas of the snapshot pass the filter
	schemaOrder  int
	tables       widget.List
	tableFilter  widget.Filter
	tableAt      []int
	tableOrder   int
	schema       string          // the chosen one
	table        devenv.TableRef // the chosen one
	places       map[string]string
	health       widget.List
	activity     widget.List
	view         *table.View
	areas        map[pane]draw.Area // where the panes were last drawn, for the mouse
}

func newDashboard(s screen.Root) *dashboard {
	d := &dashboard{Base: screen.NewBase(s), focus: schemaPane, places: map[string]string{}, areas: map[pane]draw.Area{}}
	d.view = table.NewView(s, d.ID(), false)
	d.Resized(s.Size())
	return d
}

func (d *dashboard) Title() string { return "" }

// Resized opens the rows where there is room for them, until a person chooses a tab.
func (d *dashboard) Resized(w, h int) {
	if !d.view.Turned && d.view.Ref.Name == "" {
		d.view.Tab = table.ColumnTab
		if w >= 120 && h >= 33 {
			d.view.Tab = table.RowTab
		}
	}
}

func (d *dashboard) Init() tea.Cmd {
	if d.Live().Snap != nil {
		return d.arrange()
	}
	return nil
}

func (d *dashboard) Subject() (string, devenv.TableRef) { return d.schema, d.table }

func (d *dashboard) Actions() []keymap.Action {
	own := []keymap.Action{keymap.Open, keymap.Filter}
	switch d.focus {
	case detailPane:
		own = d.view.Actions()
	case tablePane:
		own = append(own, keymap.NextTab, keymap.Sort, keymap.Count, keymap.CopyCell, keymap.CopyRow, keymap.Export)
	case schemaPane:
		own = append(own, keymap.NextTab, keymap.Sort, keymap.CopyCell)
	}
	own = append(own, keymap.NextPane, keymap.Reset, keymap.PrevTab, keymap.PrevPane, keymap.NextMatch, keymap.PrevMatch,
		keymap.Pane1, keymap.Pane2, keymap.Pane3, keymap.Pane4, keymap.Pane5, keymap.ZoomIn, keymap.ZoomOut)
	return own
}

func (d *dashboard) Raw(k tea.KeyMsg) (tea.Cmd, bool) {
	switch d.focus {
	case schemaPane:
		if d.schemaFilter.Key(k) {
			return d.arrange(), true
		}
	case tablePane:
		if d.tableFilter.Key(k) {
			return d.arrange(), true
		}
	case detailPane:
		return d.view.Raw(k)
	}
	return nil, false
}

func (d *dashboard) Hints() [][2]string {
	switch d.focus {
	case schemaPane:
		return d.schemaFilter.Hints()
	case tablePane:
		return d.tableFilter.Hints()
	case detailPane:
		return d.view.Hints()
	}
	return nil
}

func (d *dashboard) Update(msg tea.Msg) tea.Cmd {
	switch msg.(type) {
	case screen.SnapshotNews, screen.FactsNews:
		return d.arrange()
	case screen.ChangedNews, screen.WakeNews:
		return d.view.Reload()
	}
	return d.view.Update(msg)
}

func (d *dashboard) Back() (tea.Cmd, bool) {
	switch {
	case d.focus == detailPane:
		if cmd, did := d.view.Back(); did {
			return cmd, true
		}
	case d.focus == tablePane && d.tableFilter.Active():
		d.tableFilter.Clear()
		return d.arrange(), true
	case d.focus == schemaPane && d.schemaFilter.Active():
		d.schemaFilter.Clear()
		return d.arrange(), true
	}
	if d.zoom {
		d.zoom = false
		return nil, true
	}
	if d.focus != schemaPane {
		d.focus = map[pane]pane{detailPane: tablePane}[d.focus]
		if d.focus == 0 {
			d.focus = schemaPane
		}
		return nil, true
	}
	return nil, false
}

func (d *dashboard) Act(a keymap.Action) tea.Cmd {
	switch a {
	case keymap.Pane1, keymap.Pane2, keymap.Pane3, keymap.Pane4, keymap.Pane5:
		d.focus = pane(slices.Index([]keymap.Action{keymap.Pane1, keymap.Pane2, keymap.Pane3, keymap.Pane4, keymap.Pane5}, a) + 1)
		return nil
	case keymap.NextPane:
		d.focus = d.focus%5 + 1
		return nil
	case keymap.PrevPane:
		d.focus = (d.focus+3)%5 + 1
		return nil
	case keymap.ZoomIn:
		d.zoom = !d.zoom
		return nil
	case keymap.ZoomOut:
		d.zoom = false
		return nil
	case keymap.Reset:
		return verbs.OpenReset(d.Root, d.schema)
	}
	switch d.focus {
	case schemaPane:
		return d.actSchemas(a)
	case tablePane:
		return d.actTables(a)
	case healthPane:
		d.health.Move(a)
		return d.sideways(a)
	case activityPane:
		d.activity.Move(a)
		return d.sideways(a)
	}
	if a == keymap.Left && d.view.LeftEdge() {
		return d.sideways(a)
	}
	return d.view.Act(a)
}

// sideways goes to the pane at the side.
func (d *dashboard) sideways(a keymap.Action) tea.Cmd {
	switch {
	case a == keymap.Right && d.focus == tablePane:
		d.focus = detailPane
	case a == keymap.Right:
		d.focus = tablePane
	case a == keymap.Left:
		d.focus = schemaPane
	}
	return nil
}

func (d *dashboard) actSchemas(a keymap.Action) tea.Cmd {
	switch a {
	case keymap.Open:
		d.focus = tablePane
	case keymap.Filter:
		d.schemaFilter.Begin()
	case keymap.Sort:
		d.schemaOrder = (d.schemaOrder + 1) % len(schemaOrders)
		d.Hint("schemas by " + schemaOrders[d.schemaOrder])
	case keymap.CopyCell:
		return d.Copy("the schema's name", d.schema)
	case keymap.NextTab, keymap.PrevTab:
		return d.view.Act(a)
	case keymap.NextMatch:
		d.schemas.Move(keymap.Down)
	case keymap.PrevMatch:
		d.schemas.Move(keymap.Up)
	default:
		if !d.schemas.Move(a) {
			return d.sideways(a)
		}
	}
	return d.pickSchema()
}

// pickSchema turns to the schema under the cursor.
func (d *dashboard) pickSchema() tea.Cmd {
	if i := d.schemas.At; i < len(d.schemaAt) && d.Live().Snap != nil {
		d.schema = d.Live().Snap.Schemas[d.schemaAt[i]].Name
	}
	return d.arrange()
}

func (d *dashboard) actTables(a keymap.Action) tea.Cmd {
	switch a {
	case keymap.Open:
		return table.Open(d.Root, d.table, d.view.Tab)
	case keymap.Filter:
		d.tableFilter.Begin()
	case keymap.Sort:
		d.tableOrder = (d.tableOrder + 1) % len(tableOrders)
		d.Hint("tables by " + tableOrders[d.tableOrder])
	case keymap.CopyCell:
		return d.Copy("the table's name", d.table.String())
	case keymap.CopyRow:
		return d.view.CopyDDL()
	case keymap.Export:
		return table.OpenExport(d.Root, devenv.ExportRequest{Table: d.table})
	case keymap.Count:
		return table.CountRows(d.Root, d.table)
	case keymap.NextTab, keymap.PrevTab:
		return d.view.Act(a)
	case keymap.NextMatch:
		d.tables.Move(keymap.Down)
	case keymap.PrevMatch:
		d.tables.Move(keymap.Up)
	default:
		if !d.tables.Move(a) {
			return d.sideways(a)
		}
	}
	return d.pickTable()
}

// pickTable turns to the table under the cursor.
func (d *dashboard) pickTable() tea.Cmd {
	if i := d.tables.At; i < len(d.tableAt) {
		d.table = d.currentTables()[d.tableAt[i]].Ref()
		d.places[d.schema] = d.table.Name
	}
	return d.arrange()
}

// currentTables are the tables of the chosen schema.
func (d *dashboard) currentTables() []devenv.TableInfo {
	if d.Live().Snap == nil {
		return nil
	}
	s, _ := d.Live().Snap.Schema(d.schema)
	return s.Tables
}

var (
	schemaOrders = []string{"name", "rows", "size", "tables"}
	tableOrders  = []string{"name", "rows", "size", "change since seeding"}
)

// arrange makes the lists anew from the snapshot, filters and orders, and keeps the cursors on what they stood on.
func (d *dashboard) arrange() tea.Cmd {
	snap := d.Live().Snap
	if snap == nil {
		return nil
	}
	d.schemaAt = d.schemaFilter.Choose(len(snap.Schemas), func(i int) string { return snap.Schemas[i].Name + " " + d.Live().Owner(snap.Schemas[i].Name) })
	d.orderSchemas(snap)
	d.schemas.Size(len(d.schemaAt))
	place(&d.schemas, len(d.schemaAt), func(i int) bool { return snap.Schemas[d.schemaAt[i]].Name == d.schema })
	if len(d.schemaAt) > 0 {
		if next := snap.Schemas[d.schemaAt[d.schemas.At]].Name; next != d.schema {
			d.schema = next
		}
	}
	tables := d.currentTables()
	d.tableAt = d.tableFilter.Choose(len(tables), func(i int) string { return tables[i].Name })
	d.orderTables(tables)
	if d.table.Schema != d.schema {
		d.table = devenv.TableRef{Schema: d.schema, Name: d.places[d.schema]}
		d.tables.At = 0
	}
	d.tables.Size(len(d.tableAt))
	place(&d.tables, len(d.tableAt), func(i int) bool { return tables[d.tableAt[i]].Name == d.table.Name })
	d.table = devenv.TableRef{}
	if len(d.tableAt) > 0 {
		d.table = tables[d.tableAt[d.tables.At]].Ref()
	}
	return d.view.Show(d.table)
}

// place puts a cursor on the line that it stood on, wherever that is now.
func place(l *widget.List, n int, is func(i int) bool) {
	if l.At < n && is(l.At) {
		return
	}
	for i := range n {
		if is(i) {
			l.At = i
			return
		}
	}
}

func (d *dashboard) orderSchemas(snap *devenv.Snapshot) {
	if d.schemaOrder == 0 {
		return
	}
	slices.SortStableFunc(d.schemaAt, func(i, j int) int {
		x, y := snap.Schemas[i], snap.Schemas[j]
		switch d.schemaOrder {
		case 1:
			return cmp.Compare(y.Rows.N, x.Rows.N)
		case 2:
			return cmp.Compare(y.Bytes, x.Bytes)
		}
		return y.TableCount() - x.TableCount()
	})
}

func (d *dashboard) orderTables(tables []devenv.TableInfo) {
	if d.tableOrder == 0 {
		return
	}
	slices.SortStableFunc(d.tableAt, func(i, j int) int {
		x, y := tables[i], tables[j]
		switch d.tableOrder {
		case 1:
			return cmp.Compare(y.Rows.N, x.Rows.N)
		case 2:
			return cmp.Compare(y.Bytes, x.Bytes)
		}
		return cmp.Compare(d.Live().Drift(y).Size(), d.Live().Drift(x).Size())
	})
}

// goTo puts the cursor on a table, or on a schema where ref has no name.
func (d *dashboard) goTo(ref devenv.TableRef) tea.Cmd {
	d.schemaFilter.Clear()
	d.tableFilter.Clear()
	d.schema, d.focus = ref.Schema, schemaPane
	if ref.Name != "" {
		d.table, d.focus = ref, tablePane
		d.places[ref.Schema] = ref.Name
	}
	return d.arrange()
}
