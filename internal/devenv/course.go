package devenv

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/livepeer/naap-dev/internal/migrate"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/schemaplan"
	"github.com/livepeer/naap-dev/internal/visible"
)

const wayStep, wayTitle = "way", "Migrate or push"

// course is how the tables are made, and why: by running the workspace's migrations, by a push of what the Prisma file
// adds, or both, one after the other. The zero value is a push by a workspace without migrations.
type course struct {
	folder  *migrate.Folder  // nil where the workspace has no migrations, of which nothing is said then
	history *migrate.History // nil where no database was asked

	deploy, push bool
	why          string
	warned       bool         // it is not what the user may expect
	plan         *MigratePlan // with deploy: what is run
	apart        apart        // from the migrations' end to the Prisma file
}

// apart is how far the end state of all migrations is from the Prisma file, as far as that is known.
type apart struct {
	migrate.Distance
	known bool
}

// word says in a word or two what is done.
func (w *course) word() string {
	switch {
	case w.deploy && w.push:
		return "migrate, then push"
	case w.deploy:
		return "migrate"
	case w.push:
		return "push"
	}
	return "neither"
}

// line says which way it is and why, for people. It is "" where there is no choice.
func (w *course) line() string {
	if w.folder == nil {
		return ""
	}
	return w.word() + ", since " + w.why
}

// pending returns how many migrations are to be run.
func (w *course) pending() int {
	if !w.deploy || w.plan == nil {
		return 0
	}
	return len(w.plan.Steps)
}

// errUnproved is the error of a prover for which it would have to run scripts.
var errUnproved = errors.New("the migrations have not been compared with the Prisma file yet")

// prover returns how far the end state of migrations is from the Prisma file.
type prover func(ctx context.Context, list []migrate.Migration) (migrate.Distance, error)

// provedBefore returns a prover that runs nothing: what was not compared before is errUnproved.
func (e *Env) provedBefore(q postgres.Querier) prover {
	return func(ctx context.Context, list []migrate.Migration) (migrate.Distance, error) {
		k, err := migrate.LookKnown(ctx, q, e.urlSchema())
		if err != nil {
			return migrate.Distance{}, err
		}
		a, ok := k.Distance(slices.Concat(e.shadowInit(), list), e.ws.SchemaID())
		if !ok {
			return migrate.Distance{}, errUnproved
		}
		return a, nil
	}
}

// proved returns a prover that runs the scripts on a shadow database where they were not compared before.
func (e *Env) proved(q postgres.Querier, want wanted, opt MigrateOptions) prover {
	known := e.provedBefore(q)
	return func(ctx context.Context, list []migrate.Migration) (migrate.Distance, error) {
		if a, err := known(ctx, list); !errors.Is(err, errUnproved) {
			return a, err
		}
		plan, err := e.prove(ctx, list, want, opt)
		if err != nil {
			return migrate.Distance{}, err
		}
		return apartBy(plan), nil
	}
}

// chooseWay decides how the tables are made. all is what a push would do to the database now. A migration that failed, or
// cannot be run, is the error that `migrate deploy` has for it, where migrations are to be run.
func (e *Env) chooseWay(ctx context.Context, q postgres.Querier, all *schemaplan.Plan, prove prover) (w course, err error) {
	w.push = true
	folder, err := e.ownFolder(ctx)
	if err != nil && e.ws.Settings.Migrate.Use == "auto" {
		return course{folder: &migrate.Folder{}, push: true, warned: true, why: visible.String(err.Error())}, nil
	}
	if why := e.inVain(ctx); err == nil && folder == nil && why != "" {
		return course{folder: &migrate.Folder{}, push: true, warned: true, why: why}, nil
	}
	if err != nil || folder == nil {
		return w, err
	}
	w.folder = folder
	if w.history, err = migrate.Look(ctx, q, folder, e.urlSchema()); err != nil {
		return w, err
	}
	to, err := e.migrateTarget(ctx, q, w.history)
	if err != nil {
		return w, err
	}
	if err := e.weigh(ctx, &w, all, len(to.Tables) > 0, prove); err != nil || !w.deploy {
		return w, err
	}
	if err := e.aheadOf(ctx, &w, all, prove); err != nil || !w.deploy {
		return w, err
	}
	return w, e.planWay(&w, to)
}

// planWay plans what is run.
func (e *Env) planWay(w *course, to migrate.Target) error {
	if !w.folder.There || len(w.folder.Migrations) == 0 {
		return nil
	}
	plan, err := w.history.PlanDeploy(to)
	if err != nil {
		return err
	}
	w.plan = &MigratePlan{plan, e.scriptStandings(plan), w.history}
	return nil
}

// weigh chooses between the two. tables reports whether there are some, and no record of migrations.
func (e *Env) weigh(ctx context.Context, w *course, all *schemaplan.Plan, tables bool, prove prover) error {
	n, file := len(w.folder.Migrations), e.ws.SchemaName()
	many := say.Count(n, "migration")
	if e.ws.Settings.Migrate.Use == "migrate" {
		w.deploy, w.push, w.why = true, false, "migrate.use says so"
		return nil
	}
	managed := w.history.Table
	if !managed && tables {
		w.warned = true
		w.why = "the database has tables, and nothing records which of the " + many + " made them (Prisma's P3005); if they did, record them, the first one first (" +
			e.opt.Target.Line(remedy.Naap("migrate resolve", "--applied", w.folder.Migrations[0].Name)) + ")"
		return nil
	}
	if w.history.Verdict == migrate.UpToDate && all.Empty() {
		w.deploy, w.push, w.why = true, false, fmt.Sprintf("%s %s applied, and the database is what %s says", many, say.Form(n, "is", "are"), file)
		return nil
	}
	found, err := prove(ctx, w.folder.Migrations)
	switch {
	case errors.Is(err, errUnproved) || ctx.Err() != nil:
		return err
	case err != nil:
		w.deploy, w.push, w.warned = managed, !managed, true
		w.why = "what the " + many + " make is not known: " + visible.String(err.Error()) + " (" + e.opt.Target.Line(remedy.Naap("migrate check")) + ")"
	case found.Covers():
		w.apart, w.deploy, w.push, w.why = apart{found, true}, true, false, fmt.Sprintf("%s %s what %s says", many, say.Form(n, "makes", "make"), file)
		if found.Steps > 0 {
			w.why += fmt.Sprintf(", and more: %s (%s)", say.Count(found.Steps, "step"), e.opt.Target.Line(remedy.Naap("migrate diff")))
		}
	default:
		// A new database gets both where that makes what a push alone would make.
		w.apart, w.deploy, w.why = apart{found, true}, managed || found.Adds == found.Steps, e.beyond(found)
	}
	return nil
}

// settleApart finds out whether what is left to do without a push is in no migration, or the database is not what they
// make. Where that cannot be known, it stays unknown.
func (w *course) settleApart(ctx context.Context, all *schemaplan.Plan, prove prover) error {
	if w.folder == nil || w.push || w.apart.known || all.Empty() {
		return nil
	}
	found, err := prove(ctx, w.folder.Migrations)
	if err == nil {
		w.apart = apart{found, true}
	}
	if errors.Is(err, errUnproved) || ctx.Err() != nil {
		return err
	}
	return nil
}

// beyond says what the Prisma file has and the migrations do not.
func (e *Env) beyond(a migrate.Distance) string {
	how := "has more than"
	if a.Adds < a.Steps {
		how = "is not what"
	}
	return fmt.Sprintf("%s %s the migrations make: %s (%s)", e.ws.SchemaName(), how, say.Count(a.Steps, "step"), e.opt.Target.Line(makeMigration()))
}

// aheadOf leaves the database alone where a push has brought it what pending migrations make: they would fail on it.
func (e *Env) aheadOf(ctx context.Context, w *course, all *schemaplan.Plan, prove prover) error {
	pending := w.history.With(migrate.Pending)
	if len(pending) == 0 || !w.history.Table || !all.Empty() {
		return nil
	}
	found, err := prove(ctx, w.history.AppliedScripts())
	if errors.Is(err, errUnproved) || ctx.Err() != nil {
		return err
	}
	if err != nil || found.Covers() {
		return nil // what is pending makes something that the Prisma file does not know; or it fails, and says why
	}
	w.deploy, w.push, w.warned = false, false, true
	w.why = fmt.Sprintf("the database is what %s says already, and %s %s not recorded; if it has all that they make, record them (%s)",
		e.ws.SchemaName(), say.Count(len(pending), "migration"), say.Form(len(pending), "is", "are"),
		e.opt.Target.Line(remedy.Naap("migrate resolve", "--applied", pending[0].Name)))
	return nil
}
