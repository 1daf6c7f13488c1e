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
		return withoutEscapes(inside(raw[2:]), "\\")
	case len(raw) > 2 && (raw[0]|0x20) == 'e' && raw[1] == '\'':
		return withoutBackslashes(inside(raw[1:]))
	case len(raw) > 2 && raw[0] != '\'' && raw[0] != '"':
		return inside(raw[1:]) // N'…', B'…', X'…'
	}
	return inside(raw)
}

// inside is the text between quotes, with doubled ones as one. The pieces of a string that goes on on another line are
// left apart, which hides no word of theirs.
func inside(quoted string) string {
	if len(quoted) < 2 {
		return quoted
	}
	q := quoted[:1]
	return strings.ReplaceAll(strings.TrimSuffix(quoted[1:], q), q+q, q)
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
