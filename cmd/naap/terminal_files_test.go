//go:build unix

package main

import (
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
)

// openWorkspace returns naap's app in a workspace with one Prisma file, whose tables exist.
func openWorkspace(t *testing.T, w, h int, models string) (p *program, s *sitting, file string) {
	t.Helper()
	p = newPrepared(t, empty)
	file = filepath.Join(p.dir, "packages", "database", "prisma", "schema.prisma")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	save(t, file, watchedHead+models)
	p.must(t, "dev", "up", "--detach")
	s = sit(t, p, w, h, "dev")
	s.sees("1 Schemas", "healthy")
	return p, s, file
}

func save(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestTerminalSpeaksOfTheSchemaFileAsItIsNow(t *testing.T) {
	t.Parallel()
	const a = "model A {\n  id Int @id\n}\n"
	_, s, file := openWorkspace(t, 160, 45, a)
	s.sees("drift", "none")
	save(t, file, watchedHead+a+"model B {\n  id Int @id\n}\n")
	s.sees("1 to push, 0 destroy", "changed: …/database/prisma/schema.prisma")
	s.types("P").sees("A push of schema.prisma as of", "public.B", "1 statement, 0 destructive")
	save(t, file, watchedHead+a+"model C {\n  id Int @id\n}\n")
	s.sees("public.C").loses("public.B")
	save(t, file, watchedHead+a+"model C {\n  id Int @id")
	s.sees("mistake in packages/database/prisma/schema.prisma").types("a", enter).sees("mistake in packages/database/prisma/schema.prisma")
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	s.sees("the Prisma schema packages/database/prisma/schema.prisma is gone")
	save(t, file, watchedHead+a)
	s.sees("the database is what schema.prisma as of")
	s.escapes().sees("drift", "none").leaves()
}

// TestTerminalPushesOnlyWhatItShowed edits, breaks and restores the file while the app is open, even while it asks, and
// pushes: what is applied is always what the file said when the plan was shown. It takes NAAP_TEST_STEPS steps, or 12.
func TestTerminalPushesOnlyWhatItShowed(t *testing.T) {
	t.Parallel()
	p, s, file := openWorkspace(t, 120, 40, "model A {\n  id Int @id\n}\n")
	random := rand.New(rand.NewSource(int64(pgtest.Number(t, "NAAP_TEST_SEED", 3))))
	tables := func() string {
		out := p.must(t, "dev", "sql", `SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`)
		return strings.TrimSpace(strings.Split(out, "\n")[1])
	}
	there := []string{"A"}
	text := watchedHead + "model A {\n  id Int @id\n}\n"
	s.types("P").sees("the database is what schema.prisma")
	for i := range pgtest.Number(t, "NAAP_TEST_STEPS", 12) {
		model := fmt.Sprintf("T%03d", i)
		next := text + "model " + model + " {\n  id Int @id\n}\n"
		save(t, file, next)
		s.sees("public." + model)
		how := random.Intn(4)
		switch how {
		case 1: // broken before the question
			save(t, file, next+"model {")
			s.sees("mistake").types("a", enter)
			save(t, file, next)
			s.sees("public." + model)
		case 2: // another table while the question is asked
			s.types("a").sees("from schema.prisma as of")
			other := model + "x"
			save(t, file, text+"model "+other+" {\n  id Int @id\n}\n")
			s.sees("changed since this was made").types(tabKey, enter)
			s.sees("schema.prisma has changed since; nothing was done", "public."+other)
			if now := tables(); now != strings.Join(there, " ") {
				t.Fatalf("step %d: the former plan was carried out: %s", i, now)
			}
			model, next = other, text+"model "+other+" {\n  id Int @id\n}\n"
		case 3: // gone while the question is asked, and back as it was
			s.types("a").sees("from schema.prisma as of")
			if err := os.Remove(file); err != nil {
				t.Fatal(err)
			}
			s.sees("changed since this was made").types(tabKey, enter).sees("nothing was pushed", "esc closes").types(escape).loses("esc closes")
			if now := tables(); now != strings.Join(there, " ") {
				t.Fatalf("step %d: pushed without a file: %s", i, now)
			}
			save(t, file, next)
			s.sees("public." + model)
		}
		s.sees("1 statement, 0 destructive").types("a").sees("from schema.prisma as of").types(tabKey, enter)
		s.sees("; esc closes").types(escape).sees("the database is what schema.prisma")
		there = append(there, model)
		slices.Sort(there)
		text = next
		if now := tables(); now != strings.Join(there, " ") {
			t.Fatalf("step %d, %d: the database has %s, and not %s\n%s", i, how, now, there, s.screen())
		}
	}
	s.escapes().leaves()
}
