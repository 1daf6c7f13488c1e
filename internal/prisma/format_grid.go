package prisma

import "strings"

// grid is a group of lines whose columns are aligned with each other.
type grid struct{ rows []gridRow }

// gridRow is a line: cells, and what follows them without counting for the columns.
type gridRow struct {
	cells []string
	tail  string
}

// line begins a line. Empty cells at its end do not count.
func (g *grid) line(cells ...string) {
	for len(cells) > 0 && cells[len(cells)-1] == "" {
		cells = cells[:len(cells)-1]
	}
	g.rows = append(g.rows, gridRow{cells: cells})
}

// suffix adds to what follows the cells of the last line.
func (g *grid) suffix(text string) { g.rows[len(g.rows)-1].tail += text }

// render writes the lines and empties the grid. Widths are counted in bytes, as Prisma counts them.
func (g *grid) render(out *strings.Builder, indent string) {
	var widths [3]int
	for _, r := range g.rows {
		for i, cell := range r.cells {
			widths[i] = max(widths[i], len(cell))
		}
	}
	for _, r := range g.rows {
		r.render(out, indent, widths[:])
	}
	g.rows = g.rows[:0]
}

func (r gridRow) render(out *strings.Builder, indent string, widths []int) {
	if len(r.cells) > 0 || r.tail != "" {
		out.WriteString(indent)
	}
	for i, cell := range r.cells {
		out.WriteString(cell)
		if i < len(r.cells)-1 {
			out.WriteString(strings.Repeat(" ", widths[i]-len(cell)+1))
		}
	}
	if r.tail != "" && len(r.cells) > 0 {
		out.WriteByte(' ')
	}
	out.WriteString(r.tail)
	out.WriteByte('\n')
}
