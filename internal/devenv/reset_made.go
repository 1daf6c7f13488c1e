package devenv

import (
	"context"
	"slices"

	"github.com/livepeer/naap-dev/internal/migrate"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/reset"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/schemaplan"
	"github.com/livepeer/naap-dev/internal/visible"
)

// madeByMigrations returns what the migrations that the database has made in schemas, so that a reset makes it again; nil
// where it has none. With "migrate" set, it is the tables too, which want becomes. What cannot be made again is noted, for
// the plan: a reset without it is what it would be without migrations.
func (e *Env) madeByMigrations(ctx context.Context, schemas []string, want *wanted, allowExternal bool) (*reset.Made, error) {
	folder, err := e.ownFolder(ctx)
	if err != nil || folder == nil || want.db == nil {
		return nil, nil // what is wrong with the folder is said where migrations are run
	}
	db, err := e.connectDirect(ctx)
	if err != nil {
		return nil, err
	}
	h, err := migrate.Look(ctx, db, folder, e.urlSchema())
	if err != nil || !h.Table || len(h.With(migrate.Applied)) == 0 {
		return nil, err
	}
	made, err := e.readMade(ctx, h, schemas, want, allowExternal)
	if ctx.Err() != nil {
		return nil, err
	}
	if err != nil {
		made = &reset.Made{Left: []string{"what only the migrations know is made again as it is now, and without their rows: " + visible.String(err.Error()) +
			" (" + e.opt.Target.Line(remedy.Naap("migrate check")) + ")"}}
	}
	made.Left = append(made.Left, say.Each(h.Edited(), func(m migrate.Entry) string {
		return "the migration " + visible.String(m.Name) + " was edited after it was applied: what it makes now is made"
	})...)
	made.Left = append(made.Left, say.Each(h.With(migrate.Missing), func(m migrate.Entry) string {
		return "the migration " + visible.String(m.Name) + " is not in the folder: what it made is made again as it is now, and without its rows"
	})...)
	return made, nil
}

func (e *Env) readMade(ctx context.Context, h *migrate.History, schemas []string, want *wanted, allowExternal bool) (*reset.Made, error) {
	list := h.AppliedScripts()
	if err := e.scriptsAllowed(list); err != nil {
		return nil, err
	}
	shadow, err := e.Shadow(ctx, allowExternal)
	if err != nil {
		return nil, err
	}
	defer shadow.Close()
	end, err := shadow.End(ctx, list)
	if err != nil {
		return nil, err
	}
	defer end.Close()
	tables := want.db
	if e.ws.Settings.Migrate.Use == "migrate" {
		if tables, err = tablesOf(ctx, end, schemas, want.db); err != nil {
			return nil, err
		}
	}
	made, err := reset.ReadMade(ctx, end, schemas, tables)
	if err == nil {
		want.db = tables
	}
	return made, err
}

// tablesOf returns the tables that migrations make, also in schemas that the Prisma file does not have.
func tablesOf(ctx context.Context, end *postgres.DB, schemas []string, file *schemaplan.Database) (*schemaplan.Database, error) {
	like := *file
	like.Scope = slices.Clone(file.Scope)
	for _, s := range schemas {
		if !slices.Contains(like.Scope, s) {
			like.Scope = append(like.Scope, s)
		}
	}
	return schemaplan.Found(ctx, end, &like)
}
