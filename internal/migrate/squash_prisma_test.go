package migrate

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/sharedtest"
)

// Real Prisma agrees with what a squash leaves: on a new database, on one that had the old migrations and whose record
// naap put right, and on one where Prisma itself did that as its documentation says, which naap then completes.
func TestPrismaAgreesWithASquash(t *testing.T) {
	pgtest.Long(t)
	t.Parallel()
	home := sharedtest.Oracle(t)
	const tables = "CREATE TABLE \"A\" (\n    \"id\" INTEGER NOT NULL,\n    \"n\" INTEGER,\n\n    CONSTRAINT \"A_pkey\" PRIMARY KEY (\"id\")\n);\n"
	b := newShadowBench(t, `CREATE TABLE "A" ("id" INTEGER NOT NULL, CONSTRAINT "A_pkey" PRIMARY KEY ("id"));`, `ALTER TABLE "A" ADD COLUMN "n" INTEGER;`,
		`CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';`)
	schema := filepath.Join(t.TempDir(), "schema.prisma")
	b.must(os.WriteFile(schema, []byte("datasource db {\n  provider = \"postgresql\"\n  url = env(\"DATABASE_URL\")\n}\n\nmodel A {\n  id Int @id\n  n  Int?\n}\n"), 0o644))
	ask := func(b *bench, verb string, words ...string) string {
		t.Helper()
		code, answer := oracleAnswer(t, home, append([]string{verb, schema, b.url, b.dir}, words...)...)
		return code + strings.Join(strings.Fields(answer), "")
	}
	ours, theirs, fresh := b.bench, newBench(t), newBench(t)
	theirs.dir, fresh.dir = b.dir, b.dir
	b.must(ours.deploy())
	ask(theirs, "mdeploy")
	p, err := b.squash(SquashOptions{}, tables)
	b.must(err)
	b.squashed(p)

	b.must(ours.resolve(p.Name, true))
	if got := ask(theirs, "mapplied", p.Name); strings.HasPrefix(got, "P") {
		t.Fatalf("Prisma's resolve: %s", got)
	}
	if got := theirs.look().Verdict; got != UpToDate {
		t.Errorf("after Prisma's resolve, naap says %s", got)
	}
	if got := ask(theirs, "mdev"); !strings.Contains(got, `"reset"`) {
		t.Errorf("Prisma is content with rows that have no folder, and naap need not remove them: %s", got)
	}
	b.must(theirs.resolve(p.Name, true))
	for name, b := range map[string]*bench{"ours": ours, "theirs": theirs, "fresh": fresh} {
		if got := ask(b, "mdeploy"); strings.HasPrefix(got, "P") || strings.Contains(got, p.Name) != (name == "fresh") {
			t.Errorf("%s: Prisma deploys %s", name, got)
		}
		if got := ask(b, "mstatus"); !strings.Contains(got, `"history":null`) || !strings.Contains(got, `"failedMigrationNames":[]`) || !strings.Contains(got, `"editedMigrationNames":[]`) {
			t.Errorf("%s: Prisma's status is %s", name, got)
		}
		if got := ask(b, "mdev"); !strings.Contains(got, `"createMigration"`) {
			t.Errorf("%s: Prisma's dev is %s", name, got)
		}
		if got := b.look(); got.Verdict != UpToDate || len(got.Entries) != 1 {
			t.Errorf("%s: naap says %s", name, b.states())
		}
	}
	if ours.value("SELECT f()::text") != "1" || fresh.value("SELECT f()::text") != "1" {
		t.Error("the function is lost")
	}
}
