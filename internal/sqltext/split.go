package sqltext

import (
	"slices"
	"strings"
)

// Statement is one statement of a script, without the blanks and comments around it. A command of psql between
// statements counts as one.
type Statement struct {
	Start, End int      // from its first token up to its semicolon, in bytes
	Verb       string   // its first word in capitals, such as SELECT; "" where it begins with something else
	Words      []string // the first five of its key words and names without quotes, in capitals
	Commands   []Token  // the commands of psql in it
	Data       *Data    // for a COPY … FROM STDIN that psql runs, else nil

	Ended bool // by a semicolon, or by a command of psql that sends it
	// Where the text ends before the statement does:

	Unended *Token // the quote or comment that is not closed
	Paren   int    // the last parenthesis that is not closed; -1 for none
	Blocks  int    // how many BEGIN ATOMIC and CASE are open
}

// Data holds the offsets of the rows below a COPY … FROM STDIN. Rest is where the text after its semicolon begins, on
// the same line.
type Data struct{ Rest, Start, End int }

// keptWords are enough to tell ROLLBACK from ROLLBACK WORK TO SAVEPOINT a, and CREATE OR REPLACE FUNCTION from others.
const keptWords = 5

// Splitter reads a script statement by statement. A statement ends where psql ends it (src/fe_utils/psqlscan.l): at a
// semicolon outside of quotes, comments, parentheses and the body of a CREATE FUNCTION … BEGIN ATOMIC … END.
type Splitter struct {
	Lexer
	Each func(Token) // if set, is called with every token of a statement and its semicolon, but not with blanks and comments

	st      Statement
	words   []string // of many statements, one after the other
	parens  []int    // offsets of the open parentheses
	routine bool     // a function or procedure is being created
	from    bool     // the last word was FROM, outside of parentheses
	stdin   bool     // FROM STDIN was read
}

// Statements returns the statements of a text as the server reads it.
func Statements(text string) []Statement {
	var list []Statement
	s := Splitter{Lexer: Lexer{Text: text}}
	for st, ok := s.Next(); ok; st, ok = s.Next() {
		list = append(list, st)
	}
	return list
}

// Next returns the next statement; ok is false at the end.
func (s *Splitter) Next() (st Statement, ok bool) {
	s.st = Statement{Start: -1, Paren: -1}
	s.parens, s.routine, s.from, s.stdin = s.parens[:0], false, false, false
	for {
		t, ok := s.Lexer.Next()
		switch {
		case !ok:
			if n := len(s.parens); n > 0 {
				s.st.Paren = s.parens[n-1]
			}
			return s.st, s.st.Start >= 0
		case t.Kind == Space:
			continue
		case t.Is(s.Text, ';') && len(s.parens) == 0 && s.st.Blocks == 0:
			if s.st.Start < 0 {
				continue
			}
			s.see(t)
			s.st.Ended = true
			if s.Psql && s.stdin {
				s.data(t.End)
			}
			return s.st, true
		}
		first := s.st.Start < 0
		if first {
			s.st.Start = t.Start
		}
		s.st.End = t.End
		s.see(t)
		switch t.Kind {
		case Word:
			s.word(s.Text[t.Start:t.End], first)
			continue
		case Command:
			s.st.Commands = append(s.st.Commands, t)
			if s.st.Ended = first || sends(s.Text[t.Start:t.End]); s.st.Ended {
				return s.st, true
			}
		case Broken:
			broken := t // t itself stays off the heap
			s.st.Unended = &broken
		case Symbol:
			s.symbol(t.Start)
		}
		s.from = false
	}
}

// sends reports whether a command of psql ends the statement before it, as a semicolon does.
func sends(command string) bool {
	word := strings.Fields(command)[0]
	return slices.Contains([]string{`\g`, `\gx`, `\gexec`, `\gset`, `\gdesc`, `\watch`, `\crosstabview`}, word)
}

func (s *Splitter) see(t Token) {
	if s.Each != nil {
		s.Each(t)
	}
}

func (s *Splitter) symbol(at int) {
	switch n := len(s.parens); {
	case s.Text[at] == '(':
		s.parens = append(s.parens, at)
	case s.Text[at] == ')' && n > 0:
		s.parens = s.parens[:n-1]
	}
}

func (s *Splitter) word(w string, first bool) {
	if n := len(s.st.Words); n < keptWords {
		upper := strings.ToUpper(w)
		if first {
			s.st.Verb = upper
		}
		if n == 0 && cap(s.words)-len(s.words) < keptWords {
			s.words = make([]string, 0, 200*keptWords)
		}
		s.words = append(s.words, upper)
		s.st.Words = slices.Clip(s.words[len(s.words)-n-1:])
		s.routine = s.routine || s.st.begins("CREATE", upper) && isRoutine(upper) ||
			s.st.begins("CREATE", "OR", "REPLACE", upper) && isRoutine(upper)
	}
	if len(s.parens) > 0 {
		return
	}
	if s.st.Verb == "COPY" {
		s.stdin = s.stdin || s.from && strings.EqualFold(w, "STDIN")
		s.from = strings.EqualFold(w, "FROM")
	}
	switch {
	case !s.routine:
	case strings.EqualFold(w, "BEGIN"), s.st.Blocks > 0 && strings.EqualFold(w, "CASE"): // CASE ends with END as well
		s.st.Blocks++
	case s.st.Blocks > 0 && strings.EqualFold(w, "END"):
		s.st.Blocks--
	}
}

func isRoutine(word string) bool { return word == "FUNCTION" || word == "PROCEDURE" }

// data skips the rows of a COPY up to the line that is \. alone, or to the end of the text, as psql does.
func (s *Splitter) data(rest int) {
	d := &Data{Rest: rest, Start: min(lineEnd(s.Text, rest)+1, len(s.Text))}
	s.st.Data = d
	for d.End = d.Start; d.End < len(s.Text); {
		end := lineEnd(s.Text, d.End)
		if line := s.Text[d.End:end]; line == `\.` || line == "\\.\r" {
			s.At = min(end+1, len(s.Text))
			return
		}
		d.End = min(end+1, len(s.Text))
	}
	s.At = len(s.Text)
}

// begins reports whether the statement begins with these key words and names, given in capitals.
func (st Statement) begins(words ...string) bool {
	return len(st.Words) >= len(words) && slices.Equal(st.Words[:len(words)], words)
}

// Text returns the statement's part of the text.
func (st Statement) Text(text string) string { return text[st.Start:st.End] }
