package devenv

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"time"

	"github.com/livepeer/naap-dev/internal/migrate"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/schemaplan"
	"github.com/livepeer/naap-dev/internal/visible"
)

// NewMigrationOptions say how a new migration is made.
type NewMigrationOptions struct {
	MigrateOptions
	Called         string   // what the user calls it
	Renames        []string // keys of those of the plan's renames that are to be carried out as renames
	CreateOnly     bool     // write it, and leave the database alone
	AcceptDataLoss bool
}

// NewMigration is what MakeMigration does: pending migrations are run, a new one is written and run.
type NewMigration struct {
	Dir      string   `json:"dir"`
	Pending  []string `json:"pending"`        // those that are run first
	Name     string   `json:"name,omitempty"` // of the new one; "" where there is nothing to write
	Path     string   `json:"path,omitempty"`
	SQL      string   `json:"sql,omitempty"`
	Recorded bool     `json:"recorded"` // the database is what the Prisma file says already: it is recorded as applied
	// Drift are the differences between the database and what the migrations that it has make.
	Drift    []schemaplan.Difference `json:"drift"`
	Warnings []string                `json:"warnings,omitempty"`

	// Change is the plan of the new migration, counted in the database where that is at the migrations' end.
	Change *schemaplan.Plan `json:"-"`

	end    *schemaplan.Plan // from the end state of all migrations
	edited []string         // those whose script is not the one that this database has run
	deploy *MigratePlan
	folder *migrate.Folder
}

// PlanMigration returns how the folder of migrations is brought up to the Prisma file. A database that is not what its
// migrations make is refused ("migrate.drift"), unless it already is what the file says.
func (e *Env) PlanMigration(ctx context.Context, opt NewMigrationOptions) (*NewMigration, error) {
	want, db, err := e.desiredAndDatabase(ctx)
	if err != nil {
		return nil, err
	}
	h, _, err := e.migrations(ctx)
	if err == nil {
		err = h.Busy()
	}
	if err == nil {
		err = h.Squashed()
	}
	if err != nil {
		return nil, err
	}
	m := &NewMigration{Dir: h.Dir, Pending: []string{}, Drift: []schemaplan.Difference{}, folder: h.Folder(), edited: say.Each(h.Edited(), func(m migrate.Entry) string { return m.Name })}
	if len(m.folder.Migrations) > 0 {
		if m.deploy, err = e.PlanMigrate(ctx); err != nil {
			return nil, err
		}
		m.Warnings = m.deploy.Warnings
		for _, s := range m.deploy.Steps {
			m.Pending = append(m.Pending, s.Name)
		}
	}
	shadow, err := e.Shadow(ctx, opt.AllowExternal || opt.Adopt)
	if err != nil {
		return nil, err
	}
	defer shadow.Close()
	if m.end, err = e.fromMigrations(ctx, shadow, m.folder.Migrations, want, opt.Renames); err != nil {
		return nil, err
	}
	m.Change = m.end
	if err := e.compareApplied(ctx, m, shadow, db, h.AppliedScripts(), want, opt); err != nil {
		return nil, err
	}
	m.write(opt, want)
	return m, nil
}

// compareApplied looks whether the database is what its migrations make.
func (e *Env) compareApplied(ctx context.Context, m *NewMigration, shadow *migrate.Shadow, db *postgres.DB, applied []migrate.Migration, want wanted, opt NewMigrationOptions) error {
	end, err := shadow.End(ctx, applied)
	if err != nil {
		return err
	}
	defer end.Close()
	if m.Drift, err = schemaplan.Drift(ctx, db, end, want.db); err != nil {
		return err
	}
	live, err := e.liveChange(ctx, db, want, opt)
	if err != nil {
		return err
	}
	switch {
	case len(m.Drift) == 0:
		if len(m.Pending) == 0 {
			m.Change = live
		}
		m.Drift = []schemaplan.Difference{}
	case opt.CreateOnly:
	case len(m.Pending) == 0 && live.Empty() && len(m.edited) > 0 && m.end.Counts().Adds < len(m.end.Steps):
		return e.editedAway(m)
	case len(m.Pending) == 0 && live.Empty():
		m.Recorded = !m.end.Empty()
	default:
		return e.drifted(m, live.Empty())
	}
	return nil
}

// liveChange returns the plan from the database itself to the Prisma file, as one transaction.
func (e *Env) liveChange(ctx context.Context, db *postgres.DB, want wanted, opt NewMigrationOptions) (*schemaplan.Plan, error) {
	return schemaplan.Compute(ctx, db, want.db, schemaplan.ComputeOptions{
		Renames: opt.Renames, OneTransaction: true, LockTimeout: e.ws.Settings.LockTimeout, WithImage: e.withImage,
	})
}

// editedAway refuses to record a new migration that undoes what a script was edited to make: where the script ran as it
// was, as here, there is nothing to undo, and the migration would fail.
func (e *Env) editedAway(m *NewMigration) error {
	r := remedy.New("migrate.drift", remedy.ExitRefused, "%s edited after this database applied it, and a migration that makes up for it would not run where it was applied before",
		say.Join(m.edited, ", ", visible.String)+say.Form(len(m.edited), " was", " were"))
	e.seeDrift(r, m)
	return r.WithHelp(remedy.Words("bring the old text back, and let a new migration make the change:"), remedy.Again("migrate dev"),
		remedy.Naap("migrate reset").Note("if no other database has it: makes the schemas again from the migrations; a snapshot takes it back"))
}

// seeDrift names the differences, up to a number of them.
func (e *Env) seeDrift(r *remedy.Error, m *NewMigration) {
	for i, d := range m.Drift {
		if i == driftShown {
			r.WithSeen(fmt.Sprintf("… and %d more", len(m.Drift)-i))
			return
		}
		r.WithSeen(visible.String(d.Line("the migrations")))
	}
}

// driftShown is how many differences an error names.
const driftShown = 20

// drifted refuses a new migration for a database that is not what its migrations make.
func (e *Env) drifted(m *NewMigration, asFile bool) error {
	r := remedy.New("migrate.drift", remedy.ExitRefused, "the database is not what its migrations make, and a new one might not run on it")
	e.seeDrift(r, m)
	if asFile {
		r.WithSeen("the database already is what the Prisma file says")
		for _, name := range m.Pending[:min(len(m.Pending), 3)] {
			r.WithHelp(remedy.Naap("migrate resolve", "--applied", name).Note("if the database has what it makes"))
		}
	} else {
		r.WithHelp(e.pushBack().Note("makes the database match the Prisma file; the next migrate dev then records the migration as applied"))
	}
	if slices.ContainsFunc(m.Drift, func(d schemaplan.Difference) bool { return d.Here == "" }) {
		r.WithHelp(remedy.Naap("dev reset", "SCHEMA").Note("makes a schema again with what the migrations made in it; it can be undone"))
	}
	return r.WithHelp(remedy.Again("migrate dev", "--create-only").Note("writes the migration, and leaves the database alone"),
		remedy.Naap("migrate diff", "--from", "migrations", "--to", "database", "--script").Note("what only the database has, for a migration of its own"),
		remedy.Naap("migrate reset").Note("makes the schemas again from the migrations alone; a snapshot takes it back"))
}

// emptyScript is what Prisma writes for a migration that is to be written by hand.
const emptyScript = "-- This is an empty migration."

// write decides about the new migration's text.
func (m *NewMigration) write(opt NewMigrationOptions, want wanted) {
	m.SQL = m.end.Script(schemaplan.ScriptOptions{Unqualified: len(want.schemas) == 0})
	if m.SQL == "" && opt.CreateOnly {
		m.SQL = emptyScript
	}
	if m.SQL == "" {
		return
	}
	m.Call(opt.Called)
	if m.folder.Precedes(m.Name) {
		m.Warnings = append(m.Warnings, "the new migration sorts before "+m.folder.Last()+", and runs before it on a new database")
	}
}

// FolderID identifies what was in the folder when the plan was made.
func (m *NewMigration) FolderID() string { return m.folder.ID() }

// Suggested returns what the new migration is called where the user does not say: by what it does.
func (m *NewMigration) Suggested() string {
	switch does := m.end.Called(); {
	case does == "":
		return "empty"
	case len(m.folder.Migrations) == 0:
		return "init"
	default:
		return migrate.Slug(does)
	}
}

// Call gives the new migration its name. One that says nothing, as an answer of blanks, is that of Suggested.
func (m *NewMigration) Call(name string) {
	if migrate.Slug(name) == "" {
		name = m.Suggested()
	}
	m.Name = m.folder.NextName(name, time.Now())
	m.Path = path.Join(m.Dir, m.Name, "migration.sql")
}

// MakeMigration carries out a plan that PlanMigration made.
func (e *Env) MakeMigration(ctx context.Context, m *NewMigration, opt NewMigrationOptions, report progress.Report) error {
	report = progress.Clock(report)
	if !opt.CreateOnly {
		if err := e.mayPush(PushOptions{AllowExternal: opt.AllowExternal, Adopt: opt.Adopt}); err != nil {
			return err
		}
		if err := e.runPending(ctx, m, opt, report); err != nil {
			return err
		}
	}
	const name, title = "write", "Write the migration"
	if m.Name == "" {
		report(progress.Step{Name: name, Title: title, Status: progress.Done, Detail: "nothing to do"})
		return nil
	}
	if !opt.CreateOnly && !m.Recorded {
		if err := m.Change.Gate("migrate dev", opt.AcceptDataLoss); err != nil {
			return withCreateOnly(err)
		}
	}
	if _, err := m.folder.Write(e.written(m.folder), m.Name, m.SQL); err != nil {
		return failed(report, name, title, err)
	}
	report(progress.Step{Name: name, Title: title, Status: progress.Done, Detail: visible.String(m.Path)})
	switch {
	case opt.CreateOnly:
		return nil
	case m.Recorded:
		return e.recordNew(ctx, m, opt, report)
	}
	plan, err := e.PlanMigrate(ctx)
	if err != nil {
		return err
	}
	_, err = e.Migrate(ctx, plan, opt.MigrateOptions, report)
	return err
}

// written returns the folder that no migration is written outside of: the workspace or, where the user named a folder
// elsewhere, that one.
func (e *Env) written(f *migrate.Folder) string {
	if e.ws.Settings.Origin("migrate.folder").IsPerson() && e.ws.Settings.Migrate.Folder != "" {
		return f.Dir
	}
	return cmp.Or(e.ws.Tree(), path.Dir(f.Dir))
}

// runPending runs the migrations that are pending, and counts in the database then what the new one would do.
func (e *Env) runPending(ctx context.Context, m *NewMigration, opt NewMigrationOptions, report progress.Report) error {
	if m.deploy == nil || m.deploy.Empty() {
		return nil
	}
	if _, err := e.Migrate(ctx, m.deploy, opt.MigrateOptions, report); err != nil {
		return err
	}
	if m.Name == "" {
		return nil
	}
	want, db, err := e.desiredAndDatabase(ctx)
	if err != nil {
		return err
	}
	m.Change, err = e.liveChange(ctx, db, want, opt)
	return err
}

func (e *Env) recordNew(ctx context.Context, m *NewMigration, opt NewMigrationOptions, report progress.Report) error {
	plan, err := e.PlanResolve(ctx, m.Name, true)
	if err != nil {
		return err
	}
	return e.Resolve(ctx, plan, opt.MigrateOptions, report)
}

// withCreateOnly adds the way out by hand to the refusal of a change.
func withCreateOnly(err error) error {
	if r, ok := remedy.Of(err); ok {
		r.WithHelp(remedy.Again("migrate dev", "--create-only").Note("writes the script, for you to change before it runs"))
	}
	return err
}
