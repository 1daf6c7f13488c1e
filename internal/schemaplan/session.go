package schemaplan

import (
	"context"
	"fmt"
	"time"

	"github.com/livepeer/naap-dev/internal/postgres"
)

// patience is how long to wait for each lock by default.
const patience = 5 * time.Second

// settings are what a batch of queries needs of its session. They apply only to the batch: they are restored for a
// transaction that goes on.
type settings struct {
	searchPath  string
	lockTimeout time.Duration // the session's own limit takes precedence, if it has one
	// only are the schemas whose columns and indexes an inspection reads, which is most of its work; all where empty. Of
	// the others it finds out what there is.
	only []string
}

// enter returns a batch's first query, leave its last.
func (s settings) enter() string {
	if s.searchPath == "" {
		s.searchPath = "pg_catalog" // every name is printed with its schema, the same for any user
	}
	if s.lockTimeout <= 0 {
		s.lockTimeout = patience
	}
	return fmt.Sprintf(`SELECT set_config('naap.search_path', current_setting('search_path'), true),
		set_config('naap.lock_timeout', current_setting('lock_timeout'), true),
		set_config('search_path', %s, true),
		set_config('lock_timeout', CASE current_setting('lock_timeout') WHEN '0' THEN '%d' ELSE current_setting('lock_timeout') END, true)`,
		literal(s.searchPath), max(1, s.lockTimeout.Milliseconds()))
}

const leave = `SELECT set_config('search_path', current_setting('naap.search_path'), true),
	set_config('lock_timeout', current_setting('naap.lock_timeout'), true)`

// onConnection runs f on one connection: the querier's own, or one of the pool's. If another session blocks the
// connection, the error names it, provided that there is a pool to find it from.
func onConnection(ctx context.Context, q postgres.Querier, watch *postgres.DB, lockTimeout time.Duration, f func(*postgres.Conn) error) error {
	var conn *postgres.Conn
	switch q := q.(type) {
	case *postgres.DB:
		pooled, err := q.Acquire(ctx)
		if err != nil {
			return err
		}
		defer pooled.Release()
		conn = pooled.Conn()
		if watch == nil {
			watch = q
		}
	case *postgres.Conn:
		conn = q
	case interface{ Conn() *postgres.Conn }:
		conn = q.Conn()
	default:
		return fmt.Errorf("%T is not a connection", q)
	}
	blockers := watchBlockers(ctx, watch, postgres.BackendPID(conn))
	defer blockers.stop()
	if lockTimeout <= 0 {
		lockTimeout = patience
	}
	return lockError(f(conn), lockTimeout, blockers)
}
