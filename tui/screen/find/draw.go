package find

import (
	"strconv"
	"strings"

	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/widget"
)

// columns are those of the list.
var columns = []widget.Column{
	{Title: "TABLE", Width: 18, Flex: 4}, {Title: "COLUMN", Width: 10, Flex: 1}, {Title: "TYPE", Width: 10, Flex: 1, Least: 120},
	{Title: "KEY", Width: 13, Flex: 3, Middle: true}, {Title: "VALUE", Width: 16, Flex: 4},
}

// aboutLines is how much of the chosen value is shown below the list.
const aboutLines = 4

// Draw draws how it is looked for, how far it is, and what was found.
func (f *findScreen) Draw(a draw.Area) {
	right := ""
	if n := len(f.at); n > 0 {
		right = " " + strconv.Itoa(f.list.At+1) + "/" + strconv.Itoa(n) + " "
	}
	in := a.Box(draw.Frame{Title: " find " + f.req.Value + " ", Right: right, Focused: true})
	in.Cut(1, 0, in.W-2, f.way(), draw.Dim)
	f.drawProgress(in)
	if f.err != nil && len(f.items) == 0 {
		for y, line := range dialog.ErrorLines(f.Root, f.err, in.W) {
			line.Draw(in, 0, 3+y)
		}
		return
	}
	h := in.H
	if f.filter.Draw(in, in.H-1) {
		h--
	}
	if it, ok := f.chosen(); ok && in.H >= 14 {
		h -= aboutLines + 1
		in.Run(0, h, in.W, in.Look().Glyphs.H, draw.Border)
		f.drawAbout(in.Sub(1, h+1, in.W-2, aboutLines), it)
	}
	if h > 3 {
		widget.Table{
			Columns: columns, List: &f.list, Focused: true, Match: strings.ToLower(f.req.Value),
			Cell: func(line, col int) (string, draw.Role) { return f.cell(f.items[f.at[line]], col) },
		}.Draw(in.Sub(0, 3, in.W, h-3))
	}
}

func (f *findScreen) drawProgress(in draw.Area) {
	g := in.Look().Glyphs
	sign, role := g.Check, draw.Good
	switch {
	case f.err != nil:
		sign, role = g.Cross, draw.Bad
	case f.ended || f.most || f.cut > 0 && f.over:
		sign, role = g.Warn, draw.Warn
	case !f.over:
		sign, role = g.Spin[int(f.Now().UnixMilli()/250)%len(g.Spin)], draw.Info
	}
	x := in.Text(1, 1, sign+" ", role)
	in.Cut(x, 1, in.W-x-1, f.progress(), draw.Plain)
}

func (f *findScreen) cell(it item, col int) (string, draw.Role) {
	role := draw.Plain
	if it.note != "" {
		role = draw.Warn
	}
	switch col {
	case 0:
		return it.Table.String(), role
	case 1:
		return it.Column, draw.Plain
	case 2:
		return it.Type, draw.Dim
	case 3:
		if !it.Keyed {
			return keyOf(it), draw.Dim
		}
		return keyOf(it), draw.Plain
	}
	return f.piece(it) + it.note, role
}

// piece is a value, or a piece of it, on one line.
func (f *findScreen) piece(it item) string {
	text := it.Piece
	if it.Before {
		text = f.Look().Glyphs.Ellipsis + text
	}
	if it.After {
		text += f.Look().Glyphs.Ellipsis
	}
	return text
}

func (f *findScreen) drawAbout(in draw.Area, it item) {
	head := place(it)
	if it.Type != "" {
		head += "  " + it.Type
	}
	in.Cut(0, 0, in.W, head, draw.Strong)
	row := 1
	if it.note == "" {
		var key []string
		for _, c := range it.Where {
			if it.Keyed {
				key = append(key, c.Column+" = "+c.Value)
			}
		}
		text := strings.Join(key, ", ")
		if !it.Keyed {
			text = "the table has no key: its rows with this value are shown"
		}
		in.Cut(0, 1, in.W, text, draw.Dim)
		row = 2
	}
	lines := draw.Wrap(f.piece(it)+it.note, in.W)
	for y := row; y < in.H && y-row < len(lines); y++ {
		in.Text(0, y, lines[y-row], draw.Plain)
	}
}
