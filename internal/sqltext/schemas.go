package sqltext

import (
	"slices"
	"strings"
)

// CreatedSchema is one CREATE SCHEMA of a script.
type CreatedSchema struct {
	Name       string
	Start, End int  // of the statement, its semicolon included
	Closed     bool // whether a semicolon, or a command of psql in its place, ends it
	At, Until  int  // offsets of the name, quotes included
}

// CreatedSchemas returns the schemas that a psql script creates. Comments, strings, the bodies of functions and the
// rows of a COPY are not searched. A schema that is created for a role without a name of its own has the role's name,
// unless the role is the one that runs the script. closed is false where a quote, a comment, a parenthesis or the rows
// of a COPY are never closed: a server does not run such a script, and nothing can be appended to it.
func CreatedSchemas(text string) (list []CreatedSchema, closed bool) {
	closed = true
	each(text, func(st Statement, tokens []Token) {
		closed = closed && st.Unended == nil && st.Paren < 0 && st.Blocks == 0 && (st.Data == nil || st.Data.End < len(text))
		if c, ok := createdSchema(text, tokens); ok && (c.Closed || st.Commands == nil) {
			list = append(list, c)
		}
	})
	return list, closed
}

// EachStatement calls do with the tokens of each statement of a psql script, without comments. The tokens are only valid
// until do returns.
func EachStatement(text string, do func(tokens []Token)) {
	each(text, func(_ Statement, tokens []Token) { do(tokens) })
}

func each(text string, do func(Statement, []Token)) {
	var tokens []Token
	s := Splitter{Lexer: Lexer{Text: text, Psql: true}, Each: func(t Token) { tokens = append(tokens, t) }}
	for st, ok := s.Next(); ok; st, ok = s.Next() {
		do(st, tokens)
		tokens = tokens[:0]
	}
}

func createdSchema(text string, tokens []Token) (CreatedSchema, bool) {
	is := func(t Token, words ...string) bool {
		return t.Kind == Word && slices.ContainsFunc(words, func(w string) bool { return strings.EqualFold(w, text[t.Start:t.End]) })
	}
	if len(tokens) < 3 || !is(tokens[0], "CREATE") || !is(tokens[1], "SCHEMA") {
		return CreatedSchema{}, false
	}
	for _, t := range tokens[2:] {
		if is(t, "IF", "NOT", "EXISTS", "AUTHORIZATION") {
			continue
		}
		if t.Kind != Name && t.Kind != Word || is(t, "CURRENT_USER", "CURRENT_ROLE", "SESSION_USER") {
			break
		}
		last := tokens[len(tokens)-1]
		return CreatedSchema{Name: Identifier(text[t.Start:t.End]), Start: tokens[0].Start, End: last.End, Closed: last.Is(text, ';') || last.Kind == Command && sends(text[last.Start:]), At: t.Start, Until: t.End}, true
	}
	return CreatedSchema{}, false
}
