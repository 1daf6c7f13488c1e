package seeding

import (
	"context"
	"fmt"
	"time"

	"github.com/livepeer/naap-dev/internal/postgres"
)

// IsApplied tells whether a seed of that name was applied with that content.
func IsApplied(ctx context.Context, q postgres.Querier, name, hash string) (bool, error) {
	known, err := recorded(ctx, q)
	if err != nil {
		return false, err
	}
	return known[name].Hash == hash, nil
}

// Note records a seed that something else applied, such as the workspace's own command. Which rows it brought is not
// known, so that it cannot be replaced.
func Note(ctx context.Context, db *postgres.DB, name, hash string, took time.Duration) error {
	return db.InTx(ctx, func(tx postgres.Tx) error {
		if err := Install(ctx, tx); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO naap_dev.seed (name, schema_name, hash, applied_at, rows, took)
VALUES ($1, '', $2, now(), 0, $3)
ON CONFLICT (name) DO UPDATE SET hash = excluded.hash, applied_at = excluded.applied_at, took = excluded.took`, name, hash, took)
		if err != nil {
			return fmt.Errorf("note the seed %s: %w", name, err)
		}
		return nil
	})
}

// rename notes the names that files have now.
func rename(ctx context.Context, tx postgres.Tx, seeds []Seed) error {
	for _, s := range seeds {
		b := &postgres.Batch{}
		b.Queue(`INSERT INTO naap_dev.seed SELECT $2, schema_name, hash, applied_at, rows, took FROM naap_dev.seed WHERE name = $1
ON CONFLICT (name) DO NOTHING`, s.Was, s.Name)
		b.Queue(`UPDATE naap_dev.seed_rows SET seed = $2 WHERE seed = $1`, s.Was, s.Name)
		b.Queue(`UPDATE naap_dev.seed_changed SET seed = $2 WHERE seed = $1`, s.Was, s.Name)
		b.Queue(`DELETE FROM naap_dev.seed WHERE name = $1`, s.Was)
		if err := tx.SendBatch(ctx, b).Close(); err != nil {
			return fmt.Errorf("note that the seed %s is called %s now: %w", s.Was, s.Name, err)
		}
	}
	return nil
}
