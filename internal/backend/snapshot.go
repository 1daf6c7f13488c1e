package backend

import (
	"context"

	"github.com/livepeer/naap-dev/internal/backup"
	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/progress"
)

func (b *environment) Snapshots(ctx context.Context) ([]backup.Snapshot, error) {
	return b.env.Snapshots(ctx)
}

func (b *environment) SaveSnapshot(ctx context.Context, name string, opt devenv.CopyOptions, report progress.Report) error {
	opt.AllowExternal = true
	return b.explained(ctx, "dev snapshot save", func(ctx context.Context) error {
		_, err := b.env.SaveSnapshot(ctx, name, opt, report)
		return err
	})
}

func (b *environment) PlanRestoreSnapshot(ctx context.Context, name string) (*backup.Plan, error) {
	return asNow(ctx, b, func(env *devenv.Env) (*backup.Plan, error) { return env.PlanRestoreSnapshot(ctx, name) }) // for how much restores may keep
}

func (b *environment) PlanRestoreFile(ctx context.Context, path string) (*backup.Plan, error) {
	return asNow(ctx, b, func(env *devenv.Env) (*backup.Plan, error) { return env.PlanRestoreFile(ctx, path) })
}

func (b *environment) Restore(ctx context.Context, plan *backup.Plan, opt devenv.CopyOptions, report progress.Report) error {
	opt.AllowExternal = true
	return b.verb(ctx, "dev restore", func(ctx context.Context, env *devenv.Env) error {
		return env.Restore(ctx, plan, opt, report)
	})
}

func (b *environment) Backup(ctx context.Context, path string, force bool, report progress.Report) error {
	return b.explained(ctx, "dev backup", func(ctx context.Context) error {
		_, err := b.env.Backup(ctx, path, devenv.BackupOptions{Force: force}, report)
		return err
	})
}

func (b *environment) DeleteSnapshot(ctx context.Context, name string) error {
	return b.env.DeleteSnapshot(ctx, name, devenv.CopyOptions{AllowExternal: true})
}
