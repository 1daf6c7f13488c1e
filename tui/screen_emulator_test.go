package tui

import (
	"fmt"
	"strings"

	"github.com/hinshun/vt10x"
)

// emulate turns a frame into what a terminal shows: its text, and the style of each cell.
func emulate(frame string, w, h int) vt10x.Terminal {
	term := vt10x.New(vt10x.WithSize(w, h))
	_, _ = term.Write([]byte(strings.ReplaceAll(frame, "\n", "\r\n")))
	return term
}

// screenText is a terminal's text, blanks at the ends of lines cut.
func screenText(term vt10x.Terminal) []string {
	w, h := term.Size()
	lines := make([]string, h)
	for y := range h {
		var b strings.Builder
		for x := range w {
			c := term.Cell(x, y).Char
			if c == 0 {
				c = ' '
			}
			b.WriteRune(c)
		}
		lines[y] = strings.TrimRight(b.String(), " ")
	}
	return lines
}

// styles gives each style of a screen a letter, in the order in which they appear, so that a screen's colours can be
// written as short lines of a length and a letter each.
type styles struct {
	letters map[vt10x.Glyph]string
	legend  []string
}

func (s *styles) letter(g vt10x.Glyph) string {
	g.Char = 0
	if l, ok := s.letters[g]; ok {
		return l
	}
	l := string(rune('a' + len(s.letters)))
	s.letters[g] = l
	s.legend = append(s.legend, fmt.Sprintf("%s=%s/%s/%d", l, colourName(g.FG), colourName(g.BG), g.Mode))
	return l
}

func colourName(c vt10x.Color) string {
	if c == vt10x.DefaultFG || c == vt10x.DefaultBG {
		return "-"
	}
	return fmt.Sprint(uint32(c))
}

// lines are the styles of a screen; a line like the one before is a quotation mark.
func (s *styles) lines(term vt10x.Terminal) []string {
	w, h := term.Size()
	out := make([]string, 0, h+1)
	last := ""
	for y := range h {
		var b strings.Builder
		for x := 0; x < w; {
			l, n := s.letter(term.Cell(x, y)), 1
			for x+n < w && s.letter(term.Cell(x+n, y)) == l {
				n++
			}
			fmt.Fprintf(&b, "%d%s", n, l)
			x += n
		}
		if b.String() == last {
			out = append(out, `"`)
			continue
		}
		last = b.String()
		out = append(out, last)
	}
	return append(out, strings.Join(s.legend, " "))
}
