package devenv

import (
	"context"
	"time"

	"github.com/livepeer/naap-dev/internal/migrate"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
)

// LintMigrations looks at the scripts of migrations: those of the given names, all, or otherwise those that the database
// has not applied. Only for these a database is needed; where it is running, it is asked which were edited since. It
// returns the scripts that were looked at.
func (e *Env) LintMigrations(ctx context.Context, names []string, all bool) ([]migrate.LintFinding, []string, error) {
	folder, err := e.migrationsFolder(ctx)
	if err != nil {
		return nil, nil, err
	}
	if err := folder.Knows(names, "migrate lint"); err != nil {
		return nil, nil, err
	}
	opt := migrate.LintOptions{Names: names, Schema: e.urlSchema(), Several: len(e.desired().schemas) > 1}
	switch {
	case all:
		opt.Names = say.Each(folder.Migrations, func(m migrate.Migration) string { return m.Name })
		fallthrough
	case len(names) > 0:
		opt.Edited = e.editedMigrations(ctx, folder)
	default:
		h, err := e.Migrations(ctx)
		if r, ok := remedy.Of(err); ok {
			r.WithHelp(remedy.Again("migrate lint", "--all").Note("needs no database"))
		}
		if err != nil {
			return nil, nil, err
		}
		opt.Names = say.Each(h.With(migrate.Pending), entryName)
		opt.Edited = say.Each(h.Edited(), entryName)
	}
	return migrate.Lint(folder, opt), opt.Names, nil
}

func entryName(e migrate.Entry) string { return e.Name }

// askedEdited is how long a lint that needs no database waits for one.
const askedEdited = 700 * time.Millisecond

// editedMigrations asks the running database, if there is one, which scripts were edited since it applied them.
func (e *Env) editedMigrations(ctx context.Context, folder *migrate.Folder) []string {
	ctx, cancel := context.WithTimeout(ctx, askedEdited)
	defer cancel()
	if e.LiveSchemas(ctx) == nil {
		return nil
	}
	db, err := e.Connect(ctx)
	if err != nil {
		return nil
	}
	h, err := migrate.Look(ctx, db, folder, e.urlSchema())
	if err != nil {
		return nil
	}
	return say.Each(h.Edited(), entryName)
}
