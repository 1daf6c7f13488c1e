package draw

import (
	"strconv"
	"strings"
)

// leftToRight is U+200E. After right-to-left text it keeps a terminal that lays out both directions from reordering
// the columns of a row; others draw nothing for it.
const leftToRight = "\u200e"

// String is the frame for the terminal: exactly height lines of exactly width cells, joined by line feeds.
func (c *Canvas) String() string {
	out := c.out[:0]
	sgr := &c.look.sgr
	for y := range c.h {
		if y > 0 {
			out = append(out, '\n')
		}
		last := ""
		for x := range c.w {
			cell := &c.cells[y*c.w+x]
			if cell.text == "" {
				continue
			}
			if s := sgr[cell.mark][cell.role]; s != last {
				if s == "" {
					out = append(out, reset...)
				} else {
					out = append(out, s...)
				}
				last = s
			}
			out = append(out, cell.text...)
			if cell.unsure {
				out = c.restate(out, x, y)
			}
		}
		if last != "" {
			out = append(out, reset...)
		}
	}
	c.out = out
	return string(out)
}

// restate tells the terminal in which column the next cell is, whatever it thinks of the width of the last one.
func (c *Canvas) restate(out []byte, x, y int) []byte {
	cell := &c.cells[y*c.w+x]
	next := x + 1
	if next < c.w && c.cells[y*c.w+next].text == "" {
		next++
	}
	if rightToLeft(cell.text) {
		out = append(out, leftToRight...)
	}
	if next >= c.w {
		return out
	}
	out = append(out, "\x1b["...)
	out = strconv.AppendInt(out, int64(next+1), 10)
	return append(out, 'G')
}

// Plain is the frame as text without any style, a line each row, blanks at the ends kept.
func (c *Canvas) Plain() string {
	var b strings.Builder
	for y := range c.h {
		if y > 0 {
			b.WriteByte('\n')
		}
		for x := range c.w {
			b.WriteString(c.cells[y*c.w+x].text)
		}
	}
	return b.String()
}
