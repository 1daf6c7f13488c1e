package devenv

import (
	"context"
	"fmt"

	"github.com/livepeer/naap-dev/internal/postgres"
)

// SchemaNames are the developer's schemas in the running database.
func (e *Env) SchemaNames(ctx context.Context) ([]string, error) {
	db, err := e.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return schemaNames(ctx, db)
}

func schemaNames(ctx context.Context, q postgres.Querier) ([]string, error) {
	all, err := postgres.CollectStrings(q.Query(ctx, `SELECT nspname::text FROM pg_catalog.pg_namespace ORDER BY nspname COLLATE "C"`))
	if err != nil {
		return nil, fmt.Errorf("list the schemas: %w", err)
	}
	var names []string
	for _, name := range all {
		if !postgres.IsHiddenSchema(name) {
			names = append(names, name)
		}
	}
	return names, nil
}
