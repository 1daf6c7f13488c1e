package seedfile

import (
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/sqltext"
)

// splitter splits a script into statements.
type splitter struct {
	sqltext.Splitter
	file *File
	line lines
}

func newSplitter(f *File, each func(sqltext.Token)) *splitter {
	return &splitter{sqltext.Splitter{Lexer: sqltext.Lexer{Text: f.Text, Psql: true}, Each: each}, f, newLines(f.Text)}
}

func (f *File) split() (list []Statement, tables []Table, err error) {
	targets := targetFinder{text: f.Text, schema: f.Schema}
	s := newSplitter(f, targets.token)
	for st, ok := s.Next(); ok; st, ok = s.Next() {
		targets.end()
		statement, ok, err := s.statement(st)
		switch {
		case err != nil:
			return nil, nil, err
		case st.Paren >= 0:
			return nil, nil, s.fail(st.Paren, "this parenthesis is never closed")
		case st.Blocks > 0:
			return nil, nil, s.fail(st.Start, "the function's BEGIN ATOMIC has no END")
		case ok:
			list = append(list, statement)
		}
	}
	return list, targets.tables, nil
}

// Script splits a text that is not a seed file, such as a part of a dump, as psql does. name is its name in errors;
// open reports whether the text ends inside a statement.
func Script(name, text string) (list []Statement, open bool, err error) {
	s := newSplitter(&File{Path: name, Text: text}, nil)
	for st, ok := s.Next(); ok; st, ok = s.Next() {
		statement, ok, err := s.statement(st)
		if err != nil {
			return nil, true, err
		}
		if open = !st.Ended; ok {
			list = append(list, statement)
		}
	}
	return list, open, nil
}

// statement returns a statement with its place in the file; ok is false for a command of psql that is skipped.
func (s *splitter) statement(st sqltext.Statement) (_ Statement, ok bool, _ error) {
	if len(st.Commands) > 0 {
		c := st.Commands[0]
		if c.Start == st.Start && harmless(strings.Fields(s.Text[c.Start:c.End])) {
			return Statement{}, false, nil
		}
		return Statement{}, false, s.command(c)
	}
	if t := st.Unended; t != nil {
		return Statement{}, false, s.unended(t.Start)
	}
	line, col := s.line.at(st.Start)
	statement := Statement{Text: st.Text(s.Text), Line: line, Column: col, words: st.Words}
	if len(st.Words) > 0 {
		statement.Command = st.Words[0]
	}
	if d := st.Data; d != nil {
		rest := s.Text[d.Rest:d.Start]
		if len(slices.Collect(sqltext.Tokens(rest))) > 0 {
			return Statement{}, false, s.fail(d.Rest, "the data of COPY … FROM STDIN begins on the line after the semicolon")
		}
		line, _ := s.line.at(d.Start)
		statement.Copy = &Copy{Data: s.Text[d.Start:d.End], Line: line}
	}
	return statement, true, nil
}

// unended returns the error for a quote or comment that begins at an offset and is never closed.
func (s *splitter) unended(at int) error {
	switch rest := s.Text[at:]; rest[0] {
	case '/':
		return s.fail(at, "this comment is never closed")
	case '$':
		tag, _, _ := strings.Cut(rest[1:], "$")
		return s.fail(at, "the string that $%s$ opens here is never closed", tag)
	default:
		at += strings.IndexAny(rest, `'"`)
		return s.fail(at, "this %c is never closed", s.Text[at])
	}
}

func (s *splitter) fail(offset int, format string, args ...any) *remedy.Error {
	line, col := s.line.at(offset)
	return s.file.fail("seed.syntax", line, col, format, args...)
}
