package migrate

import (
	"net/url"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// granted runs the first GRANT that a refusal names, as the superuser.
func granted(t *testing.T, super string, err error) {
	t.Helper()
	r, ok := remedy.Of(err)
	if !ok || len(r.Fix) == 0 {
		t.Fatalf("no way is named: %v", err)
	}
	_, grant, found := strings.Cut(r.Fix[0].String(), ": ")
	if !found || !strings.HasPrefix(grant, "GRANT ") {
		t.Fatalf("the first way is %s", r.Fix[0])
	}
	pgtest.Exec(t, super, grant)
}

// A role is told which right it lacks before anything runs, and each GRANT gets it one step further. What it may not run
// leaves nothing that would have to be resolved.
func TestARoleThatOnlyReadsIsToldWhatItLacks(t *testing.T) {
	super := pgtest.NewDatabase(t)
	pgtest.Exec(t, super, "CREATE TABLE old (a int); CREATE ROLE rights_looks LOGIN PASSWORD 'x'; GRANT SELECT ON old TO rights_looks")
	t.Cleanup(func() { pgtest.Exec(t, super, "DROP OWNED BY rights_looks; DROP ROLE rights_looks") })
	at, err := url.Parse(super)
	if err != nil {
		t.Fatal(err)
	}
	at.User = url.UserPassword("rights_looks", "x")
	b := benchAt(t, at.String(), "ALTER TABLE old ADD COLUMN b int")
	deploy := func() error {
		plan, err := b.look().PlanDeploy(Target{Schema: "public"})
		b.must(err)
		_, err = Deploy(t.Context(), b.db, plan, quietly)
		return err
	}
	for _, lacks := range []string{"rights on its schema", "must be owner of table old"} {
		err := deploy()
		if remedy.Code(err) != "migrate.denied" || remedy.Exit(err) != remedy.ExitRefused || !strings.Contains(remedy.Text(err), lacks) {
			t.Fatalf("it says %s, and not %q", remedy.Text(err), lacks)
		}
		if got := b.states(); got != "1_m pending" {
			t.Errorf("after that: %s", got)
		}
		if lacks == "rights on its schema" && b.has("_prisma_migrations") {
			t.Error("it was not refused before anything was done")
		}
		granted(t, super, err)
	}
	pgtest.Exec(t, super, "REVOKE CREATE ON SCHEMA public FROM rights_looks; ALTER TABLE _prisma_migrations OWNER TO postgres; REVOKE postgres FROM rights_looks; GRANT SELECT ON _prisma_migrations TO rights_looks")
	r, err := b.look().PlanApplied("1_m", Target{Schema: "public"})
	b.must(err)
	err = Resolve(t.Context(), b.db, r, quietly)
	if text := remedy.Text(postgresDenied(t, b, err)); !strings.Contains(text, `GRANT SELECT, INSERT, UPDATE, DELETE ON "public"."_prisma_migrations" TO "rights_looks"`) {
		t.Errorf("it says %s", text)
	}
	granted(t, super, postgresDenied(t, b, err))
	b.must(Resolve(t.Context(), b.db, r, quietly)) // without the right to make the table, which is there
}

// postgresDenied is the error as a verb explains it.
func postgresDenied(t *testing.T, b *bench, err error) error {
	t.Helper()
	if !postgres.HasCode(err, postgres.Forbidden) {
		t.Fatalf("it is not refused: %v", err)
	}
	return postgres.Denied(t.Context(), b.db, err)
}

// Of a failed migration only what works is offered.
func TestAFailedMigrationIsOfferedWhatWorks(t *testing.T) {
	b := benchAt(t, pgtest.NewDatabase(t), "SELECT 1/0")
	if err := b.deploy(); remedy.Code(err) != "migrate.statement" {
		t.Fatal(err)
	}
	offered := func() string {
		_, err := b.look().PlanDeploy(b.target())
		if remedy.Code(err) != "migrate.failed" {
			t.Fatal(err)
		}
		return remedy.Text(err)
	}
	for _, c := range []struct {
		what    string
		is      func()
		applied bool
	}{
		{"it is as it was", func() {}, true},
		{"its folder is empty", func() { b.remove("1_m"); b.write("1_m/x", "") }, false},
		{"its folder is gone", func() { b.remove("1_m") }, false},
	} {
		c.is()
		text := offered()
		_, err := b.look().PlanApplied("1_m", b.target())
		if strings.Contains(text, "--applied 1_m") != c.applied || (err == nil) != c.applied || !strings.Contains(text, "--rolled-back 1_m") {
			t.Errorf("%s: it offers %s; and --applied: %v", c.what, text, err)
		}
	}
	b.must(b.resolve("1_m", false))
	b.must(b.deploy())
}
