package migrate

import (
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/sqltext"
)

// A script is sent to the server as it is, in one message, as Prisma sends it. The server then runs all its statements
// in one transaction, unless the script itself ends one ("Multiple Statements in a Simple Query", PostgreSQL's manual,
// Message Flow).

// script is what a migration's text consists of.
type script struct {
	text       string
	statements []sqltext.Statement
	whole      bool // all of it is one transaction: either all of it is in the database, or nothing
	closed     bool // nothing in it is left open, so that a statement can be appended
}

func readScript(text string) script {
	s := script{text: text, statements: sqltext.Statements(text), whole: true, closed: true}
	for _, st := range s.statements {
		if st.Unended != nil || st.Paren >= 0 || st.Blocks > 0 {
			s.closed = false
		}
		if endsTransaction(st) {
			s.whole = false
		}
	}
	for t := range sqltext.Tokens(text) {
		if t.Kind == sqltext.Broken {
			s.closed = false
		}
	}
	if len(s.statements) == 1 && mayNeedToBeAlone(s.statements[0]) {
		s.whole = false
	}
	return s
}

// endsTransaction reports whether a statement ends the transaction around it.
func endsTransaction(st sqltext.Statement) bool {
	switch st.Verb {
	case "COMMIT", "END", "ABORT", "BEGIN", "START":
		return true
	case "ROLLBACK": // TO SAVEPOINT ends none
		return !slices.Contains(st.Words, "TO")
	case "PREPARE":
		return slices.Contains(st.Words, "TRANSACTION")
	}
	return false
}

// mayNeedToBeAlone reports whether a statement might be one that the server refuses in a transaction with others, or
// commits in its middle if it is alone: a procedure or a DO may.
func mayNeedToBeAlone(st sqltext.Statement) bool {
	switch st.Verb {
	case "DO", "CALL":
		return true
	}
	return needsToBeAlone(st)
}

// needsToBeAlone reports whether the server refuses a statement in a transaction with others
// (PreventInTransactionBlock in PostgreSQL's src/backend).
func needsToBeAlone(st sqltext.Statement) bool {
	second := ""
	if len(st.Words) > 1 {
		second = st.Words[1]
	}
	concurrently := slices.Contains(st.Words, "CONCURRENTLY")
	switch st.Verb {
	case "VACUUM", "CLUSTER":
		return st.Verb == "VACUUM" || len(st.Words) == 1 // CLUSTER of all tables
	case "CREATE", "DROP":
		return slices.Contains([]string{"DATABASE", "TABLESPACE", "SUBSCRIPTION"}, second) || concurrently
	case "REINDEX":
		return concurrently || slices.Contains([]string{"SCHEMA", "DATABASE", "SYSTEM"}, second)
	case "ALTER":
		return second == "SYSTEM" || second == "DATABASE" && slices.Contains(st.Words, "TABLESPACE")
	}
	return false
}

// misplaced returns the first statement that the server will refuse because it is not alone in its script.
func (s script) misplaced() (sqltext.Statement, bool) {
	if len(s.statements) < 2 {
		return sqltext.Statement{}, false
	}
	i := slices.IndexFunc(s.statements, needsToBeAlone)
	if i < 0 {
		return sqltext.Statement{}, false
	}
	return s.statements[i], true
}

// at returns the number of the statement that an offset is in, or after.
func (s script) at(offset int) int {
	n := 0
	for i, st := range s.statements {
		if st.Start <= offset {
			n = i
		}
	}
	return n
}

// committed returns how many statements are in the database for good after the first ones had succeeded.
func (s script) committed(done int) int {
	for i := min(done, len(s.statements)) - 1; i >= 0; i-- {
		switch v := s.statements[i].Verb; {
		case v == "COMMIT" || v == "END":
			return i + 1
		}
	}
	return 0
}

// excerpt returns a statement on one line, shortened.
func (s script) excerpt(st sqltext.Statement) string { return sqltext.Excerpt(st.Text(s.text), 160) }

// setsSession reports whether a script may leave something in its session that later scripts notice: a setting, a
// temporary table.
func (s script) setsSession() bool {
	return strings.Contains(strings.ToLower(s.text), "set_config") || slices.ContainsFunc(s.statements, func(st sqltext.Statement) bool {
		local := len(st.Words) > 1 && (st.Words[1] == "LOCAL" || st.Words[1] == "CONSTRAINTS" || st.Words[1] == "TRANSACTION")
		switch st.Verb {
		case "SET":
			return !local
		case "RESET", "DISCARD", "LOAD", "PREPARE", "LISTEN":
			return true
		}
		return slices.Contains(st.Words, "TEMP") || slices.Contains(st.Words, "TEMPORARY")
	})
}
