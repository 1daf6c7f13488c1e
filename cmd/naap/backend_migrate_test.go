//go:build unix

package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/backend"
	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/migrate"
	"github.com/livepeer/naap-dev/internal/progress"
)

// stands expects the migrations in these states, in their order, and that the facts count them so.
func stands(t *testing.T, b subject, states ...string) *backend.Migrations {
	t.Helper()
	m, err := b.Migrations(t.Context())
	ok(t, err)
	var got []string
	counted := migrate.Counts{Table: m.Table}
	for _, e := range m.Entries {
		state := string(e.State)
		switch e.State {
		case migrate.Applied:
			counted.Applied++
			if e.Recorded {
				state = "recorded"
			}
		case migrate.Pending:
			counted.Pending++
		case migrate.Failed:
			counted.Failed++
		}
		got = append(got, state)
	}
	if !slices.Equal(got, states) {
		t.Fatalf("the migrations are %v, and not %v", got, states)
	}
	f, err := b.Facts(t.Context())
	ok(t, err)
	if len(states) > 0 && (f.Migrations == nil || *f.Migrations != counted) || len(states) == 0 && f.Migrations != nil {
		t.Errorf("the facts have %+v of %v", f.Migrations, got)
	}
	return m
}

// migrationsHold brings three migrations into a database with tables: one is recorded, one runs, one fails and is resolved.
func migrationsHold(t *testing.T, b subject) {
	stands(t, b)
	b.add(t, "20200101_base", "SELECT 1;\n")
	b.add(t, "20200102_notes", "CREATE TABLE public.notes (id int PRIMARY KEY);\n")
	b.add(t, "20200103_more", "CREATE TABLE public.more (id int PRIMARY KEY);\nSELECT 1/0;\n")
	m := stands(t, b, "pending", "pending", "pending")
	if s := m.Scripts["20200103_more"]; s.Statements != 2 || !strings.Contains(s.SQL, "1/0") || !strings.HasSuffix(s.Path, "migrations/20200103_more/migration.sql") || m.Verdict != migrate.Unmanaged {
		t.Errorf("%+v, %s", s, m.Verdict)
	}
	_, err := b.PlanDeploy(t.Context())
	refused(t, err, "migrate.baseline")
	resolves(t, b, "20200101_base", true, "")
	stands(t, b, "recorded", "pending", "pending")
	rehearsalHolds(t, b)
	failureHolds(t, b)
	newMigrationHolds(t, b)
}

func resolves(t *testing.T, b subject, name string, applied bool, now string) {
	t.Helper()
	r, err := b.PlanResolve(t.Context(), name, applied)
	ok(t, err)
	if r.Name != name || r.Applied != applied || r.Now != now {
		t.Errorf("%+v", r)
	}
	goes(t, "resolve", func(report progress.Report) error { return b.Resolve(t.Context(), r, report) })
}

// rehearsalHolds rehearses two migrations, the second of which fails, and finds the database as it was.
func rehearsalHolds(t *testing.T, b subject) {
	plan, err := b.PlanDeploy(t.Context())
	ok(t, err)
	if len(plan.Steps) != 2 || plan.Steps[1].Statements != 2 || !plan.Steps[1].Whole || plan.File.ID == "" || len(plan.Asks()) > 0 {
		t.Fatalf("%+v", plan)
	}
	out, err := b.Rehearse(t.Context(), plan, devenv.RehearseOptions{}, progress.Discard)
	refused(t, err, "migrate.statement")
	if out == nil || len(out.Migrations) != 2 || out.Migrations[0].Name != "20200102_notes" || len(out.Migrations[0].Statements) == 0 {
		t.Fatalf("%+v", out)
	}
	stands(t, b, "recorded", "pending", "pending")
	b.add(t, "20200102_notes", "CREATE TABLE public.notes (id bigint PRIMARY KEY);\n")
	for what, err := range map[string]error{
		"check": b.CheckDeploy(t.Context(), plan), "deploy": b.Deploy(t.Context(), plan, progress.Discard),
	} {
		if refused(t, err, "plan.stale"); t.Failed() {
			t.Fatalf("%s of a plan whose folder was edited: %v", what, err)
		}
	}
}

// failureHolds deploys until the failure, resolves that, and deploys again.
func failureHolds(t *testing.T, b subject) {
	plan, err := b.PlanDeploy(t.Context())
	ok(t, err)
	refused(t, b.Deploy(t.Context(), plan, progress.Discard), "migrate.statement")
	m := stands(t, b, "recorded", "applied", "failed")
	if e := m.Entries; e[1].Took() <= 0 || e[2].Logs == "" || e[2].StartedAt == nil || m.Verdict != migrate.Broken {
		t.Errorf("%+v", e)
	}
	_, err = b.PlanDeploy(t.Context())
	refused(t, err, "migrate.failed")
	_, err = b.PlanResolve(t.Context(), "20200102_notes", false)
	refused(t, err, "migrate.not-failed")
	resolves(t, b, "20200103_more", false, "nothing of this migration is in the database")
	if m := stands(t, b, "recorded", "applied", "pending"); m.Entries[2].RolledBack != 1 {
		t.Errorf("%+v", m.Entries[2])
	}
	b.add(t, "20200103_more", "CREATE TABLE public.more (id int PRIMARY KEY);\n")
	plan, err = b.PlanDeploy(t.Context())
	ok(t, err)
	goes(t, "deploy", func(r progress.Report) error { return b.Deploy(t.Context(), plan, r) })
	stands(t, b, "recorded", "applied", "applied")
}

// newMigrationHolds finds that the migrations lack much of the Prisma file, in a database that has more, and writes one.
func newMigrationHolds(t *testing.T, b subject) {
	scripts, err := b.PlanScripts(t.Context())
	ok(t, err)
	ok(t, b.AllowScripts(t.Context(), scripts.Standings))
	found, err := b.CheckMigrations(t.Context())
	ok(t, err)
	if len(scripts.Asks()) > 0 || found.Plan.Empty() || found.Migrations != 3 || found.File.Name == "" {
		t.Errorf("%+v, %+v", scripts, found)
	}
	opt := devenv.NewMigrationOptions{Called: "rest"}
	_, err = b.PlanMigration(t.Context(), opt)
	refused(t, err, "migrate.drift")
	opt.CreateOnly = true
	plan, err := b.PlanMigration(t.Context(), opt)
	ok(t, err)
	if !strings.HasSuffix(plan.Name, "_rest") || !strings.Contains(plan.SQL, "CREATE TABLE") || len(plan.Drift) == 0 {
		t.Errorf("%+v", plan.NewMigration)
	}
	goes(t, "write", func(r progress.Report) error { return b.MakeMigration(t.Context(), plan, true, false, r) })
	m := stands(t, b, "recorded", "applied", "applied", "pending")
	if m.Entries[3].Name != plan.Name || m.Scripts[plan.Name].SQL != plan.SQL {
		t.Errorf("%+v", m.Entries[3])
	}
	b.edit(t)
	refused(t, b.MakeMigration(t.Context(), plan, true, false, progress.Discard), "plan.stale")
	b.settle()
}
