package postgres

import (
	"context"
	"strings"
)

// ExecStatements sends statements in one message and runs them one after the other, in the transaction that is open on
// the connection or else in an implicit one. On an error failed is the index of the statement that it is about, or -1
// where that cannot be told; a failure undoes all of them.
func ExecStatements(ctx context.Context, c *Conn, statements []string) (failed int, err error) {
	if len(statements) == 0 {
		return -1, nil
	}
	const end = "\n;\n" // a statement may end in a comment
	results := c.PgConn().Exec(ctx, strings.Join(statements, end))
	done := 0
	for results.NextResult() {
		if _, err := results.ResultReader().Close(); err == nil {
			done++
		}
	}
	err = results.Close()
	if err == nil {
		return -1, nil
	}
	e, said := AsServerError(err)
	if !said {
		return -1, err
	}
	if e.Position <= 0 {
		return min(done, len(statements)-1), err
	}
	// The whole text is parsed before any of it runs, so a mistake in the last statement comes before the first is done.
	at := int(e.Position) - 1
	for i, s := range statements {
		n := len([]rune(s)) + len(end)
		if at < n {
			own := *e
			own.Position = int32(at) + 1
			return i, &own
		}
		at -= n
	}
	return min(done, len(statements)-1), err
}

// BackendPID is the server's process for the connection.
func BackendPID(c *Conn) int { return int(c.PgConn().PID()) }
