package devenv

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/migrate"
	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/sharedtest"
)

// migrated are the files of a workspace whose migrations make what its Prisma file says, and more.
func migrated() map[string]string {
	return map[string]string{
		"naap.toml": "schema = \"prisma/schema.prisma\"\n",
		"prisma/schema.prisma": `datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
  schemas  = ["public", "plugin_a"]
}

model Stall {
  id   Int     @id
  name String
  note String?
  @@schema("public")
}

model Order {
  id    Int @id
  total Int
  @@schema("plugin_a")
}
`,
		"prisma/migrations/1_init/migration.sql": `CREATE SCHEMA IF NOT EXISTS plugin_a;
CREATE TABLE "Stall" (id INTEGER NOT NULL, name TEXT NOT NULL, note TEXT, CONSTRAINT "Stall_pkey" PRIMARY KEY (id));
CREATE TABLE plugin_a."Order" (id INTEGER NOT NULL, total INTEGER NOT NULL, CONSTRAINT "Order_pkey" PRIMARY KEY (id));
`,
		"prisma/migrations/2_more/migration.sql": `CREATE FUNCTION plugin_a.double(int) RETURNS int LANGUAGE sql AS 'SELECT $1 * 2';
ALTER TABLE plugin_a."Order" ADD CONSTRAINT positive CHECK (total > 0);
INSERT INTO "Stall" VALUES (1, 'first');
`,
	}
}

// shadowed returns a fresh database. What shadow databases it gets are dropped with it: the doctor would see them.
func shadowed(t *testing.T) string {
	t.Helper()
	url := pgtest.NewDatabase(t)
	t.Cleanup(func() {
		db, err := postgres.Open(context.Background(), url, postgres.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		drops, err := postgres.CollectStrings(db.Query(context.Background(), `SELECT format('DROP DATABASE %I', datname) FROM pg_database
WHERE datname LIKE 'naap\_shadow\_%' AND shobj_description(oid, 'pg_database')::jsonb ->> 'of' = current_database()`))
		if err == nil {
			for _, sql := range drops {
				pgtest.Exec(t, url, sql)
			}
		}
		if err != nil || len(drops) == 0 {
			t.Errorf("%d shadow databases, %v", len(drops), err)
		}
	})
	return url
}

func upOn(t *testing.T, e *Env, opt UpOptions) *Up {
	t.Helper()
	opt.Confirm = yes
	up, err := e.Up(t.Context(), opt, progress.Discard)
	if err != nil {
		t.Fatal(remedy.Text(err))
	}
	return up
}

// TestPrismaAgreesWithWhatUpRan asks real Prisma about a database that up made: its status, and whether it has drifted.
func TestPrismaAgreesWithWhatUpRan(t *testing.T) {
	home := sharedtest.Oracle(t)
	root, url := folder(t, migrated()), shadowed(t)
	e := at(t, root, "NAAP_DATABASE_URL="+url)
	if up := upOn(t, e, UpOptions{}); up.Tables.Migrated != 2 {
		t.Fatalf("up ran %d migrations, want 2: %s", up.Tables.Migrated, up.plan.tables.way.line())
	}
	ask := func(verb string, into any) {
		t.Helper()
		cmd := exec.Command("node", "--no-warnings", filepath.Join(home, "oracle.mjs"), verb, filepath.Join(root, "prisma/schema.prisma"), url, filepath.Join(root, "prisma/migrations"))
		cmd.Env = append(os.Environ(), "PRISMA_ORACLE="+home, "DATABASE_URL="+url)
		out, err := cmd.Output()
		if err == nil {
			err = json.Unmarshal(out, into)
		}
		if err != nil {
			t.Fatalf("%s: %v\n%s", verb, err, out)
		}
	}
	var status struct {
		EditedMigrationNames, FailedMigrationNames []string
		HasMigrationsTable                         bool
		History                                    any
	}
	ask("mstatus", &status)
	if !status.HasMigrationsTable || status.History != nil || len(status.EditedMigrationNames)+len(status.FailedMigrationNames) > 0 {
		t.Errorf("Prisma's status is %+v, want one that is up to date", status)
	}
	var dev struct{ Action struct{ Tag, Reason string } }
	if ask("mdev", &dev); dev.Action.Tag != "createMigration" {
		t.Errorf("Prisma finds %+v, want no drift", dev)
	}
}

// TestWhatIsKnownOfMigrationsRunsNoneAgain looks at what a second up knows without running scripts.
func TestWhatIsKnownOfMigrationsRunsNoneAgain(t *testing.T) {
	root, url := folder(t, migrated()), shadowed(t)
	e := at(t, root, "NAAP_DATABASE_URL="+url)
	upOn(t, e, UpOptions{})
	steps := func() (migrate.Distance, bool) {
		t.Helper()
		now, err := e.Again(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		db, err := now.Connect(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		known, err := migrate.LookKnown(t.Context(), db, "public")
		if err != nil {
			t.Fatal(err)
		}
		list, err := now.ownFolder(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return known.Distance(list.Migrations, now.ws.SchemaID())
	}
	if n, ok := steps(); n.Steps != 0 || !ok {
		t.Errorf("after up %v is known (%t), want none", n, ok)
	}
	schema := filepath.Join(root, "prisma/schema.prisma")
	text := migrated()["prisma/schema.prisma"]
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(schema, strings.Replace(text, "note String?", "note String?\n  more Int?\n  most Int?", 1))
	if _, ok := steps(); ok {
		t.Error("the steps to another Prisma file are known")
	}
	now, err := e.Again(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	upOn(t, now, UpOptions{})
	if n, ok := steps(); n != (migrate.Distance{Steps: 2, Adds: 2}) || !ok {
		t.Errorf("after the second up %v is known (%t), want 2", n, ok)
	}
	write(schema, text)
	if n, ok := steps(); n.Steps != 0 || !ok {
		t.Errorf("of the former file %v is known (%t), want none", n, ok)
	}
	write(filepath.Join(root, "prisma/migrations/2_more/migration.sql"), "SELECT 1;")
	if _, ok := steps(); ok {
		t.Error("the steps from other scripts are known")
	}
}
