package devenv

import (
	"context"

	"github.com/livepeer/naap-dev/internal/progress"
)

// Snapshots are the copies of the whole database, newest first.
func (s *Screens) Snapshots(ctx context.Context) ([]SavedSnapshot, error) {
	list, err := s.env.Snapshots(ctx)
	if err != nil {
		return nil, err
	}
	var out []SavedSnapshot
	for _, x := range list {
		saved := SavedSnapshot{Name: x.Name, At: x.At, Bytes: x.Bytes, Rows: x.Rows, Note: x.Note}
		if x.Replaced {
			saved.Note = "what the last restore replaced"
		}
		out = append(out, saved)
	}
	return out, nil
}

// SaveSnapshot copies the whole database under a name.
func (s *Screens) SaveSnapshot(ctx context.Context, name string, report progress.Report) error {
	return s.SaveSnapshotWith(ctx, name, CopyOptions{}, report)
}

// SaveSnapshotWith is SaveSnapshot with a note, or with leave to end other sessions.
func (s *Screens) SaveSnapshotWith(ctx context.Context, name string, opt CopyOptions, report progress.Report) error {
	opt.AllowExternal = true
	_, err := s.env.SaveSnapshot(ctx, name, opt, report)
	return err
}

// RestoreSnapshot makes the database be what it was.
func (s *Screens) RestoreSnapshot(ctx context.Context, name string, report progress.Report) error {
	return s.RestoreSnapshotWith(ctx, name, CopyOptions{}, report)
}

// RestoreSnapshotWith is RestoreSnapshot with leave to end other sessions.
func (s *Screens) RestoreSnapshotWith(ctx context.Context, name string, opt CopyOptions, report progress.Report) error {
	opt.AllowExternal = true
	_, err := s.env.RestoreSnapshot(ctx, name, opt, report)
	return err
}

// DeleteSnapshot removes a snapshot for good.
func (s *Screens) DeleteSnapshot(ctx context.Context, name string) error {
	return s.env.DeleteSnapshot(ctx, name, CopyOptions{AllowExternal: true})
}
