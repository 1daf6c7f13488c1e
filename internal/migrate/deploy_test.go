package migrate

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// TestAwkwardScriptsAreRunAsTheServerReadsThem has a script a case; what is the history afterwards, and what is there?
func TestAwkwardScriptsAreRunAsTheServerReadsThem(t *testing.T) {
	for name, c := range map[string]struct {
		script string
		code   string // of the error; "" for none
		says   string // in the error
		check  string // a question whose answer is true afterwards
	}{
		"BOM":                           {"\ufeffCREATE TABLE t ();", "migrate.statement", ":1:1", "SELECT to_regclass('t') IS NULL"},
		"CRLF":                          {"CREATE TABLE t (\r\n a int\r\n);\r\nINSERT INTO t VALUES (1);\r\n", "", "", "SELECT a = 1 FROM t"},
		"no semicolon":                  {"CREATE TABLE t (); CREATE TABLE u ()", "", "", "SELECT to_regclass('u') IS NOT NULL"},
		"a comment at the end":          {"CREATE TABLE t (); CREATE TABLE u (); -- the end", "", "", "SELECT to_regclass('u') IS NOT NULL"},
		"only comments":                 {"-- This is an empty migration.", "", "", "SELECT true"},
		"nothing":                       {"", "", "", "SELECT true"},
		"own transaction":               {"BEGIN; CREATE TABLE t (); COMMIT;", "", "", "SELECT to_regclass('t') IS NOT NULL"},
		"fails after COMMIT":            {"BEGIN;\nCREATE TABLE t ();\nCOMMIT;\nCREATE TABLE u ();\nSELECT 1/0;", "migrate.statement", "committed up to its COMMIT in line 3", "SELECT to_regclass('t') IS NOT NULL AND to_regclass('u') IS NULL"},
		"fails before COMMIT":           {"BEGIN;\nCREATE TABLE t ();\nSELECT 1/0;\nCOMMIT;", "migrate.statement", "it had committed nothing yet", "SELECT to_regclass('t') IS NULL"},
		"fails":                         {"CREATE TABLE t ();\nCREATE TABLE u ();\nSELECT 1/0;\nCREATE TABLE v ();", "migrate.statement", ":3:1", "SELECT to_regclass('t') IS NULL"},
		"never ends":                    {"BEGIN; CREATE TABLE t ();", "migrate.statement", "does not end it", "SELECT to_regclass('t') IS NULL"},
		"syntax in the end":             {"CREATE TABLE t ();\nCREATE TABEL u ();", "migrate.statement", ":2:8", "SELECT to_regclass('t') IS NULL"},
		"open quote":                    {"CREATE TABLE t (); SELECT 'abc", "migrate.statement", "unterminated", "SELECT to_regclass('t') IS NULL"},
		"DO":                            {"DO $$ BEGIN CREATE TABLE t (); END $$;", "", "", "SELECT to_regclass('t') IS NOT NULL"},
		"DO that commits":               {"DO $$ BEGIN CREATE TABLE t (); COMMIT; CREATE TABLE u (); RAISE 'oh'; END $$", "migrate.statement", "may have committed a part", "SELECT to_regclass('t') IS NOT NULL AND to_regclass('u') IS NULL"},
		"functions":                     {"CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $f$ BEGIN RETURN 1; END; $f$;\nCREATE TABLE t (a int DEFAULT f()); INSERT INTO t DEFAULT VALUES;", "", "", "SELECT a = 1 FROM t"},
		"two enum values":               {"CREATE TYPE e AS ENUM ('a'); ALTER TYPE e ADD VALUE 'b'; ALTER TYPE e ADD VALUE 'c';", "", "", "SELECT count(*) = 3 FROM pg_enum WHERE enumtypid = 'e'::regtype"},
		"CONCURRENTLY alone":            {"CREATE INDEX CONCURRENTLY i ON base (a);", "", "", "SELECT to_regclass('i') IS NOT NULL"},
		"CONCURRENTLY not alone":        {"SELECT 1;\nCREATE INDEX CONCURRENTLY i ON base (a);", "migrate.alone", ":2: ", "SELECT to_regclass('base') IS NULL AND to_regclass('_prisma_migrations') IS NULL"},
		"2 MB":                          {"CREATE TABLE t (a text);\n" + strings.Repeat("INSERT INTO t VALUES ('"+strings.Repeat("x", 1000)+"');\n", 2000), "", "", "SELECT count(*) = 2000 FROM t"},
		"ends its own session":          {"CREATE TABLE t (); SELECT pg_terminate_backend(pg_backend_pid()); CREATE TABLE u ();", "migrate.statement", "nothing of this migration", "SELECT to_regclass('t') IS NULL"},
		"drops the schema of the table": {"DROP SCHEMA public CASCADE; CREATE SCHEMA public;", "migrate.statement", "_prisma_migrations", "SELECT to_regclass('base') IS NOT NULL"},
	} {
		t.Run(name, func(t *testing.T) {
			b := benchAt(t, pgtest.NewDatabase(t), "CREATE TABLE base (a int)", c.script)
			code, said := "", ""
			if err := b.deploy(); err != nil {
				code, said = remedy.Code(err), remedy.Text(err)
			}
			if code != c.code || !strings.Contains(said, c.says) {
				t.Fatalf("%s: %s", code, said)
			}
			if b.value("SELECT ("+c.check+")::text") != "true" {
				t.Errorf("not so: %s", c.check)
			}
			want := map[string]string{"": "1_m applied, 2_m applied", "migrate.alone": "1_m applied, 2_m pending"}[c.code]
			if c.code == "migrate.statement" {
				want = "1_m applied, 2_m failed"
			}
			if c.code == "migrate.alone" {
				want = "1_m pending, 2_m pending" // nothing at all is begun
			}
			if got := b.states(); got != want {
				t.Errorf("%s", got)
			}
		})
	}
}

func TestASettingOfAScriptLastsUntilTheRunsEnd(t *testing.T) {
	b := newBench(t, "CREATE SCHEMA other; SET search_path = other;", "CREATE TABLE t ();")
	b.must(b.deploy())
	if !b.has("other.t") || !b.has("public._prisma_migrations") {
		t.Error("it does not reach the next script, as it does in Prisma's own session")
	}
	b.write("3_m", "CREATE TABLE u ();")
	b.must(b.deploy())
	if !b.has("public.u") {
		t.Error("it reaches another run")
	}
}

func TestAFailedMigrationIsResolvedAndTheRestRuns(t *testing.T) {
	b := newBench(t, "CREATE TABLE a ();", "CREATE TABLE b (); SELECT 1/0;", "CREATE TABLE c ();")
	if err := b.deploy(); remedy.Code(err) != "migrate.statement" {
		t.Fatal(remedy.Text(err))
	}
	if got := b.states(); got != "1_m applied, 2_m failed, 3_m pending" {
		t.Error(got)
	}
	if err := b.deploy(); remedy.Code(err) != "migrate.failed" || !strings.Contains(remedy.Text(err), "naap migrate resolve --rolled-back 2_m") {
		t.Errorf("a second run says: %s", remedy.Text(err))
	}
	if err := b.resolve("1_m", false); remedy.Code(err) != "migrate.not-failed" {
		t.Errorf("the first, which succeeded, is recorded as rolled back: %v", err)
	}
	if err := b.resolve("1_m", true); remedy.Code(err) != "migrate.applied" {
		t.Errorf("the first is recorded as applied twice: %v", err)
	}
	if err := b.resolve("2_", false); remedy.Code(err) != "migrate.unknown" || !strings.Contains(remedy.Text(err), "2_m") {
		t.Errorf("a name with a slip: %s", remedy.Text(err))
	}
	b.must(b.resolve("2_m", false))
	b.write("2_m", "CREATE TABLE b ();")
	b.must(b.deploy())
	if got := b.states(); got != "1_m applied, 2_m applied, 3_m applied" || len(b.look().Edited()) > 0 || !b.has("c") {
		t.Errorf("%s, edited: %v", got, b.look().Edited())
	}
}

func TestABaselineIsRecordedAndNotRun(t *testing.T) {
	b := newBench(t, "CREATE TABLE a ();", "CREATE TABLE b ();")
	pgtest.Exec(t, b.url, "CREATE TABLE a ()")
	if err := b.deploy(); remedy.Code(err) != "migrate.baseline" || !strings.Contains(remedy.Text(err), "naap migrate resolve --applied 1_m") {
		t.Fatal(remedy.Text(err))
	}
	b.must(b.resolve("1_m", true))
	b.must(b.deploy())
	if !b.has("b") || b.value("SELECT applied_steps_count || coalesce(logs, 'NULL') FROM _prisma_migrations WHERE migration_name = '1_m'") != "0" {
		t.Error("it is not as after a baseline of Prisma's")
	}
}

func TestWhatPrismaPassesOverIsSaid(t *testing.T) {
	b := newBench(t, "CREATE TABLE a ();", "CREATE TABLE b ();", "CREATE TABLE c ();")
	b.must(b.deploy())
	b.write("2_m", "CREATE TABLE b (x int);")
	b.remove("1_m")
	b.write("0_late", "CREATE TABLE late ();")
	plan, err := b.look().PlanDeploy(b.target())
	b.must(err)
	said := strings.Join(plan.Warnings, "\n")
	for _, want := range []string{"2_m was edited", "1_m is applied here", "0_late runs after later ones"} {
		if !strings.Contains(said, want) {
			t.Errorf("it does not say %q: %s", want, said)
		}
	}
	if v := b.look().Verdict; v != Diverged {
		t.Errorf("the verdict is %s", v)
	}
	_, err = Deploy(t.Context(), b.db, plan, quietly)
	b.must(err)
	if !b.has("late") {
		t.Error("it did not run")
	}
}

func TestTwoAtOnceApplyEachOnce(t *testing.T) {
	b := newBench(t, "CREATE TABLE a ();", "SELECT pg_sleep(0.2); CREATE TABLE b ();")
	plan, err := b.look().PlanDeploy(b.target())
	b.must(err)
	done := make(chan error, 2)
	for range 2 {
		go func() { _, err := Deploy(context.Background(), b.db, plan, quietly); done <- err }()
	}
	b.must(<-done)
	b.must(<-done)
	if n := b.value("SELECT count(*)::text FROM _prisma_migrations"); n != "2" {
		t.Errorf("%s attempts are recorded", n)
	}
}

func TestAnInterruptedOrLockedMigrationSimplyRunsAgain(t *testing.T) {
	b := newBench(t, "CREATE TABLE a (x int);", "CREATE TABLE b (); SELECT pg_sleep(60);")
	plan, err := b.look().PlanDeploy(b.target())
	b.must(err)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for range 1000 { // until the script sleeps
			var asleep bool
			_ = b.db.QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database())").Scan(&asleep)
			if asleep {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		cancel()
	}()
	if _, err := Deploy(ctx, b.db, plan, quietly); err == nil || ctx.Err() == nil {
		t.Fatalf("it was not interrupted: %v", err)
	}
	if got := b.states(); got != "1_m applied, 2_m pending" || b.has("b") {
		t.Error(got)
	}
	b.write("2_m", "ALTER TABLE a ADD COLUMN y int;")
	holder, err := b.db.Begin(t.Context())
	b.must(err)
	_, err = holder.Exec(t.Context(), "LOCK TABLE a")
	b.must(err)
	plan, err = b.look().PlanDeploy(b.target())
	b.must(err)
	waiting := quietly
	waiting.LockTimeout = 50 * time.Millisecond
	if _, err = Deploy(t.Context(), b.db, plan, waiting); remedy.Code(err) != "migrate.locked" || remedy.Exit(err) != remedy.ExitBusy {
		t.Errorf("a locked table: %s", remedy.Text(err))
	}
	b.must(holder.Rollback(t.Context()))
	b.must(b.deploy())
}

func TestAProgramThatHoldsPrismasLockIsNamed(t *testing.T) {
	pgtest.Long(t) // it waits ten seconds, as Prisma does
	b := newBench(t, "CREATE TABLE a ();")
	other, err := b.db.Acquire(t.Context())
	b.must(err)
	defer other.Release()
	_, err = other.Exec(t.Context(), "SELECT pg_advisory_lock(72707369)")
	b.must(err)
	if err := b.deploy(); remedy.Code(err) != "migrate.locked" || !strings.Contains(remedy.Text(err), "holds Prisma's lock") {
		t.Error(remedy.Text(err))
	}
}

func TestAFolderWithoutItsScriptStopsEverything(t *testing.T) {
	b := newBench(t, "CREATE TABLE a ();")
	must(t, os.Mkdir(filepath.Join(b.dir, "2_m"), 0o755))
	if err := b.deploy(); remedy.Code(err) != "migrate.script" || !strings.Contains(remedy.Text(err), "P3015") {
		t.Error(remedy.Text(err))
	}
	if b.has("a") {
		t.Error("the first one was run")
	}
}

// While another session runs a migration, its row is not that of a failure.
func TestAMigrationThatRunsNowHasNotFailed(t *testing.T) {
	b := newBench(t, "CREATE TABLE a ();", "SELECT pg_advisory_xact_lock(1); CREATE TABLE b ();", "CREATE TABLE c ();")
	holder, err := b.db.Begin(t.Context())
	b.must(err)
	_, err = holder.Exec(t.Context(), "SELECT pg_advisory_xact_lock(1)")
	b.must(err)
	first, err := b.look().PlanDeploy(b.target())
	b.must(err)
	done := make(chan error, 2)
	deploy := func(plan *Plan) { _, err := Deploy(context.Background(), b.db, plan, quietly); done <- err }
	go deploy(first)
	for deadline := time.Now().Add(20 * time.Second); b.states() != "1_m applied, 2_m running, 3_m pending"; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal(b.states())
		}
	}
	for _, applied := range []bool{true, false} {
		if err := b.resolve("2_m", applied); remedy.Code(err) != "migrate.locked" || remedy.Exit(err) != remedy.ExitBusy {
			t.Errorf("it is resolved while it runs: %s", remedy.Text(err))
		}
	}
	second, err := b.look().PlanDeploy(b.target())
	b.must(err)
	go deploy(second)
	b.must(holder.Rollback(t.Context()))
	b.must(<-done)
	b.must(<-done)
	if got, n := b.states(), b.value("SELECT count(*)::text FROM _prisma_migrations"); got != "1_m applied, 2_m applied, 3_m applied" || n != "3" {
		t.Errorf("%s, by %s attempts", got, n)
	}
}
