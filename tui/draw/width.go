// Package draw paints a terminal frame by hand: cells of exact width, styles as ready-made escape sequences. Every
// string passes package visible on its way into a cell, so that nothing that is shown can command the terminal.
package draw

import (
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// cluster splits the first grapheme cluster off s, which must be free of control characters. Its width is the one that
// bubbletea's renderer will measure, because a line that it finds too wide loses its right border. A cluster without a
// width of its own (a combining mark alone) gets a dotted circle to stand on.
func cluster(s string) (text string, width int, sure bool, rest string) {
	if c := s[0]; c < utf8.RuneSelf && (len(s) == 1 || s[1] < utf8.RuneSelf) {
		return s[:1], 1, true, s[1:]
	}
	if r, n := utf8.DecodeRuneInString(s); plainRune(r) && (len(s) == n || s[n] < utf8.RuneSelf) {
		return s[:n], 1, true, s[n:]
	}
	text, width = ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
	rest = s[len(text):]
	if len(text) > maxCluster {
		text = shorten(text)
		_, width = ansi.FirstGraphemeCluster(text, ansi.GraphemeWidth)
	}
	if text[0] < utf8.RuneSelf {
		width = ansi.StringWidth(text) // the renderer measures a digit apart from the keycap or the vowel sign on it
	}
	switch {
	case width <= 0:
		if ansi.StringWidth("◌"+text) != 1 {
			text = ""
		}
		return "◌" + text, 1, false, rest
	case width > 2:
		return "�", 1, true, rest
	}
	r, n := utf8.DecodeRuneInString(text)
	return text, width, n == len(text) && width == 1 && (n == 1 || plainRune(r)), rest
}

// maxCluster bounds the bytes of one cell: text with a hundred accents on a letter draws over its neighbours' lines.
const maxCluster = 40

func shorten(s string) string {
	n := 0
	for i := range s {
		if i > maxCluster {
			break
		}
		n = i
	}
	return s[:n]
}

// plainRune reports whether a rune outside ASCII is drawn one cell wide by every terminal: Latin, Greek, Cyrillic and the
// signs that this program draws with.
func plainRune(r rune) bool {
	switch {
	case r >= 0xa1 && r <= 0x2ff && r != 0xad, r >= 0x370 && r <= 0x482, r >= 0x48a && r <= 0x52f:
		return true
	case r >= 0x2010 && r <= 0x2027, r >= 0x2030 && r <= 0x203b:
		return true
	case r >= 0x2190 && r <= 0x2193, r >= 0x2200 && r <= 0x22ff, r >= 0x2400 && r <= 0x2426:
		return true
	case r >= 0x2500 && r <= 0x25fc, r == 0x2713, r == 0x2717, r >= 0x2800 && r <= 0x28ff:
		return true
	}
	return false
}

// rightToLeft reports whether a terminal with bidirectional layout would reorder text together with its neighbours.
func rightToLeft(s string) bool {
	for _, r := range s {
		if (r >= 0x590 && r <= 0x8ff) || (r >= 0xfb1d && r <= 0xfdff) || (r >= 0xfe70 && r <= 0xfefc) || (r >= 0x10800 && r <= 0x10fff) || (r >= 0x1e800 && r <= 0x1efff) {
			return true
		}
	}
	return false
}

// Width is the number of cells that s takes once it is drawn, its control characters shown as glyphs.
func Width(s string) int {
	if isPlain(s) {
		return len(s)
	}
	s = safe(s)
	n := 0
	for s != "" {
		var w int
		_, w, _, s = cluster(s)
		n += w
	}
	return n
}

func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c >= 0x7f {
			return false
		}
	}
	return true
}

// Wrap breaks text into lines of at most width cells, at blanks where there are any. Line feeds in it are kept.
func Wrap(text string, width int) []string {
	if width < 1 {
		return nil
	}
	var lines []string
	for _, para := range splitLines(text) {
		lines = append(lines, wrapLine(para, width)...)
	}
	return lines
}

func splitLines(s string) []string {
	var out []string
	start := 0
	for i := range len(s) {
		if s[i] == '\n' {
			out = append(out, s[start:i])
			start = i + 1
		}
	}
	return append(out, s[start:])
}

func wrapLine(s string, width int) []string {
	s = safe(s)
	var lines []string
	start, pos, col, blank := 0, 0, 0, -1
	for pos < len(s) {
		text, w, _, rest := cluster(s[pos:])
		if text == " " {
			blank = pos
		}
		if col+w > width {
			cut, next := pos, pos
			if blank > start {
				cut, next = blank, blank+1
			}
			if text == " " {
				cut, next = pos, pos+1
			}
			if next == start { // it is wider than the line by itself
				cut, next = len(s)-len(rest), len(s)-len(rest)
			}
			lines = append(lines, s[start:cut])
			start, pos, col, blank = next, next, 0, -1
			continue
		}
		col += w
		pos = len(s) - len(rest)
	}
	return append(lines, s[start:])
}

// Clip is the beginning of s that fits into so many cells.
func Clip(s string, width int) string {
	s = safe(s)
	rest, n := s, 0
	for rest != "" {
		_, w, _, next := cluster(rest)
		if n+w > width {
			break
		}
		n, rest = n+w, next
	}
	return s[:len(s)-len(rest)]
}

// Middle is a text in so many cells, cut in its middle where it is longer: its last four characters stay. One that is not
// plain ASCII is left whole.
func Middle(s string, width int, ellipsis string) string {
	const last = 4
	first := width - last - Width(ellipsis)
	if len(s) <= width || first < last || !isPlain(s) {
		return s
	}
	return s[:first] + ellipsis + s[len(s)-last:]
}
