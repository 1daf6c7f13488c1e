package postgres

import "strings"

// tokenKind is what a token of SQL is, as far as finding the ends of statements needs to know.
type tokenKind int

const (
	spaceToken  tokenKind = iota // blanks and comments
	wordToken                    // a keyword or a name
	quotedToken                  // "name"
	stringToken                  // 'text', $$text$$
	paramToken                   // $1
	numberToken
	symbolToken // one character
	brokenToken // a quote or a comment that never ends
)

type token struct {
	kind       tokenKind
	start, end int // bytes of the text
}

// lexer cuts SQL into tokens by the rules of the server's own scanner, with standard_conforming_strings on: comments
// nest, E” knows backslashes and goes on over a line break, $tag$ ends with its own tag.
type lexer struct {
	s   string
	pos int
}

// next is the next token; ok is false at the end.
func (l *lexer) next() (t token, ok bool) {
	if l.pos >= len(l.s) {
		return token{}, false
	}
	start := l.pos
	kind := l.scan()
	return token{kind, start, l.pos}, true
}

func (l *lexer) scan() tokenKind {
	c := l.s[l.pos]
	rest := l.s[l.pos:]
	switch {
	case isSpace(c):
		for l.pos < len(l.s) && isSpace(l.s[l.pos]) {
			l.pos++
		}
		return spaceToken
	case strings.HasPrefix(rest, "--"):
		l.lineComment()
		return spaceToken
	case strings.HasPrefix(rest, "/*"):
		return l.blockComment()
	case c == '\'':
		return l.quoted('\'', stringToken, false)
	case c == '"':
		return l.quoted('"', quotedToken, false)
	case c == '$':
		return l.dollar()
	case isWordStart(c):
		return l.word()
	case isDigit(c), c == '.' && len(rest) > 1 && isDigit(rest[1]):
		l.number()
		return numberToken
	}
	l.pos++
	return symbolToken
}

func (l *lexer) lineComment() {
	for l.pos < len(l.s) && l.s[l.pos] != '\n' && l.s[l.pos] != '\r' {
		l.pos++
	}
}

func (l *lexer) blockComment() tokenKind {
	depth := 0
	for l.pos < len(l.s) {
		switch rest := l.s[l.pos:]; {
		case strings.HasPrefix(rest, "/*"):
			depth++
			l.pos += 2
		case strings.HasPrefix(rest, "*/"):
			depth--
			l.pos += 2
			if depth == 0 {
				return spaceToken
			}
		default:
			l.pos++
		}
	}
	return brokenToken
}

// quoted reads to the closing quote; a doubled quote stands for one. With backslashes a string that is continued on
// another line keeps its rules there.
func (l *lexer) quoted(quote byte, kind tokenKind, backslashes bool) tokenKind {
	l.pos++
	for l.pos < len(l.s) {
		switch c := l.s[l.pos]; {
		case c == '\\' && backslashes:
			l.pos += 2
		case c == quote && l.pos+1 < len(l.s) && l.s[l.pos+1] == quote:
			l.pos += 2
		case c == quote:
			l.pos++
			next, continued := l.continuation()
			if !backslashes || !continued {
				return kind
			}
			l.pos = next + 1
		default:
			l.pos++
		}
	}
	l.pos = len(l.s)
	return brokenToken
}

// continuation finds a quote that continues a string: blanks and -- comments with a line break among them come before.
func (l *lexer) continuation() (at int, ok bool) {
	ahead := lexer{l.s, l.pos}
	newline := false
	for ahead.pos < len(l.s) {
		switch c := l.s[ahead.pos]; {
		case c == '\n' || c == '\r':
			newline = true
			ahead.pos++
		case isSpace(c):
			ahead.pos++
		case strings.HasPrefix(l.s[ahead.pos:], "--"):
			ahead.lineComment()
		default:
			return ahead.pos, newline && c == '\''
		}
	}
	return 0, false
}

func (l *lexer) dollar() tokenKind {
	rest := l.s[l.pos:]
	if len(rest) > 1 && isDigit(rest[1]) {
		for l.pos++; l.pos < len(l.s) && isDigit(l.s[l.pos]); l.pos++ {
		}
		return paramToken
	}
	n := 1
	for n < len(rest) && (isWordStart(rest[n]) || n > 1 && isDigit(rest[n])) {
		n++
	}
	if n >= len(rest) || rest[n] != '$' {
		l.pos++
		return symbolToken
	}
	tag := rest[:n+1]
	end := strings.Index(rest[len(tag):], tag)
	if end < 0 {
		l.pos = len(l.s)
		return brokenToken
	}
	l.pos += end + 2*len(tag)
	return stringToken
}

func (l *lexer) word() tokenKind {
	start := l.pos
	for l.pos < len(l.s) && (isWordStart(l.s[l.pos]) || isDigit(l.s[l.pos]) || l.s[l.pos] == '$') {
		l.pos++
	}
	word, rest := l.s[start:l.pos], l.s[l.pos:]
	if len(word) != 1 || rest == "" {
		return wordToken
	}
	switch word[0] | 0x20 {
	case 'e':
		if rest[0] == '\'' {
			return l.quoted('\'', stringToken, true)
		}
	case 'b', 'x', 'n':
		if rest[0] == '\'' {
			return l.quoted('\'', stringToken, false)
		}
	case 'u':
		if strings.HasPrefix(rest, "&'") {
			l.pos++
			return l.quoted('\'', stringToken, false)
		}
		if strings.HasPrefix(rest, `&"`) {
			l.pos++
			return l.quoted('"', quotedToken, false)
		}
	}
	return wordToken
}

// number reads digits and what hangs on them. Where a number ends matters in so far as 1$$ begins no string.
func (l *lexer) number() {
	for l.pos < len(l.s) && (isDigit(l.s[l.pos]) || l.s[l.pos] == '.' || isWordStart(l.s[l.pos])) {
		l.pos++
	}
}

func isSpace(c byte) bool {
	return c == ' ' || c >= '\t' && c <= '\r'
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isWordStart(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c >= 0x80
}
