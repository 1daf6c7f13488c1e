package script

import (
	"bytes"
	"strconv"
	"unicode/utf8"
)

// unquote returns the value of a string literal or a template, without its quotes and with its escapes resolved. An
// invalid escape stands for itself.
func unquote(lit []byte) string {
	if len(lit) > 0 {
		quote := lit[0]
		lit = lit[1:]
		if len(lit) > 0 && lit[len(lit)-1] == quote {
			lit = lit[:len(lit)-1]
		}
	}
	if bytes.IndexByte(lit, '\\') < 0 {
		return string(lit)
	}
	out := make([]byte, 0, len(lit))
	for i := 0; i < len(lit); {
		if lit[i] != '\\' || i+1 == len(lit) {
			out = append(out, lit[i])
			i++
			continue
		}
		r, n := escape(lit[i+1:])
		if r >= 0 {
			out = utf8.AppendRune(out, r)
		}
		i += 1 + n
	}
	return string(out)
}

// simpleEscapes are those of one letter.
var simpleEscapes = map[byte]rune{'n': '\n', 't': '\t', 'r': '\r', 'b': '\b', 'f': '\f', 'v': '\v', '0': 0}

// escape reads what follows a backslash, and returns its rune, or -1 for a continued line, and its length.
func escape(s []byte) (rune, int) {
	switch c := s[0]; c {
	case '\n':
		return -1, 1
	case '\r':
		if len(s) > 1 && s[1] == '\n' {
			return -1, 2
		}
		return -1, 1
	case 'x':
		return hexEscape(s, 1, 2)
	case 'u':
		if len(s) > 1 && s[1] == '{' {
			if end := bytes.IndexByte(s, '}'); end > 2 {
				r, _ := hexEscape(s, 2, end-2)
				return r, end + 1
			}
		}
		return hexEscape(s, 1, 4)
	default:
		if r, ok := simpleEscapes[c]; ok {
			return r, 1
		}
		return utf8.DecodeRune(s)
	}
}

func hexEscape(s []byte, from, digits int) (rune, int) {
	if len(s) < from+digits {
		return rune(s[0]), 1
	}
	v, err := strconv.ParseUint(string(s[from:from+digits]), 16, 32)
	if err != nil {
		return rune(s[0]), 1
	}
	return rune(v), from + digits
}
