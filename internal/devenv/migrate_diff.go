package devenv

import (
	"context"

	"github.com/livepeer/naap-dev/internal/migrate"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/schemaplan"
)

// Side is one of the two that MigrateDiff compares.
type Side string

// The sides of a diff.
const (
	Empty    Side = "empty"
	AllOf    Side = "migrations" // the end state of all migrations
	Database Side = "database"
	File     Side = "schema" // the Prisma file
)

// Sides are the sides of a diff.
func Sides() []string { return []string{string(Empty), string(AllOf), string(Database), string(File)} }

// MigrateDiff returns the plan that makes one side be the other, in the schemas of the Prisma file, and how its script is
// written. Only what a Prisma file can describe is compared.
func (e *Env) MigrateDiff(ctx context.Context, from, to Side, opt MigrateOptions) (*schemaplan.Plan, schemaplan.ScriptOptions, error) {
	d := &differ{env: e, opt: opt}
	defer d.close()
	var style schemaplan.ScriptOptions
	var err error
	if d.want, d.db, err = e.desiredAndDatabase(ctx); err != nil {
		return nil, style, err
	}
	style.Unqualified = len(d.want.schemas) == 0
	aim, err := d.aim(ctx, to)
	if err != nil {
		return nil, style, err
	}
	start, err := d.start(ctx, from)
	if err != nil {
		return nil, style, err
	}
	plan, err := schemaplan.Compute(ctx, start, aim, schemaplan.ComputeOptions{OneTransaction: true, LockTimeout: e.ws.Settings.LockTimeout, WithImage: e.withImage})
	return plan, style, err
}

// differ has what the sides of a diff need.
type differ struct {
	env    *Env
	opt    MigrateOptions
	want   wanted
	db     *postgres.DB
	shadow *migrate.Shadow
	opened []*postgres.DB
}

func (d *differ) close() {
	for _, db := range d.opened {
		db.Close()
	}
	if d.shadow != nil {
		d.shadow.Close()
	}
}

// aim returns a side as what is to be made.
func (d *differ) aim(ctx context.Context, side Side) (*schemaplan.Database, error) {
	switch side {
	case Empty:
		return schemaplan.Nothing(d.want.db), nil
	case File:
		return d.want.db, nil
	}
	start, err := d.start(ctx, side)
	if err != nil {
		return nil, err
	}
	return schemaplan.Found(ctx, start, d.want.db)
}

// start returns a side as a database.
func (d *differ) start(ctx context.Context, side Side) (*postgres.DB, error) {
	switch side {
	case Database:
		return d.db, nil
	case Empty:
		return d.end(ctx, nil)
	case AllOf:
		folder, err := d.env.migrationsFolder(ctx)
		if err != nil {
			return nil, err
		}
		if err := folder.Ready(); err != nil {
			return nil, err
		}
		if err := d.env.scriptsAllowed(folder.Migrations); err != nil {
			return nil, err
		}
		return d.end(ctx, folder.Migrations)
	}
	empty, err := d.end(ctx, nil)
	if err != nil {
		return nil, err
	}
	plan, err := schemaplan.Compute(ctx, empty, d.want.db, schemaplan.ComputeOptions{OneTransaction: true, WithImage: d.env.withImage})
	if err != nil {
		return nil, err
	}
	name := d.env.ws.SchemaName()
	return d.end(ctx, []migrate.Migration{{Name: name, Path: name, Script: plan.Script(schemaplan.ScriptOptions{Bare: true})}})
}

// end opens the end state of migrations.
func (d *differ) end(ctx context.Context, list []migrate.Migration) (*postgres.DB, error) {
	if d.shadow == nil {
		var err error
		if d.shadow, err = d.env.Shadow(ctx, d.opt.AllowExternal); err != nil {
			return nil, err
		}
	}
	db, err := d.shadow.End(ctx, list)
	if err == nil {
		d.opened = append(d.opened, db)
	}
	return db, err
}
