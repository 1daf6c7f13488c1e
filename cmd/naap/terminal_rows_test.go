//go:build unix

package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/scripttest"
)

const rowModels = `enum Mood {
  CALM
  LOUD
}
model Member {
  id     Int     @id @default(autoincrement())
  email  String  @unique
  mood   Mood    @default(CALM)
  born   DateTime? @db.Date
  about  Json?
  visits Visit[]
}
model Visit {
  id     Int    @id @default(autoincrement())
  at     Int
  member Member @relation(fields: [at], references: [id], onDelete: Cascade)
  note   String?
}
`

const ctrlS = "\x13"

// toRows goes to the rows of a table, with writes unlocked.
func (s *sitting) toRows(table string) *sitting {
	s.t.Helper()
	s.types(":", table)
	s.until("the table to be offered", func(screen string) bool { return strings.Count(screen, table) > 1 })
	return s.types(enter).sees("5 " + table).types(enter).sees("> " + table).types("4").sees("keyset(id)").types("W").sees("WRITES UNLOCKED")
}

// leavesPage goes back until a page is gone: escape ends a question under way first.
func (s *sitting) leavesPage(crumb string) *sitting {
	s.t.Helper()
	for strings.Contains(s.screen(), crumb) {
		s.escapes()
		s.until("the answer to escape", func(screen string) bool {
			return !strings.Contains(screen, crumb) || !strings.Contains(screen, "cancels)")
		})
		time.Sleep(100 * time.Millisecond)
	}
	return s
}

// TestTerminalChangesRowsAndTakesThemBack changes cells of several kinds, adds a row and deletes one with what refers to
// it, and takes each back; then another app and an application change the same row.
func TestTerminalChangesRowsAndTakesThemBack(t *testing.T) {
	t.Parallel()
	p := newPrepared(t, empty)
	file := filepath.Join(p.dir, "packages", "database", "prisma", "schema.prisma")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	save(t, file, watchedHead+rowModels)
	p.must(t, "dev", "up", "--detach")
	p.must(t, "dev", "sql", "--write", `INSERT INTO "Member" (email, about) VALUES ('ada@x', '{"a": 1}'), ('bea@x', NULL), ('cid@x', NULL);
		INSERT INTO "Visit" (at, note) SELECT 1 + n % 2, 'visit ' || n FROM generate_series(1, 8) n`)
	all := func() string {
		t.Helper()
		return p.must(t, "dev", "sql", "--json", `SELECT md5(string_agg(r, '|' ORDER BY r)) FROM (SELECT m::text FROM "Member" m UNION ALL SELECT v::text FROM "Visit" v) x (r)`)
	}
	holds := func(query, want string) {
		t.Helper()
		if out := p.must(t, "dev", "sql", query); !strings.Contains(out, want) {
			t.Errorf("%s\n%s", query, out)
		}
	}
	before := all()
	p.env = append(p.env, "VISUAL="+scripttest.Write(t, filepath.Join(p.home, "my-editor"), `sed -i 's/1/2/' "$1"`))
	s := sit(t, p, 160, 45, "dev")
	s.sees("1 Schemas", "healthy").toRows("Member")
	// A text, an enum, a date as it is typed, JSON in the user's own editor.
	s.types(right, "c").sees("email text NOT NULL").types("\x15", "eva@x", enter).sees("ada@x → eva@x", "Pending (1)")
	s.types(right, "c").sees("DEFAULT 'CALM'", "▸ CALM").types("\x1b[B", enter).sees("CALM → LOUD")
	s.types(right, "c").sees("born date").types("feb 30 2024", enter).sees("date/time field value out of range").types("\x15", "feb 29 2024", enter).sees("∅ → feb 29 2024")
	s.types(right, "c").sees("about jsonb", `"a": 1`).types("\x07").sees(`"a": 2`).types(ctrlS).sees("Pending (1)")
	if now := all(); now != before {
		t.Fatal("it is changed before the commit")
	}
	s.types(ctrlS).sees("Pending (1)", "email ada@x → eva@x", "UPDATE \"public\".\"Member\"").types("a").sees("Commit?", "1 change in one transaction").types(tabKey, enter).sees("committed 1 change; U takes it back").loses("Pending (1)")
	holds(`SELECT email, mood, born, about FROM "Member" WHERE id = 1`, `eva@x`)
	holds(`SELECT email || mood || born || about FROM "Member" WHERE id = 1`, `eva@xLOUD2024-02-29{"a": 2}`)
	s.types("U").sees("> undo", "~ public.Member 1").types(enter).sees("Commit?", "It takes back").types(tabKey, enter).sees("taken back: 1 change")
	if now := all(); now != before {
		t.Error("it is not as it was")
	}
	s.leavesPage("> undo")
	s.changesARecord(t, before, all, holds)
	s.addsAndDeletes(t, before, all, holds)
	s.leaves()
}

// changesARecord sets a value to NULL and another to DEFAULT in a row's own page, and takes that back.
func (s *sitting) changesARecord(t *testing.T, before string, all func() string, holds func(query, want string)) {
	t.Helper()
	s.types("g", "v").sees("> 1", "4  public.Visit  at = 1", `"a": 1`, "c change")
	s.types("j", "j", "c").sees("DEFAULT 'CALM'").types("default", enter).sees("CALM → DEFAULT", "Pending (1)")
	s.types("j", "j", "c").sees("about jsonb").types(tabKey).sees("(x) NULL").types(ctrlS).sees("→ ∅")
	s.types(ctrlS).sees("> pending").types("a").sees("Commit?").types(tabKey, enter).sees("committed 1 change", "> 1").loses("> pending", "Pending (1)", `"a": 1`)
	holds(`SELECT mood || coalesce(about::text, ' and nothing') FROM "Member" WHERE id = 1`, "CALM and nothing")
	s.types("U").sees("> undo", "~ public.Member 1").types(enter).sees("Commit?").types(tabKey, enter).sees("taken back: 1 change").leavesPage("> undo")
	s.sees(`"a": 1`).leavesPage("> 1")
	if now := all(); now != before {
		t.Error("it is not as it was before the page of a row")
	}
}

func (s *sitting) addsAndDeletes(t *testing.T, before string, all func() string, holds func(query, want string)) {
	t.Helper()
	s.types("o").sees("new row of public.Member", "nextval(", "needed").types("j", enter).sees("email text NOT NULL").types("dora@x", enter).sees("dora@x").types("a").sees("Pending (1)", "DEFAULT")
	s.types(ctrlS).sees("INSERT INTO", "dora@x").types("a").sees("Commit?").types(tabKey, enter).sees("committed 1 change")
	holds(`SELECT count(*) || email FROM "Member" WHERE email = 'dora@x' GROUP BY email`, "1dora@x")
	s.types("U").sees("> undo", "+ public.Member").types(enter).sees("Commit?", "dora@x").types(tabKey, enter).sees("taken back: 1 change").leavesPage("> undo")
	// Two marked rows go with the eight that refer to them.
	s.types("g", "m", "m", "d").sees("Delete 2 rows of public.Member?", "along: public.Visit", "8 rows deleted").types(tabKey, enter).sees("Pending (2)")
	s.types(ctrlS).sees("DELETE FROM").types("a").sees("Commit?", "8 rows deleted").types(tabKey, enter).sees("committed 2 changes")
	holds(`SELECT 'left ' || count(*) FROM "Visit"`, "left 0")
	s.types("U").sees("> undo", "- public.Member 1").types(enter).sees("Commit?").types(tabKey, enter).sees("taken back: 2 changes").leavesPage("> undo")
	if now := all(); now != before {
		t.Error("what was deleted is not back as it was")
	}
}

// TestTerminalLosesNobodysChange has two apps and an application change one row.
func TestTerminalLosesNobodysChange(t *testing.T) {
	t.Parallel()
	p, mine, _ := openWorkspace(t, 120, 40, rowModels)
	p.must(t, "dev", "sql", "--write", `INSERT INTO "Member" (email) VALUES ('ada@x'), ('bea@x')`)
	yours := sit(t, p, 120, 40, "dev")
	yours.sees("1 Schemas", "healthy").toRows("Member")
	mine.toRows("Member")
	for _, s := range []*sitting{mine, yours} {
		to := map[*sitting]string{mine: "mine@x", yours: "yours@x"}[s]
		s.types(right, "c").sees("email text NOT NULL").types("\x15", to, enter).sees("Pending (1)")
	}
	mine.types(ctrlS).sees("Pending (1)").types("a").sees("Commit?").types(tabKey, enter).sees("committed 1 change")
	yours.types(ctrlS).sees("> pending").types("a").sees("Nothing was changed", "public.Member 1 is not what was shown any more", "email: ada@x was shown, mine@x is there; yours@x is pending")
	yours.types(enter).loses("Nothing was changed").types("a").sees("Nothing was changed").types(tabKey, enter).sees("Commit?", "email mine@x → yours@x").types(tabKey, enter).sees("committed 1 change")
	// What was committed cannot be taken back any more where somebody changed it since.
	mine.types("U").sees("> undo", "~ public.Member 1").types(enter).sees("It cannot be taken back", "email: the commit left mine@x, yours@x is there").types(enter).loses("It cannot be taken back").leavesPage("> undo")
	other, err := postgres.Connect(context.Background(), strings.TrimSpace(p.must(t, "dev", "url")), postgres.Options{Application: "gateway"})
	if err != nil {
		t.Fatal(err)
	}
	defer postgres.Close(other)
	mine.types("R").sees("yours@x").types("c").sees("was  yours@x").types("\x15", "third@x", enter).sees("Pending (1)")
	if _, err := other.Exec(context.Background(), `UPDATE "Member" SET mood = 'LOUD' WHERE id = 1`); err != nil {
		t.Fatal(err)
	}
	mine.types(ctrlS).sees("> pending").types("a").sees("gateway (session", "mood: CALM was shown, LOUD is there").types(enter).loses("Nothing was changed")
	mine.types("D").sees("Throw away").types(tabKey, enter).loses("> pending")
	if out := p.must(t, "dev", "sql", `SELECT email || mood FROM "Member" WHERE id = 1`); !strings.Contains(out, "yours@xLOUD") {
		t.Errorf("somebody's change was lost:\n%s", out)
	}
	mine.leaves()
	yours.leaves()
}
