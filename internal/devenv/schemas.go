package devenv

import (
	"context"
	"fmt"

	"github.com/livepeer/naap-dev/internal/hidden"
	"github.com/livepeer/naap-dev/internal/postgres"
)

// SchemaNames returns the developer's schemas in the running database.
func (e *Env) SchemaNames(ctx context.Context) ([]string, error) {
	db, err := e.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return schemaNames(ctx, db)
}

func schemaNames(ctx context.Context, q postgres.Querier) ([]string, error) {
	names, err := postgres.CollectStrings(q.Query(ctx, `SELECT nspname::text FROM pg_catalog.pg_namespace WHERE nspname !~ '`+hidden.Schemas+`' ORDER BY nspname COLLATE "C"`))
	if err != nil {
		return nil, fmt.Errorf("list the schemas: %w", err)
	}
	return names, nil
}
