package postgres

import (
	"context"
	"fmt"
)

// Identity is the server's cluster_name, which naap sets to a value of its own when it starts a server: it proves over
// TCP that the server reached is the one that was started. "" for other servers.
func Identity(ctx context.Context, q Querier) (string, error) {
	var name string
	if err := q.QueryRow(ctx, "SELECT pg_catalog.current_setting('cluster_name')").Scan(&name); err != nil {
		return "", fmt.Errorf("ask for the server's identity: %w", err)
	}
	return name, nil
}
