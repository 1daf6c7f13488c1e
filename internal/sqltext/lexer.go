// Package sqltext reads SQL as PostgreSQL's own scanner and psql do: it cuts a text into tokens and a script into
// statements, and resolves quotes. It does not parse the grammar or talk to a server.
package sqltext

import (
	"iter"
	"strings"
)

// Kind is the kind of a token.
type Kind uint8

const (
	Space     Kind = iota // blanks, or a comment
	Word                  // a key word, or a name without quotes
	Name                  // "name", U&"name"
	String                // 'text', E'text', U&'text', B'1', X'F', N'text', $$text$$, with its continuation on other lines
	Parameter             // $1
	Number                // 12, 1.5e3, 0x1F, 1_000
	Symbol                // any other character, on its own
	Command               // a command of psql, from its backslash to the end of its line; only where Lexer.Psql is set
	Broken                // a quote or a comment that is never closed
)

// Token is a piece of a text.
type Token struct {
	Kind       Kind
	Start, End int // offsets in the text, in bytes
}

// Is reports whether the token is this symbol.
func (t Token) Is(text string, symbol byte) bool { return t.Kind == Symbol && text[t.Start] == symbol }

// Lexer cuts SQL into tokens by the rules of the server's own scanner (src/backend/parser/scan.l of PostgreSQL 16),
// with standard_conforming_strings on: comments nest, backslashes escape in E'…', a string can continue after a line
// break, and $tag$ is closed by the same tag. The tokens follow each other without a gap.
type Lexer struct {
	Text string
	At   int  // where the next token begins
	Psql bool // whether a backslash outside of quotes begins a command of psql
}

// Tokens returns the tokens of a text, without blanks and comments.
func Tokens(text string) iter.Seq[Token] {
	return func(yield func(Token) bool) {
		l := Lexer{Text: text}
		for t, ok := l.Next(); ok; t, ok = l.Next() {
			if t.Kind != Space && !yield(t) {
				return
			}
		}
	}
}

// Next returns the next token; ok is false at the end.
func (l *Lexer) Next() (t Token, ok bool) {
	if l.At >= len(l.Text) {
		return Token{}, false
	}
	start := l.At
	kind := l.scan()
	return Token{kind, start, l.At}, true
}

func (l *Lexer) scan() Kind {
	c, next := l.Text[l.At], byte(0)
	if l.At+1 < len(l.Text) {
		next = l.Text[l.At+1]
	}
	switch {
	case isSpace(c):
		for l.At < len(l.Text) && isSpace(l.Text[l.At]) {
			l.At++
		}
		return Space
	case isWordStart(c):
		return l.word()
	case isDigit(c), c == '.' && isDigit(next):
		return l.number()
	case c == '\'':
		return l.quoted('\'', String, false)
	case c == '"':
		return l.quoted('"', Name, false)
	case c == '$':
		return l.dollar()
	case c == '-' && next == '-':
		l.lineComment()
		return Space
	case c == '/' && next == '*':
		return l.blockComment()
	case c == '\\' && l.Psql:
		l.At = lineEnd(l.Text, l.At)
		return Command
	}
	l.At++
	return Symbol
}

func (l *Lexer) lineComment() {
	for l.At < len(l.Text) && l.Text[l.At] != '\n' && l.Text[l.At] != '\r' {
		l.At++
	}
}

func (l *Lexer) blockComment() Kind {
	depth := 0
	for l.At+1 < len(l.Text) {
		switch l.Text[l.At : l.At+2] {
		case "/*":
			depth++
			l.At += 2
		case "*/":
			depth--
			l.At += 2
		default:
			l.At++
		}
		if depth == 0 {
			return Space
		}
	}
	l.At = len(l.Text)
	return Broken
}

// quoted reads to the closing quote; a doubled quote stands for one. The pieces that continue a string on other lines
// follow the rules of the first.
func (l *Lexer) quoted(quote byte, kind Kind, backslashes bool) Kind {
	for l.At++; l.At < len(l.Text); l.At++ {
		if !backslashes {
			n := strings.IndexByte(l.Text[l.At:], quote)
			if n < 0 {
				break
			}
			l.At += n
		}
		switch c := l.Text[l.At]; {
		case c == '\\' && backslashes:
			l.At++
		case c != quote:
		case l.At+1 < len(l.Text) && l.Text[l.At+1] == quote:
			l.At++
		default:
			l.At++
			next, continued := l.continuation()
			if kind != String || !continued {
				return kind
			}
			l.At = next
		}
	}
	l.At = len(l.Text)
	return Broken
}

// continuation finds a quote that continues a string: before it are blanks and -- comments, with a line break among
// them.
func (l *Lexer) continuation() (at int, ok bool) {
	ahead, newline := Lexer{Text: l.Text, At: l.At}, false
	for ahead.At < len(l.Text) {
		switch c := l.Text[ahead.At]; {
		case isSpace(c):
			newline = newline || c == '\n' || c == '\r'
			ahead.At++
		case strings.HasPrefix(l.Text[ahead.At:], "--"):
			ahead.lineComment()
		default:
			return ahead.At, newline && c == '\''
		}
	}
	return 0, false
}

func (l *Lexer) dollar() Kind {
	rest := l.Text[l.At:]
	n := 1
	if len(rest) > 1 && isDigit(rest[1]) {
		for n < len(rest) && isDigit(rest[n]) {
			n++
		}
		l.At += n
		return Parameter
	}
	for n < len(rest) && rest[n] != '$' && isWordPart(rest[n]) {
		n++
	}
	if n >= len(rest) || rest[n] != '$' {
		l.At++
		return Symbol
	}
	tag := rest[:n+1]
	end := strings.Index(rest[len(tag):], tag)
	if end < 0 {
		l.At = len(l.Text)
		return Broken
	}
	l.At += end + 2*len(tag)
	return String
}

func (l *Lexer) word() Kind {
	start := l.At
	for l.At < len(l.Text) && isWordPart(l.Text[l.At]) {
		l.At++
	}
	if l.At > start+1 || l.At == len(l.Text) {
		return Word
	}
	quote := l.Text[l.At]
	switch l.Text[start] | 0x20 {
	case 'e':
		if quote == '\'' {
			return l.quoted(quote, String, true)
		}
	case 'b', 'x', 'n':
		if quote == '\'' {
			return l.quoted(quote, String, false)
		}
	case 'u':
		switch rest := l.Text[l.At:]; {
		case strings.HasPrefix(rest, "&'"):
			l.At++
			return l.quoted('\'', String, false)
		case strings.HasPrefix(rest, `&"`):
			l.At++
			return l.quoted('"', Name, false)
		}
	}
	return Word
}

// number reads digits and the letters that follow them. A dollar sign is not one of these: 1$$…$$ is a number and a
// string.
func (l *Lexer) number() Kind {
	for l.At < len(l.Text) && (isDigit(l.Text[l.At]) || l.Text[l.At] == '.' || isWordStart(l.Text[l.At])) {
		l.At++
	}
	return Number
}

// lineEnd returns the offset of the line feed at or after an offset, or the end of the text.
func lineEnd(text string, at int) int {
	if i := strings.IndexByte(text[at:], '\n'); i >= 0 {
		return at + i
	}
	return len(text)
}

// Classes of bytes.
const (
	spaceByte = 1 << iota
	digitByte
	wordByte // ASCII's letters, the underscore and every byte of a longer UTF-8 character
	dollarByte
)

var classes = func() (table [256]uint8) {
	for i := range table {
		switch c := byte(i); {
		case c == ' ' || c >= '\t' && c <= '\r':
			table[c] = spaceByte
		case c >= '0' && c <= '9':
			table[c] = digitByte
		case c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c >= 0x80:
			table[c] = wordByte
		case c == '$':
			table[c] = dollarByte
		}
	}
	return table
}()

func isSpace(c byte) bool     { return classes[c] == spaceByte }
func isDigit(c byte) bool     { return classes[c] == digitByte }
func isWordStart(c byte) bool { return classes[c] == wordByte }
func isWordPart(c byte) bool  { return classes[c]&(wordByte|digitByte|dollarByte) != 0 }
