package schemaplan

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// held locks a table from another session until the test ends.
func held(t *testing.T, url, table string) (pid int) {
	t.Helper()
	other, err := postgres.Connect(ctx, url, postgres.Options{Application: "somebody's console"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { other.Close(ctx) })
	if _, err := postgres.ExecScript(ctx, other, "BEGIN; LOCK TABLE "+table); err != nil {
		t.Fatal(err)
	}
	return postgres.BackendPID(other)
}

func TestAPlanBehindALockEndsAndNamesWhoHoldsIt(t *testing.T) {
	t.Parallel()
	const partial = "generator g {\n  provider = \"prisma-client-js\"\n  previewFeatures = [\"partialIndexes\"]\n}\n" + head
	for name, c := range map[string]struct{ index, text string }{
		"while it counts":              {"", strings.Replace(userBefore, "  age Int?\n", "", 1)},
		"while it reads an index":      {`CREATE INDEX i ON "User" (age) WHERE age > 1`, userBefore},
		"while it compares conditions": {"", partial + strings.Replace(userBefore, "age Int?\n", "age Int?\n  @@index([age], where: raw(\"age > 1\"))\n", 1)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, db := database(t)
			push(t, db, userBefore)
			run(t, db, c.index)
			pid := held(t, url, `"User"`)
			_, err := Compute(ctx, db, desired(t, c.text), ComputeOptions{LockTimeout: 2 * time.Second})
			if remedy.Code(err) != "push.locked" || remedy.Exit(err) != remedy.ExitBusy {
				t.Fatalf("got %v", err)
			}
			text := remedy.Text(err)
			for _, part := range []string{fmt.Sprintf("pid %d", pid), "somebody's console", "idle in transaction", `LOCK TABLE "User"`} {
				if !strings.Contains(text, part) {
					t.Errorf("the error lacks %q:\n%s", part, text)
				}
			}
		})
	}
}

func TestAPushThatCannotReadTheCatalogueAgainNamesWhoHoldsIt(t *testing.T) {
	t.Parallel()
	url, db := database(t)
	push(t, db, userBefore)
	run(t, db, `CREATE INDEX i ON "User" (age) WHERE age > 1`)
	p := plan(t, db, userBefore+"model New {\n  id Int @id\n}\n")
	pid := held(t, url, `"User"`)
	_, err := Apply(ctx, db, p, ApplyOptions{LockTimeout: 2 * time.Second})
	if remedy.Code(err) != "push.locked" || !strings.Contains(remedy.Text(err), fmt.Sprintf("pid %d", pid)) {
		t.Errorf("got %v", remedy.Text(err))
	}
}

func TestAPlanLeavesTheSettingsOfATransactionAsTheyWere(t *testing.T) {
	_, db := database(t)
	push(t, db, userBefore)
	tx, err := db.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(ctx)
	if _, err := tx.Exec(ctx, "SET LOCAL search_path = pg_temp, public"); err != nil {
		t.Fatal(err)
	}
	plan(t, tx, "model User {\n  id Int @id\n  name String? @default(dbgenerated(\"lower('A')\"))\n}\n")
	var path, timeout string
	if err := tx.QueryRow(ctx, "SELECT current_setting('search_path'), current_setting('lock_timeout')").Scan(&path, &timeout); err != nil ||
		path != "pg_temp, public" || timeout != "0" {
		t.Errorf("search_path is %q, lock_timeout %q, %v", path, timeout, err)
	}
}

func TestWhatCannotBeCountedShowsTheLineAndTheServersWords(t *testing.T) {
	_, db := database(t)
	const before = "model T {\n  id Int @id\n  p Unsupported(\"point\")?\n  j Json? @db.Json\n}\n"
	push(t, db, before)
	for name, c := range map[string]struct{ from, to, line, words string }{
		"a unique point":       {`("point")?`, `("point")? @unique`, "schema.prisma:7:27: p Unsupported", "point"},
		"a unique json":        {"@db.Json", "@db.Json @unique", "schema.prisma:8:20: j Json?", "type json"},
		"an unknown condition": {"@db.Json\n", "@db.Json\n  @@unique([id], where: raw(\"nosuch > 1\"))\n", "schema.prisma:9:3: @@unique", `"nosuch" does not exist`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Compute(ctx, db, desired(t, strings.Replace(before, c.from, c.to, 1)), ComputeOptions{})
			text := remedy.Text(err)
			if remedy.Code(err) != "push.failed" || !strings.Contains(text, c.line) || !strings.Contains(text, c.words) ||
				!strings.Contains(text, "SELECT count(*)") || !strings.Contains(text, "naap dev push") {
				t.Errorf("got %s", text)
			}
		})
	}
}

func TestCountsUnderstandNamesAsThePlanDoes(t *testing.T) {
	_, db := database(t)
	const shop = "datasource db {\n  provider = \"postgresql\"\n  url = env(\"U\")\n  schemas = [\"shop\"]\n}\n"
	push(t, db, shop+"model T {\n  id Int @id\n  a Int?\n  @@schema(\"shop\")\n}\n")
	run(t, db, `CREATE FUNCTION shop.odd(int) RETURNS bool IMMUTABLE LANGUAGE sql RETURN $1 % 2 = 1`)
	push(t, db, shop+"model T {\n  id Int @id\n  a Int?\n  @@unique([a], where: raw(\"odd(a)\"))\n  @@schema(\"shop\")\n}\n")
}
