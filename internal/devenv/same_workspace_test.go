package devenv

import (
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// yes lets an up change a server that naap did not start.
func yes(string) bool { return true }

func countOf(t *testing.T, url, sql string) (n int) {
	t.Helper()
	conn, err := postgres.Connect(t.Context(), url, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if err := conn.QueryRow(t.Context(), sql).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func run(t *testing.T, url, sql string) {
	t.Helper()
	conn, err := postgres.Connect(t.Context(), url, postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

func TestTheBuiltInWorkspaceIsNotPouredIntoAnothersTables(t *testing.T) {
	url := pgtest.NewDatabase(t)
	run(t, url, `CREATE TABLE "Order" (id int); CREATE TABLE "Customer" (id int)`)
	const schemas = `SELECT count(*) FROM pg_namespace WHERE nspname ~ '^(plugin|naap)_'`
	for _, opt := range []UpOptions{{Confirm: yes}, {Confirm: yes, NoPush: true}, {Confirm: yes, NoSeed: true}} {
		_, err := testEnv(t, nil, "NAAP_DATABASE_URL="+url).Up(t.Context(), opt, progress.Discard)
		text := remedy.Text(err)
		if remedy.Code(err) != "workspace.other" || remedy.Exit(err) != remedy.ExitRefused {
			t.Fatalf("%+v: the error is %v", opt, text)
		}
		if !strings.Contains(text, "2 tables, and no schema naap_dev") || !strings.Contains(text, "-C DIR") || !strings.Contains(text, "--no-push --no-seed") {
			t.Errorf("%+v: it does not say what was seen and the ways out:\n%s", opt, text)
		}
	}
	for verb, do := range map[string]func(e *Env) error{
		"push": func(e *Env) error {
			plan, err := e.Diff(t.Context(), PushOptions{})
			if err != nil {
				return err
			}
			_, err = e.Push(t.Context(), plan, PushOptions{AllowExternal: true}, progress.Discard)
			return err
		},
		"seed": func(e *Env) error {
			_, err := e.Seed(t.Context(), SeedOptions{AllowExternal: true}, progress.Discard)
			return err
		},
		"reset": func(e *Env) error {
			_, err := e.PlanReset(t.Context(), []string{"public"}, ResetOptions{AllowExternal: true})
			return err
		},
		"up --dry-run": func(e *Env) error { _, err := e.PlanUp(t.Context(), UpOptions{}); return err },
	} {
		if err := do(testEnv(t, nil, "NAAP_DATABASE_URL="+url)); remedy.Code(err) != "workspace.other" {
			t.Errorf("%s: the error is %v", verb, err)
		}
	}
	up, err := testEnv(t, nil, "NAAP_DATABASE_URL="+url).Up(t.Context(), UpOptions{Confirm: yes, NoPush: true, NoSeed: true}, progress.Discard)
	if err != nil || up.Tables.Applied != 0 {
		t.Errorf("leaving tables and rows alone: %+v, %v", up, err)
	}
	if n := countOf(t, url, schemas); n != 0 {
		t.Errorf("%d schemas were made beside another workspace's tables", n)
	}
}

func TestAWorkspaceOfItsOwnAddsToTablesThatAreThere(t *testing.T) {
	url := pgtest.NewDatabase(t)
	run(t, url, `CREATE TABLE "Order" (id int)`)
	e := testEnv(t, map[string]string{"naap.toml": `schema = "schema.prisma"`,
		"schema.prisma": "datasource db {\n  provider = \"postgresql\"\n  url = \"\"\n}\n\nmodel Stall {\n  id Int @id\n}\n"}, "NAAP_DATABASE_URL="+url)
	up, err := e.Up(t.Context(), UpOptions{Confirm: yes}, progress.Discard)
	if err != nil || up.Tables.Created != 1 {
		t.Errorf("%+v, %v", up.Tables, err)
	}
}

func TestTheBuiltInWorkspaceGoesOnWithWhatItMade(t *testing.T) {
	url := pgtest.NewDatabase(t)
	// Ended after the tables and before the seeds, whose records are the other sign.
	for _, opt := range []UpOptions{{Confirm: yes, NoSeed: true}, {Confirm: yes}, {Confirm: yes}} {
		if _, err := testEnv(t, nil, "NAAP_DATABASE_URL="+url).Up(t.Context(), opt, progress.Discard); err != nil {
			t.Fatal(remedy.Text(err))
		}
	}
}

func TestAttachingToAnothersTablesClaimsNothing(t *testing.T) {
	e := testEnv(t, map[string]string{"naap.toml": ""})
	if err := writeRecord(e.StateDir(), record{Engine: "docker", Attached: true}); err != nil {
		t.Fatal(err)
	}
	if err := e.sameWorkspace(); err != nil {
		t.Errorf("the checkout is kept out of its own database: %v", err)
	}
}
