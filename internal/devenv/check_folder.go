package devenv

import (
	"context"
	"errors"
	"fmt"
	"path"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/migrate"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

// FolderFinding is something about the folder of migrations that `naap check` reports.
type FolderFinding struct {
	Path    string // relative to the workspace
	Wrong   bool   // otherwise it is only worth knowing
	Message string
}

// provedWithin is how long a check gives the scripts to run on a shadow database.
const provedWithin = 10 * time.Second

// CheckFolder looks at the workspace's migrations: at their files and, where its instance runs and offline is not set,
// whether scripts were edited since, and whether they make what the Prisma file says. What was not looked at is a finding too.
// There is none where migrations are not used.
func (e *Env) CheckFolder(ctx context.Context, offline bool) []FolderFinding {
	folder, err := e.ownFolder(ctx)
	switch {
	case err != nil:
		return []FolderFinding{{e.ws.SchemaName(), true, visible.String(err.Error())}}
	case folder == nil || !folder.There:
		if why := e.inVain(ctx); why != "" {
			return []FolderFinding{{e.ws.SchemaName(), true, why}}
		}
		return nil
	}
	found := filesOf(folder)
	for _, f := range found {
		if f.Wrong {
			return found // a run would only fail on it
		}
	}
	return append(found, e.proveFolder(ctx, folder, offline)...)
}

// filesOf looks at the files alone.
func filesOf(folder *migrate.Folder) (found []FolderFinding) {
	lock := path.Join(folder.Name, "migration_lock.toml")
	if err := folder.Ready(); err != nil {
		found = append(found, FolderFinding{lock, true, visible.String(err.Error())})
	} else if folder.Provider == "" {
		found = append(found, FolderFinding{lock, false, `there is no such file, or it names no provider: Prisma writes it with the first migration, with the line  provider = "postgresql"`})
	}
	for _, m := range folder.Migrations {
		if m.Err != nil {
			found = append(found, FolderFinding{m.Path, true, "the script of a migration cannot be read, and none after it runs (Prisma's P3015): " + visible.String(m.Err.Error())})
		}
	}
	return found
}

// proveFolder compares the migrations with the running database and, on a shadow database, with the Prisma file.
func (e *Env) proveFolder(ctx context.Context, folder *migrate.Folder, offline bool) []FolderFinding {
	unproved := func(why string) FolderFinding {
		return FolderFinding{e.ws.SchemaName(), false, "whether the migrations make what this says was not checked, " + why + " (" + e.opt.Target.Line(remedy.Naap("migrate check")) + ")"}
	}
	if offline {
		return []FolderFinding{unproved("since --offline is given")}
	}
	asked, cancel := context.WithTimeout(ctx, askedEdited)
	defer cancel()
	if e.LiveSchemas(asked) == nil {
		return []FolderFinding{unproved("since the instance does not run")}
	}
	var found []FolderFinding
	for _, name := range e.editedMigrations(ctx, folder) {
		if m, ok := folder.Named(name); ok {
			found = append(found, FolderFinding{m.Path, true, "this was edited after it was applied to the running database: a new database gets something else"})
		}
	}
	steps, err := e.proveSoon(ctx, folder)
	switch {
	case remedy.Code(err) == "migrate.shadow":
		return append(found, FolderFinding{brokenOf(folder, err), true, visible.String(err.Error())})
	case err != nil:
		return append(found, unproved("since "+visible.String(err.Error())))
	case steps > 0:
		found = append(found, FolderFinding{e.ws.SchemaName(), true, fmt.Sprintf("the %s %s not make what this says: %s missing (%s)",
			say.Count(len(folder.Migrations), "migration"), say.Form(len(folder.Migrations), "does", "do"), say.Count(steps, "step")+" "+say.Form(steps, "is", "are"), e.opt.Target.Line(makeMigration()))})
	}
	return found
}

// errSlow is the error for scripts that take too long for a check.
var errSlow = errors.New("the scripts take too long for a check")

func (e *Env) proveSoon(ctx context.Context, folder *migrate.Folder) (int, error) {
	want := e.desired()
	if want.err != nil {
		return 0, want.err
	}
	db, err := e.Connect(ctx)
	if err != nil {
		return 0, err
	}
	soon, cancel := context.WithTimeout(ctx, provedWithin)
	defer cancel()
	found, err := e.proved(db, want, MigrateOptions{})(soon, folder.Migrations)
	if err != nil && soon.Err() != nil && ctx.Err() == nil {
		err = errSlow
	}
	return found.Steps, err
}

// brokenOf returns the path of the script that an error begins with.
func brokenOf(folder *migrate.Folder, err error) string {
	for _, m := range folder.Migrations {
		if strings.HasPrefix(err.Error(), visible.String(m.Path)+":") {
			return m.Path
		}
	}
	return folder.Name
}
