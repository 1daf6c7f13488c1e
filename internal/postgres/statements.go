package postgres

import (
	"context"
	"strings"
)

// ExecStatements sends statements in one message and runs them one after the other, in the transaction that is open on
// the connection or else in an implicit one. On an error, which undoes all of them, failed is the index of the
// statement that it is about, or -1 if that is not known.
func ExecStatements(ctx context.Context, c *Conn, statements []string) (failed int, err error) {
	return AskStatements(ctx, c, statements, nil)
}

// AskStatements is like ExecStatements, for statements that return rows: each is called for every row with the
// statement's index and the values as text, nil for NULL, which are valid until it returns. Each statement is parsed
// under the settings that those before it have made, which is not so for a Batch behind a pooler.
func AskStatements(ctx context.Context, c *Conn, statements []string, each func(statement int, row [][]byte)) (failed int, err error) {
	return WatchStatements(ctx, c, statements, each, nil)
}

// WatchStatements is like AskStatements, and calls ended, if it is not nil, for each statement that has succeeded, with
// the number of rows that it inserted, changed or deleted.
func WatchStatements(ctx context.Context, c *Conn, statements []string, each func(statement int, row [][]byte), ended func(statement int, affected int64)) (failed int, err error) {
	if len(statements) == 0 {
		return -1, nil
	}
	results := c.PgConn().Exec(ctx, strings.Join(statements, endStatement))
	done := 0
	for results.NextResult() {
		reader := results.ResultReader()
		for reader.NextRow() {
			if each != nil {
				each(done, reader.Values())
			}
		}
		tag, err := reader.Close()
		if err != nil {
			continue
		}
		if ended != nil {
			ended(done, affected(tag.String()))
		}
		done++
	}
	err = results.Close()
	if err == nil {
		return -1, nil
	}
	if _, said := AsServerError(err); !said {
		return -1, err
	}
	return blame(err, statements, done)
}

// endStatement separates statements, also where one ends in a comment.
const endStatement = "\n;\n"

// blame finds the statement that an error is about, given that done of them have run. The whole text is parsed before
// any of it runs, so that a mistake in the last statement is reported before the first is done: only then does the
// position alone tell. The position in a text within a statement, such as a function's body, is counted from that text
// and is not one in the message.
func blame(err error, statements []string, done int) (failed int, _ error) {
	e, _ := AsServerError(err)
	last := len(statements) - 1
	if e.Position <= 0 {
		return min(done, last), err
	}
	ran := done > 0 || e.Where != "" // an error of the parser of the whole text has no context
	at := int(e.Position) - 1
	for i, s := range statements {
		n := len([]rune(s)) + len(endStatement)
		if at < n {
			if ran && i != done {
				break
			}
			own := *e
			own.Position = int32(at) + 1
			return i, &own
		}
		at -= n
	}
	own := *e
	own.Position = 0
	return min(done, last), &own
}

// BackendPID returns the server's process for the connection.
func BackendPID(c *Conn) int { return int(c.PgConn().PID()) }
