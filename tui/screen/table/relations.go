package table

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/widget"
)

// relationScreen is the picture of foreign keys: which schema points at which, as a matrix and as a list, and the
// neighbours of one table.
type relationScreen struct {
	screen.Base
	schema string
	table  postgres.TableRef
	rel    postgres.Relations // with near, of the newest snapshot; empty before the first
	near   postgres.Neighbours
	list   widget.List
	around bool // the table's neighbours are shown, not the schemas
}

// OpenRelations shows which schema points at which, or around a page of a table its neighbours.
func OpenRelations(s screen.Root, schema string, table postgres.TableRef) tea.Cmd {
	t := &relationScreen{Base: screen.NewBase(s), schema: schema, table: table}
	_, onTable := s.Top().(*View)
	t.around = onTable && table.Name != ""
	return s.Open(t)
}

func (r *relationScreen) Title() string { return "relations" }

func (r *relationScreen) Subject() (string, postgres.TableRef) { return r.schema, r.table }

// Init takes what the snapshot says.
func (r *relationScreen) Init() tea.Cmd {
	if snap := r.Live().Snap; snap != nil {
		r.rel, r.near = snap.Relations(), snap.Neighbours(r.table)
	}
	return nil
}

func (r *relationScreen) Update(msg tea.Msg) tea.Cmd {
	if _, ok := msg.(screen.SnapshotNews); ok {
		return r.Init()
	}
	return nil
}

func (r *relationScreen) Actions() []keymap.Action {
	return []keymap.Action{keymap.Open, keymap.NextTab, keymap.PrevTab, keymap.NextPane, keymap.CopyCell}
}

func (r *relationScreen) Act(a keymap.Action) tea.Cmd {
	switch a {
	case keymap.NextTab, keymap.PrevTab, keymap.NextPane, keymap.Left, keymap.Right:
		if r.table.Name != "" {
			r.around = !r.around
			r.list = widget.List{}
		}
	case keymap.Open:
		return r.enter()
	case keymap.CopyCell:
		return r.Copy("the picture", r.mermaid())
	default:
		r.list.Move(a)
	}
	return nil
}

// enter opens the neighbour under the cursor, or the tables of an edge.
func (r *relationScreen) enter() tea.Cmd {
	if r.around {
		if edges := r.edges(); r.list.At < len(edges) {
			e := edges[r.list.At]
			other := e.To
			if e.To == r.table {
				other = e.From
			}
			return Open(r.Root, other, keyTab)
		}
		return nil
	}
	if r.list.At >= len(r.rel.Edges) {
		return nil
	}
	edge := r.rel.Edges[r.list.At]
	var items []dialog.MenuItem
	for _, fk := range r.Live().Snap.ForeignKeys {
		if fk.From.Schema == edge.From && fk.To.Schema == edge.To {
			items = append(items, dialog.MenuItem{
				Text: fk.From.Name + "." + strings.Join(fk.FromColumns, ",") + " " + r.Look().Glyphs.Right + " " + fk.To.Name, Detail: strings.ToLower(fk.OnDelete),
				Do: func() tea.Cmd { return Open(r.Root, fk.From, keyTab) },
			})
		}
	}
	if len(items) == 0 {
		return nil
	}
	return dialog.OpenMenu(r.Root, edge.From+" "+r.Look().Glyphs.Right+" "+edge.To, items)
}

func (r *relationScreen) edges() []postgres.ForeignKeyEdge {
	return append(slices.Clone(r.near.Out), r.near.In...)
}

// mermaid is the picture as a diagram that documents take.
func (r *relationScreen) mermaid() string {
	var b strings.Builder
	b.WriteString("graph LR\n")
	for _, e := range r.rel.Edges {
		fmt.Fprintf(&b, "  %s -->|%d| %s\n", e.From, e.ForeignKeys, e.To)
	}
	return b.String()
}

func (r *relationScreen) Draw(a draw.Area) {
	title := " Schemas "
	if r.around {
		title = " Around " + r.table.String() + " "
	}
	right := ""
	if r.table.Name != "" {
		right = " " + r.Label(keymap.NextTab) + " schemas / " + draw.Clip(r.table.Name, 24) + " "
	}
	in := a.Box(draw.Frame{Title: title, Right: right, Focused: true})
	switch {
	case r.Live().Snap == nil:
		dialog.DrawWaiting(r.Root, in)
	case r.around:
		r.drawAround(in)
	default:
		r.drawSchemas(in)
	}
}

// drawSchemas draws the edges as a list, and beside it, where there is room, the matrix of them.
func (r *relationScreen) drawSchemas(in draw.Area) {
	edges := r.rel.Edges
	if len(edges) == 0 {
		in.Text(1, 0, "no foreign keys", draw.Dim)
		return
	}
	n := len(r.rel.Schemas)
	left := in
	if want := 26 + 4*n; in.W >= 60+want {
		left = in.Sub(0, 0, in.W-want, in.H)
		r.drawMatrix(in.Sub(in.W-want+1, 0, want-1, in.H))
	}
	g := r.Look().Glyphs
	r.list.Size(len(edges))
	most := 1
	for _, e := range edges {
		most = max(most, e.ForeignKeys)
	}
	widget.Table{
		Columns: []widget.Column{{Title: "FROM", Width: 8, Flex: 2}, {Title: "", Width: 2}, {Title: "TO", Width: 8, Flex: 2}, {Title: "KEYS", Width: 4, Right: true}, {Title: "TABLES", Width: 6, Right: true}, {Title: "", Width: 12, Least: 64}},
		List:    &r.list, Focused: true,
		Cell: func(line, col int) (string, draw.Role) {
			e := edges[line]
			role := draw.Plain
			if e.From == e.To {
				role = draw.Dim
			}
			switch col {
			case 0:
				return e.From, role
			case 1:
				return g.Right, draw.Info
			case 2:
				return e.To, role
			case 3:
				return strconv.Itoa(e.ForeignKeys), draw.Number
			case 4:
				return strconv.Itoa(e.Tables), draw.Dim
			}
			return strings.Repeat(g.Full, max(1, e.ForeignKeys*12/most)), draw.Info
		},
	}.Draw(left)
}

// drawMatrix draws a line and a column for each schema, with the number of keys from the line's to the column's.
func (r *relationScreen) drawMatrix(a draw.Area) {
	names := r.rel.Schemas
	a.Text(0, 0, "from \\ to", draw.Dim)
	for i := range names {
		a.Right(24+4*i+3, 0, 4, strconv.Itoa(i+1), draw.Head)
	}
	for y, from := range names {
		a.Cut(0, y+1, 3, strconv.Itoa(y+1), draw.Head)
		a.Cut(3, y+1, 20, from, draw.Plain)
		for i, to := range names {
			text, role := r.Look().Glyphs.Middle, draw.Border
			for _, e := range r.rel.Edges {
				if e.From == from && e.To == to {
					text, role = strconv.Itoa(e.ForeignKeys), draw.Number
				}
			}
			if from == to && role == draw.Number {
				role = draw.Dim
			}
			a.Right(24+4*i+3, y+1, 4, text, role)
		}
	}
}

// drawAround draws what points at the table to the left, the table in the middle, what it points at to the right; in
// a narrow area, a list.
func (r *relationScreen) drawAround(in draw.Area) {
	edges := r.edges()
	if len(edges) == 0 {
		in.Text(1, 0, r.table.String()+" points at nothing, and nothing points at it", draw.Dim)
		return
	}
	r.list.Size(len(edges))
	g := r.Look().Glyphs
	widget.Table{
		Columns: []widget.Column{{Title: "", Width: 3}, {Title: "TABLE", Width: 10, Flex: 5}, {Title: "COLUMNS", Width: 10, Flex: 3}, {Title: "ON DELETE", Width: 9, Least: 56}, {Title: "ROWS", Width: 7, Right: true, Least: 50}},
		List:    &r.list, Focused: true,
		Cell: func(line, col int) (string, draw.Role) {
			e := edges[line]
			out := line < len(r.near.Out)
			other, arrow := e.From, g.Left
			if out {
				other, arrow = e.To, g.Right
			}
			switch col {
			case 0:
				return arrow, draw.Info
			case 1:
				if other.Schema == r.table.Schema {
					return other.Name, draw.Plain
				}
				return other.String(), draw.Accent
			case 2:
				return strings.Join(e.FromColumns, ", ") + " " + g.Right + " " + strings.Join(e.ToColumns, ", "), draw.Dim
			case 3:
				return strings.ToLower(e.OnDelete), draw.Dim
			}
			if t, ok := r.Live().Snap.Table(other); ok {
				return screen.Rows(t.Rows), draw.Plain
			}
			return "", draw.Dim
		},
	}.Draw(in)
}

func (r *relationScreen) Click(x, y int) tea.Cmd {
	return r.list.Click(x, y, func() tea.Cmd { return r.Act(keymap.Open) })
}
