package seeding

import (
	"context"
	"fmt"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
)

// reference is a foreign key that points at a table.
type reference struct {
	Name       string
	From, To   postgres.TableRef
	Columns    []string // of From
	Referenced []string // of To
	Valid      bool     // every row was checked
}

// id identifies the foreign key.
func (r reference) id() string { return r.From.Quoted() + " " + r.Name }

// referencing lists the foreign keys that point at a table, its own included.
func referencing(ctx context.Context, q postgres.Querier, t postgres.TableRef) ([]reference, error) {
	return readReferences(ctx, q, t, "con.confrelid = $1::text::regclass")
}

// references returns the foreign keys that point at a table, and its own that point elsewhere.
func references(ctx context.Context, q postgres.Querier, t postgres.TableRef) ([]reference, error) {
	return readReferences(ctx, q, t, "$1::text::regclass IN (con.confrelid, con.conrelid)")
}

func readReferences(ctx context.Context, q postgres.Querier, t postgres.TableRef, condition string) ([]reference, error) {
	list, err := postgres.Collect(ctx, q, func(r *reference) []any {
		return []any{&r.Name, &r.From.Schema, &r.From.Name, &r.To.Schema, &r.To.Name, &r.Columns, &r.Referenced, &r.Valid}
	}, `
SELECT con.conname, n.nspname, c.relname, tn.nspname, tc.relname,
	(SELECT array_agg(a.attname::text ORDER BY k.n) FROM pg_catalog.unnest(con.conkey) WITH ORDINALITY k(att, n)
		JOIN pg_catalog.pg_attribute a ON a.attrelid = con.conrelid AND a.attnum = k.att),
	(SELECT array_agg(a.attname::text ORDER BY k.n) FROM pg_catalog.unnest(con.confkey) WITH ORDINALITY k(att, n)
		JOIN pg_catalog.pg_attribute a ON a.attrelid = con.confrelid AND a.attnum = k.att),
	con.convalidated
FROM pg_catalog.pg_constraint con
JOIN pg_catalog.pg_class c ON c.oid = con.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_class tc ON tc.oid = con.confrelid JOIN pg_catalog.pg_namespace tn ON tn.oid = tc.relnamespace
WHERE con.contype = 'f' AND `+condition+`
ORDER BY n.nspname, c.relname, con.conname`, t.Quoted())
	if err != nil {
		return nil, fmt.Errorf("read the foreign keys of %s: %w", t, err)
	}
	return list, nil
}

// orphans counts rows whose reference does not resolve. A row with NULL in any column is not one (MATCH SIMPLE).
func (r reference) orphans(ctx context.Context, q postgres.Querier) (n int64, err error) {
	var given, same []string
	for i := range r.Columns {
		c := "c." + postgres.Ident(r.Columns[i])
		given = append(given, c+" IS NOT NULL")
		same = append(same, c+" = p."+postgres.Ident(r.Referenced[i]))
	}
	err = q.QueryRow(ctx, fmt.Sprintf(`SELECT count(*) FROM %s AS c WHERE %s AND NOT EXISTS (SELECT 1 FROM %s AS p WHERE %s)`,
		r.From.Quoted(), strings.Join(given, " AND "), r.To.Quoted(), strings.Join(same, " AND "))).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count what %s leaves without a row of %s: %w", r.From, r.To, err)
	}
	return n, nil
}
