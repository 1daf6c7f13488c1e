package postgres

import "time"

// Statement is one statement of a text, where it stands, and what it begins with.
type Statement struct {
	Text   string // without the semicolon
	Offset int    // of its first byte in the whole text
	Verb   string // its first keyword in upper case: "SELECT"

	words []string // the first of its key words and names without quotes, in upper case
}

// Position is a place in a text.
type Position struct {
	Offset       int // bytes from the beginning
	Line, Column int // from 1; columns count characters
}

// Outcome is what running a text of statements brought.
type Outcome struct {
	Results []Result // one a statement that was begun; the last may have failed
	Skipped int      // statements after the failed one, which were not run

	// Pending tells that the statements wrote something and that the transaction is open: call Session.Commit or
	// Session.Rollback. False after a failure, which has rolled everything back.
	Pending  bool
	Affected int64 // rows inserted, updated, deleted or merged by all statements
	Took     time.Duration
}

// Err is the failure of the statement that failed, or nil.
func (o Outcome) Err() error {
	for _, r := range o.Results {
		if r.Err != nil {
			return r.Err
		}
	}
	return nil
}

// Result is what one statement brought.
type Result struct {
	Statement Statement
	Columns   []PageColumn // nil where the statement returns no rows
	Rows      [][]Cell
	More      bool   // there are more rows, which were not fetched
	Tag       string // the server's: "INSERT 0 3"
	Affected  int64  // rows written; 0 for a query
	Took      time.Duration
	Notices   []Notice
	Err       error     // what failed, or nil; see AsServerError
	At        *Position // where in the whole text the error is, or nil
}

// RunOptions bound what a run keeps.
type RunOptions struct {
	MaxRows int // fetched of each statement; 1,000 where zero, all where negative
	MaxCell int // bytes of each value; 64 KiB where zero, no limit where negative
	// OnRow, if set, is given each row as it arrives, and none are kept. Its error stops the run.
	OnRow func(statement int, columns []PageColumn, row []Cell) error
}

// QueryPlan is what EXPLAIN says.
type QueryPlan struct {
	Lines    []string
	Analyzed bool // the statement was run, and its changes undone
	Took     time.Duration
	At       *Position // where in the whole text an error is, or nil
}
