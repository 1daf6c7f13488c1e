package seedfile

import (
	"strings"

	"github.com/livepeer/naap-dev/internal/remedy"
)

// splitter walks through a script once. It knows as much of SQL's lexical rules as is needed to tell where a statement
// ends (PostgreSQL's documentation, "Lexical Structure"; psql's psqlscan.l).
type splitter struct {
	file *File
	text string
	pos  int
	line lines

	start int   // where the statement under way begins; -1 between statements
	paren []int // where each open parenthesis is

	words   []string // the statement's first words, in capitals
	command string   // the first of them
	routine bool     // it creates a function or procedure, whose body may be BEGIN ATOMIC … END
	blocks  int      // how many of these, and of the CASEs inside, are open
	from    bool     // the word before was FROM, outside of parentheses
	stdin   bool     // FROM STDIN was seen there
	target  targetFinder

	statements []Statement
	tables     []Table
}

func (f *File) split() ([]Statement, []Table, error) {
	s := &splitter{file: f, text: f.Text, line: newLines(f.Text), start: -1}
	s.target.schema = f.Schema
	for s.pos < len(s.text) {
		if err := s.step(); err != nil {
			return nil, nil, err
		}
	}
	if len(s.paren) > 0 && s.start >= 0 {
		return nil, nil, s.fail(s.paren[len(s.paren)-1], "this parenthesis is never closed")
	}
	if s.start >= 0 && s.blocks > 0 {
		return nil, nil, s.fail(s.start, "the function's BEGIN ATOMIC has no END")
	}
	if err := s.finish(len(s.text), len(s.text)); err != nil {
		return nil, nil, err
	}
	return s.statements, s.tables, nil
}

// Script splits a text that is no seed file, such as a part of a dump, as psql does. Name stands in the messages of its
// errors; open reports whether the text ends inside a statement.
func Script(name, text string) (list []Statement, open bool, err error) {
	f := &File{Path: name, Text: text}
	s := &splitter{file: f, text: text, line: newLines(text), start: -1}
	for s.pos < len(s.text) {
		if err := s.step(); err != nil {
			return nil, true, err
		}
	}
	if open = s.start >= 0; open {
		err = s.finish(len(text), len(text))
	}
	return s.statements, open, err
}

// step reads one token.
func (s *splitter) step() error {
	c, next := s.text[s.pos], byte(0)
	if s.pos+1 < len(s.text) {
		next = s.text[s.pos+1]
	}
	switch {
	case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v':
		s.pos++
		return nil
	case c == '-' && next == '-':
		s.pos = s.lineEnd(s.pos)
		return nil
	case c == '/' && next == '*':
		return s.comment()
	case c == '\\':
		return s.backslash()
	case c == ';' && len(s.paren) == 0 && s.blocks == 0:
		end := s.pos
		s.pos++
		return s.finish(end, s.pos)
	}
	if s.start < 0 {
		s.begin()
	}
	return s.token(c)
}

// begin opens a statement at the place where the splitter is.
func (s *splitter) begin() {
	s.start, s.paren = s.pos, nil
	s.words, s.command, s.routine, s.blocks, s.from, s.stdin = nil, "", false, 0, false, false
	s.target = targetFinder{schema: s.file.Schema}
}

func (s *splitter) token(c byte) error {
	switch {
	case c == '\'':
		return s.quoted('\'', false)
	case c == '"':
		open := s.pos
		err := s.quoted('"', false)
		if err == nil {
			s.found(s.target.name(strings.ReplaceAll(s.text[open+1:s.pos-1], `""`, `"`)))
		}
		return err
	case c == '$':
		return s.dollar()
	case isWordStart(c):
		return s.word()
	case c >= '0' && c <= '9': // so that the letters of 1e5 are no word
		for s.pos < len(s.text) && (isWordPart(s.text[s.pos]) || s.text[s.pos] == '.') {
			s.pos++
		}
		s.found(s.target.other(c))
		return nil
	case c == '(':
		s.paren = append(s.paren, s.pos)
	case c == ')' && len(s.paren) > 0:
		s.paren = s.paren[:len(s.paren)-1]
	}
	s.pos++
	s.found(s.target.other(c))
	s.from = false
	return nil
}

// finish closes the statement that is under way at end, and reads the data that follows a COPY … FROM STDIN after the
// semicolon.
func (s *splitter) finish(end, after int) error {
	if s.start < 0 {
		return nil
	}
	s.found(s.target.other(';'))
	line, col := s.line.at(s.start)
	statement := Statement{
		Text: strings.TrimRight(s.text[s.start:end], " \t\r\n\f\v"), Command: s.command, Line: line, Column: col,
		words: s.words,
	}
	s.start = -1
	if s.command == "COPY" && s.stdin {
		if err := s.copyData(&statement, after); err != nil {
			return err
		}
	}
	s.statements = append(s.statements, statement)
	return nil
}

// copyData takes the lines after a COPY up to the one that is \. alone, or to the end of the file, as psql does.
func (s *splitter) copyData(statement *Statement, after int) error {
	rest := strings.TrimSpace(s.text[after:s.lineEnd(after)])
	if rest != "" && !strings.HasPrefix(rest, "--") {
		return s.fail(after, "the data of COPY … FROM STDIN begins on the line after the semicolon")
	}
	start := min(s.lineEnd(after)+1, len(s.text))
	line, _ := s.line.at(start)
	for at := start; at < len(s.text); {
		end := s.lineEnd(at)
		if strings.TrimSuffix(s.text[at:end], "\r") == `\.` {
			statement.Copy = &Copy{Data: s.text[start:at], Line: line}
			s.pos = min(end+1, len(s.text))
			return nil
		}
		at = end + 1
	}
	statement.Copy = &Copy{Data: s.text[start:], Line: line}
	s.pos = len(s.text)
	return nil
}

// lineEnd is the offset of the line feed at or after an offset, or the text's end.
func (s *splitter) lineEnd(at int) int {
	if i := strings.IndexByte(s.text[at:], '\n'); i >= 0 {
		return at + i
	}
	return len(s.text)
}

func (s *splitter) found(t Table, ok bool) {
	if !ok {
		return
	}
	for _, known := range s.tables {
		if known == t {
			return
		}
	}
	s.tables = append(s.tables, t)
}

func (s *splitter) fail(offset int, format string, args ...any) *remedy.Error {
	line, col := s.line.at(offset)
	return s.file.fail("seed.syntax", line, col, format, args...)
}
