package postgres

import (
	"context"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5/pgconn"
)

// Blockers returns the sessions that block the session with that PID directly; none if it does not wait for a lock. A
// prepared transaction, which has no session, has PID 0.
func (db *DB) Blockers(ctx context.Context, pid int) ([]Activity, error) {
	var out []Activity
	err := db.reading(ctx, func(ctx context.Context, pc *pgconn.PgConn) error {
		out = nil
		a := newAsk(`SELECT coalesce(a.pid, 0), `+activityColumns[len("a.pid, "):]+`
			FROM (SELECT DISTINCT unnest(pg_blocking_pids($1::int)) AS pid) b
			LEFT JOIN pg_stat_activity a ON a.pid = b.pid`,
			func(r textRow) { out = append(out, readActivity(r)) }, strconv.Itoa(pid))
		return readOnlyExchange(ctx, pc, newAsk(fixedPath, nil), a)
	})
	if err != nil {
		return nil, fmt.Errorf("ask who blocks session %d: %w", pid, err)
	}
	return out, nil
}

// CancelBackend cancels what a session is running; it returns false if there is no such session.
func (db *DB) CancelBackend(ctx context.Context, pid int) (bool, error) {
	return db.signal(ctx, "pg_cancel_backend", pid)
}

// TerminateBackend ends a session, which rolls back its open transaction; it returns false if there is no such session.
func (db *DB) TerminateBackend(ctx context.Context, pid int) (bool, error) {
	return db.signal(ctx, "pg_terminate_backend", pid)
}

// signal looks for the session first: for a PID that is not a session's, the functions themselves warn and return
// false.
func (db *DB) signal(ctx context.Context, function string, pid int) (done bool, err error) {
	err = db.QueryRow(ctx, `SELECT coalesce((SELECT `+function+`(pid) FROM pg_stat_activity WHERE pid = $1), false)`, pid).Scan(&done)
	if err != nil {
		return false, fmt.Errorf("%s(%d): %w", function, pid, err)
	}
	return done, nil
}
