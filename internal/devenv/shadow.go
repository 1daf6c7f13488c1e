package devenv

import (
	"context"

	"github.com/livepeer/naap-dev/internal/migrate"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/schemaplan"
	"github.com/livepeer/naap-dev/internal/trust"
)

// Shadow opens what makes the end states of the workspace's migrations, after what prisma.config has run first: on the server of its database or, where the role
// may not create databases there, on another one of this machine.
func (e *Env) Shadow(ctx context.Context, allowExternal bool) (*migrate.Shadow, error) {
	if err := e.scriptsAllowed(e.shadowInit()); err != nil {
		return nil, err
	}
	s, err := e.openShadow(ctx, allowExternal)
	if err != nil {
		return nil, err
	}
	s.Begin(e.shadowInit(), e.notInit())
	return s, nil
}

func (e *Env) openShadow(ctx context.Context, allowExternal bool) (*migrate.Shadow, error) {
	db, err := e.connectDirect(ctx)
	if err != nil {
		return nil, err
	}
	may := true
	if e.IsExternal() {
		may, err = migrate.MayCreateDatabases(ctx, db)
	}
	switch {
	case err != nil:
		return nil, err
	case !may:
		return e.shadowBeside(ctx, db, allowExternal)
	}
	if err := e.mayTouch("", allowExternal); err != nil {
		if r, ok := remedy.Of(err); ok {
			r.WithSeen("the migrations are run on a database of their own there, which is not the one that is named")
		}
		return nil, err
	}
	return migrate.OpenShadow(ctx, e.reachedURL(), e.urlSchema(), e.dbOptions())
}

// Agreement is how the end state of migrations and the Prisma file agree.
type Agreement struct {
	Dir        string
	Migrations int
	Plan       *schemaplan.Plan // what a push on the end state would do; empty where they agree
}

// CheckMigrations runs all migrations, one after the other, on a shadow database, and compares what they make with the
// Prisma file. What has run before is not run again. The database itself is not looked at.
func (e *Env) CheckMigrations(ctx context.Context, opt MigrateOptions) (*Agreement, error) {
	want := e.readSchema(false)
	folder, err := e.migrationsFolder(ctx)
	if err == nil {
		err = folder.Ready()
	}
	if err != nil {
		return nil, err
	}
	if w := want(); w.err != nil {
		return nil, w.err
	}
	plan, err := e.prove(ctx, folder.Migrations, want(), MigrateOptions{AllowExternal: opt.AllowExternal})
	if err != nil {
		return nil, err
	}
	return &Agreement{Dir: folder.Name, Migrations: len(folder.Migrations), Plan: plan}, nil
}

// prove compares the end state of migrations with the Prisma file, and notes what it found.
func (e *Env) prove(ctx context.Context, list []migrate.Migration, want wanted, opt MigrateOptions) (*schemaplan.Plan, error) {
	shadow, err := e.Shadow(ctx, opt.AllowExternal || opt.Adopt)
	if err != nil {
		return nil, err
	}
	defer shadow.Close()
	plan, err := e.fromMigrations(ctx, shadow, list, want, nil)
	if err != nil {
		return nil, err
	}
	return plan, shadow.Note(ctx, list, e.ws.SchemaID(), apartBy(plan))
}

// apartBy returns how far an end state is from the Prisma file, by the plan from the one to the other.
func apartBy(plan *schemaplan.Plan) migrate.Distance {
	return migrate.Distance{Steps: len(plan.Steps), Adds: len(plan.Additive().Steps), Drops: plan.Drops()}
}

// fromMigrations returns the plan from the end state of migrations to what the Prisma file wants. It is for a script:
// it takes one transaction.
func (e *Env) fromMigrations(ctx context.Context, shadow *migrate.Shadow, list []migrate.Migration, want wanted, renames []string) (*schemaplan.Plan, error) {
	if err := e.scriptsAllowed(list); err != nil {
		return nil, err
	}
	end, err := shadow.End(ctx, list)
	if err != nil {
		return nil, err
	}
	defer end.Close()
	return schemaplan.Compute(ctx, end, want.db, schemaplan.ComputeOptions{Renames: renames, OneTransaction: true, WithImage: e.withImage})
}

// scriptsAllowed refuses to run scripts that reach out of the database where that was not allowed.
func (e *Env) scriptsAllowed(list []migrate.Migration) error {
	return e.refusal(trust.Held(e.sqlStandings(list)))
}
