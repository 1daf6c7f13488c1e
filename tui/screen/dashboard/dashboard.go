// Package dashboard is the lowest page: schemas, tables, the chosen table, health and activity side by side.
package dashboard

import (
	"cmp"
	"slices"
	"strconv"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/screen/panes"
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

// paneKeys are the keys of the panes.
var paneKeys = keymap.Panes[:detailPane]

// Screen is the lowest page: schemas, tables, the chosen table, health and activity side by side.
type Screen struct {
	screen.Base
	Focus pane
	zoom  bool

	Schemas      widget.List
	schemaFilter widget.Filter
	schemaAt     []int // which schemas of the snapshot pass the filter
	schemaOrder  int
	tables       widget.List
	tableFilter  widget.Filter
	tableAt      []int
	tableOrder   int
	Schema       string            // the chosen one
	Table        postgres.TableRef // the chosen one
	places       map[string]string
	Health       widget.List
	activity     widget.List
	View         *table.View
	areas        map[pane]draw.Area // where the panes were last drawn, for the mouse
}

// New is a dashboard whose data is yet to come.
func New(s screen.Root) *Screen {
	d := &Screen{Base: screen.NewBase(s), Focus: schemaPane, places: map[string]string{}, areas: map[pane]draw.Area{}}
	d.View = table.NewView(d.Base)
	d.Resized(s.Size())
	return d
}

// Title is none: it is where all others begin.

// Resized opens the rows where there is room for them, until the user chooses a tab.
func (d *Screen) Resized(w, h int) {
	if !d.View.Turned && d.View.Ref.Name == "" {
		d.View.Tab = table.ColumnTab
		if w >= 120 && h >= 33 {
			d.View.Tab = table.RowTab
		}
	}
}

// Init arranges what is known already.
func (d *Screen) Init() tea.Cmd {
	if d.Live().Snap != nil {
		return d.arrange()
	}
	return nil
}

// Subject is the chosen schema and table.
func (d *Screen) Subject() (string, postgres.TableRef) { return d.Schema, d.Table }

// Actions are those of the pane that has the keys.
func (d *Screen) Actions() []keymap.Action {
	own := []keymap.Action{keymap.Open, keymap.Filter}
	switch d.Focus {
	case detailPane:
		own = d.View.Actions()
	case tablePane:
		own = append(own, keymap.NextTab, keymap.Sort, keymap.Count, keymap.CopyCell, keymap.CopyRow, keymap.Export)
	case schemaPane:
		own = append(own, keymap.NextTab, keymap.Sort, keymap.CopyCell)
	case healthPane:
		own = []keymap.Action{keymap.Open}
	case activityPane:
		own = nil
	}
	own = append(own, keymap.NextPane, keymap.Reset, keymap.PrevTab, keymap.PrevPane, keymap.NextMatch, keymap.PrevMatch,
		keymap.ZoomIn, keymap.ZoomOut)
	return append(own, paneKeys...)
}

// Word is what an action does in the pane that has the keys.
func (d *Screen) Word(a keymap.Action) string {
	if a == keymap.Open && d.Focus == healthPane {
		return "sessions"
	}
	return ""
}

// Quiet reports whether an action of the chosen table needs something else first.
func (d *Screen) Quiet(a keymap.Action) bool { return d.View.Quiet(a) }

// Raw takes the keys while a filter is typed.
func (d *Screen) Raw(k tea.KeyMsg) (tea.Cmd, bool) {
	switch d.Focus {
	case schemaPane:
		if d.schemaFilter.Key(k) {
			return d.arrange(), true
		}
	case tablePane:
		if d.tableFilter.Key(k) {
			return d.arrange(), true
		}
	case detailPane:
		return d.View.Raw(k)
	}
	return nil, false
}

// Hints are the keys while a filter is typed.
func (d *Screen) Hints() [][2]string {
	switch d.Focus {
	case schemaPane:
		return d.schemaFilter.Hints()
	case tablePane:
		return d.tableFilter.Hints()
	case detailPane:
		return d.View.Hints()
	}
	return nil
}

// Update takes news, and the answers about the chosen table.
func (d *Screen) Update(msg tea.Msg) tea.Cmd {
	switch msg.(type) {
	case screen.SnapshotNews, screen.FactsNews:
		return d.arrange()
	}
	return d.View.Update(msg)
}

// Back drops a filter, zooms out, or goes to the pane before.
func (d *Screen) Back() (tea.Cmd, bool) {
	switch {
	case d.Focus == detailPane:
		if cmd, did := d.View.Back(); did {
			return cmd, true
		}
	case d.Focus == tablePane && d.tableFilter.Active():
		d.tableFilter.Clear()
		return d.arrange(), true
	case d.Focus == schemaPane && d.schemaFilter.Active():
		d.schemaFilter.Clear()
		return d.arrange(), true
	}
	if d.zoom {
		d.zoom = false
		return nil, true
	}
	if d.Focus != schemaPane {
		d.Focus = map[pane]pane{detailPane: tablePane}[d.Focus]
		if d.Focus == 0 {
			d.Focus = schemaPane
		}
		return nil, true
	}
	return nil, false
}

// Act carries out an action on the pane that has the keys.
func (d *Screen) Act(a keymap.Action) tea.Cmd {
	if i := slices.Index(paneKeys, a); i >= 0 {
		d.Focus = pane(i + 1)
		return nil
	}
	switch a {
	case keymap.NextPane:
		d.Focus = d.Focus%5 + 1
		return nil
	case keymap.PrevPane:
		d.Focus = (d.Focus+3)%5 + 1
		return nil
	case keymap.ZoomIn:
		d.zoom = !d.zoom
		return nil
	case keymap.ZoomOut:
		d.zoom = false
		return nil
	case keymap.Reset:
		return verbs.OpenReset(d.Root, d.Schema)
	}
	switch d.Focus {
	case schemaPane:
		return d.actSchemas(a)
	case tablePane:
		return d.actTables(a)
	case healthPane:
		if a == keymap.Open {
			return panes.OpenSessions(d.Root)
		}
		d.Health.Move(a)
		return d.sideways(a)
	case activityPane:
		d.activity.Move(a)
		return d.sideways(a)
	}
	if a == keymap.Left && d.View.LeftEdge() {
		return d.sideways(a)
	}
	return d.View.Act(a)
}

// sideways goes to the pane at the side.
func (d *Screen) sideways(a keymap.Action) tea.Cmd {
	switch {
	case a == keymap.Right && d.Focus == tablePane:
		d.Focus = detailPane
	case a == keymap.Right:
		d.Focus = tablePane
	case a == keymap.Left:
		d.Focus = schemaPane
	}
	return nil
}

func (d *Screen) actSchemas(a keymap.Action) tea.Cmd {
	switch a {
	case keymap.Open:
		d.Focus = tablePane
	case keymap.Filter:
		d.schemaFilter.Begin()
	case keymap.Sort:
		d.schemaOrder = (d.schemaOrder + 1) % len(schemaOrders)
		d.Hint("schemas by " + schemaOrders[d.schemaOrder])
	case keymap.CopyCell:
		return d.Copy("the schema's name", d.Schema)
	case keymap.NextTab, keymap.PrevTab:
		return d.View.Act(a)
	default:
		if !d.Schemas.Move(a) {
			return d.sideways(a)
		}
	}
	return d.pickSchema()
}

// pickSchema turns to the schema under the cursor.
func (d *Screen) pickSchema() tea.Cmd {
	if i := d.Schemas.At; i < len(d.schemaAt) && d.Live().Snap != nil {
		d.Schema = d.Live().Snap.Schemas[d.schemaAt[i]].Name
	}
	return d.arrange()
}

func (d *Screen) actTables(a keymap.Action) tea.Cmd {
	switch a {
	case keymap.Open:
		return table.Open(d.Root, d.Table, d.View.PageTab())
	case keymap.Filter:
		d.tableFilter.Begin()
	case keymap.Sort:
		d.tableOrder = (d.tableOrder + 1) % len(tableOrders)
		d.Hint("tables by " + tableOrders[d.tableOrder])
	case keymap.CopyCell:
		return d.Copy("the table's name", d.Table.String())
	case keymap.CopyRow:
		return d.View.CopyDDL()
	case keymap.Export:
		return table.OpenExport(d.Root, postgres.ExportRequest{Table: d.Table})
	case keymap.Count:
		return table.CountRows(d.Root, d.Table)
	case keymap.NextTab, keymap.PrevTab:
		return d.View.Act(a)
	default:
		if !d.tables.Move(a) {
			return d.sideways(a)
		}
	}
	return d.pickTable()
}

// pickTable turns to the table under the cursor.
func (d *Screen) pickTable() tea.Cmd {
	if i := d.tables.At; i < len(d.tableAt) {
		d.Table = d.currentTables()[d.tableAt[i]].Ref()
		d.places[d.Schema] = d.Table.Name
	}
	return d.arrange()
}

// currentTables are the tables of the chosen schema.
func (d *Screen) currentTables() []postgres.TableInfo {
	if d.Live().Snap == nil {
		return nil
	}
	s, _ := d.Live().Snap.Schema(d.Schema)
	return s.Tables
}

var (
	schemaOrders = []string{"name", "rows", "size", "tables"}
	tableOrders  = []string{"name", "rows", "size", "change since seeding"}
)

// arrange rebuilds the lists from the snapshot, filters and orders, and keeps the cursors on what they stood on.
func (d *Screen) arrange() tea.Cmd {
	snap := d.Live().Snap
	if snap == nil {
		return nil
	}
	d.schemaAt = d.schemaFilter.Choose(len(snap.Schemas), func(i int) string { return snap.Schemas[i].Name + " " + d.Live().Owner(snap.Schemas[i].Name) })
	d.orderSchemas(snap)
	d.Schemas.Size(len(d.schemaAt))
	place(&d.Schemas, len(d.schemaAt), func(i int) bool { return snap.Schemas[d.schemaAt[i]].Name == d.Schema })
	if len(d.schemaAt) > 0 {
		if next := snap.Schemas[d.schemaAt[d.Schemas.At]].Name; next != d.Schema {
			d.Schema = next
		}
	}
	tables := d.currentTables()
	d.tableAt = d.tableFilter.Choose(len(tables), func(i int) string { return tables[i].Name })
	d.orderTables(tables)
	if d.Table.Schema != d.Schema {
		d.Table = postgres.TableRef{Schema: d.Schema, Name: d.places[d.Schema]}
		d.tables.At = 0
	}
	d.tables.Size(len(d.tableAt))
	place(&d.tables, len(d.tableAt), func(i int) bool { return tables[d.tableAt[i]].Name == d.Table.Name })
	d.Table = postgres.TableRef{}
	if len(d.tableAt) > 0 {
		d.Table = tables[d.tableAt[d.tables.At]].Ref()
	}
	return d.View.Show(d.Table)
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

func (d *Screen) orderSchemas(snap *postgres.Snapshot) {
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

func (d *Screen) orderTables(tables []postgres.TableInfo) {
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

// GoTo puts the cursor on a table, or on a schema where ref has no name.
func (d *Screen) GoTo(ref postgres.TableRef) tea.Cmd {
	d.schemaFilter.Clear()
	d.tableFilter.Clear()
	d.Schema, d.Focus = ref.Schema, schemaPane
	if ref.Name != "" {
		d.Table, d.Focus = ref, tablePane
		d.places[ref.Schema] = ref.Name
	}
	return d.arrange()
}

// frame is a pane's border, with its number and whether it has the keys.
func (d *Screen) frame(p pane, title, right string) draw.Frame {
	if right != "" {
		right = " " + right + " "
	}
	return draw.Frame{Number: strconv.Itoa(int(p)), Title: title + " ", Right: right, Focused: d.Focus == p}
}
