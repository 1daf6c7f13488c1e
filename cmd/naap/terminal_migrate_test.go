//go:build unix

package main

import (
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/pgtest"
)

// migrating is naap's app on a workspace with migrations.
type migrating struct {
	*sitting
	p      *program
	schema string // the Prisma file
}

func (m *migrating) folder() string { return filepath.Join(filepath.Dir(m.schema), "migrations") }

func (m *migrating) add(name, script string) {
	m.t.Helper()
	if err := os.MkdirAll(filepath.Join(m.folder(), name), 0o755); err != nil {
		m.t.Fatal(err)
	}
	save(m.t, filepath.Join(m.folder(), name, "migration.sql"), script)
}

// models writes the Prisma file.
func (m *migrating) models(text string) { save(m.t, m.schema, watchedHead+text) }

// records waits until the database records migrations so: "name applied, name failed".
func (m *migrating) records(want string) {
	m.t.Helper()
	const ask = `SELECT string_agg(migration_name || CASE WHEN rolled_back_at IS NOT NULL THEN ' rolled back' WHEN finished_at IS NULL THEN ' failed' ELSE ' applied' END, ', ' ORDER BY started_at) FROM _prisma_migrations`
	got := ""
	for deadline := time.Now().Add(patience); got != want; time.Sleep(100 * time.Millisecond) {
		got = strings.TrimSpace(strings.Split(m.p.must(m.t, "dev", "sql", ask), "\n")[1])
		if time.Now().After(deadline) {
			m.t.Fatalf("the database records %s, and not %s\n%s", got, want, m.screen())
		}
	}
}

// deploys deploys from the list, and waits for the end of it.
func (m *migrating) deploys(shown, ended string) {
	m.t.Helper()
	m.types("a").sees("A deploy of the folder", shown).types("a").sees("Deploy 1 migration?", "Cancel").types(tabKey, enter).sees(ended)
	m.types(escape).loses("esc closes").sees("> migrations")
}

const teamModel = "model Team {\n  id   Int     @id\n  note String?\n}\n"

func openMigrating(t *testing.T) *migrating {
	t.Helper()
	p := newPrepared(t, empty)
	m := &migrating{p: p, schema: filepath.Join(p.dir, "packages", "database", "prisma", "schema.prisma")}
	m.sitting = &sitting{t: t}
	m.add("20200101000000_init", "CREATE TABLE \"Team\" (\"id\" INTEGER NOT NULL, CONSTRAINT \"Team_pkey\" PRIMARY KEY (\"id\"));\n")
	m.models("model Team {\n  id Int @id\n}\n")
	p.must(t, "dev", "up", "--detach", "--no-push")
	p.must(t, "migrate", "deploy")
	m.sitting = sit(t, p, 120, 40, "dev")
	m.sees("1 Schemas", "healthy")
	return m
}

// TestTerminalDeploysResolvesAndWritesMigrations walks through the life of migrations, in an app that is locked for the SQL
// console from beginning to end: a verb asks, and needs no more.
func TestTerminalDeploysResolvesAndWritesMigrations(t *testing.T) {
	t.Parallel()
	m := openMigrating(t)
	m.add("20200102000000_note", "ALTER TABLE \"Team\" ADD COLUMN \"note\" TEXT;\n")
	m.models(teamModel)
	m.sees("1 pending, 1 applied").types("m").sees("> migrations", "20200102000000_note", "1 pending", `ADD COLUMN "note"`, "RO")
	m.types("t").sees("A rehearsal of 1 migration", `locks public."Team": ACCESS EXCLUSIVE`, "The database is as it was").escapes().loses("A rehearsal")
	m.types("a").sees("A deploy of the folder").types("a").sees("Deploy 1 migration?").types(enter).sees("nothing was changed").escapes().loses("A deploy of")
	m.records("20200101000000_init applied")
	m.deploys(`ADD COLUMN "note"`, "deploy: done in")
	m.sees("all applied")
	m.records("20200101000000_init applied, 20200102000000_note applied")

	// One that fails, is given up, mended and run.
	m.add("20200103000000_data", "INSERT INTO \"Team\" VALUES (1, 'a');\nSELECT 1/0;\n")
	m.sees("20200103000000_data", "1 pending")
	m.deploys("SELECT 1/0", "migration.sql:2:1: the")
	m.sees("1 failed")
	m.records("20200101000000_init applied, 20200102000000_note applied, 20200103000000_data failed")
	m.types("x").sees("What became of 20200103000000_data?").types(enter).sees("as rolled back?", "nothing of this migration is in the").types(tabKey, enter)
	m.sees("done in").types(escape).sees("rolled back", "1 pending")
	m.add("20200103000000_data", "INSERT INTO \"Team\" VALUES (1, 'a');\n")
	m.loses("SELECT 1/0")
	m.deploys("INSERT INTO", "deploy: done in")
	m.sees("all applied")
	m.records("20200101000000_init applied, 20200102000000_note applied, 20200103000000_data rolled back, 20200103000000_data applied")

	m.writesOne()
	m.recordsOneForMany()
	m.leaves()
}

// recordsOneForMany squashes the folder, and has the database be as another one that still has the old names.
func (m *migrating) recordsOneForMany() {
	m.t.Helper()
	m.p.must(m.t, "migrate", "squash", "all", "--yes")
	m.p.must(m.t, "dev", "sql", "--write", `WITH gone AS (DELETE FROM _prisma_migrations RETURNING logs)
INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
SELECT gen_random_uuid()::text, split_part(line, ' ', 2), split_part(line, ' ', 1), now(), now(), 1 FROM gone, regexp_split_to_table(logs, E'\n') line WHERE line ~ '^[0-9]'`)
	m.sees("1 squashed", "replaced", "stands for").types("a").loses("A deploy of")
	m.types("x").sees("_all as applied?", "in place of").types(tabKey, enter).sees("_all: done in").types(escape).sees("all applied").loses("replaced  ")
}

// writesOne has another process deploy, edits the Prisma file and makes the migration that it lacks, and compares.
func (m *migrating) writesOne() {
	m.t.Helper()
	m.add("20200104000000_other", "INSERT INTO \"Team\" VALUES (2, 'b');\n")
	m.sees("20200104000000_other", "1 pending")
	m.p.must(m.t, "migrate", "deploy")
	m.sees("all applied").types("v").sees("The migrations agree", "4 migrations make what").escapes().loses("The migrations agree")
	m.models(teamModel + "model Badge {\n  id Int @id\n}\n")
	m.types("v").sees("The migrations differ", "create table public.Badge").escapes().loses("The migrations differ")
	m.types("c").sees("A new migration").types("add badges", enter).sees(`CREATE TABLE "Badge"`, "_add_badges/migration.sql")
	m.types("a").sees("Write and run the migration?").types(tabKey, enter).sees("Rehearse migrations", "on a copy", "Write the migration", "done in").types(escape).sees("_add_badges", "all applied")
	found, err := filepath.Glob(filepath.Join(m.folder(), "*_add_badges", "migration.sql"))
	if err != nil || len(found) != 1 {
		m.t.Fatalf("the folder has %q, %v", found, err)
	}
	if text, err := os.ReadFile(found[0]); err != nil || !strings.Contains(string(text), `CREATE TABLE "Badge"`) {
		m.t.Errorf("%v: %s", err, text)
	}
	if out := m.p.must(m.t, "migrate", "status"); !regexp.MustCompile(`applied .*_add_badges`).MatchString(out) {
		m.t.Errorf("the status is\n%s", out)
	}
}

// TestTerminalOfARoleThatOnlyReadsDeploysNothing has a role that may read the tables, and the record of migrations.
func TestTerminalOfARoleThatOnlyReadsDeploysNothing(t *testing.T) {
	t.Parallel()
	owner := pgtest.NewDatabase(t)
	at, err := url.Parse(owner)
	ok(t, err)
	role := "reader_" + strings.Trim(at.Path, "/")
	pgtest.Exec(t, owner, `CREATE ROLE `+role+` LOGIN PASSWORD 'reads'`)
	t.Cleanup(func() { pgtest.Exec(t, owner, `DROP OWNED BY `+role+`; DROP ROLE `+role) })
	at.User = url.UserPassword(role, "reads")
	p := newProgram(t, "embedded")
	m := &migrating{p: p.on(owner), schema: filepath.Join(p.dir, "packages", "database", "prisma", "schema.prisma")}
	m.sitting = &sitting{t: t}
	m.add("20200101000000_init", "CREATE TABLE \"Team\" (\"id\" INTEGER NOT NULL, CONSTRAINT \"Team_pkey\" PRIMARY KEY (\"id\"));\n")
	m.models(teamModel)
	m.p.must(t, "migrate", "deploy", "--allow-external", "--adopt")
	pgtest.Exec(t, owner, `GRANT pg_read_all_data TO `+role)
	m.add("20200102000000_note", "ALTER TABLE \"Team\" ADD COLUMN \"note\" TEXT;\n")
	m.sitting = sit(t, p.on(at.String()), 120, 40, "dev")
	m.sees("1 Schemas", "1 pending, 1 applied").types("m").sees("20200102000000_note", "1 pending")
	m.types("a").sees("A deploy of the folder").types("a").sees("Deploy 1 migration?").types(tabKey, enter).sees("may not record migrations", "GRANT ", "esc closes")
	m.types(escape).loses("esc closes").sees("1 pending")
	m.leaves()
	m.p = p.on(owner)
	m.records("20200101000000_init applied")
}
