package backend

import (
	"context"

	"github.com/livepeer/naap-dev/internal/backup"
	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/progress"
)

// Snapshots returns the copies of the whole database, newest first.
func (b *Backend) Snapshots(ctx context.Context) ([]backup.Snapshot, error) {
	return b.env.Snapshots(ctx)
}

// SaveSnapshot copies the whole database under a name.
func (b *Backend) SaveSnapshot(ctx context.Context, name string, opt devenv.CopyOptions, report progress.Report) error {
	opt.AllowExternal = true
	return b.explained(ctx, "dev snapshot save", func(ctx context.Context) error {
		_, err := b.env.SaveSnapshot(ctx, name, opt, report)
		return err
	})
}

// PlanRestoreSnapshot returns what restoring a snapshot would do.
func (b *Backend) PlanRestoreSnapshot(ctx context.Context, name string) (*backup.Plan, error) {
	return asNow(ctx, b, func(env *devenv.Env) (*backup.Plan, error) { return env.PlanRestoreSnapshot(ctx, name) }) // for how much restores may keep
}

// PlanRestoreFile returns what restoring a backup file would do.
func (b *Backend) PlanRestoreFile(ctx context.Context, path string) (*backup.Plan, error) {
	return asNow(ctx, b, func(env *devenv.Env) (*backup.Plan, error) { return env.PlanRestoreFile(ctx, path) })
}

// Restore carries out the given plan.
func (b *Backend) Restore(ctx context.Context, plan *backup.Plan, opt devenv.CopyOptions, report progress.Report) error {
	opt.AllowExternal = true
	return b.verb(ctx, "dev restore", func(ctx context.Context, env *devenv.Env) error {
		return env.Restore(ctx, plan, opt, report)
	})
}

// Backup writes the whole database to a file, or to whatever else the path names.
func (b *Backend) Backup(ctx context.Context, path string, force bool, report progress.Report) error {
	return b.explained(ctx, "dev backup", func(ctx context.Context) error {
		_, err := b.env.Backup(ctx, path, devenv.BackupOptions{Force: force}, report)
		return err
	})
}

// DeleteSnapshot removes a snapshot for good.
func (b *Backend) DeleteSnapshot(ctx context.Context, name string) error {
	return b.env.DeleteSnapshot(ctx, name, devenv.CopyOptions{AllowExternal: true})
}
