package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// A query that is cancelled, or waits too long for a lock, is an ERROR with a STATEMENT in the server's log; where a
// cursor moves fast, every such line would be naap's own. Only a superuser may keep a session's errors out of the log,
// and a Reader, which has been granted that; client_min_messages and the like affect what the client sees. A connection
// that is closed while its query runs is a line in the log too. For other roles, all that can be done is not to cancel
// what ends soon anyway.

// hushed is a context key: a context that has it keeps its errors out of the log.
type hushed struct{}

// mayHush reports whether a session is a reader's, or a superuser's, as the server reports with every change.
func mayHush(pc *pgconn.PgConn) bool {
	return pc.ParameterStatus("is_superuser") == "on" || remembers(pc, readerKey)
}

// hush keeps an exchange's errors out of the log; FATAL and LOG are still logged. Behind a pooler, where other clients
// use the server process next, it leaves the setting alone; there, the process is another than the one announced to the
// connection.
func hush(pc *pgconn.PgConn, asks []*ask) []*ask {
	all := make([]*ask, 0, len(asks)+2)
	all = append(all, newAsk(fmt.Sprintf("SELECT set_config('log_min_messages', 'log', false) WHERE pg_backend_pid() = %d", pc.PID()), nil))
	all = append(all, asks...)
	return append(all, newAsk("RESET log_min_messages", nil))
}

// withHushed runs f on a connection, for questions that end on the server when ctx does. Their errors are kept out of its log
// if the pool is quiet and the user may do so.
func (db *DB) withHushed(ctx context.Context, f func(context.Context, *pgconn.PgConn) error) error {
	return db.WithConn(ctx, func(c *Conn) error {
		if db.quiet && mayHush(c.PgConn()) {
			ctx = context.WithValue(ctx, hushed{}, true)
		}
		return f(ctx, c.PgConn())
	})
}

// Quietly runs f on a connection whose errors are kept out of the server's log, if the pool is quiet and the user may
// do so.
func (db *DB) Quietly(ctx context.Context, f func(Querier) error) error {
	return db.WithConn(ctx, func(c *Conn) error {
		if !db.quiet || !mayHush(c.PgConn()) {
			return f(c)
		}
		on, off := hush(c.PgConn(), nil)[0], "RESET log_min_messages"
		if _, err := c.Exec(ctx, on.sql); err != nil {
			return err
		}
		defer func() {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			defer cancel()
			if _, err := c.Exec(ctx, off); err != nil {
				_ = c.Close(ctx)
			}
		}()
		return f(c)
	})
}

// How long a look-up whose result is no longer needed may go on before it is cancelled after all. Most take a few ms.
// Cancelling a hushed one leaves no line in the log, unless that happens while the hush begins or ends; for another
// one, the server's work by then costs more than a line.
const (
	hushedEnds = time.Second
	loudEnds   = 5 * time.Second
)

// leaveToEnd runs f; when ctx ends it returns at once and leaves f to end by itself, up to a limit.
func leaveToEnd(ctx context.Context, limit time.Duration, f func(context.Context) (lost bool, err error)) (lost bool, err error) {
	type outcome struct {
		lost bool
		err  error
	}
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan outcome, 1)
	go func() {
		defer cancel()
		lost, err := f(work)
		done <- outcome{lost, err}
	}()
	select {
	case o := <-done:
		return o.lost, o.err
	case <-ctx.Done():
		time.AfterFunc(limit, cancel)
		return false, ctx.Err()
	}
}
