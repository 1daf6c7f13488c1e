package seeding

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/livepeer/naap-dev/internal/ledger"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
)

// Result is the outcome of a Plan.
type Result struct {
	Applied []Seed
	Rows    int64 // inserted by all of them
}

// Apply carries out the plan, each file in a transaction of its own, except those that the plan groups: a file that
// fails leaves nothing behind, and those before it stay. The error names file, line and statement.
func Apply(ctx context.Context, db *postgres.DB, plan Plan, report progress.Report) (Result, error) {
	var result Result
	if len(plan.Steps)+len(plan.Renamed) == 0 {
		return result, nil
	}
	err := db.InTx(ctx, func(tx postgres.Tx) error {
		if err := ledger.Prepare(ctx, tx); err != nil {
			return err
		}
		for _, s := range plan.Renamed {
			if err := ledger.RenameSeed(ctx, tx, s.Was, s.Name); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return result, err
	}
	done := 0
	tell := func(s Step) {
		report(progress.Step{Name: "seeds", Title: "Apply seeds", Status: progress.Running, Detail: s.Seed.Name,
			Done: int64(done), Total: int64(len(plan.Steps)), Unit: "files"})
		done++
	}
	for _, steps := range plan.together() {
		var seeds []Seed
		err := alone(ctx, db, func(tx postgres.Tx) (err error) {
			seeds, err = applyTogether(ctx, tx, steps, tell)
			return err
		})
		if err != nil {
			return result, err
		}
		for _, s := range seeds {
			result.Applied = append(result.Applied, s)
			result.Rows += s.Rows
		}
	}
	return result, nil
}

// ApplyIn applies one file inside a transaction that the caller commits or, where this fails, rolls back. Install has
// been called before, in it or earlier. Where someone else has applied that very content since the plan was made, the
// seed is returned as they left it; where they applied another, its rows are replaced.
func ApplyIn(ctx context.Context, tx postgres.Tx, step Step) (Seed, error) {
	seeds, err := applyTogether(ctx, tx, []Step{step}, func(Step) {})
	if err != nil {
		return Seed{}, err
	}
	return seeds[0], nil
}

// applyTogether applies files in one transaction. The rows of all that are to be replaced are taken back before the
// first inserts its own: a row may have moved from one file to another, and a removed row may be referred to by another
// removed row.
func applyTogether(ctx context.Context, tx postgres.Tx, steps []Step, tell func(Step)) ([]Seed, error) {
	tx = ledger.Within(tx)
	// If two naaps seed at once, the second finds the first one's note.
	if err := ledger.LockSeeds(ctx, tx); err != nil {
		return nil, err
	}
	known, err := recorded(ctx, tx)
	if err != nil {
		return nil, err
	}
	back := map[string]*taken{}
	for _, step := range slices.Backward(steps) {
		if k, ok := known[step.Seed.Name]; ok && (step.Replace || k.Hash != step.Seed.File.Hash) {
			if back[step.Seed.Name], err = takeBack(ctx, tx, step.Seed, len(back)); err != nil {
				return nil, err
			}
		}
	}
	var seeds []Seed
	for _, step := range steps {
		tell(step)
		k, ok := known[step.Seed.Name]
		was := back[step.Seed.Name]
		if ok && was == nil {
			k.State, k.File = Applied, step.Seed.File
			seeds = append(seeds, k)
			continue
		}
		seed, err := applyInSavepoint(ctx, tx, step.Seed, was)
		if err != nil {
			return nil, err
		}
		seeds = append(seeds, seed)
	}
	for i, step := range steps {
		was := back[step.Seed.Name]
		if was == nil {
			continue
		}
		if err := was.dangling(ctx, tx); err != nil {
			return nil, err
		}
		if err := withTextSettings(ctx, tx, func() error { return was.countGone(ctx, tx) }); err != nil {
			return nil, err
		}
		seeds[i].Back = was.rows
	}
	return seeds, nil
}

// applyInSavepoint applies a file in a savepoint, which has a transaction ID of its own: that distinguishes the file's
// rows from those of the one before it.
func applyInSavepoint(ctx context.Context, tx postgres.Tx, seed Seed, was *taken) (Seed, error) {
	inner, err := tx.Begin(ctx)
	if err != nil {
		return Seed{}, err
	}
	if seed, err = applyOne(ctx, inner, seed, was); err != nil {
		return Seed{}, errors.Join(err, inner.Rollback(ctx))
	}
	return seed, inner.Commit(ctx)
}

func applyOne(ctx context.Context, tx postgres.Tx, seed Seed, was *taken) (Seed, error) {
	began := time.Now()
	if err := checkKeys(ctx, tx, seed.File, false); err != nil {
		return Seed{}, err
	}
	mark, err := ledger.BeginSeed(ctx, tx, seed.Name, seed.Schema, seed.File.Hash)
	if err != nil {
		return Seed{}, err
	}
	effects, old, err := bring(ctx, tx, seed.File, was)
	if err != nil {
		return Seed{}, err
	}
	if err := checkKeys(ctx, tx, seed.File, true); err != nil {
		return Seed{}, err
	}
	if seed.Rows, err = settle(ctx, tx, seed, was, mark, effects, old); err != nil {
		return Seed{}, err
	}
	seed.State, seed.AppliedAt, seed.Took = Applied, began, time.Since(began)
	return seed, ledger.EndSeed(ctx, tx, seed.Name, seed.Rows, seed.Took)
}

// settle notes what a file brought, gives rows back their former keys, and puts other people's rows back. It returns
// how many rows the file brought.
func settle(ctx context.Context, tx postgres.Tx, seed Seed, was *taken, mark string, effects map[postgres.TableRef]effect,
	old map[postgres.TableRef]kept) (int64, error) {
	// At this point the rows have the ids from the file. Some may get former ones, or be removed, and the file applied
	// again.
	if err := advanceSequences(ctx, tx, seed.File, effects); err != nil {
		return 0, err
	}
	if was == nil {
		return record(ctx, tx, seed, mark, effects, old)
	}
	err := withTextSettings(ctx, tx, func() error { return restoreKeys(ctx, tx, was.former, mark) })
	if err != nil {
		return 0, err
	}
	if err := was.follow(ctx, tx, mark); err != nil {
		return 0, err
	}
	brought, err := record(ctx, tx, seed, mark, effects, old)
	if err != nil {
		return 0, err
	}
	gave, err := was.putBack(ctx, tx, mark)
	if err != nil {
		return 0, keptFailed(seed.File, err)
	}
	return brought - gave, advanceSequences(ctx, tx, seed.File, effects)
}
