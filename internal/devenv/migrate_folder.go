package devenv

import (
	"context"

	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/migrate"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

func (e *Env) migrationsFolder(ctx context.Context) (*migrate.Folder, error) {
	dir, name, err := e.ws.MigrationsDir()
	if err == nil && dir == "" {
		err = remedy.New("migrate.folder", remedy.ExitFailed, "the workspace has no Prisma file, and so no migrations").
			WithHelp(remedy.Naap("config").Note("schema says where it is looked for"))
	}
	if err != nil {
		return nil, err
	}
	return migrate.ReadFolder(ctx, dir, name)
}

// urlSchema returns the schema that Prisma takes from the connection URL, where it keeps its table of migrations and
// makes what a script does not qualify.
func (e *Env) urlSchema() string {
	if t, err := dburl.ParseTarget(e.ws.Settings.DatabaseURL); err == nil && e.IsExternal() {
		if s := t.Params.Get("schema"); s != "" {
			return s
		}
	}
	return "public"
}

// ownFolder returns the workspace's migrations: nil where it has none, or push is set. With "migrate" it is a folder
// without migrations instead, since nothing is pushed then.
func (e *Env) ownFolder(ctx context.Context) (*migrate.Folder, error) {
	use := e.ws.Settings.Migrate.Use
	if use == "push" {
		return nil, nil
	}
	dir, name, err := e.ws.MigrationsDir()
	if err != nil || dir == "" {
		return nil, err
	}
	folder, err := migrate.ReadFolder(ctx, dir, name)
	if err != nil || use != "migrate" && len(folder.Migrations) == 0 {
		return nil, err
	}
	return folder, nil
}

// inVain says that migrate.folder names a folder that is not there; it is "" where it does not. A folder that Prisma's own
// settings name may come later.
func (e *Env) inVain(ctx context.Context) string {
	if e.ws.Settings.Migrate.Folder == "" || e.ws.Settings.Migrate.Use == "push" {
		return ""
	}
	folder, err := e.migrationsFolder(ctx)
	if err != nil || folder.There {
		return ""
	}
	return visible.String(folder.Name) + ", which migrate.folder names, is not there (" + e.ws.Settings.Origin("migrate.folder").String() + ")"
}

// makeMigration is the command that makes a migration of what the Prisma file has beyond them.
func makeMigration() remedy.Advice { return remedy.Naap("migrate dev", "--name=NAME") }
