package seedfile

import (
	"slices"

	"github.com/livepeer/naap-dev/internal/sqltext"
)

// Statement is one statement of a script, from its first token up to its semicolon.
type Statement struct {
	Text    string
	Command string // its first word in capitals: INSERT, COPY, SELECT
	Line    int    // where it begins in the file, from 1
	Column  int    // in characters, from 1
	Copy    *Copy  // what follows a COPY … FROM STDIN; nil for all others

	words []string // its first key words and names, in capitals, without comments
}

// Copy is the data of a COPY … FROM STDIN, without the line that ends it.
type Copy struct {
	Data string
	Line int // where the data begins in the file, from 1
}

// Begins reports whether the statement begins with these key words and names, given in capitals.
func (s Statement) Begins(words ...string) bool {
	return len(s.words) >= len(words) && slices.Equal(s.words[:len(words)], words)
}

// At returns the place in the file of a position in the statement as servers report it, in characters from 1.
func (s Statement) At(position int) (line, col int) {
	line, col = s.Line, s.Column
	for _, r := range s.Text {
		if position--; position <= 0 {
			break
		}
		col++
		if r == '\n' {
			line, col = line+1, 1
		}
	}
	return line, col
}

// Excerpt returns the statement on one line, cut to a number of characters, for messages.
func (s Statement) Excerpt(length int) string { return sqltext.Excerpt(s.Text, length) }

// Statements splits a script as psql does. Errors name the line of what is never closed (a quote, a comment, COPY
// data), of psql's own commands, and of statements that would end the transaction in which the file runs. A BEGIN at
// the start with a COMMIT at the end is left out, because the file runs in a transaction anyway.
func (f *File) Statements() ([]Statement, error) {
	statements, _, err := f.split()
	if err != nil {
		return nil, err
	}
	statements = withoutFrame(statements)
	for _, s := range statements {
		if endsTransaction(s) {
			return nil, f.fail("seed.transaction", s.Line, s.Column, "%s would end the transaction that the file is run in", s.Excerpt(40)).
				WithSeen("each seed file is one transaction, so that one that fails leaves nothing behind").
				WithFix("remove the statement, or divide the file in two")
		}
	}
	return statements, nil
}

func withoutFrame(list []Statement) []Statement {
	if len(list) < 2 {
		return list
	}
	first, last := list[0], list[len(list)-1]
	begins := first.Command == "BEGIN" || first.Command == "START"
	if begins && (last.Command == "COMMIT" || last.Command == "END") {
		return list[1 : len(list)-1]
	}
	return list
}

// endsTransaction reports whether a statement controls the transaction itself rather than a savepoint in it.
func endsTransaction(s Statement) bool {
	switch s.Command {
	case "BEGIN", "START", "COMMIT", "END", "ABORT":
		return true
	case "ROLLBACK": // ROLLBACK [WORK | TRANSACTION] TO a savepoint is harmless
		return !slices.Contains(s.words, "TO")
	case "PREPARE":
		return len(s.words) > 1 && s.words[1] == "TRANSACTION"
	}
	return false
}
