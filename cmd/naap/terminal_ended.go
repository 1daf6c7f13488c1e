package main

import (
	"context"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/progress"
)

// What the terminal app carries out fails as the command line's verbs do: what came from outside is told for what it is.

// Boot is the up that the app begins with.
func (b backend) Boot(ctx context.Context, report progress.Report) error {
	return b.Explained(ctx, "dev up", func(ctx context.Context) error { return b.Screens.Boot(ctx, report) })
}

// Push carries out a plan.
func (b backend) Push(ctx context.Context, plan *devenv.PushPlan, acceptLoss bool, report progress.Report) error {
	return b.Explained(ctx, "dev push", func(ctx context.Context) error { return b.Screens.Push(ctx, plan, acceptLoss, report) })
}

// Reset carries out a plan.
func (b backend) Reset(ctx context.Context, plan *devenv.ResetPlan, report progress.Report) error {
	return b.Explained(ctx, "dev reset", func(ctx context.Context) error { return b.Screens.Reset(ctx, plan, report) })
}

// UndoWith takes a reset back.
func (b backend) UndoWith(ctx context.Context, id string, opt devenv.UndoOptions, report progress.Report) error {
	return b.Explained(ctx, "dev undo", func(ctx context.Context) error { return b.Screens.UndoWith(ctx, id, opt, report) })
}

// DropUndo gives an entry up.
func (b backend) DropUndo(ctx context.Context, id string, report progress.Report) error {
	return b.Explained(ctx, "dev undo", func(ctx context.Context) error { return b.Screens.DropUndo(ctx, id, report) })
}

// SaveSnapshotWith copies the database.
func (b backend) SaveSnapshotWith(ctx context.Context, name string, opt devenv.CopyOptions, report progress.Report) error {
	return b.Explained(ctx, "dev snapshot save", func(ctx context.Context) error { return b.Screens.SaveSnapshotWith(ctx, name, opt, report) })
}

// Restore carries out a plan.
func (b backend) Restore(ctx context.Context, plan *devenv.RestorePlan, opt devenv.CopyOptions, report progress.Report) error {
	return b.Explained(ctx, "dev restore", func(ctx context.Context) error { return b.Screens.Restore(ctx, plan, opt, report) })
}

// Backup writes a file.
func (b backend) Backup(ctx context.Context, path string, force bool, report progress.Report) error {
	return b.Explained(ctx, "dev backup", func(ctx context.Context) error { return b.Screens.Backup(ctx, path, force, report) })
}

// ApplySeeds applies seed files.
func (b backend) ApplySeeds(ctx context.Context, ahead devenv.SeedsAhead, report progress.Report) error {
	return b.Explained(ctx, "dev seed", func(ctx context.Context) error { return b.Screens.ApplySeeds(ctx, ahead, report) })
}

// FakeData makes rows up.
func (b backend) FakeData(ctx context.Context, req devenv.FakeRequest, report progress.Report) error {
	return b.Explained(ctx, "dev seed", func(ctx context.Context) error { return b.Screens.FakeData(ctx, req, report) })
}
