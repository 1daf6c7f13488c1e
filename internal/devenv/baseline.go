package devenv

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/livepeer/naap-dev/internal/ledger"
	"github.com/livepeer/naap-dev/internal/postgres"
)

// setBaseline records how many rows each table has right after seeds were applied; changes since are shown beside the
// counts. Schemas that were not seeded just now keep what was recorded of them.
func (e *Env) setBaseline(ctx context.Context, db *postgres.DB, schemas map[string]bool) error {
	snap, err := db.Snapshot(ctx, postgres.SnapshotOptions{})
	if err != nil {
		return err
	}
	rows := map[postgres.TableRef]int64{}
	for _, s := range snap.Schemas {
		for _, t := range s.Tables {
			if schemas[s.Name] && t.HoldsRows() && t.Rows.Exact {
				rows[postgres.TableRef{Schema: s.Name, Name: t.Name}] = t.Rows.N
			}
		}
	}
	return db.InTx(ctx, func(tx postgres.Tx) error {
		return ledger.SetBaseline(ctx, tx, slices.Collect(maps.Keys(schemas)), rows)
	})
}

// noteBaseline is setBaseline in the transaction that recreated the schemas: only their tables are counted.
func (e *Env) noteBaseline(ctx context.Context, tx postgres.Tx, schemas []string) error {
	rows, err := countRows(ctx, tx, schemas)
	if err != nil {
		return fmt.Errorf("count the rows after seeding: %w", err)
	}
	return ledger.SetBaseline(ctx, tx, schemas, rows)
}

// countRows returns how many rows the tables of schemas have; nothing of those that have some where more would be read
// for it than a snapshot reads. A table without a block has no row.
func countRows(ctx context.Context, tx postgres.Tx, schemas []string) (map[postgres.TableRef]int64, error) {
	const limit = 64 << 20
	type table struct {
		postgres.TableRef
		bytes int64
	}
	all, err := postgres.Collect(ctx, tx, func(t *table) []any { return []any{&t.Schema, &t.Name, &t.bytes} }, `
SELECT n.nspname::text, c.relname::text, CASE c.relkind WHEN 'r' THEN pg_catalog.pg_relation_size(c.oid) ELSE 1 END
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ANY ($1) AND c.relkind IN ('r', 'p')`, schemas)
	if err != nil {
		return nil, err
	}
	rows := map[postgres.TableRef]int64{}
	var total int64
	for _, t := range all {
		if total += t.bytes; t.bytes == 0 {
			rows[t.TableRef] = 0
		}
	}
	for _, t := range all {
		if t.bytes == 0 || total > limit {
			continue
		}
		var n int64
		if err := tx.QueryRow(ctx, "SELECT pg_catalog.count(*) FROM "+t.Quoted()).Scan(&n); err != nil {
			return nil, err
		}
		rows[t.TableRef] = n
	}
	return rows, nil
}
