package seeding

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// Result is what a Plan brought.
type Result struct {
	Applied []Seed
	Rows    int64 // inserted by all of them
}

// Apply carries out the plan, each file in a transaction of its own: a file that fails leaves nothing behind, and those
// before it stay. The error names file, line and statement.
func Apply(ctx context.Context, db *postgres.DB, plan Plan, report progress.Report) (Result, error) {
	var result Result
	if len(plan.Steps) == 0 {
		return result, nil
	}
	if err := db.InTx(ctx, func(tx postgres.Tx) error { return Install(ctx, tx) }); err != nil {
		return result, err
	}
	for i, step := range plan.Steps {
		report(progress.Step{Name: "seeds", Title: "Apply seeds", Status: progress.Running, Detail: step.Seed.Name,
			Done: int64(i), Total: int64(len(plan.Steps)), Unit: "files"})
		var seed Seed
		err := alone(ctx, db, func(tx postgres.Tx) (err error) {
			seed, err = ApplyIn(ctx, tx, step)
			return err
		})
		if err != nil {
			return result, err
		}
		result.Applied = append(result.Applied, seed)
		result.Rows += seed.Rows
	}
	return result, nil
}

// ApplyIn applies one file inside a transaction that the caller commits, as a savepoint of it. Install has been called
// before, in it or earlier. Where somebody else has applied that very content since the plan was made, the seed is
// returned as they left it; where they applied another, its rows are replaced.
func ApplyIn(ctx context.Context, tx postgres.Tx, step Step) (Seed, error) {
	// Two naaps that seed at once wait for each other here, and the second finds the row.
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtext('naap_dev.seed'))`); err != nil {
		return Seed{}, fmt.Errorf("wait for the seeds' lock: %w", err)
	}
	known, err := recorded(ctx, tx)
	if err != nil {
		return Seed{}, err
	}
	if k, ok := known[step.Seed.Name]; ok && !step.Replace {
		if k.Hash == step.Seed.File.Hash {
			k.State, k.File = Applied, step.Seed.File
			return k, nil
		}
		step.Replace = true
	}
	// A savepoint has a transaction number of its own, which tells this file's rows from those of the one before it.
	inner, err := tx.Begin(ctx)
	if err != nil {
		return Seed{}, err
	}
	seed, err := applyOne(ctx, inner, step)
	if err != nil {
		return Seed{}, errors.Join(err, inner.Rollback(ctx))
	}
	return seed, inner.Commit(ctx)
}

func applyOne(ctx context.Context, tx postgres.Tx, step Step) (Seed, error) {
	began := time.Now()
	seed := step.Seed
	var replaced []tableKeys
	if step.Replace {
		var err error
		if replaced, err = remove(ctx, tx, seed.Name); err != nil {
			return Seed{}, fmt.Errorf("take back the rows of %s: %w", seed.Name, err)
		}
	}
	if err := checkKeys(ctx, tx, seed.File, false); err != nil {
		return Seed{}, err
	}
	mark, err := begin(ctx, tx, seed)
	if err != nil {
		return Seed{}, err
	}
	effects, old, err := bring(ctx, tx, seed.File)
	if err != nil {
		return Seed{}, err
	}
	if err := checkKeys(ctx, tx, seed.File, true); err != nil {
		return Seed{}, err
	}
	if err := dangling(ctx, tx, seed, replaced); err != nil {
		return Seed{}, err
	}
	if seed.Rows, err = record(ctx, tx, seed, mark, effects, old); err != nil {
		return Seed{}, err
	}
	seed.State, seed.AppliedAt, seed.Took = Applied, began, time.Since(began)
	_, err = tx.Exec(ctx, `UPDATE naap_dev.seed SET rows = $2, took = $3 WHERE name = $1`, seed.Name, seed.Rows, seed.Took)
	if err != nil {
		return Seed{}, fmt.Errorf("note the seed %s: %w", seed.Name, err)
	}
	return seed, nil
}

// begin notes the seed and returns the transaction's mark on rows: rows written from here on have this xmin, or a later
// one where the file sets savepoints of its own.
func begin(ctx context.Context, tx postgres.Tx, seed Seed) (mark string, err error) {
	if _, err = tx.Exec(ctx, `DELETE FROM naap_dev.seed WHERE name = $1`, seed.Name); err == nil {
		err = tx.QueryRow(ctx, `INSERT INTO naap_dev.seed (name, schema_name, hash, applied_at, rows, took)
VALUES ($1, $2, $3, now(), 0, '0') RETURNING xmin::text`, seed.Name, seed.Schema, seed.File.Hash).Scan(&mark)
	}
	if err != nil {
		return "", fmt.Errorf("note the seed %s: %w", seed.Name, err)
	}
	return mark, nil
}

// Forget removes what is known of a schema's seeds, so that they are pending again: its tables were made anew.
func Forget(ctx context.Context, q postgres.Querier, schema string) error {
	if _, err := q.Exec(ctx, `DELETE FROM naap_dev.seed WHERE schema_name = $1`, schema); err != nil {
		return fmt.Errorf("forget the seeds of %q: %w", schema, err)
	}
	return nil
}

// dangling refuses a changed seed that no longer brings rows to which others refer. Foreign keys were not checked
// while the old rows were taken away, so that nothing cascades from them.
func dangling(ctx context.Context, tx postgres.Tx, seed Seed, replaced []tableKeys) error {
	for _, t := range replaced {
		keys, err := referencing(ctx, tx, t.Table)
		if err != nil {
			return err
		}
		for _, k := range keys {
			n, err := k.orphans(ctx, tx)
			if err != nil {
				return err
			}
			if n > 0 {
				return remedy.New("seed.referenced", remedy.ExitRefused,
					"%s no longer has rows of %s that others refer to", seed.Name, t.Table).
					WithSeen(fmt.Sprintf("%d rows of %s point at them (foreign key %s)", n, k.From, k.Name)).
					WithFix("keep those rows in the seed, or remove what refers to them first",
						"naap dev reset "+seed.Schema)
			}
		}
	}
	return nil
}
