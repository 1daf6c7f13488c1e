package devenv

import (
	"context"
	"fmt"

	"github.com/livepeer/naap-dev/internal/ledger"
	"github.com/livepeer/naap-dev/internal/postgres"
)

// setBaseline notes how many rows each table has, right after seeds were applied: what changed since is shown beside
// the counts. Schemas that were not seeded just now keep their former notes.
func (e *Env) setBaseline(ctx context.Context, db *postgres.DB, schemas map[string]bool) error {
	snap, err := db.Snapshot(ctx, postgres.SnapshotOptions{})
	if err != nil {
		return err
	}
	return db.InTx(ctx, func(tx postgres.Tx) error {
		if err := ledger.Prepare(ctx, tx); err != nil {
			return err
		}
		b := &postgres.Batch{}
		for _, s := range snap.Schemas {
			if !schemas[s.Name] {
				continue
			}
			b.Queue(`DELETE FROM naap_dev.baseline WHERE schema_name = $1`, s.Name)
			for _, t := range s.Tables {
				if t.HoldsRows() && t.Rows.Exact {
					b.Queue(`INSERT INTO naap_dev.baseline VALUES ($1, $2, $3)`, s.Name, t.Name, t.Rows.N)
				}
			}
		}
		if err := tx.SendBatch(ctx, b).Close(); err != nil {
			return fmt.Errorf("note the rows after seeding: %w", err)
		}
		return nil
	})
}

// baseline are the rows of each table right after its schema was seeded; none where that was never noted.
func (e *Env) baseline(ctx context.Context, q postgres.Querier) (map[TableRef]int64, error) {
	base := map[TableRef]int64{}
	var there bool
	if err := q.QueryRow(ctx, `SELECT to_regclass('naap_dev.baseline') IS NOT NULL`).Scan(&there); err != nil || !there {
		return base, err
	}
	rows, err := q.Query(ctx, `SELECT schema_name, table_name, rows FROM naap_dev.baseline`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var t TableRef
		var n int64
		if err := rows.Scan(&t.Schema, &t.Name, &n); err != nil {
			return nil, err
		}
		base[t] = n
	}
	return base, rows.Err()
}
