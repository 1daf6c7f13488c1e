package devenv

import (
	"context"
	"errors"
	"strings"

	"github.com/livepeer/naap-dev/internal/ledger"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/reset"
)

// UndoOptions says what an undo may do.
type UndoOptions struct {
	Cascade           bool // apply ON DELETE to rows whose reference is gone
	TerminateBlockers bool
	AllowExternal     bool
	DryRun            bool // roll it back, and report what it would have done
}

// ListUndo returns the resets and undos that can be undone, newest first, with the disk space that they use.
func (e *Env) ListUndo(ctx context.Context) ([]reset.Entry, error) {
	db, err := e.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return reset.List(ctx, db)
}

// Undo brings back what a reset moved aside: the entry with that number, or the newest for 0.
func (e *Env) Undo(ctx context.Context, id int, opt UndoOptions, report progress.Report) (*reset.Undone, error) {
	report = progress.Clock(report)
	if err := e.mayTouch("dev undo", opt.AllowExternal); err != nil {
		return nil, err
	}
	undone, err := e.tryUndo(ctx, id, opt, report)
	if errors.Is(err, reset.ErrNotAtOnce) {
		return e.undo(ctx, id, opt, report)
	}
	return undone, err
}

// tryUndo is Undo where nothing is in the way, and the database is known to be this workspace's: a single transaction that
// holds the database's lock, on one connection.
func (e *Env) tryUndo(ctx context.Context, id int, opt UndoOptions, report progress.Report) (undone *reset.Undone, err error) {
	if opt.TerminateBlockers {
		return nil, reset.ErrNotAtOnce
	}
	leave, err := e.lockInstance(ctx, "undo", false)
	if err != nil {
		return nil, err
	}
	defer leave()
	db, err := e.connectDirect(ctx)
	if err != nil {
		return nil, err
	}
	tx, err := postgres.BeginLasting(ctx, db)
	if err != nil {
		return nil, err
	}
	defer postgres.Rollback(ctx, tx)
	tx = ledger.Within(tx)
	if takeTarget(ctx, tx, "undo") != nil || !e.isNoted(ctx, tx) {
		return nil, reset.ErrNotAtOnce // the long way says whose it is, and waits if it is told to
	}
	undone, err = reset.UndoAtOnce(ctx, tx, id, e.undoOptions(opt, report))
	if err == nil && !opt.DryRun {
		err = postgres.Commit(ctx, tx)
	}
	if errors.Is(err, reset.ErrNotAtOnce) {
		return nil, err
	}
	if err != nil {
		return nil, failed(report, "undo", "Undo", err)
	}
	e.undoDone(undone, opt, report)
	if undone.Frees() && !opt.DryRun {
		if unlock, err := e.lockTarget(ctx, db, "undo", false); err == nil { // otherwise the next reset does it
			defer unlock()
			e.evict(ctx, db, nil, report)
		}
	}
	return undone, nil
}

func (e *Env) undoOptions(opt UndoOptions, report progress.Report) reset.Options {
	return reset.Options{Cascade: opt.Cascade, TerminateBlockers: opt.TerminateBlockers, LockTimeout: e.ws.Settings.LockTimeout, Report: report, DryRun: opt.DryRun}
}

// undoDone reports the last step of an undo.
func (e *Env) undoDone(undone *reset.Undone, opt UndoOptions, report progress.Report) {
	step := progress.Step{Name: "undo", Title: "Bring back " + strings.Join(undone.Taken.Schemas(), ", "), Status: progress.Done}
	if opt.DryRun {
		step.Status, step.Detail = progress.Skipped, "it was rolled back"
	}
	report(step)
}

// undo is Undo under locks of its own, for when others are in the way.
func (e *Env) undo(ctx context.Context, id int, opt UndoOptions, report progress.Report) (*reset.Undone, error) {
	db, release, err := e.begin(ctx, writing{verb: "undo", look: opt.DryRun}, report)
	if err != nil {
		return nil, err
	}
	defer release()
	undone, err := reset.Undo(ctx, db, id, e.undoOptions(opt, report))
	if err != nil {
		return nil, failed(report, "undo", "Undo", err)
	}
	e.undoDone(undone, opt, report)
	if !opt.DryRun {
		e.evict(ctx, db, nil, report)
	}
	return undone, nil
}

// DropUndo gives up one entry: what it would bring back is gone for good.
func (e *Env) DropUndo(ctx context.Context, id int, allowExternal bool, report progress.Report) (*reset.Entry, error) {
	report = progress.Clock(report)
	if err := e.mayTouch("dev undo", allowExternal); err != nil {
		return nil, err
	}
	db, release, err := e.lockAndConnect(ctx, "undo")
	if err != nil {
		return nil, err
	}
	defer release()
	dropped, err := reset.Drop(ctx, db, id)
	if err != nil {
		return nil, failed(report, "undo", "Undo", err)
	}
	return dropped, nil
}
