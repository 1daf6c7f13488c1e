package postgres

import (
	"context"
	"fmt"
)

// Identity returns the server's cluster_name, which naap sets to a unique value when it starts a server: it proves over
// TCP that the server reached is the one that was started. It is "" for other servers.
func Identity(ctx context.Context, q Querier) (string, error) {
	var name string
	if err := q.QueryRow(ctx, "SELECT pg_catalog.current_setting('cluster_name')").Scan(&name); err != nil {
		return "", fmt.Errorf("ask for the server's identity: %w", err)
	}
	return name, nil
}
