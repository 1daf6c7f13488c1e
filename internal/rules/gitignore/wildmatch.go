package gitignore

import (
	"strings"
	"unicode"
)

// wildmatch is git's glob: "*" and "?" stay within one element of the path, "**" between slashes stands for any number
// of them, and classes know POSIX's names.
func wildmatch(p, s string) bool {
	var m matcher
	if strings.Count(p, "*") > fewStars {
		m = matcher{}
	}
	return m.match(p, s, true) == found
}

// fewStars is how many stars are tried without remembering what was tried: nearly all patterns have fewer.
const fewStars = 6

// matcher remembers how the ends of a pattern and a text matched, by their lengths: a pattern such as **/**/**/… comes to
// the same ends by more ways than can be gone. nil remembers nothing.
type matcher map[ends]int

type ends struct {
	pattern, text int
	atStart       bool
}

// star is matchStar, asked once of the same ends.
func (m matcher) star(p, s string, atStart bool) int {
	if m == nil {
		return m.matchStar(p, s, atStart)
	}
	at := ends{len(p), len(s), atStart}
	if r, known := m[at]; known {
		return r
	}
	r := m.matchStar(p, s, atStart)
	m[at] = r
	return r
}

// Results of match. Two tell a "*" to the left that longer tries are of no use.
const (
	no = iota
	found
	endOfText // the text is used up: no try with less of it can match
	noStarStar
)

func (m matcher) match(p, s string, start bool) int {
	atStart := start
	for len(p) > 0 {
		c := p[0]
		if len(s) == 0 && c != '*' {
			return endOfText
		}
		switch c {
		case '*':
			return m.star(p, s, atStart)
		case '?':
			if s[0] == '/' {
				return no
			}
			p, s = p[1:], s[1:]
		case '[':
			ok, rest := matchClass(p, s[0])
			if !ok {
				return no
			}
			p, s = rest, s[1:]
		case '\\':
			if len(p) == 1 || p[1] != s[0] {
				return no
			}
			p, s = p[2:], s[1:]
		default:
			if c != s[0] {
				return no
			}
			p, s = p[1:], s[1:]
		}
		atStart = c == '/'
	}
	if len(s) > 0 {
		return no
	}
	return found
}

// matchStar matches a pattern that begins with "*". atStart tells whether it stands at the beginning or behind a slash.
func (m matcher) matchStar(p, s string, atStart bool) int {
	n := 0
	for n < len(p) && p[n] == '*' {
		n++
	}
	rest := p[n:]
	slashes := false // whether it crosses slashes
	if n >= 2 && atStart && (rest == "" || rest[0] == '/' || rest[0] == '\\' && len(rest) > 1 && rest[1] == '/') {
		slashes = true
		if rest != "" && rest[0] == '/' && m.match(rest[1:], s, true) == found {
			return found // "**/" may stand for nothing
		}
	}
	if rest == "" {
		if !slashes && containsSlash(s) {
			return noStarStar
		}
		return found
	}
	for i := 0; i <= len(s); i++ {
		switch r := m.match(rest, s[i:], false); {
		case r == found:
			return found
		case r == endOfText:
			return endOfText
		case r == noStarStar && !slashes:
			return noStarStar
		}
		if i < len(s) && s[i] == '/' && !slashes {
			return noStarStar
		}
	}
	return endOfText
}

func containsSlash(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] == '/' {
			return true
		}
	}
	return false
}

// matchClass matches one byte against the class that p begins with, and yields what follows the class. An unclosed
// class matches nothing.
func matchClass(p string, c byte) (bool, string) {
	i := 1
	inverted := false
	if i < len(p) && (p[i] == '!' || p[i] == '^') {
		inverted = true
		i++
	}
	hit := false
	for first := true; ; first = false {
		if i >= len(p) {
			return false, ""
		}
		if p[i] == ']' && !first {
			break
		}
		if name, n := className(p[i:]); n > 0 {
			is, known := posix[name]
			if !known {
				return false, ""
			}
			hit = hit || is(rune(c))
			i += n
			continue
		}
		lo, n := classByte(p[i:])
		if n == 0 {
			return false, ""
		}
		i += n
		hi := lo
		if i+1 < len(p) && p[i] == '-' && p[i+1] != ']' {
			if hi, n = classByte(p[i+1:]); n == 0 {
				return false, ""
			}
			i += 1 + n
		}
		hit = hit || lo <= c && c <= hi
	}
	return hit != inverted && c != '/', p[i+1:]
}

func classByte(p string) (byte, int) {
	if p == "" {
		return 0, 0
	}
	if p[0] == '\\' {
		if len(p) == 1 {
			return 0, 0
		}
		return p[1], 2
	}
	return p[0], 1
}

// className reads [:alpha:] and yields the name and the length.
func className(p string) (string, int) {
	if len(p) < 4 || p[0] != '[' || p[1] != ':' {
		return "", 0
	}
	for i := 2; i+1 < len(p); i++ {
		if p[i] == ':' && p[i+1] == ']' {
			return p[2:i], i + 2
		}
		if p[i] == ']' {
			break
		}
	}
	return "", 0
}

func ascii(f func(rune) bool) func(rune) bool {
	return func(r rune) bool { return r < 0x80 && f(r) }
}

var posix = map[string]func(rune) bool{
	"alpha": ascii(unicode.IsLetter), "digit": ascii(unicode.IsDigit), "upper": ascii(unicode.IsUpper),
	"lower": ascii(unicode.IsLower), "space": ascii(unicode.IsSpace), "punct": ascii(isPunct),
	"alnum":  ascii(func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }),
	"blank":  ascii(func(r rune) bool { return r == ' ' || r == '\t' }),
	"cntrl":  ascii(unicode.IsControl),
	"graph":  ascii(func(r rune) bool { return r > ' ' && r < 0x7f }),
	"print":  ascii(func(r rune) bool { return r >= ' ' && r < 0x7f }),
	"xdigit": ascii(func(r rune) bool { return unicode.Is(unicode.ASCII_Hex_Digit, r) }),
}

func isPunct(r rune) bool {
	return r > ' ' && r < 0x7f && !unicode.IsLetter(r) && !unicode.IsDigit(r)
}
