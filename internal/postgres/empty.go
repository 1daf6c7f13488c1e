package postgres

import (
	"context"
	"fmt"
	"strings"

	"github.com/livepeer/naap-dev/internal/hidden"
)

// TablesNamed returns the tables with a name, which may have its schema before it: "User", "public.User". Of several
// without a schema, that in public comes alone.
func TablesNamed(ctx context.Context, q Querier, name string) ([]TableRef, error) {
	schema, table, ok := strings.Cut(name, ".")
	if !ok {
		schema, table = "", name
	}
	list, err := Collect(ctx, q, func(t *TableRef) []any { return []any{&t.Schema, &t.Name} }, `
SELECT n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relname = $2 AND c.relkind IN ('r', 'p') AND n.nspname !~ $3 AND ($1 = '' OR n.nspname = $1)
ORDER BY n.nspname <> 'public', n.nspname`, schema, table, hidden.Schemas)
	if err != nil {
		return nil, fmt.Errorf("look for the table %s: %w", name, err)
	}
	if len(list) > 1 && list[0].Schema == "public" {
		list = list[:1]
	}
	return list, nil
}

// IsEmpty reports whether a table has no rows.
func IsEmpty(ctx context.Context, q Querier, t TableRef) (empty bool, err error) {
	if err = q.QueryRow(ctx, "SELECT NOT EXISTS (SELECT FROM "+t.Quoted()+")").Scan(&empty); err != nil {
		return false, fmt.Errorf("look whether %s is empty: %w", t, err)
	}
	return empty, nil
}
