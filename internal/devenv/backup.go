package devenv

import (
	"context"
	"io"
	"strings"

	"github.com/livepeer/naap-dev/internal/backup"
	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
)

// BackupOptions says what a backup may do.
type BackupOptions struct {
	Schema string    // only this one; all if empty
	Force  bool      // replace an existing file, or overwrite a disk
	Stdout io.Writer // where "-" goes; nil if standard output cannot take a backup
}

// Backup writes the database, or one schema of it, to a file or to whatever else the path names.
func (e *Env) Backup(ctx context.Context, path string, opt BackupOptions, report progress.Report) (*backup.File, error) {
	report = progress.Clock(report)
	if real, refused := files.Leads(e.ws.Root, path); refused != nil && path != backup.Stdout {
		return nil, refused.WithHelp(remedy.Again("dev backup", real).Note("writes it there"))
	}
	tools, err := e.tools(ctx)
	if err != nil {
		return nil, err
	}
	if opt.Schema != "" {
		if err := e.hasSchema(ctx, opt.Schema); err != nil {
			return nil, err
		}
	}
	server, err := e.backupServer(ctx)
	if err != nil {
		return nil, err
	}
	defer server.Close()
	return server.Write(ctx, tools, path, opt.Schema, backup.Options{Report: report, Force: opt.Force, Stdout: opt.Stdout})
}

func (e *Env) hasSchema(ctx context.Context, schema string) error {
	names, err := e.SchemaNames(ctx)
	if err != nil {
		return err
	}
	for _, name := range names {
		if name == schema {
			return nil
		}
	}
	near := say.Nearest(schema, names)
	return remedy.New("backup.schema", remedy.ExitUsage, "there is no schema %q", schema).WithSeen("schemas: " + strings.Join(names, ", ")).
		WithHelp(remedy.Meant("dev backup", schema, near, "FILE", "--schema", near)...)
}

// PlanRestoreFile returns what restoring a backup file would do. It changes nothing.
func (e *Env) PlanRestoreFile(ctx context.Context, path string) (*backup.Plan, error) {
	server, err := e.backupServer(ctx)
	if err != nil {
		return nil, err
	}
	defer server.Close()
	return server.PlanFile(ctx, lateTools{e}, path, e.restoreLimits())
}
