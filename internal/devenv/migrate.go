package devenv

import (
	"context"
	"fmt"

	"github.com/livepeer/naap-dev/internal/migrate"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/reach"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/trust"
	"github.com/livepeer/naap-dev/internal/visible"
)

// MigrateOptions says what a verb of migrations may do.
type MigrateOptions struct {
	AllowExternal bool // change a server that naap did not start
	Adopt         bool // the database is this workspace's from now on, whosever it was; this allows changing it too
}

// MigratePlan is what a deploy does, with what its scripts would reach.
type MigratePlan struct {
	*migrate.Plan

	Standings []trust.Standing // of scripts whose SQL reaches out of the database

	history *migrate.History
}

// Asks returns what the scripts would reach and the user has not allowed yet.
func (p *MigratePlan) Asks() []Asked { return askedOf(p.Standings) }

// FolderID identifies what was in the folder when the plan was made.
func (p *MigratePlan) FolderID() string { return p.history.Folder().ID() }

// Migrations returns how the workspace's migrations and the database stand to each other. It changes nothing.
func (e *Env) Migrations(ctx context.Context) (*migrate.History, error) {
	h, _, err := e.migrations(ctx)
	return h, err
}

func (e *Env) migrations(ctx context.Context) (*migrate.History, *postgres.DB, error) {
	folder, err := e.migrationsFolder(ctx)
	if err != nil {
		return nil, nil, err
	}
	db, err := e.Connect(ctx)
	if err != nil {
		return nil, nil, err
	}
	h, err := migrate.Look(ctx, db, folder, e.urlSchema())
	return h, db, err
}

// PlanMigrate returns what Migrate would run now.
func (e *Env) PlanMigrate(ctx context.Context) (*MigratePlan, error) {
	h, db, err := e.migrations(ctx)
	if err != nil {
		return nil, err
	}
	to, err := e.migrateTarget(ctx, db, h)
	if err != nil {
		return nil, err
	}
	plan, err := h.PlanDeploy(to)
	if err != nil {
		return nil, err
	}
	return &MigratePlan{plan, e.scriptStandings(plan), h}, nil
}

func (e *Env) scriptStandings(plan *migrate.Plan) []trust.Standing {
	return e.sqlStandings(say.Each(plan.Steps, func(s migrate.Step) migrate.Migration { return migrate.Migration{Path: s.Path, Script: s.SQL} }))
}

func (e *Env) sqlStandings(list []migrate.Migration) []trust.Standing {
	var items []trust.Item
	for _, m := range list {
		if item, ok := reach.Script(m.Path, m.Script); ok {
			items = append(items, item)
		}
	}
	j, _ := e.trustJudge()
	return j.All(items)
}

// FolderStandings are the standings of all migrations' scripts, which a shadow database runs.
func (e *Env) FolderStandings(ctx context.Context) ([]trust.Standing, error) {
	folder, err := e.migrationsFolder(ctx)
	if err != nil {
		return nil, err
	}
	return e.sqlStandings(append(e.shadowInit(), folder.Migrations...)), nil
}

// KnownStandings are Standings with those of all migrations, whoever runs them.
func (e *Env) KnownStandings(ctx context.Context) ([]trust.Standing, error) {
	all, err := e.Standings(ctx)
	scripts, unread := e.FolderStandings(ctx)
	if unread != nil {
		return all, err // which Migrate reports
	}
	return append(all, scripts...), err
}

// migrateTarget looks for tables that Prisma would not run a first migration beside: those in the schemas of the
// Prisma file and in that of the URL.
func (e *Env) migrateTarget(ctx context.Context, q postgres.Querier, h *migrate.History) (migrate.Target, error) {
	to := migrate.Target{Schema: e.urlSchema()}
	if h.Table {
		return to, nil
	}
	schemas := []string{to.Schema}
	want := e.desired()
	if want.err != nil {
		return to, want.err
	}
	if want.db != nil {
		schemas = append(schemas, want.db.Scope...)
	}
	var err error
	to.Tables, err = postgres.CollectStrings(q.Query(ctx, `
SELECT pg_catalog.format('%s.%s', n.nspname, c.relname) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'r' AND n.nspname = ANY ($1) ORDER BY 1 LIMIT 5`, schemas))
	if err != nil {
		return to, fmt.Errorf("look for tables: %w", err)
	}
	return to, nil
}

// Migrate carries out a plan that PlanMigrate made.
func (e *Env) Migrate(ctx context.Context, plan *MigratePlan, opt MigrateOptions, report progress.Report) (migrate.Result, error) {
	report = progress.Clock(report)
	if e.nothingToRun(plan, report) {
		return migrate.Result{Applied: []migrate.Done{}}, nil
	}
	if err := e.scriptsOf(plan); err != nil { // before anything is taken
		return migrate.Result{}, failed(report, migrateStep, migrateTitle, err)
	}
	db, release, err := e.beginMigrate(ctx, "migrate deploy", opt, report)
	if err != nil {
		return migrate.Result{}, failed(report, migrateStep, migrateTitle, err)
	}
	defer release()
	return e.runMigrations(ctx, db, plan, report)
}

const migrateStep, migrateTitle = "migrate", "Run migrations"

// nothingToRun reports whether a plan does nothing, and that it is done then.
func (e *Env) nothingToRun(plan *MigratePlan, report progress.Report) bool {
	if !plan.Empty() || plan.Table {
		return false
	}
	report(progress.Step{Name: migrateStep, Title: migrateTitle, Status: progress.Done, Detail: "nothing to do"})
	return true
}

// scriptsOf refuses a plan whose scripts reach out of the database where that was not allowed.
func (e *Env) scriptsOf(plan *MigratePlan) error {
	return e.refusal(trust.Held(e.scriptStandings(plan.Plan)))
}

// runMigrations carries a plan out, under the database's lock.
func (e *Env) runMigrations(ctx context.Context, db *postgres.DB, plan *MigratePlan, report progress.Report) (migrate.Result, error) {
	const name, title = migrateStep, migrateTitle
	if e.nothingToRun(plan, report) {
		return migrate.Result{Applied: []migrate.Done{}}, nil
	}
	if err := e.scriptsOf(plan); err != nil {
		return migrate.Result{}, failed(report, name, title, err)
	}
	report(progress.Step{Name: name, Title: title, Status: progress.Running, Total: int64(len(plan.Steps)), Unit: "migrations"})
	result, err := migrate.Deploy(ctx, db, plan.Plan, migrate.Options{LockTimeout: e.ws.Settings.LockTimeout, Report: report})
	if err != nil {
		return result, failed(report, name, title, err)
	}
	report(progress.Step{Name: name, Title: title, Status: progress.Done, Detail: say.Count(len(result.Applied), "migration")})
	return result, nil
}

func (e *Env) beginMigrate(ctx context.Context, verb string, opt MigrateOptions, report progress.Report) (*postgres.DB, func(), error) {
	if err := e.mayPush(PushOptions{AllowExternal: opt.AllowExternal, Adopt: opt.Adopt}); err != nil {
		return nil, nil, err
	}
	db, release, err := e.begin(ctx, writing{verb: verb, adopt: opt.Adopt}, report)
	if err != nil {
		return nil, nil, err
	}
	if err := migrate.MayRecord(ctx, db, e.urlSchema()); err != nil {
		release()
		return nil, nil, err
	}
	return db, release, nil
}

// PlanResolve returns how a migration is recorded as applied, or as rolled back, without running anything.
func (e *Env) PlanResolve(ctx context.Context, name string, applied bool) (*migrate.Resolution, error) {
	h, _, err := e.migrations(ctx)
	if err != nil {
		return nil, err
	}
	to := migrate.Target{Schema: e.urlSchema()}
	if applied {
		return h.PlanApplied(name, to)
	}
	return h.PlanRolledBack(name, to)
}

// Resolve carries out what PlanResolve returned.
func (e *Env) Resolve(ctx context.Context, r *migrate.Resolution, opt MigrateOptions, report progress.Report) error {
	report = progress.Clock(report)
	const name, title = "resolve", "Record the migration"
	db, release, err := e.beginMigrate(ctx, "migrate resolve", opt, report)
	if err != nil {
		return failed(report, name, title, err)
	}
	defer release()
	if err := migrate.Resolve(ctx, db, r, migrate.Options{LockTimeout: e.ws.Settings.LockTimeout}); err != nil {
		return failed(report, name, title, err)
	}
	how := "applied"
	if !r.Applied {
		how = "rolled back"
	}
	report(progress.Step{Name: name, Title: title, Status: progress.Done, Detail: visible.String(r.Name) + ": " + how})
	return nil
}
