package postgres

import (
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// Statement is one statement of a text, with its place and how it begins.
type Statement struct {
	Text   string // without the semicolon
	Offset int    // of its first byte in the whole text
	Verb   string // its first keyword in upper case: "SELECT"

	words []string // its first key words and names without quotes, in upper case
}

// Position is a place in a text.
type Position struct {
	Offset       int // bytes from the beginning
	Line, Column int // from 1; columns count characters
}

// Outcome is the outcome of running a text of statements.
type Outcome struct {
	Results []Result // one for each statement that was begun; the last may have failed
	Skipped int      // statements after the failed one, which were not run

	// Pending reports whether the statements wrote something, so that the transaction is open: call Session.Commit or
	// Session.Rollback. It is false after a failure, which has rolled everything back.
	Pending  bool
	Affected int64 // rows inserted, updated, deleted or merged by all statements
	Took     time.Duration
}

// Err returns the error of the statement that failed, or nil.
func (o Outcome) Err() error {
	for _, r := range o.Results {
		if r.Err != nil {
			return r.Err
		}
	}
	return nil
}

// Result is the outcome of one statement.
type Result struct {
	Statement Statement
	Columns   []PageColumn // nil if the statement returns no rows
	Rows      [][]Cell
	More      bool   // there are more rows, which were not fetched
	Tag       string // the server's: "INSERT 0 3"
	Affected  int64  // rows written; 0 for a query
	Took      time.Duration
	Notices   []pgconn.Notice
	Err       error     // what failed, or nil; see AsServerError
	At        *Position // the place of the error in the whole text, or nil
}

// RunOptions bounds what a run keeps.
type RunOptions struct {
	MaxRows int // rows fetched for each statement; 1,000 if zero, all if negative
	MaxCell int // bytes of each value; 64 KiB if zero, no limit if negative
	// Sink, if set, is given what the statements return as it arrives; all of it, and none is kept.
	Sink RowSink
	// Args, if set, are the values of the named parameters (:name) of all statements. Otherwise a text has none.
	Args Arguments
}

// RowSink takes what statements return, row by row. An error of its own stops the run and is the statement's error.
type RowSink interface {
	// Begin is called for a statement that returns columns, before its first row.
	Begin(columns []PageColumn) error
	// Row is called with the values of each row as the server writes them, nil for NULL. They are valid until it returns.
	Row(values [][]byte) error
	// End is called when a statement has succeeded, also for one without rows. The rows are not in its result.
	End(r Result) error
}

// QueryPlan is what EXPLAIN says.
type QueryPlan struct {
	Lines    []string
	Analyzed bool // the statement was run, and its changes undone
	Took     time.Duration
	At       *Position // the place of an error in the whole text, or nil
}
