package postgres

import (
	"strings"
	"unicode/utf8"

	"github.com/livepeer/naap-dev/internal/remedy"
)

// Split cuts a text into its statements, at the semicolons where psql would: not inside quotes, comments, parentheses
// or the body of CREATE FUNCTION … BEGIN ATOMIC … END. What is only blanks and comments is no statement. A quote that
// never ends reaches to the end of the text, and the server will say so.
func Split(text string) []Statement {
	var out []Statement
	s := splitter{}
	l := lexer{s: text}
	start := 0
	for {
		t, ok := l.next()
		if !ok {
			break
		}
		if s.ends(text, t) {
			out = appendStatement(out, text, start, t.start, s.verb)
			start = t.end
			s = splitter{}
		}
	}
	return appendStatement(out, text, start, len(text), s.verb)
}

func appendStatement(out []Statement, text string, start, end int, verb string) []Statement {
	l := lexer{s: text[:end], pos: start}
	first := -1
	last := end
	for {
		t, ok := l.next()
		if !ok {
			break
		}
		if t.kind == spaceToken {
			continue
		}
		if first < 0 {
			first = t.start
		}
		last = t.end
	}
	if first < 0 {
		return out
	}
	return append(out, Statement{Text: text[first:last], Offset: first, Verb: verb})
}

// splitter follows one statement, as psql's own scanner does.
type splitter struct {
	words  int
	verb   string
	create bool // CREATE [OR REPLACE] FUNCTION or PROCEDURE
	names  []string
	parens int
	begins int
}

// ends tells whether the token is the semicolon that ends the statement.
func (s *splitter) ends(text string, t token) bool {
	switch t.kind {
	case symbolToken:
		switch text[t.start] {
		case '(':
			s.parens++
		case ')':
			s.parens = max(0, s.parens-1)
		case ';':
			return s.parens == 0 && s.begins == 0
		}
		if s.words == 0 && s.verb == "" {
			s.words++ // whatever it is, it doesn't begin with a keyword
		}
	case wordToken:
		s.word(strings.ToUpper(text[t.start:t.end]))
	case spaceToken:
	default:
		s.words++
	}
	return false
}

func (s *splitter) word(w string) {
	if s.words == 0 {
		s.verb = w
	}
	s.words++
	if s.words <= 4 {
		s.names = append(s.names, w)
		s.create = s.names[0] == "CREATE" && (w == "FUNCTION" || w == "PROCEDURE") || s.create
	}
	if !s.create || s.parens > 0 {
		return
	}
	switch w {
	case "BEGIN":
		s.begins++
	case "CASE": // CASE ends with END as well, inside a body
		if s.begins > 0 {
			s.begins++
		}
	case "END":
		s.begins = max(0, s.begins-1)
	}
}

// PositionAt is the line and column of a byte of the text.
func PositionAt(text string, offset int) Position {
	offset = max(0, min(offset, len(text)))
	before := text[:offset]
	line := strings.Count(before, "\n")
	column := utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
	return Position{Offset: offset, Line: line + 1, Column: column + 1}
}

// CheckCondition tells whether a text can stand as one condition inside a WHERE: quotes and parentheses close, and
// nothing ends the statement around it. Whether it is SQL is for the server to say.
func CheckCondition(text string) error {
	fail := func(at int, why string) error {
		p := PositionAt(text, at)
		return remedy.New("filter.malformed", remedy.ExitUsage, "the filter cannot be used: %s (line %d, column %d)", why, p.Line, p.Column)
	}
	var open []int
	l := lexer{s: text}
	for {
		t, ok := l.next()
		if !ok {
			break
		}
		switch {
		case t.kind == brokenToken:
			return fail(t.start, "a quote or comment does not end")
		case t.kind == paramToken:
			return fail(t.start, "it holds a parameter")
		case t.kind != symbolToken:
		case text[t.start] == ';':
			return fail(t.start, "it holds a semicolon")
		case text[t.start] == '(':
			open = append(open, t.start)
		case text[t.start] == ')':
			if len(open) == 0 {
				return fail(t.start, "a ) has no (")
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		return fail(open[len(open)-1], "a ( is not closed")
	}
	return nil
}
