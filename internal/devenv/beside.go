package devenv

import (
	"context"

	"github.com/livepeer/naap-dev/internal/migrate"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/schemaplan"
)

// besideFlag is the flag of a push where migrate.use is "migrate".
const besideFlag = "--beside-migrations"

// PushHint says, in a line for the user, what a push means in a workspace with migrations: that what it does is in none of
// them, or that some are to be run first. It is "" where there are none, or nothing is pushed.
func (e *Env) PushHint(ctx context.Context, plan *schemaplan.Plan) string {
	folder, err := e.ownFolder(ctx)
	if err != nil || folder == nil || plan.Empty() {
		return ""
	}
	if db, err := e.Connect(ctx); err == nil {
		h, err := migrate.Look(ctx, db, folder, e.urlSchema())
		if err == nil && h.Table && len(h.With(migrate.Pending)) > 0 {
			n := len(h.With(migrate.Pending))
			return say.Count(n, "migration") + " " + say.Form(n, "is", "are") + " pending, and would fail on what is pushed before (" + e.opt.Target.Line(remedy.Naap("migrate deploy")) + ")"
		}
	}
	return "this workspace has migrations, and what is pushed is in none of them (" + e.opt.Target.Line(makeMigration()) + ")"
}

// PushesBeside reports whether a push makes tables that the migrations alone are to make, so that Push needs
// PushOptions.Beside.
func (e *Env) PushesBeside(ctx context.Context) bool { return e.mayPushBeside(ctx, false) != nil }

// mayPushBeside refuses to push where the migrations alone make the tables, unless that was allowed.
func (e *Env) mayPushBeside(ctx context.Context, allowed bool) error {
	if allowed || e.ws.Settings.Migrate.Use != "migrate" {
		return nil
	}
	if folder, err := e.ownFolder(ctx); err == nil && folder == nil {
		return nil
	}
	return remedy.New("push.migrations", remedy.ExitRefused, "the tables of this workspace are made by its migrations, and a push is in none of them").
		WithSeen("migrate.use is migrate: "+e.ws.Settings.Origin("migrate.use").String()).
		WithHelp(makeMigration().Note("writes a migration with what is missing, and runs it"),
			remedy.Again("dev push", besideFlag).Note("pushes anyway: the next migration is then recorded, and not run"))
}

// pushBack is the command that makes the database match the Prisma file.
func (e *Env) pushBack() remedy.Advice {
	if e.ws.Settings.Migrate.Use == "migrate" {
		return remedy.Naap("dev push", besideFlag)
	}
	return remedy.Naap("dev push")
}
