package seeding

import (
	"context"
	"fmt"
	"time"

	"github.com/livepeer/naap-dev/internal/ledger"
	"github.com/livepeer/naap-dev/internal/postgres"
)

// StateOf returns how a seed that something else applies, such as the workspace's own command, stands to the database:
// see Note.
func StateOf(ctx context.Context, q postgres.Querier, name, hash string) (*Seed, error) {
	known, err := recorded(ctx, q)
	if err != nil {
		return nil, err
	}
	s, ok := known[name]
	switch {
	case !ok:
		s = Seed{Name: name, State: Pending}
	case s.Hash == hash:
		s.State = Applied
	default:
		s.State = Changed
	}
	s.Hash = hash
	return &s, nil
}

// Note records a seed that something else applied, such as the workspace's own command. Which rows it brought is not
// known, so that it cannot be replaced.
func Note(ctx context.Context, db *postgres.DB, name, hash string, took time.Duration) error {
	return db.InTx(ctx, func(tx postgres.Tx) error {
		if err := ledger.Prepare(ctx, tx); err != nil {
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
