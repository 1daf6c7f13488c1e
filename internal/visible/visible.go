// Package visible makes strings from outside (names, values, error texts, log lines) safe to show: nothing in them can
// move a terminal's cursor, set its clipboard, or reorder what the user reads.
package visible

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// String returns s on one line with every control character shown as a glyph: C0 as Unicode's control pictures (␛ ␇ ⏎),
// C1, bidirectional overrides and other invisible format characters as ‹U+XXXX›, bytes that are not UTF-8 as ‹0xXX›. A
// string without any is returned as it is, without a copy.
func String(s string) string { return show(s, oneLine) }

// Text is like String for text of several lines: line feeds stay, and tabs become four blanks.
func Text(s string) string { return show(s, severalLines) }

// Paste returns a text as it is put on a clipboard, and whether control characters in it had to be shown. Line feeds
// and tabs stay, and so do the format characters that scripts need. Other control characters are shown: one sequence of
// them ends what a shell takes for pasted text (ESC [201~), and a carriage return is the Enter key. Line feeds at the
// end are removed, as in $(…): a shell that cannot distinguish pasted text from typed text would run it.
func Paste(s string) (text string, changed bool) {
	s = strings.TrimRight(strings.ReplaceAll(s, "\r\n", "\n"), "\n")
	text = show(s, clipboard)
	return text, text != s
}

// manner is which of the characters that are not drawn are left as they are.
type manner int

const (
	oneLine       manner = iota // nothing
	severalLines                // line feeds; a tab becomes blanks
	terminalLines               // line feeds and tabs
	clipboard                   // these, and every format character
)

func show(s string, m manner) string {
	i := firstUnsafe(s)
	if i < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s) + 16)
	b.WriteString(s[:i])
	for i < len(s) {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			b.WriteString("‹0x")
			writeHex(&b, uint32(s[i]), 2)
			b.WriteString("›")
		case r == '\n' && m != oneLine, r == '\t' && m >= terminalLines, m == clipboard && !unicode.Is(unicode.Cc, r):
			b.WriteString(s[i : i+n])
		case r == '\t' && m == severalLines:
			b.WriteString("    ")
		case r == '\n':
			b.WriteString("⏎")
		case r < 0x20:
			b.WriteRune(0x2400 + r)
		case r == 0x7f:
			b.WriteRune('␡')
		case !shown(r):
			b.WriteString("‹U+")
			writeHex(&b, uint32(r), 4)
			b.WriteString("›")
		default:
			b.WriteString(s[i : i+n])
		}
		i += n
	}
	return b.String()
}

func firstUnsafe(s string) int {
	for i := 0; i < len(s); {
		if c := s[i]; c < utf8.RuneSelf {
			if c < 0x20 || c == 0x7f {
				return i
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if (r == utf8.RuneError && n == 1) || !shown(r) {
			return i
		}
		i += n
	}
	return -1
}

// shown reports whether a rune is drawn. The joiners that emoji and many scripts need (U+200C, U+200D) and the
// variation selectors count as drawn; the rest of the categories Cc, Cf, Zl and Zp does not.
func shown(r rune) bool {
	switch {
	case r == 0x200c, r == 0x200d:
		return true
	case r == 0x2028, r == 0x2029:
		return false
	}
	return !unicode.In(r, unicode.Cc, unicode.Cf)
}

const hexDigits = "0123456789ABCDEF"

func writeHex(b *strings.Builder, v uint32, least int) {
	for shift := 28; shift >= 0; shift -= 4 {
		d := v >> shift & 0xf
		if d == 0 && shift >= least*4 {
			continue
		}
		b.WriteByte(hexDigits[d])
		least = max(least, shift/4+1)
	}
}
