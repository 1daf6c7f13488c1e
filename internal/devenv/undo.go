package devenv

import (
	"context"
	"strings"

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
	db, release, err := e.begin(ctx, writing{verb: "undo", look: opt.DryRun}, report)
	if err != nil {
		return nil, err
	}
	defer release()
	undone, err := reset.Undo(ctx, db, id, reset.Options{
		Cascade: opt.Cascade, TerminateBlockers: opt.TerminateBlockers, LockTimeout: e.ws.Settings.LockTimeout, Report: report,
		DryRun: opt.DryRun,
	})
	if err != nil {
		return nil, failed(report, "undo", "Undo", err)
	}
	if opt.DryRun {
		report(progress.Step{Name: "undo", Title: "Bring back " + strings.Join(undone.Taken.Schemas(), ", "), Status: progress.Skipped, Detail: "it was rolled back"})
		return undone, nil
	}
	report(progress.Step{Name: "undo", Title: "Bring back " + strings.Join(undone.Taken.Schemas(), ", "), Status: progress.Done})
	e.evict(ctx, db, nil, report)
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
