package table

import (
	"strconv"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/widget"
)

func (v *View) drawColumns(a draw.Area, focused bool) {
	all := v.detail.Columns
	at := v.columnsShown()
	l := &v.Lists[ColumnTab]
	l.Size(len(at))
	widget.Table{
		Columns: []widget.Column{
			{Title: "COLUMN", Width: 9, Flex: 3}, {Title: "TYPE", Width: 8, Flex: 2}, {Title: "KEYS", Width: 8},
			{Title: "DEFAULT", Width: 7, Flex: 2, Least: 58}, {Title: "POINTS AT", Width: 8, Flex: 2, Least: 44},
			{Title: "COMMENT", Width: 8, Flex: 3, Least: 110},
		},
		List: l, Focused: focused, Match: v.filter.Match(),
		Cell: func(line, col int) (string, draw.Role) { return v.columnCell(all[at[line]], col) },
	}.Draw(a)
}

// columnsShown are the indexes of the columns that pass the filter.
func (v *View) columnsShown() []int {
	all := v.detail.Columns
	return v.filter.Choose(len(all), func(i int) string { return all[i].Name + " " + all[i].Type })
}

func (v *View) chosenColumn() (postgres.Column, bool) {
	if v.detail == nil {
		return postgres.Column{}, false
	}
	at := v.columnsShown()
	if i := v.Lists[ColumnTab].At; i < len(at) {
		return v.detail.Columns[at[i]], true
	}
	return postgres.Column{}, false
}

func (v *View) columnCell(c postgres.Column, col int) (string, draw.Role) {
	switch col {
	case 0:
		if c.PrimaryKey > 0 {
			return c.Name, draw.Strong
		}
		return c.Name, draw.Plain
	case 1:
		return c.Type, draw.Info
	case 2:
		return columnFlags(c), draw.Dim
	case 3:
		switch {
		case c.Identity != "":
			return "identity " + strings.ToLower(c.Identity), draw.Dim
		case c.Generated != "":
			return "= " + c.Generated, draw.Dim
		}
		return c.Default, draw.Dim
	case 4:
		if c.References == nil {
			return "", draw.Dim
		}
		r := c.References
		name := r.Table.Name
		if r.Table.Schema != v.Ref.Schema {
			name = r.Table.String()
		}
		return v.Look().Glyphs.Right + " " + name + "." + r.Column, draw.Dim
	}
	if len(c.EnumLabels) > 0 && c.Comment == "" {
		return strings.Join(c.EnumLabels, " | "), draw.Dim
	}
	return c.Comment, draw.Dim
}

// columnFlags are two letters each: part of the primary key, unique, indexed, not null.
func columnFlags(c postgres.Column) string {
	var out []string
	if c.PrimaryKey > 0 {
		out = append(out, "PK")
	} else if c.Unique {
		out = append(out, "UQ")
	} else if c.Indexed {
		out = append(out, "IX")
	}
	if c.NotNull {
		out = append(out, "NN")
	}
	return strings.Join(out, " ")
}

func (v *View) drawIndexes(a draw.Area, focused bool) {
	all := v.detail.Indexes
	at := v.indexesShown()
	l := &v.Lists[indexTab]
	l.Size(len(at))
	if len(all) == 0 {
		a.Text(1, 0, "no indexes", draw.Dim)
		return
	}
	widget.Table{
		Columns: []widget.Column{
			{Title: "INDEX", Width: 10, Flex: 3}, {Title: "KIND", Width: 7}, {Title: "COLUMNS", Width: 8, Flex: 3},
			{Title: "METHOD", Width: 6, Least: 60}, {Title: "SIZE", Width: 7, Right: true, Least: 50}, {Title: "SCANS", Width: 6, Right: true, Least: 44},
			{Title: "WHERE", Width: 6, Flex: 2, Least: 90},
		},
		List: l, Focused: focused, Match: v.filter.Match(),
		Cell: func(line, col int) (string, draw.Role) { return indexCell(all[at[line]], col) },
	}.Draw(a)
}

// indexesShown are the numbers of the indexes that pass the filter.
func (v *View) indexesShown() []int {
	all := v.detail.Indexes
	return v.filter.Choose(len(all), func(i int) string { return all[i].Name + " " + strings.Join(all[i].Columns, " ") })
}

func indexCell(x postgres.Index, col int) (string, draw.Role) {
	switch col {
	case 0:
		if !x.Valid {
			return x.Name + " (invalid)", draw.Bad
		}
		return x.Name, draw.Plain
	case 1:
		switch {
		case x.Primary:
			return "primary", draw.Strong
		case x.Unique:
			return "unique", draw.Info
		}
		return "", draw.Dim
	case 2:
		return strings.Join(x.Columns, ", "), draw.Info
	case 3:
		return x.Method, draw.Dim
	case 4:
		return screen.Size(x.Bytes), draw.Dim
	case 5:
		return screen.Count(x.Scans), draw.Dim
	}
	return x.Predicate, draw.Dim
}

// keyRow is one foreign key in the Keys tab, seen from this table.
type keyRow struct {
	out   bool
	fk    postgres.ForeignKey
	other postgres.TableRef
}

func (v *View) keyRows() []keyRow {
	if v.detail == nil {
		return nil
	}
	var all []keyRow
	for _, fk := range v.detail.Out {
		all = append(all, keyRow{true, fk, fk.To})
	}
	for _, fk := range v.detail.In {
		all = append(all, keyRow{false, fk, fk.From})
	}
	at := v.filter.Choose(len(all), func(i int) string { return all[i].fk.Name + " " + all[i].other.String() })
	chosen := make([]keyRow, len(at))
	for i, j := range at {
		chosen[i] = all[j]
	}
	return chosen
}

func (v *View) keyLine() (keyRow, bool) {
	all := v.keyRows()
	if i := v.Lists[keyTab].At; i < len(all) {
		return all[i], true
	}
	return keyRow{}, false
}

func (v *View) drawKeys(a draw.Area, focused bool) {
	all := v.keyRows()
	l := &v.Lists[keyTab]
	l.Size(len(all))
	if len(all) == 0 {
		a.Text(1, 0, "no foreign keys, neither out nor in", draw.Dim)
		return
	}
	widget.Table{
		Columns: []widget.Column{
			{Title: "", Width: 3}, {Title: "TABLE", Width: 10, Flex: 5}, {Title: "COLUMNS", Width: 8, Flex: 3},
			{Title: "ON DELETE", Width: 9, Least: 52}, {Title: "ON UPDATE", Width: 9, Least: 80}, {Title: "CONSTRAINT", Width: 8, Flex: 2, Least: 70},
		},
		List: l, Focused: focused, Match: v.filter.Match(),
		Cell: func(line, col int) (string, draw.Role) { return v.keyCell(all[line], col) },
	}.Draw(a)
}

func (v *View) keyCell(k keyRow, col int) (string, draw.Role) {
	g := v.Look().Glyphs
	switch col {
	case 0:
		if k.out {
			return "out", draw.Info
		}
		return "in", draw.Dim
	case 1:
		role := draw.Plain
		if !k.fk.Valid {
			role = draw.Bad
		}
		if k.other.Schema != v.Ref.Schema {
			return k.other.String(), role
		}
		return k.other.Name, role
	case 2:
		return strings.Join(k.fk.FromColumns, ", ") + " " + g.Right + " " + strings.Join(k.fk.ToColumns, ", "), draw.Info
	case 3:
		return strings.ToLower(k.fk.OnDelete), draw.Dim
	case 4:
		return strings.ToLower(k.fk.OnUpdate), draw.Dim
	}
	return k.fk.Name, draw.Dim
}

// chosenText is what y copies in a tab, and what that is; "" where the cursor is on nothing.
func (v *View) chosenText() (what, text string) {
	switch v.Tab {
	case ColumnTab:
		c, _ := v.chosenColumn()
		return "the column's name", c.Name
	case keyTab:
		k, _ := v.keyLine()
		return "the foreign key's name", k.fk.Name
	case indexTab:
		if v.detail != nil {
			if at := v.indexesShown(); v.Lists[indexTab].At < len(at) {
				return "the index's definition", v.detail.Indexes[at[v.Lists[indexTab].At]].Definition
			}
		}
		return "", ""
	case ddlTab:
		if v.detail != nil {
			return "the DDL of " + v.Ref.Name, v.detail.DDL
		}
	}
	return "the table's name", v.Ref.String()
}

// drawLines draws text with a cursor's line in view.
func (v *View) drawLines(a draw.Area, all []draw.Line, focused bool) {
	at := v.filter.Choose(len(all), func(i int) string { return all[i].String() })
	l := &v.Lists[v.Tab]
	l.Size(len(at))
	texts := say.Each(at, func(i int) string { return all[i].String() })
	v.skip.Size(a.W-1, texts)
	l.Draw(a, focused, draw.Unmarked, func(n, y int) { all[at[n]].DrawFrom(a, 1, y, v.skip.At) })
}

func (v *View) statLines() []draw.Line {
	d, s := v.detail, v.detail.Stats
	now := v.Now()
	share := func(hit, read int64) string {
		if hit+read == 0 {
			return "no reads"
		}
		return strconv.FormatFloat(100*float64(hit)/float64(hit+read), 'f', 1, 64) + "% from cache"
	}
	line := func(label, text string) draw.Line {
		return draw.Line{draw.Text(draw.Pad(label, 16), draw.Dim), draw.Text(text, draw.Plain)}
	}
	out := []draw.Line{
		line("rows", screen.Rows(s.Rows)+"  live "+say.Number(s.Live)+"  dead "+say.Number(s.Dead)),
		line("size", screen.Size(s.TotalBytes)+": rows "+screen.Size(s.HeapBytes)+", indexes "+screen.Size(s.IndexBytes)+", toast "+screen.Size(s.ToastBytes)),
		line("written", "inserted "+say.Number(s.Inserted)+"  updated "+say.Number(s.Updated)+" (hot "+say.Number(s.HotUpdated)+")  deleted "+say.Number(s.Deleted)),
		line("sequential", say.Count(s.SeqScans, "scan")+", "+say.Count(s.SeqRowsRead, "row")),
		line("by index", say.Count(s.IndexScans, "scan")+", "+say.Count(s.IndexRowsFetched, "row")),
		line("rows read", share(s.HeapHit, s.HeapRead)),
		line("indexes read", share(s.IndexHit, s.IndexRead)),
		line("vacuum", screen.When(s.Vacuumed, now)+", by itself "+screen.When(s.AutoVacuumed, now)),
		line("analyze", screen.When(s.Analyzed, now)+", by itself "+screen.When(s.AutoAnalyzed, now)),
		line("owner", d.Owner),
	}
	if s.Options != "" {
		out = append(out, line("storage", s.Options))
	}
	if d.Comment != "" {
		out = append(out, line("comment", d.Comment))
	}
	for _, c := range d.Checks {
		out = append(out, line("check", c.Name+": "+c.Definition))
	}
	for _, t := range d.Triggers {
		out = append(out, line("trigger", t.Name+": "+t.Definition))
	}
	for _, p := range d.Policies {
		out = append(out, line("policy", p.Name+" for "+p.Command+" using "+p.Using))
	}
	return out
}
