package devenv

import (
	"context"
	"io"

	"github.com/livepeer/naap-dev/internal/backup"
	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/pgtools"
	"github.com/livepeer/naap-dev/internal/postgres"
)

// lateTools finds the programs when one is to be run: a plain dump needs none.
type lateTools struct{ env *Env }

func (l lateTools) Run(ctx context.Context, program, database string, args []string, in io.Reader, out io.Writer) error {
	tools, err := l.env.tools(ctx)
	if err != nil {
		return err
	}
	return tools.Run(ctx, program, database, args, in, out)
}

// tools returns a pg_dump and pg_restore that fit the server: those beside it, else those on the PATH that are not
// older.
func (e *Env) tools(ctx context.Context) (backup.Tools, error) {
	url, err := e.findURL(ctx)
	if err != nil {
		return nil, err
	}
	if e.runsInside() {
		return pgtools.Inside(e.Engine, &e.ws.Settings), nil
	}
	db, err := e.connectDirect(ctx)
	if err != nil {
		return nil, err
	}
	version, err := postgres.ServerVersion(ctx, db)
	if err != nil {
		return nil, err
	}
	target, err := dburl.ParseTarget(url)
	if err != nil {
		return nil, err
	}
	return pgtools.Find(ctx, e.Programs(), e.programsFolder(), version, target, e.passwordFor(url))
}

func (e *Env) backupServer(ctx context.Context) (*backup.Server, error) {
	url, err := e.findServer(ctx)
	if err != nil {
		return nil, err
	}
	if e.IsExternal() {
		if _, err := e.connectDirect(ctx); err != nil {
			return nil, err
		}
	}
	return backup.Open(ctx, url)
}

func (e *Env) restoreLimits() backup.Limits {
	set := e.ws.Settings.Restore
	return backup.Limits{Keep: set.Keep, MaxSize: int64(set.MaxSize)}
}
