package sqltext

import (
	"strconv"
	"strings"
)

// Identifier returns the name that a token stands for: folded to lower case if it is not quoted.
func Identifier(raw string) string {
	if name := Unquote(raw); name != raw {
		return name
	}
	return strings.ToLower(raw)
}

// Unquote returns what a quoted name or a string means to the server: without its quotes, its escapes resolved. A text
// without quotes is returned unchanged; a missing closing quote is ignored.
func Unquote(raw string) string {
	prefix, quoted := "", raw
	if at := strings.IndexAny(raw, `'"`); at == 1 || at == 2 && raw[1] == '&' {
		prefix, quoted = strings.ToLower(raw[:at]), raw[at:]
	}
	switch {
	case strings.HasPrefix(raw, "$"):
		if end := strings.IndexByte(raw[1:], '$'); end >= 0 && len(raw) >= 2*(end+2) {
			return raw[end+2 : len(raw)-end-2]
		}
		return raw
	case prefix == "e":
		return withoutBackslashes(inside(quoted, true))
	case prefix == "u&":
		return withoutEscapes(inside(quoted, false))
	case prefix != "" && !strings.Contains("nbx", prefix) || quoted == "" || quoted[0] != '\'' && quoted[0] != '"':
		return raw
	}
	return inside(quoted, false)
}

// inside returns the text between quotes, with doubled quotes as one, and joins the pieces of a string that continues
// on other lines. With backslashes, the character after one is left as it is.
func inside(quoted string, backslashes bool) string {
	var b strings.Builder
	for l := (Lexer{Text: quoted, At: 1}); l.At < len(quoted); l.At++ {
		switch c := quoted[l.At]; {
		case c == '\\' && backslashes && l.At+1 < len(quoted):
			b.WriteString(quoted[l.At : l.At+2])
			l.At++
		case c != quoted[0]:
			b.WriteByte(c)
		case strings.HasPrefix(quoted[l.At+1:], quoted[:1]):
			b.WriteByte(c)
			l.At++
		default:
			l.At++
			next, continued := l.continuation()
			if !continued {
				return b.String()
			}
			l.At = next
		}
	}
	return b.String()
}

// withoutEscapes resolves \XXXX and \+XXXXXX, as in U&'…'. An escape character other than the backslash, which UESCAPE
// after the string may set, is not supported.
func withoutEscapes(s string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(s, `\`)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		if strings.HasPrefix(rest, `\`) {
			b.WriteByte('\\')
			s = rest[1:]
			continue
		}
		n := 4
		if strings.HasPrefix(rest, "+") {
			rest, n = rest[1:], 6
		}
		if len(rest) < n {
			return b.String() + rest
		}
		s = rest
		if r, err := strconv.ParseUint(rest[:n], 16, 32); err == nil {
			b.WriteRune(rune(r))
			s = rest[n:]
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
		switch c := s[i]; c {
		case 'n', 'r', 't', 'b', 'f':
			b.WriteByte("\n\r\t\b\f"[strings.IndexByte("nrtbf", c)])
		case 'x':
			i = digits(&b, s, i+1, 2, 16)
		case 'u':
			i = digits(&b, s, i+1, 4, 16)
		case 'U':
			i = digits(&b, s, i+1, 8, 16)
		case '0', '1', '2', '3', '4', '5', '6', '7':
			i = digits(&b, s, i, 3, 8)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// digits writes the character whose number begins at i, with at most n digits, and returns the offset of its last one.
// Up to three digits are a byte, more are a character.
func digits(b *strings.Builder, s string, i, n, base int) int {
	end := i
	for end < len(s) && end < i+n {
		if _, err := strconv.ParseUint(s[end:end+1], base, 8); err != nil {
			break
		}
		end++
	}
	switch r, err := strconv.ParseUint(s[i:end], base, 32); {
	case err != nil:
	case n < 4:
		b.WriteByte(byte(r))
	default:
		b.WriteRune(rune(r))
	}
	return end - 1
}

// Ident returns a quoted identifier, or several joined by dots.
func Ident(parts ...string) string {
	size := 0
	for _, part := range parts {
		size += len(part) + len(`"".`)
	}
	var b strings.Builder
	b.Grow(size)
	for i, part := range parts {
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteByte('"')
		if strings.ContainsAny(part, "\x00\"") {
			part = strings.ReplaceAll(strings.ReplaceAll(part, "\x00", ""), `"`, `""`)
		}
		b.WriteString(part)
		b.WriteByte('"')
	}
	return b.String()
}

// Literal returns a string constant that is valid with either setting of standard_conforming_strings.
func Literal(s string) string {
	s = strings.ReplaceAll(s, "'", "''")
	if strings.Contains(s, `\`) {
		return `E'` + strings.ReplaceAll(s, `\`, `\\`) + `'`
	}
	return "'" + s + "'"
}
