package devenv

import (
	"context"
	"fmt"
	"time"

	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/reset"
)

// ResetPlan is what resetting schemas would do, with the options and the files that it was made with.
type ResetPlan struct {
	*reset.Plan
	Options ResetOptions
	Seeds   []string // those that run afterwards
	File    FileState
	env     *Env
}

// PlanReset returns what resetting schemas would do. Reset uses the same options. It does not end sessions.
func (s *Screens) PlanReset(ctx context.Context, schemas []string, opt ResetOptions) (*ResetPlan, error) {
	opt.AllowExternal = true
	look := opt
	look.TerminateBlockers = false
	env, file, err := s.rowFiles(ctx)
	if err != nil {
		return nil, err
	}
	plan, err := env.PlanReset(ctx, schemas, look)
	if err != nil {
		return nil, err
	}
	return &ResetPlan{plan, opt, env.seedsOf(ctx, plan.Schemas), file, env}, nil
}

// rowFiles returns the environment with the files that tables and rows are made from, as they are now: the Prisma file
// and the seeds, which stay fixed in this environment.
func (s *Screens) rowFiles(ctx context.Context) (*Env, FileState, error) {
	read := time.Now()
	env, err := s.reread(ctx)
	if err != nil {
		return nil, FileState{}, err
	}
	if err := env.pinSeeds(ctx); err != nil {
		return nil, FileState{}, err
	}
	file, err := env.withSeeds(ctx, env.fileState(read))
	return env, file, err
}

// sameRowFiles returns the error for a plan whose files have changed since it was made, or cannot be read now. verb is what
// the plan was to do, and done the same as a participle.
func (s *Screens) sameRowFiles(ctx context.Context, file FileState, verb, done string) error {
	_, now, err := s.rowFiles(ctx)
	if err != nil {
		return fmt.Errorf("nothing was %s: %w", done, err)
	}
	return file.stale(now, verb)
}

// seedsOf returns the names of the schemas' seed files; a folder that cannot be read shows itself when the reset runs.
func (e *Env) seedsOf(ctx context.Context, schemas []string) []string {
	files, err := e.seedFiles(ctx)
	if err != nil {
		return nil
	}
	var names []string
	for _, f := range files {
		for _, schema := range schemas {
			if f.Schema == schema {
				names = append(names, f.Name)
			}
		}
	}
	return names
}

// Reset carries out the given plan with the tables and seeds of the files that it was made from: if they have changed
// since, it does nothing and returns an error with the code plan.stale.
func (s *Screens) Reset(ctx context.Context, plan *ResetPlan, report progress.Report) error {
	return s.explained(ctx, "dev reset", func(ctx context.Context) error {
		if err := s.sameRowFiles(ctx, plan.File, "reset", "reset"); err != nil {
			return err
		}
		_, err := plan.env.Reset(ctx, plan.Plan, plan.Options, report)
		return err
	})
}

// ListUndo returns the resets and undos that can be undone, newest first.
func (s *Screens) ListUndo(ctx context.Context) ([]reset.Entry, error) { return s.env.ListUndo(ctx) }

// PlanUndo returns what undoing an entry would do: the undo is run and rolled back. Its error is the refusal.
func (s *Screens) PlanUndo(ctx context.Context, id int, opt UndoOptions) (*reset.Undone, error) {
	opt.DryRun, opt.TerminateBlockers = true, false
	return s.undo(ctx, id, opt, progress.Discard)
}

// Undo undoes an entry.
func (s *Screens) Undo(ctx context.Context, id int, opt UndoOptions, report progress.Report) error {
	return s.explained(ctx, "dev undo", func(ctx context.Context) error {
		_, err := s.undo(ctx, id, opt, report)
		return err
	})
}

func (s *Screens) undo(ctx context.Context, id int, opt UndoOptions, report progress.Report) (*reset.Undone, error) {
	env, err := s.reread(ctx) // for how much undo may keep
	if err != nil {
		return nil, err
	}
	opt.AllowExternal = true
	return env.Undo(ctx, id, opt, report)
}

// DropUndo gives an entry up for good.
func (s *Screens) DropUndo(ctx context.Context, id int, report progress.Report) error {
	return s.explained(ctx, "dev undo", func(ctx context.Context) error {
		_, err := s.env.DropUndo(ctx, id, true, report)
		return err
	})
}
