package draw

import "github.com/rivo/uniseg"

// Line is a line of text in parts.
type Line []Part

// Part is a text in one role.
type Part struct {
	Text string
	Role Role
}

// String is the line without its roles.
func (l Line) String() string {
	s := ""
	for _, p := range l {
		s += p.Text
	}
	return s
}

// Draw draws the line at a place.
func (l Line) Draw(a Area, x, y int) {
	pen := a.Pen(x, y)
	for _, p := range l {
		pen.Text(p.Text, p.Role)
	}
}

// DrawFrom draws the line without its first cells.
func (l Line) DrawFrom(a Area, x, y, skip int) {
	p := a.Pen(x, y)
	for _, part := range l {
		text := part.Text
		for skip > 0 && text != "" {
			first, rest := FirstCluster(text)
			skip -= Width(first)
			text = rest
		}
		p.Text(text, part.Role)
	}
}

// Wrap breaks a line into lines of at most width cells.
func (l Line) Wrap(width int) []Line {
	out := []Line{nil}
	left := width
	for _, part := range l {
		text, from := safe(part.Text), 0
		for at := 0; at < len(text); {
			_, rest := FirstCluster(text[at:])
			next := len(text) - len(rest)
			w := Width(text[at:next])
			if w > left && left < width {
				out[len(out)-1] = append(out[len(out)-1], Text(text[from:at], part.Role))
				out, from, left = append(out, nil), at, width
			}
			left, at = left-w, next
		}
		out[len(out)-1] = append(out[len(out)-1], Text(text[from:], part.Role))
	}
	return out
}

// Pad is a text with blanks behind it, up to so many cells.
func Pad(s string, w int) string {
	for Width(s) < w {
		s += " "
	}
	return s
}

// FirstCluster splits off what a reader takes for the first character.
func FirstCluster(s string) (first, rest string) {
	if s == "" {
		return "", ""
	}
	c, rest, _, _ := uniseg.FirstGraphemeClusterInString(s, -1)
	return c, rest
}

// Text is a part of a line.
func Text(text string, role Role) Part { return Part{text, role} }
