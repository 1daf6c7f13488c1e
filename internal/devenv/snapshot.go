package devenv

import (
	"context"

	"github.com/livepeer/naap-dev/internal/backup"
	"github.com/livepeer/naap-dev/internal/progress"
)

// CopyOptions choose what a verb about copies of the whole database may do.
type CopyOptions struct {
	Note              string // of a snapshot
	TerminateSessions bool   // end other sessions on the database
	AllowExternal     bool
}

// Snapshots are the copies of the whole database beside it, newest first.
func (e *Env) Snapshots(ctx context.Context) ([]backup.Snapshot, error) {
	server, err := e.backupServer(ctx)
	if err != nil {
		return nil, err
	}
	defer server.Close()
	return server.List(ctx)
}

// SaveSnapshot copies the whole database under a name.
func (e *Env) SaveSnapshot(ctx context.Context, name string, opt CopyOptions, report progress.Report) (*backup.Snapshot, error) {
	var saved *backup.Snapshot
	err := e.withServer(ctx, "snapshot save", opt, report, func(s *backup.Server, o backup.Options) (err error) {
		saved, err = s.Save(ctx, name, o)
		return err
	})
	return saved, err
}

// RestoreSnapshot makes the database be what it was when the snapshot was saved. What it replaces is kept until the next
// restore.
func (e *Env) RestoreSnapshot(ctx context.Context, name string, opt CopyOptions, report progress.Report) (*backup.Snapshot, error) {
	var restored *backup.Snapshot
	err := e.withServer(ctx, "snapshot restore", opt, report, func(s *backup.Server, o backup.Options) (err error) {
		restored, err = s.Restore(ctx, name, o)
		return err
	})
	return restored, err
}

// DeleteSnapshot removes a snapshot for good.
func (e *Env) DeleteSnapshot(ctx context.Context, name string, opt CopyOptions) error {
	return e.withServer(ctx, "snapshot delete", opt, progress.Discard, func(s *backup.Server, _ backup.Options) error { return s.Delete(ctx, name) })
}

// withServer runs a verb about copies, under the instance's lock. Our own connections to the database make way.
func (e *Env) withServer(ctx context.Context, verb string, opt CopyOptions, report progress.Report, f func(*backup.Server, backup.Options) error) error {
	report = progress.Clock(report)
	if err := e.mayTouch(verb, opt.AllowExternal); err != nil {
		return err
	}
	release, err := e.lock(ctx, verb)
	if err != nil {
		return err
	}
	defer release()
	server, err := e.backupServer(ctx)
	if err != nil {
		return err
	}
	defer server.Close()
	e.Close()
	if err := f(server, backup.Options{Note: opt.Note, TerminateSessions: opt.TerminateSessions, Report: report}); err != nil {
		return failed(report, "backup", "Copy of the database", err)
	}
	return nil
}

func (e *Env) backupServer(ctx context.Context) (*backup.Server, error) {
	url, err := e.findURL(ctx)
	if err != nil {
		return nil, err
	}
	return backup.Open(ctx, url)
}
