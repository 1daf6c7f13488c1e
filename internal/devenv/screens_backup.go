package devenv

import (
	"context"

	"github.com/livepeer/naap-dev/internal/progress"
)

// Backup writes the whole database to a file.
func (s *Screens) Backup(ctx context.Context, path string, report progress.Report) error {
	_, err := s.env.Backup(ctx, path, "", report)
	return err
}

// RestoreFile makes the database be what a backup file holds; what it replaces is kept. With endSessions other sessions
// on the database are ended, without it they are a reason to refuse.
func (s *Screens) RestoreFile(ctx context.Context, path string, endSessions bool, report progress.Report) error {
	_, err := s.env.RestoreFile(ctx, path, CopyOptions{TerminateSessions: endSessions, AllowExternal: true}, report)
	return err
}
