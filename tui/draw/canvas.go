package draw

import (
	"github.com/livepeer/naap-dev/internal/visible"
)

// Canvas is one frame: width × height cells. It is reused from frame to frame.
type Canvas struct {
	w, h  int
	cells []cell
	look  *Look
	out   []byte
}

type cell struct {
	text string // "" is the right half of a wide cluster
	role Role
	mark Mark
	// unsure says that terminals disagree about the width; the column is stated again after it.
	unsure bool
}

// Mark is what a cell is part of, on top of its role.
type Mark uint8

const (
	Unmarked    Mark = iota
	Chosen           // the selection of the pane that has the keys
	ChosenAside      // the selection of another pane
	OnBar            // the header line
	Fresh            // what has just come
	marks            // how many there are
)

// Resize sets the frame's size and look, and blanks it.
func (c *Canvas) Resize(w, h int, look *Look) {
	w, h = max(w, 0), max(h, 0)
	c.w, c.h, c.look = w, h, look
	if cap(c.cells) < w*h {
		c.cells = make([]cell, w*h)
	}
	c.cells = c.cells[:w*h]
	for i := range c.cells {
		c.cells[i] = cell{text: " "}
	}
}

// All is the whole frame as an Area.
func (c *Canvas) All() Area { return Area{c: c, W: c.w, H: c.h} }

// set writes one cluster. Half of a wide cluster that is overwritten takes its other half along.
func (c *Canvas) set(x, y int, text string, w int, role Role, unsure bool) {
	row := c.cells[y*c.w : (y+1)*c.w]
	if row[x].text == "" && x > 0 {
		row[x-1].text, row[x-1].unsure = " ", false
	}
	end := x + w
	if end < c.w && row[end].text == "" {
		row[end].text = " "
	}
	row[x] = cell{text: text, role: role, unsure: unsure}
	if w == 2 {
		row[x+1] = cell{role: role}
	}
}

func safe(s string) string { return visible.String(s) }

// Area is a rectangle of a frame with coordinates of its own; what is drawn outside it is cut off.
type Area struct {
	c    *Canvas
	x, y int
	W, H int
}

// Sub is the part of an area at x, y, at most w × h, cut to the area.
func (a Area) Sub(x, y, w, h int) Area {
	if x < 0 {
		w, x = w+x, 0
	}
	if y < 0 {
		h, y = h+y, 0
	}
	x, y = min(x, a.W), min(y, a.H)
	return Area{c: a.c, x: a.x + x, y: a.y + y, W: max(0, min(w, a.W-x)), H: max(0, min(h, a.H-y))}
}

// At is where the area's first cell is in the frame.
func (a Area) At() (x, y int) { return a.x, a.y }

// Holds reports whether a cell of the frame is in the area.
func (a Area) Holds(x, y int) bool { return x >= a.x && x < a.x+a.W && y >= a.y && y < a.y+a.H }

// Look is how this frame is drawn.
func (a Area) Look() *Look { return a.c.look }

// Text draws s at x, y to the area's right edge and returns the column after it. What does not fit ends in an ellipsis.
func (a Area) Text(x, y int, s string, role Role) int { return a.Cut(x, y, a.W-x, s, role) }

// Cut is Text within at most w cells.
func (a Area) Cut(x, y, w int, s string, role Role) int {
	w = min(w, a.W-x)
	if y < 0 || y >= a.H || w <= 0 || x < 0 {
		return x
	}
	s = a.c.look.Glyphs.fold(safe(s))
	if len(s) > w && Width(s) > w {
		return a.cutText(x, y, w, s, role)
	}
	for s != "" {
		text, cw, sure, rest := cluster(s)
		if a.c.look.Strict && !isPlain(text) {
			text, sure = "??"[:cw], true
			for i := range cw {
				a.c.set(a.x+x+i, a.y+y, text[i:i+1], 1, role, false)
			}
		} else {
			a.c.set(a.x+x, a.y+y, text, cw, role, !sure)
		}
		x, s = x+cw, rest
	}
	return x
}

func (a Area) cutText(x, y, w int, s string, role Role) int {
	dots := a.c.look.Glyphs.Ellipsis
	dw := Width(dots)
	if dw > w {
		dots, dw = dots[:0], 0
	}
	n, rest := 0, s
	for rest != "" {
		_, cw, _, next := cluster(rest)
		if n+cw > w-dw {
			break
		}
		n, rest = n+cw, next
	}
	x = a.Cut(x, y, n, s[:len(s)-len(rest)], role)
	return a.Cut(x, y, dw, dots, role)
}

// Right draws s so that it ends before column end, within at most w cells, and returns where it begins.
func (a Area) Right(end, y, w int, s string, role Role) int {
	n := min(Width(a.c.look.Glyphs.fold(s)), w)
	a.Cut(end-n, y, n, s, role)
	return end - n
}

// Fill draws one single-width glyph over the whole area.
func (a Area) Fill(glyph string, role Role) {
	for y := range a.H {
		a.Run(0, y, a.W, glyph, role)
	}
}

// Run draws one single-width glyph n times from x, y on.
func (a Area) Run(x, y, n int, glyph string, role Role) {
	if y < 0 || y >= a.H {
		return
	}
	if x < 0 {
		n, x = n+x, 0
	}
	for i := x; i < min(x+n, a.W); i++ {
		a.c.set(a.x+i, a.y+y, glyph, 1, role, false)
	}
}

// Mark sets the mark of n cells from x, y on.
func (a Area) Mark(x, y, n int, mark Mark) {
	if y < 0 || y >= a.H || x < 0 {
		return
	}
	row := a.c.cells[(a.y+y)*a.c.w:]
	for i := x; i < min(x+n, a.W); i++ {
		row[a.x+i].mark = mark
	}
}

// Dim takes all colour from an area, for what lies under a dialog.
func (a Area) Dim() {
	for y := range a.H {
		row := a.c.cells[(a.y+y)*a.c.w+a.x:]
		for i := range a.W {
			row[i].role, row[i].mark = Dim, Unmarked
		}
	}
}

// Pen draws several texts after each other on one line.
type Pen struct {
	area Area
	X, Y int
}

// Pen starts a line at x, y.
func (a Area) Pen(x, y int) *Pen { return &Pen{area: a, X: x, Y: y} }

// Text draws s and moves behind it.
func (p *Pen) Text(s string, role Role) *Pen {
	p.X = p.area.Text(p.X, p.Y, s, role)
	return p
}

// To moves the pen to column x if it is not yet beyond it.
func (p *Pen) To(x int) *Pen {
	p.X = max(p.X, x)
	return p
}

// Left is how many cells are left on the line.
func (p *Pen) Left() int { return max(0, p.area.W-p.X) }
