package dashboard

import (
	"strconv"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/widget"
)

// Draw lays the panes out: all five on a wide screen, four on a usual one, one on a small one.
func (d *Screen) Draw(a draw.Area) {
	clear(d.areas)
	switch {
	case d.zoom || a.W < 60 || a.H < 11:
		d.pane(a, d.Focus)
	case a.W < 120 || a.H < 30:
		d.usual(a)
	default:
		d.wide(a)
	}
}

// usual is schemas to the left, and to the right the tables over the chosen table; health or activity take the right
// side while they have the keys.
func (d *Screen) usual(a draw.Area) {
	left := min(max(34, a.W*38/100), 44)
	top := a.H
	if spare := a.H - (d.schemaLines() + 6); spare >= 5 {
		top = a.H - min(spare, 9)
		other := activityPane
		if d.Focus == activityPane {
			other = healthPane
		}
		d.pane(a.Sub(0, top, left, a.H-top), other)
	}
	d.pane(a.Sub(0, 0, left, top), schemaPane)
	right := a.Sub(left, 0, a.W-left, a.H)
	if d.Focus == healthPane || d.Focus == activityPane {
		d.pane(right, d.Focus)
		return
	}
	up := min(max(right.H*55/100, 5), len(d.tableAt)+4)
	up = max(up, min(right.H/2, 8))
	if d.Focus == detailPane {
		up = min(up, right.H*40/100)
	}
	d.pane(right.Sub(0, 0, right.W, up), tablePane)
	d.pane(right.Sub(0, up, right.W, right.H-up), detailPane)
}

func (d *Screen) wide(a draw.Area) {
	left := min(max(54, a.W*36/100), 84)
	schemas := min(d.schemaLines()+3, a.H*50/100)
	health := min(17, (a.H-schemas)*60/100)
	if d.Focus == activityPane {
		health = min(health, 9)
	}
	d.pane(a.Sub(0, 0, left, schemas), schemaPane)
	d.pane(a.Sub(0, schemas, left, health), healthPane)
	d.pane(a.Sub(0, schemas+health, left, a.H-schemas-health), activityPane)
	right := a.Sub(left, 0, a.W-left, a.H)
	up := max(8, min(right.H*42/100, len(d.tableAt)+4))
	d.pane(right.Sub(0, 0, right.W, up), tablePane)
	d.pane(right.Sub(0, up, right.W, right.H-up), detailPane)
}

// schemaLines is how many lines the schemas want, with head, sum and remarks.
func (d *Screen) schemaLines() int { return len(d.schemaAt) + 3 }

func (d *Screen) pane(a draw.Area, p pane) {
	if a.W < 1 || a.H < 1 {
		return
	}
	d.areas[p] = a
	switch p {
	case schemaPane:
		d.drawSchemas(a)
	case tablePane:
		d.drawTables(a)
	case healthPane:
		d.drawHealth(a)
	case activityPane:
		d.drawActivity(a)
	case detailPane:
		d.View.DrawPane(a, d.frame(p, d.viewTitle(), ""), d.Focus == p)
	}
}

func (d *Screen) viewTitle() string {
	if d.Table.Name == "" {
		return "no table"
	}
	return d.Table.Name
}

func (d *Screen) drawSchemas(a draw.Area) {
	right := ""
	if len(d.schemaAt) > 0 {
		right = strconv.Itoa(d.Schemas.At+1) + "/" + strconv.Itoa(len(d.schemaAt))
	}
	if d.Live().Lost != nil && d.Live().Snap != nil {
		right += " stale"
	}
	in := a.Box(d.frame(schemaPane, "Schemas", right))
	snap := d.Live().Snap
	if snap == nil {
		dialog.DrawWaiting(d.Root, in)
		return
	}
	list := widget.Table{
		Columns: []widget.Column{
			{Title: "", Width: 1}, {Title: "SCHEMA", Width: 8, Flex: 3}, {Title: "OWNER", Width: 6, Flex: 2, Least: 68},
			{Title: "TBL", Width: 3, Right: true}, {Title: "ROWS", Width: 6, Right: true},
			{Title: "SIZE", Width: 7, Right: true, Least: 46}, {Title: d.Look().Glyphs.Delta, Width: 5, Right: true, Least: 46},
		},
		List: &d.Schemas, Focused: d.Focus == schemaPane, Match: d.schemaFilter.Match(), Sorted: []int{0, 5, 6, 4}[d.schemaOrder],
		Cell: func(line, col int) (string, draw.Role) { return d.schemaCell(snap.Schemas[d.schemaAt[line]], col) },
	}
	foot := d.schemaFoot(in, list)
	list.Draw(in.Sub(0, 0, in.W, in.H-foot))
	if len(d.schemaAt) == 0 {
		in.Text(1, 1, d.emptySchemas(snap), draw.Dim)
	}
}

func (d *Screen) emptySchemas(snap *postgres.Snapshot) string {
	if len(snap.Schemas) > 0 {
		return "no schema fits the filter"
	}
	return "no schemas yet; " + d.Label(keymap.Push) + " pushes schema.prisma"
}

func (d *Screen) schemaCell(s postgres.SchemaInfo, col int) (string, draw.Role) {
	switch col {
	case 0:
		if len(d.Live().Troubles(s.Name)) > 0 {
			return d.Look().Glyphs.Warn, draw.Warn
		}
		return "", draw.Plain
	case 1:
		return s.Name, draw.Plain
	case 2:
		return d.Live().Owner(s.Name), draw.Dim
	case 3:
		return strconv.Itoa(s.TableCount()), draw.Plain
	case 4:
		return d.rowCell(s.Rows)
	case 5:
		return screen.Size(s.Bytes), draw.Dim
	}
	return d.schemaDrift(s).String(), draw.Info
}

func (d *Screen) schemaDrift(s postgres.SchemaInfo) (sum screen.Drift) {
	for _, t := range s.Tables {
		sum = sum.And(d.Live().Drift(t))
	}
	return sum
}

// rowCell writes a count; what is only an estimate, or old, is drawn quietly.
func (d *Screen) rowCell(r postgres.RowCount) (string, draw.Role) {
	role := draw.Plain
	switch {
	case d.Live().Lost != nil:
		role = draw.Dim
	case !r.Exact || r.Capped:
		role = draw.Info
	case r.N == 0:
		role = draw.Dim
	}
	return screen.Rows(r), role
}

// schemaFoot draws the sum, and what is wrong with the chosen schema, and returns how many lines that took.
func (d *Screen) schemaFoot(in draw.Area, list widget.Table) int {
	if in.H < 6 {
		if d.schemaFilter.Draw(in, in.H-1) {
			return 1
		}
		return 0
	}
	lines := 1
	remarks := d.remarkLines(in.W-1, in.H-2-len(d.schemaAt)-1)
	lines += len(remarks)
	if d.schemaFilter.Draw(in, in.H-1-len(remarks)) {
		d.remarks(in, remarks)
		return lines
	}
	list.Cells(in, in.H-lines, d.sumCells())
	d.remarks(in, remarks)
	return lines
}

// sumCells is the line of sums, under the columns of the schemas. All tables are gone through once for it.
func (d *Screen) sumCells() func(col int) (string, draw.Role) {
	tables, n, bytes := d.Live().Snap.Totals()
	return func(col int) (string, draw.Role) { return d.sumCell(col, tables, n, bytes) }
}

func (d *Screen) sumCell(col, tables int, n postgres.RowCount, bytes int64) (string, draw.Role) {
	snap := d.Live().Snap
	switch col {
	case 0:
		return d.Look().Glyphs.Sum, draw.Dim
	case 1:
		return say.Count(len(snap.Schemas), "schema"), draw.Dim
	case 3:
		return strconv.Itoa(tables), draw.Dim
	case 4:
		return d.rowCell(n)
	case 5:
		return screen.Size(bytes), draw.Dim
	case 6:
		var sum screen.Drift
		for _, s := range snap.Schemas {
			sum = sum.And(d.schemaDrift(s))
		}
		return sum.String(), draw.Info
	}
	return "", draw.Dim
}

// remarkLines is what is wrong with the migrations and with the chosen schema, in lines of w cells and at most room of them. Each trouble is whole
// where there is room for all, if need be that between the list and its sum, and otherwise one line.
func (d *Screen) remarkLines(w, room int) (lines []draw.Line) {
	mark := d.Look().Glyphs.Warn + " "
	troubles := append(d.Live().MigrationTroubles(), d.Live().Troubles(d.Schema)...)
	for _, t := range troubles {
		for i, text := range draw.Wrap(t, w-draw.Width(mark)) {
			lines = append(lines, draw.Line{draw.Text([]string{mark, "  "}[min(i, 1)]+text, draw.Warn)})
		}
	}
	if len(lines) > room+1 {
		lines = nil
		for _, t := range troubles[:max(0, min(len(troubles), room))] {
			lines = append(lines, draw.Line{draw.Text(mark+t, draw.Warn)})
		}
	}
	return lines
}

func (d *Screen) remarks(in draw.Area, lines []draw.Line) {
	for i, l := range lines {
		l.Draw(in.Sub(1, 0, in.W-1, in.H), 0, in.H-len(lines)+i)
	}
}

func (d *Screen) drawTables(a draw.Area) {
	right := ""
	if len(d.tableAt) > 0 {
		right = strconv.Itoa(d.tables.At+1) + "/" + strconv.Itoa(len(d.tableAt))
	}
	title := "Tables"
	if d.Schema != "" {
		title = d.Schema
	}
	if o := d.Live().Owner(d.Schema); o != "" && a.W > draw.Width(title+o)+20 {
		title += " " + d.Look().Glyphs.Middle + " of " + o
	}
	in := a.Box(d.frame(tablePane, title, right))
	if d.Live().Snap == nil {
		return
	}
	foot := 0
	if d.tableFilter.Draw(in, in.H-1) {
		foot = 1
	}
	all := d.currentTables()
	body := in.Sub(0, 0, in.W, in.H-foot)
	if len(d.tableAt) == 0 {
		in.Text(1, 0, "no tables"+map[bool]string{true: " fit the filter"}[len(all) > 0], draw.Dim)
		return
	}
	widget.Table{
		Columns: []widget.Column{
			{Title: "TABLE", Width: 10, Flex: 4}, {Title: "ROWS", Width: 7, Right: true}, {Title: "SIZE", Width: 7, Right: true, Least: 36},
			{Title: "COL", Width: 3, Right: true, Least: 66}, {Title: "IDX", Width: 3, Right: true, Least: 60},
			{Title: "SCANS", Width: 6, Right: true, Least: 76}, {Title: d.Look().Glyphs.Delta, Width: 6, Right: true, Least: 42},
			{Title: "POINTS AT", Width: 10, Flex: 4, Least: 70},
		},
		List: &d.tables, Focused: d.Focus == tablePane, Match: d.tableFilter.Match(), Sorted: []int{0, 2, 3, 7}[d.tableOrder],
		Cell: func(line, col int) (string, draw.Role) { return d.tableCell(all[d.tableAt[line]], col) },
	}.Draw(body)
}

func (d *Screen) tableCell(t postgres.TableInfo, col int) (string, draw.Role) {
	switch col {
	case 0:
		if !t.HoldsRows() {
			return t.Name + " (" + string(t.Kind) + ")", draw.Dim
		}
		return t.Name, draw.Plain
	case 1:
		if t.Kind == postgres.KindView {
			return "", draw.Dim
		}
		return d.rowCell(d.Live().Count(t))
	case 2:
		return screen.Size(t.Bytes), draw.Dim
	case 3:
		return strconv.Itoa(t.Columns), draw.Dim
	case 4:
		return strconv.Itoa(t.Indexes), draw.Dim
	case 5:
		return screen.Count(t.Scans), draw.Dim
	case 6:
		return d.Live().Drift(t).String(), draw.Info
	}
	refs := make([]string, 0, len(t.References))
	for _, r := range t.References {
		name := r.Name
		if r.Schema != t.Schema {
			name = r.String()
		}
		refs = append(refs, name)
	}
	if len(refs) == 0 {
		return "", draw.Dim
	}
	return d.Look().Glyphs.Right + " " + strings.Join(refs, ", "), draw.Dim
}

// Click gives the keys to a pane and moves its cursor to the line.
func (d *Screen) Click(x, y int) tea.Cmd {
	p, ok := d.under(x, y)
	if !ok {
		return nil
	}
	again := d.Focus == p
	d.Focus = p
	open := func() tea.Cmd {
		if again {
			return d.Act(keymap.Open)
		}
		return nil
	}
	switch p {
	case schemaPane:
		return tea.Batch(d.Schemas.Click(x, y, open), d.pickSchema())
	case tablePane:
		return tea.Batch(d.tables.Click(x, y, open), d.pickTable())
	case healthPane:
		return d.Health.Click(x, y, open)
	case activityPane:
		return d.activity.Click(x, y, open)
	}
	return d.View.ClickPane(x, y, again)
}

// Wheel moves three lines of the pane under the mouse.
func (d *Screen) Wheel(x, y, by int) tea.Cmd {
	p, ok := d.under(x, y)
	if !ok {
		return nil
	}
	was := d.Focus
	d.Focus = p
	act := keymap.Down
	if by < 0 {
		act = keymap.Up
	}
	cmd := tea.Batch(d.Act(act), d.Act(act), d.Act(act))
	d.Focus = was
	return cmd
}

// under is the pane at a place of the frame.
func (d *Screen) under(x, y int) (p pane, ok bool) {
	for p, a := range d.areas {
		if a.Holds(x, y) {
			return p, true
		}
	}
	return 0, false
}
