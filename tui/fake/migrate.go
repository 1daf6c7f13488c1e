package fake

import (
	"cmp"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/backend"
	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/migrate"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/schemaplan"
	"github.com/livepeer/naap-dev/internal/trust"
)

// migrationsDir is the folder of migrations.
const migrationsDir = "prisma/migrations"

// Locks, as package migrate numbers them.
const (
	rowExclusive    = 3
	share           = 5
	accessExclusive = 8
)

// Migration is one of the fake's folder, of its database, or of both. A script that divides by zero fails.
type Migration struct {
	migrate.Entry
	SQL  string
	Lint []migrate.LintFinding
}

// AddMigration puts a migration into the folder, or another script into the place of one that is there.
func (b *Backend) AddMigration(name, script string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	sum := fmt.Sprintf("%x", sha256.Sum256([]byte(script)))
	for i := range b.History {
		if m := &b.History[i]; m.Name == name {
			m.SQL, m.Edited, m.Checksum = script, m.State == migrate.Applied, sum
			return
		}
	}
	b.History = append(b.History, Migration{Entry: migrate.Entry{Name: name, State: migrate.Pending, Checksum: sum}, SQL: script})
}

// Teams is a history with a migration in every state, of which the last two are pending.
func (b *Backend) Teams() {
	b.Recorded = true
	at := func(ago time.Duration) *time.Time { t := Now.Add(-ago); return &t }
	for i, m := range []struct{ name, script string }{
		{"20241101090000_init", "-- CreateTable\nCREATE TABLE \"User\" (\n    \"id\" TEXT NOT NULL,\n    \"name\" TEXT,\n\n    CONSTRAINT \"User_pkey\" PRIMARY KEY (\"id\")\n);\n"},
		{"20241204101500_sessions", "-- CreateTable\nCREATE TABLE \"Session\" (\"id\" TEXT NOT NULL);\n"},
		{"20250110080000_notes", "ALTER TABLE \"User\" ADD COLUMN \"note\" TEXT;\n"},
		{"20250301120000_drop_legacy", "-- AlterTable\nALTER TABLE \"Team\" DROP COLUMN \"legacy\";\n\n-- CreateIndex\nCREATE INDEX \"Session_userId_idx\" ON \"Session\"(\"userId\");\n"},
		{"20250312093000_teams", "CREATE TABLE \"TeamNote\" (\"id\" INTEGER NOT NULL); -- empty\n"},
	} {
		b.AddMigration(m.name, m.script)
		if e := &b.History[i]; i < 3 {
			e.State, e.StartedAt, e.FinishedAt = migrate.Applied, at(time.Duration(100-i)*24*time.Hour), at(time.Duration(100-i)*24*time.Hour-240*time.Millisecond)
		}
	}
	b.History[0].Recorded, b.History[2].Edited = true, true
	b.History[3].Lint = []migrate.LintFinding{
		lint("naap/migrate-destroys", remedy.Warning, b.History[3].Name, 2, "drops the column Team.legacy with its values"),
		lint("naap/migrate-index", remedy.Warning, b.History[3].Name, 5, "builds an index on Session, which nobody can write meanwhile", `CREATE INDEX CONCURRENTLY "Session_userId_idx" ON "Session"("userId");`),
	}
	b.History = slices.Insert(b.History, 2, Migration{Entry: migrate.Entry{Name: "20241220000000_from_a_branch", State: migrate.Missing, StartedAt: at(84 * 24 * time.Hour), FinishedAt: at(84*24*time.Hour - 12*time.Millisecond)}})
}

// FailMigration makes the first pending migration one that failed.
func (b *Backend) FailMigration() {
	i := slices.IndexFunc(b.History, func(m Migration) bool { return m.State == migrate.Pending })
	b.History[i].fail()
}

func (m *Migration) fail() {
	began := Now.Add(-3 * time.Minute)
	m.State, m.StartedAt, m.FinishedAt = migrate.Failed, &began, nil
	e, _ := remedy.Of(m.failure())
	m.Logs = strings.Join(append([]string{e.Message}, e.Seen...), "\n")
}

// failure is what a deploy says of a script that fails.
func (m *Migration) failure() error {
	return remedy.New("migrate.statement", remedy.ExitFailed, "%s:2:1: the migration failed (Prisma's P3018)", m.path()).
		WithSeen(`server: ERROR: column "legacy" of relation "Team" does not exist (SQLSTATE 42703)`).
		WithSeen(`statement: ALTER TABLE "Team" DROP COLUMN "legacy"`).WithSeen("now: nothing of this migration is in the database").
		WithHelp(remedy.Words("fix the script or the database, then say which:")).
		WithHelp(remedy.Naap("migrate resolve", "--rolled-back", m.Name).Note("if nothing of it is in the database: it runs again"))
}

func (m *Migration) path() string { return migrationsDir + "/" + m.Name + "/migration.sql" }

func (m *Migration) fails() bool { return strings.Contains(m.SQL, "1/0") }

// lint is a finding of a rule.
func lint(rule string, severity remedy.Severity, name string, line int, message string, help ...string) migrate.LintFinding {
	return migrate.LintFinding{Rule: &migrate.LintRule{ID: rule}, Severity: severity, Path: migrationsDir + "/" + name + "/migration.sql", Line: line, Column: 1, EndColumn: 2, Message: message, Help: help}
}

// poisonedLint is what lint says of a migration.
func (b *Backend) poisonedLint(m Migration) []migrate.LintFinding {
	list := slices.Clone(m.Lint)
	for i := range list {
		list[i].Path, list[i].Message = b.str(m.path()), b.str(list[i].Message)
	}
	return list
}

// Migrations are those that were added.
func (b *Backend) Migrations(ctx context.Context) (*backend.Migrations, error) {
	if b.Unfiled {
		return &backend.Migrations{History: &migrate.History{}, None: remedy.New("migrate.folder", remedy.ExitFailed, "the workspace has no Prisma file, and so no migrations").
			WithHelp(remedy.Naap("config").Note("schema says where it is looked for"))}, nil
	}
	b.mu.Lock()
	m := &backend.Migrations{History: &migrate.History{Dir: b.str(migrationsDir), Table: b.Recorded, Verdict: b.verdict()}, Scripts: map[string]backend.Script{}}
	for _, x := range b.History {
		e := x.Entry
		e.Name, e.Logs = b.str(e.Name), b.poisoned(e.Logs)
		m.Entries = append(m.Entries, e)
		if e.State != migrate.Missing {
			m.Scripts[e.Name] = backend.Script{Path: b.str(x.path()), SQL: b.str(x.SQL), Statements: strings.Count(x.SQL, ";")}
		}
		m.Lint = append(m.Lint, b.poisonedLint(x)...)
	}
	b.mu.Unlock()
	return m, b.enter(ctx)
}

func (b *Backend) verdict() migrate.Verdict {
	is := func(s migrate.State) bool {
		return slices.ContainsFunc(b.History, func(m Migration) bool { return m.State == s })
	}
	switch {
	case is(migrate.Failed):
		return migrate.Broken
	case !b.Recorded:
		return migrate.Unmanaged
	case is(migrate.Pending):
		return migrate.Behind
	}
	return migrate.UpToDate
}

// counts are nil without a folder.
func (b *Backend) counts() *migrate.Counts {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.History) == 0 {
		return nil
	}
	c := &migrate.Counts{Table: b.Recorded}
	for _, m := range b.History {
		switch m.State {
		case migrate.Applied:
			c.Applied++
		case migrate.Pending:
			c.Pending++
		case migrate.Failed:
			c.Failed++
		}
	}
	return c
}

// migration finds one by its name, poisoned or not.
func (b *Backend) migration(name string) *Migration {
	i := slices.IndexFunc(b.History, func(m Migration) bool { return m.Name == name || b.str(m.Name) == name })
	if i < 0 {
		return nil
	}
	return &b.History[i]
}

// PlanDeploy refuses a database without a record of migrations, and one that failed before.
func (b *Backend) PlanDeploy(ctx context.Context) (*backend.DeployPlan, error) {
	if err := b.enter(ctx); err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	switch b.verdict() {
	case migrate.Unmanaged:
		return nil, remedy.New("migrate.baseline", remedy.ExitRefused, "the database has tables, and nothing records which migrations made them (Prisma's P3005)")
	case migrate.Broken:
		return nil, remedy.New("migrate.failed", remedy.ExitRefused, "a migration failed, and nothing runs until that is resolved (Prisma's P3009)")
	}
	p := &backend.DeployPlan{
		MigratePlan: &devenv.MigratePlan{Plan: &migrate.Plan{Dir: b.str(migrationsDir)}, Standings: slices.Clone(b.Reaches)},
		File:        backend.FileState{Name: b.str(migrationsDir), AsOf: Now, ID: b.folderID()},
	}
	for _, m := range b.History {
		if m.State == migrate.Pending {
			p.Steps = append(p.Steps, migrate.Step{Name: b.str(m.Name), Path: b.str(m.path()), Checksum: m.Checksum, Statements: strings.Count(m.SQL, ";"), Whole: true, SQL: b.str(m.SQL)})
			p.Lint = append(p.Lint, b.poisonedLint(m)...)
		}
		if m.Edited {
			p.Notes = append(p.Notes, b.str(m.Name)+" was edited after it was applied: a new database gets something else than this one has")
		}
	}
	return p, nil
}

func (b *Backend) folderID() string {
	id := ""
	for _, m := range b.History {
		if m.State != migrate.Missing {
			id += m.Name + m.Checksum
		}
	}
	return id
}

// CheckDeploy refuses a plan of former files.
func (b *Backend) CheckDeploy(_ context.Context, plan *backend.DeployPlan) error {
	if err := b.stale(); err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if plan.File.ID != b.folderID() {
		return remedy.New("plan.stale", remedy.ExitRefused, "the folder migrations has changed since; nothing was done")
	}
	return nil
}

func heldBack(standings []trust.Standing) error {
	if !slices.ContainsFunc(standings, func(s trust.Standing) bool { return !s.Allowed }) {
		return nil
	}
	return remedy.New(trust.CodeNeeded, remedy.ExitRefused, "SQL that reaches out of the database is not allowed")
}

// Deploy runs what is pending, until one fails.
func (b *Backend) Deploy(ctx context.Context, plan *backend.DeployPlan, report progress.Report) error {
	err := cmp.Or(b.CheckDeploy(ctx, plan), heldBack(plan.Standings), b.enter(ctx))
	for _, s := range plan.Steps {
		if err != nil {
			return err
		}
		report(progress.Step{Name: "migrate", Title: "Run migrations", Status: progress.Done, Detail: s.Name})
		err = b.run(s.Name)
	}
	return err
}

func (b *Backend) run(name string) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	m := b.migration(name)
	if m.fails() {
		m.fail()
		return m.failure()
	}
	b.Deployed = append(b.Deployed, m.Name)
	began, ended := Now, Now.Add(18*time.Millisecond)
	m.State, m.StartedAt, m.FinishedAt, m.Lint, m.Logs = migrate.Applied, &began, &ended, nil, ""
	return nil
}

// Rehearse reports what each statement did.
func (b *Backend) Rehearse(ctx context.Context, plan *backend.DeployPlan, opt devenv.RehearseOptions, report progress.Report) (*migrate.Rehearsal, error) {
	out := &migrate.Rehearsal{Size: 358 << 20, TookMS: 2410, WAL: 34 << 20, Rewritten: 24 << 20}
	err := cmp.Or(b.CheckDeploy(ctx, plan), heldBack(plan.Standings), b.inTheWay("backup.sessions", opt.TerminateSessions), b.enter(ctx))
	if err != nil {
		return out, err
	}
	steps(report, "Copy the database", "Rehearse migrations")
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, s := range plan.Steps {
		m := b.migration(s.Name)
		r := migrate.Rehearsed{Name: s.Name, Path: s.Path, Whole: true, TookMS: 2400}
		r.Statements = []migrate.RehearsedStatement{{
			Line: 2, SQL: b.str(strings.Join(strings.Fields(s.SQL), " ")), TookMS: 2380, WAL: 33 << 20, Rows: 1_234_567,
			Rewritten: []migrate.RewrittenFiles{{Name: b.str(`public."Session_userId_idx"`), Index: true, New: true, After: 24 << 20}},
			Locks:     []migrate.TakenLock{{Table: b.str(`public."Session"`), Mode: share}},
		}}
		if i == 0 {
			r.Statements[0].Destroys = []migrate.DestroyedRows{{Kind: "column", Name: b.str(`public."Team".legacy`), Rows: 412}}
			r.Statements = append(r.Statements, migrate.RehearsedStatement{Line: 5, SQL: b.str("SELECT 1"), TookMS: 0.4})
			out.Destroys = r.Statements[0].Destroys
		}
		out.Migrations = append(out.Migrations, r)
		if m.fails() {
			return out, m.failure()
		}
	}
	out.Waits = []migrate.Wait{{Table: b.str("public.Team"), Needs: accessExclusive, Holds: rowExclusive, PID: 812, Application: b.str("psql"), State: "idle in transaction", ForMS: 180_000}}
	return out, nil
}

// PlanResolve knows what failed.
func (b *Backend) PlanResolve(ctx context.Context, name string, applied bool) (*migrate.Resolution, error) {
	if err := b.enter(ctx); err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	m := b.migration(name)
	r := &migrate.Resolution{Name: name, Applied: applied, Table: !b.Recorded}
	switch {
	case m == nil:
		return nil, remedy.New("migrate.unknown", remedy.ExitUsage, "there is no migration %s", name)
	case m.State == migrate.Failed:
		r.GivesUp, r.Now = 1, "nothing of this migration is in the database"
	case !applied:
		return nil, remedy.New("migrate.not-failed", remedy.ExitRefused, "the migration did not fail")
	case m.State == migrate.Applied:
		return nil, remedy.New("migrate.applied", remedy.ExitRefused, "the migration is recorded as applied already")
	}
	return r, nil
}

// Resolve changes what is recorded.
func (b *Backend) Resolve(ctx context.Context, r *migrate.Resolution, report progress.Report) error {
	return b.carryOut(ctx, nil, func() {
		m := b.migration(r.Name)
		m.RolledBack += r.GivesUp
		m.State, m.Logs, b.Recorded = migrate.Pending, "", true
		if r.Applied {
			now := Now
			m.State, m.Recorded, m.StartedAt, m.FinishedAt = migrate.Applied, true, &now, &now
		}
	}, report, "Record the migration")
}

// PlanScripts asks for what the scripts reach.
func (b *Backend) PlanScripts(ctx context.Context) (*backend.ScriptsPlan, error) {
	b.mu.Lock()
	p := &backend.ScriptsPlan{Standings: slices.Clone(b.Reaches), Held: (&devenv.MigratePlan{Standings: b.Reaches}).Asks()}
	b.mu.Unlock()
	return p, b.enter(ctx)
}

// AllowScripts allows them all.
func (b *Backend) AllowScripts(ctx context.Context, _ []trust.Standing) error {
	return b.carryOut(ctx, nil, func() {
		for i := range b.Reaches {
			b.Reaches[i].Allowed = true
		}
	}, progress.Discard)
}

// newSteps is what a new migration does: it drops a column, which may be a rename.
func (b *Backend) newSteps(renames []string) *schemaplan.Plan {
	p := &schemaplan.Plan{}
	if b.Agreed {
		return p
	}
	step := func(class schemaplan.Class, object, summary, sql string, loss *schemaplan.Loss) {
		p.Steps = append(p.Steps, &schemaplan.Step{Class: class, Object: b.str(object), Summary: b.str(summary), Statements: []string{b.str(sql)}, Destroys: loss})
	}
	step(schemaplan.Adds, "public.Badge", "create table public.Badge", `CREATE TABLE "Badge" ("id" TEXT NOT NULL)`, nil)
	key := b.str("public.User.note>remark")
	if slices.Contains(renames, key) {
		step(schemaplan.Changes, "public.User.note", "rename column public.User.note to remark", `ALTER TABLE "User" RENAME COLUMN "note" TO "remark"`, nil)
		return p
	}
	step(schemaplan.Destroys, "public.User.note", "drop column public.User.note", `ALTER TABLE "User" DROP COLUMN "note"`, &schemaplan.Loss{What: b.str("31 values of public.User.note"), NonNull: 31})
	p.Renames = []schemaplan.Rename{{Key: key, Kind: "column", From: b.str("public.User.note"), To: b.str("remark"), Keeps: "31 values"}}
	return p
}

// PlanMigration refuses a database that drifted, unless the migration is only to be written.
func (b *Backend) PlanMigration(ctx context.Context, opt devenv.NewMigrationOptions) (*backend.MigrationPlan, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	file := b.file()
	file.ID += b.folderID()
	m := &backend.MigrationPlan{NewMigration: &devenv.NewMigration{Dir: b.str(migrationsDir), Change: b.newSteps(opt.Renames)}, Options: opt, File: file}
	if b.verdict() == migrate.Broken {
		return nil, remedy.New("migrate.failed", remedy.ExitRefused, "a migration failed, and nothing runs until that is resolved (Prisma's P3009)")
	}
	for _, x := range b.History {
		if x.State == migrate.Pending {
			m.Pending = append(m.Pending, b.str(x.Name))
		}
	}
	if b.Drifted {
		m.Drift = []schemaplan.Difference{{Kind: "column", Object: b.str("public.User.nick"), Here: "text"}}
		if !opt.CreateOnly {
			return nil, remedy.New("migrate.drift", remedy.ExitRefused, "the database is not what its migrations make, and a new one might not run on it").
				WithSeen(b.str(m.Drift[0].Line("the migrations"))).WithHelp(remedy.Naap("dev push").Note("makes the database match the Prisma file"))
		}
	}
	switch {
	case !m.Change.Empty():
		for _, s := range m.Change.Steps {
			m.SQL += "-- " + s.Summary + "\n" + s.Statements[0] + ";\n"
		}
	case opt.CreateOnly:
		m.SQL = "-- This is an empty migration."
	}
	if m.SQL != "" {
		m.Name = "20250314140207_" + opt.Called
		m.Path = b.str(migrationsDir) + "/" + m.Name + "/migration.sql"
	}
	return m, cmp.Or(b.Broken, ctx.Err())
}

// MakeMigration adds it to the folder and, unless it is only written, runs all that are pending.
func (b *Backend) MakeMigration(ctx context.Context, plan *backend.MigrationPlan, only, acceptLoss bool, report progress.Report) error {
	if err := b.stale(); err != nil {
		return err
	}
	only = only || plan.Options.CreateOnly
	if !only && plan.Change.Destructive() && !acceptLoss {
		return remedy.New("push.destroys", remedy.ExitRefused, "a step destroys")
	}
	report(progress.Step{Name: "write", Title: "Write the migration", Status: progress.Done, Detail: plan.Path})
	if plan.Name != "" {
		b.AddMigration(plan.Name, plan.SQL)
	}
	if only {
		return b.enter(ctx)
	}
	b.mu.Lock()
	b.Agreed = true
	b.mu.Unlock()
	deploy, err := b.PlanDeploy(ctx)
	if err != nil {
		return err
	}
	return b.Deploy(ctx, deploy, report)
}

// CheckMigrations finds what a new migration would do.
func (b *Backend) CheckMigrations(ctx context.Context) (*backend.Agreement, error) {
	b.mu.Lock()
	a := &backend.Agreement{Agreement: &devenv.Agreement{Dir: b.str(migrationsDir), Migrations: len(b.History), Plan: b.newSteps(nil)}, File: b.file()}
	b.mu.Unlock()
	return a, b.enter(ctx)
}
