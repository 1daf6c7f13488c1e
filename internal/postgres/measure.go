package postgres

import (
	"context"
	"fmt"
	"time"
)

// Measure returns how large all databases of a server are that the role may connect to, and when it was started.
func Measure(ctx context.Context, q Querier) (bytes int64, started time.Time, err error) {
	err = q.QueryRow(ctx, `SELECT coalesce(sum(pg_database_size(oid)), 0)::bigint, pg_postmaster_start_time()
		FROM pg_database WHERE datallowconn AND has_database_privilege(oid, 'CONNECT')`).Scan(&bytes, &started)
	if err != nil {
		return 0, time.Time{}, fmt.Errorf("ask how large the databases are: %w", err)
	}
	return bytes, started, nil
}
