package devenv

import (
	"context"

	"github.com/livepeer/naap-dev/internal/backup"
	"github.com/livepeer/naap-dev/internal/progress"
)

// Snapshots returns the copies of the whole database, newest first.
func (s *Screens) Snapshots(ctx context.Context) ([]backup.Snapshot, error) {
	return s.env.Snapshots(ctx)
}

// SaveSnapshot copies the whole database under a name.
func (s *Screens) SaveSnapshot(ctx context.Context, name string, opt CopyOptions, report progress.Report) error {
	opt.AllowExternal = true
	return s.explained(ctx, "dev snapshot save", func(ctx context.Context) error {
		_, err := s.env.SaveSnapshot(ctx, name, opt, report)
		return err
	})
}

// PlanRestoreSnapshot returns what restoring a snapshot would do.
func (s *Screens) PlanRestoreSnapshot(ctx context.Context, name string) (*backup.Plan, error) {
	env, err := s.reread(ctx) // for how much restores may keep
	if err != nil {
		return nil, err
	}
	return env.PlanRestoreSnapshot(ctx, name)
}

// PlanRestoreFile returns what restoring a backup file would do.
func (s *Screens) PlanRestoreFile(ctx context.Context, path string) (*backup.Plan, error) {
	env, err := s.reread(ctx)
	if err != nil {
		return nil, err
	}
	return env.PlanRestoreFile(ctx, path)
}

// Restore carries out the given plan.
func (s *Screens) Restore(ctx context.Context, plan *backup.Plan, opt CopyOptions, report progress.Report) error {
	return s.explained(ctx, "dev restore", func(ctx context.Context) error {
		env, err := s.reread(ctx)
		if err != nil {
			return err
		}
		opt.AllowExternal = true
		return env.Restore(ctx, plan, opt, report)
	})
}

// Backup writes the whole database to a file, or to whatever else the path names.
func (s *Screens) Backup(ctx context.Context, path string, force bool, report progress.Report) error {
	return s.explained(ctx, "dev backup", func(ctx context.Context) error {
		_, err := s.env.Backup(ctx, path, BackupOptions{Force: force}, report)
		return err
	})
}

// DeleteSnapshot removes a snapshot for good.
func (s *Screens) DeleteSnapshot(ctx context.Context, name string) error {
	return s.env.DeleteSnapshot(ctx, name, CopyOptions{AllowExternal: true})
}
