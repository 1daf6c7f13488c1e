package postgres

import (
	"context"
	"fmt"
)

// SystemID returns the database system identifier that initdb gave the cluster, in decimal: it distinguishes servers
// that have no cluster_name. It needs the privileges of pg_monitor or a superuser.
func SystemID(ctx context.Context, q Querier) (string, error) {
	var id string
	err := q.QueryRow(ctx, `SELECT system_identifier::text FROM pg_catalog.pg_control_system()`).Scan(&id)
	if err != nil {
		return "", fmt.Errorf("ask for the system identifier: %w", err)
	}
	return id, nil
}
