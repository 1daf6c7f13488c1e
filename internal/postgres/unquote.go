package postgres

import (
	"strconv"
	"strings"
)

// unquoted is what a quoted name or string is to the server: without its quotes, its escapes resolved. One that cannot be
// read stays as it is.
func unquoted(raw string) string {
	switch {
	case strings.HasPrefix(raw, "$"):
		if end := strings.IndexByte(raw[1:], '$'); end >= 0 && len(raw) >= 2*(end+2) {
			return raw[end+2 : len(raw)-end-2]
		}
		return raw
	case len(raw) > 3 && (raw[0]|0x20) == 'u' && raw[1] == '&':
		return withoutEscapes(inside(raw[2:], false), "\\")
	case len(raw) > 2 && (raw[0]|0x20) == 'e' && raw[1] == '\'':
		return withoutBackslashes(inside(raw[1:], true))
	case len(raw) > 2 && raw[0] != '\'' && raw[0] != '"':
		return inside(raw[1:], false) // N'…', B'…', X'…'
	}
	return inside(raw, false)
}

// inside is the text between quotes, with doubled ones as one, and with the pieces of a string that goes on on another
// line together. With backslashes, what follows one is left as it is.
func inside(quoted string, backslashes bool) string {
	if len(quoted) < 2 {
		return quoted
	}
	var b strings.Builder
	for l := (lexer{quoted, 1}); l.pos < len(quoted); l.pos++ {
		switch c := quoted[l.pos]; {
		case c == '\\' && backslashes && l.pos+1 < len(quoted):
			b.WriteString(quoted[l.pos : l.pos+2])
			l.pos++
		case c != quoted[0]:
			b.WriteByte(c)
		case strings.HasPrefix(quoted[l.pos+1:], quoted[:1]):
			b.WriteByte(c)
			l.pos++
		default:
			l.pos++
			next, continued := l.continuation()
			if !continued {
				return b.String()
			}
			l.pos = next
		}
	}
	return b.String()
}

// withoutEscapes resolves \XXXX and \+XXXXXX, as in U&'…'.
func withoutEscapes(s, escape string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(s, escape)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		n := 4
		if strings.HasPrefix(rest, "+") {
			rest, n = rest[1:], 6
		}
		if strings.HasPrefix(rest, escape) {
			b.WriteString(escape)
			s = rest[1:]
			continue
		}
		if len(rest) < n {
			return b.String() + rest
		}
		if r, err := strconv.ParseUint(rest[:n], 16, 32); err == nil {
			b.WriteRune(rune(r))
			s = rest[n:]
		} else {
			s = rest
		}
	}
}

// withoutBackslashes resolves the escapes of E'…'.
func withoutBackslashes(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		switch c := s[i]; {
		case c == 'n' || c == 'r' || c == 't' || c == 'b' || c == 'f':
			b.WriteByte(' ')
		case c == 'x':
			i = digits(&b, s, i+1, 2, 16)
		case c == 'u':
			i = digits(&b, s, i+1, 4, 16)
		case c == 'U':
			i = digits(&b, s, i+1, 8, 16)
		case c >= '0' && c <= '7':
			i = digits(&b, s, i, 3, 8)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// digits writes the character whose number begins at i, with at most n digits, and returns where its last one stands.
func digits(b *strings.Builder, s string, i, n, base int) int {
	end := i
	for end < len(s) && end < i+n {
		if _, err := strconv.ParseUint(s[end:end+1], base, 8); err != nil {
			break
		}
		end++
	}
	if r, err := strconv.ParseUint(s[i:end], base, 32); err == nil {
		b.WriteRune(rune(r))
	}
	return end - 1
}
