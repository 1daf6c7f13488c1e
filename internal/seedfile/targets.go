package seedfile

import (
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/sqltext"
)

// targetFinder finds the tables that statements put rows into: those after INSERT INTO, MERGE INTO and COPY.
type targetFinder struct {
	text   string
	schema string // the schema of names that give none
	tables []Table

	begun  bool     // a name or key word of the statement has been read
	brings bool     // the last one was INSERT or MERGE
	taking bool     // a name is being read
	parts  []string // the name's parts
	dot    bool     // a dot has been read after the last part
}

// token takes the next token of a statement.
func (f *targetFinder) token(t sqltext.Token) {
	isName := t.Kind == sqltext.Word || t.Kind == sqltext.Name
	is := func(word string) bool {
		return t.Kind == sqltext.Word && t.End-t.Start == len(word) && strings.EqualFold(f.text[t.Start:t.End], word)
	}
	switch {
	case f.taking && t.Is(f.text, '.') && len(f.parts) > 0:
		f.dot = true
		return
	case f.taking && is("ONLY") && len(f.parts) == 0:
		return
	case f.taking && isName && (len(f.parts) == 0 || f.dot):
		f.parts, f.dot = append(f.parts, sqltext.Identifier(f.text[t.Start:t.End])), false
		return
	case f.taking:
		f.take()
	case isName:
		f.taking = f.brings && is("INTO") || !f.begun && is("COPY")
	}
	if isName {
		f.begun, f.brings = true, is("INSERT") || is("MERGE")
	}
}

// end ends the statement.
func (f *targetFinder) end() {
	f.take()
	f.begun, f.brings = false, false
}

// take takes the name that has been read, if any.
func (f *targetFinder) take() {
	n := len(f.parts)
	table := Table{Schema: f.schema}
	if n > 0 {
		table.Name = f.parts[n-1]
	}
	if n > 1 {
		table.Schema = f.parts[n-2]
	}
	if n > 0 && !slices.Contains(f.tables, table) {
		f.tables = append(f.tables, table)
	}
	f.parts, f.dot, f.taking = f.parts[:0], false, false
}
