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
		opt = e.lintPending(h)
	}
	return migrate.Lint(folder, opt), opt.Names, nil
}

// lintPending are the options for the scripts that a database has not applied.
func (e *Env) lintPending(h *migrate.History) migrate.LintOptions {
	return migrate.LintOptions{
		Names: say.Each(h.With(migrate.Pending), entryName), Edited: say.Each(h.Edited(), entryName),
		Schema: e.urlSchema(), Several: len(e.desired().schemas) > 1,
	}
}

// LintHistory is LintMigrations for what a database has not applied, of a history that is known.
func (e *Env) LintHistory(h *migrate.History) []migrate.LintFinding {
	return migrate.Lint(h.Folder(), e.lintPending(h))
}

// LintPlan returns what lint says of the scripts that a plan runs.
func (e *Env) LintPlan(p *MigratePlan) []migrate.LintFinding { return e.LintHistory(p.history) }

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
