package prisma

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// escape resolves the escape that s begins with and returns its length. at is its offset in the token.
func (p *parser) escape(b *strings.Builder, s string, t token, at int) int {
	if len(s) < 2 {
		b.WriteByte('\\')
		return 1
	}
	switch s[1] {
	case '"', '\\', '/':
		b.WriteByte(s[1])
	case 'n':
		b.WriteByte('\n')
	case 'r':
		b.WriteByte('\r')
	case 't':
		b.WriteByte('\t')
	case 'b':
		b.WriteByte('\b')
	case 'f':
		b.WriteByte('\f')
	case 'u':
		return p.unicodeEscape(b, s, t, at)
	default:
		_, n := utf8.DecodeRuneInString(s[1:])
		p.failIn(t, at, 1+n, "This is not an escape sequence.", `A backslash itself is written \\; the others are \" \n \r \t and \uXXXX.`)
		return 1 + n
	}
	return 2
}

// unicodeEscape resolves \uXXXX, and two of them where they are a surrogate pair.
func (p *parser) unicodeEscape(b *strings.Builder, s string, t token, at int) int {
	first, ok := hex4(s)
	if !ok {
		n := 2
		for n < len(s) && n < 6 && isHex(s[n]) {
			n++
		}
		p.failIn(t, at, n, `\u needs four hexadecimal digits.`, `The euro sign, for example, is \u20ac.`)
		return n
	}
	if !utf16.IsSurrogate(first) {
		b.WriteRune(first)
		return 6
	}
	if second, ok := hex4(s[6:]); ok {
		if r := utf16.DecodeRune(first, second); r != utf8.RuneError {
			b.WriteRune(r)
			return 12
		}
	}
	p.failIn(t, at, 6, "This is one half of a surrogate pair.", "Write the character itself.")
	return 6
}

// hex4 reads \uXXXX at the beginning of s.
func hex4(s string) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(s[2:6], 16, 32)
	return rune(n), err == nil
}

func isHex(c byte) bool {
	return isDigit(c) || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// failIn reports n bytes at an offset inside a token that is on one line.
func (p *parser) failIn(t token, at, n int, message, help string) {
	start := p.startOf(t)
	from := int(t.off) + at
	start.Column += int32(runes(p.src[t.off:from]))
	start.offset = int32(from)
	end := start
	end.Column += int32(runes(p.src[from : from+n]))
	end.offset = int32(from + n)
	p.fail(Span{start, end}, message, help)
}

// Quote returns a string as a literal of the language.
func Quote(s string) string {
	var b strings.Builder
	b.Grow(len(s) + 2)
	b.WriteByte('"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"', c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\r':
			b.WriteString(`\r`)
		case c < ' ':
			b.WriteString(escapeOf(c))
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
