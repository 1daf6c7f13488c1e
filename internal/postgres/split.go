package postgres

import (
	"strings"
	"unicode/utf8"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/sqltext"
)

// Split splits a text into its statements, at the semicolons where psql would. Blanks and comments alone are not a
// statement. A quote that is never closed reaches to the end of the text, which the server will report.
func Split(text string) []Statement {
	var out []Statement
	for _, st := range sqltext.Statements(text) {
		out = append(out, Statement{Text: st.Text(text), Offset: st.Start, Verb: st.Verb, words: st.Words})
	}
	return out
}

// PositionAt returns the line and column of a byte offset in the text.
func PositionAt(text string, offset int) Position {
	offset = max(0, min(offset, len(text)))
	before := text[:offset]
	line := strings.Count(before, "\n")
	column := utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:])
	return Position{Offset: offset, Line: line + 1, Column: column + 1}
}

// OffsetOf returns the byte offset of a character of the text, counted from 1 as the server does.
func OffsetOf(text string, character int) int {
	for at := range text {
		if character--; character <= 0 {
			return at
		}
	}
	return len(text)
}

// checkCondition reports an error if a text cannot be one condition inside a WHERE: quotes and parentheses must close,
// and nothing may end the statement around it. Whether it is valid SQL is for the server to say.
func checkCondition(text string) error {
	fail := func(at int, why string) error {
		p := PositionAt(text, at)
		return remedy.New("filter.malformed", remedy.ExitUsage, "the filter cannot be used: %s (line %d, column %d)", why, p.Line, p.Column)
	}
	var open []int
	for t := range sqltext.Tokens(text) {
		switch {
		case t.Kind == sqltext.Broken:
			return fail(t.Start, "a quote or comment does not end")
		case t.Kind == sqltext.Parameter:
			return fail(t.Start, "it holds a parameter")
		case t.Is(text, ';'):
			return fail(t.Start, "it holds a semicolon")
		case t.Is(text, '('):
			open = append(open, t.Start)
		case t.Is(text, ')'):
			if len(open) == 0 {
				return fail(t.Start, "a ) has no (")
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 {
		return fail(open[len(open)-1], "a ( is not closed")
	}
	return nil
}
