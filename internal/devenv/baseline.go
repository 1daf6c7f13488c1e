package devenv

import (
	"context"
	"maps"
	"slices"

	"github.com/livepeer/naap-dev/internal/ledger"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/reset"
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
	rows, err := reset.Count(ctx, tx, schemas)
	if err != nil {
		return err
	}
	return ledger.SetBaseline(ctx, tx, schemas, rows)
}
