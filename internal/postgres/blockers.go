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

// TerminateBackend ends a session, which rolls back its open transaction; it returns false if there is no such session:
// the server's own function would warn of that.
func (db *DB) TerminateBackend(ctx context.Context, pid int) (done bool, err error) {
	err = db.QueryRow(ctx, `SELECT coalesce((SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1), false)`, pid).Scan(&done)
	if err != nil {
		return false, fmt.Errorf("end session %d: %w", pid, err)
	}
	return done, nil
}
