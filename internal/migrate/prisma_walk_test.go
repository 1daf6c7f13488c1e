package migrate

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
)

// history is a random walk.
type history struct {
	t       *testing.T
	dice    *rand.Rand
	bench   *bench // the folder
	players []*player
	schema  string            // the Prisma file
	models  map[string]string // in it, by the name of the table
	tables  []string          // that scripts create
	made    int
	told    []string
	over    bool                // from here on the three may differ
	broken  map[string]string   // scripts that fail, and the right ones
	away    []map[string]string // migrations of another branch
	steps   *tally
	home    string  // of real Prisma
	ends    *Shadow // see shadow
}

// walkStep is something that happens to the folder or the database, how often of all, and what it is counted as.
type walkStep struct {
	kind  string
	often int
	do    func(h *history)
}

func walkSteps() []walkStep {
	return []walkStep{
		{"create", 16, (*history).create},
		{"deploy", 20, func(h *history) { h.all("mdeploy", "") }},
		{"edit", 5, (*history).edit},
		{"change line ends", 3, (*history).changeLineEnds},
		{"delete", 3, func(h *history) { name := h.pick(); h.tell("delete %s", name); h.bench.remove(name) }},
		{"rename", 1, (*history).rename},
		{"switch branches", 3, (*history).switchBranches},
		{"mend and roll back", 6, (*history).mend},
		{"resolve as applied", 6, func(h *history) { h.all("mapplied", h.pick()) }},
		{"resolve as rolled back", 5, func(h *history) { h.all("mrolledback", h.pick()) }},
		{"baseline", 2, (*history).baseline},
		{"by hand", 2, (*history).byHand},
		{"lock of another provider", 2, (*history).lockElsewhere},
		{"beside the migrations", 3, (*history).litter},
		{"status", 8, (*history).status},
		{"dev diagnosis", 6, (*history).diagnose},
		{"dev", 6, (*history).dev},
	}
}

// kinds returns what a long run has to have tried.
func kinds() (list []string) {
	for _, s := range walkSteps() {
		list = append(list, s.kind)
	}
	for _, s := range walkScripts(1, "t1", "t2") {
		list = append(list, s.kind)
	}
	return append(list, "an earlier name", "an odd name", "several attempts", "P3005", "P3008", "P3009", "P3011", "P3012", "P3015", "P3017", "P3018", "P3019", "P3006", "reset")
}

func (h *history) step() {
	if h.made == 0 {
		h.steps.add("create")
		h.create()
		return
	}
	sum := 0
	for _, s := range walkSteps() {
		sum += s.often
	}
	n := h.dice.IntN(sum)
	for _, s := range walkSteps() {
		if n -= s.often; n < 0 {
			h.steps.add(s.kind)
			s.do(h)
			return
		}
	}
}

func (h *history) tell(format string, args ...any) {
	h.told = append(h.told, fmt.Sprintf(format, args...))
}

func (h *history) pick() string {
	names := h.bench.folder().names()
	if len(names) == 0 {
		return "0_none"
	}
	return names[h.dice.IntN(len(names))]
}

func (b *bench) text(name string) string {
	b.t.Helper()
	m, _ := b.folder().Named(name)
	return m.Script
}

// walkScript is a script that a history may have. One that fails has the right one beside it.
type walkScript struct {
	kind, text, right string
	makes             string // the table that it creates
}

// walkScripts returns the scripts of the nth migration. earlier is a table of one before, if all went well.
func walkScripts(n int, table, earlier string) []walkScript {
	create := fmt.Sprintf("CREATE TABLE %q (\n    \"id\" INTEGER NOT NULL,\n\n    CONSTRAINT \"%[1]s_pkey\" PRIMARY KEY (\"id\")\n);\n", table)
	return []walkScript{
		{kind: "a table", text: "-- CreateTable\n" + create, makes: table},
		{kind: "a table", text: create, makes: table},
		{kind: "rows", text: create + fmt.Sprintf("INSERT INTO %q VALUES (1);", table), makes: table},
		{kind: "CRLF", text: strings.ReplaceAll("-- CreateTable\n"+create, "\n", "\r\n"), makes: table},
		{kind: "nothing", text: ""},
		{kind: "only a comment", text: "-- This is an empty migration."},
		{kind: "its own transaction", text: "BEGIN;\n" + create + "COMMIT;\n", makes: table},
		{kind: "a COMMIT alone", text: create + "COMMIT;\n" + fmt.Sprintf("INSERT INTO %q VALUES (1);", table), makes: table},
		{kind: "DO", text: fmt.Sprintf("DO $$ BEGIN CREATE TABLE %q (id int PRIMARY KEY); END $$", table), makes: table},
		{kind: "a function and a trigger", text: create + fmt.Sprintf("CREATE FUNCTION f%d() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN NEW.id := NEW.id + 1; RETURN NEW; END; $f$;\nCREATE TRIGGER g BEFORE INSERT ON %q FOR EACH ROW EXECUTE FUNCTION f%[1]d();\nINSERT INTO %[2]q VALUES (1)", n, table), makes: table},
		{kind: "enum values", text: fmt.Sprintf("CREATE TYPE e%d AS ENUM ('a'); ALTER TYPE e%[1]d ADD VALUE 'b';", n)},
		{kind: "of an earlier one", text: fmt.Sprintf("-- AlterTable\nALTER TABLE %q ADD COLUMN     \"c%d\" TEXT;\n", earlier, n), right: "SELECT 1;"},
		{kind: "of an earlier one", text: fmt.Sprintf("DROP TABLE %q;", earlier), right: "SELECT 2;"},
		{kind: "CONCURRENTLY", text: fmt.Sprintf("-- alone\nCREATE INDEX CONCURRENTLY i%d ON %q (id);\n", n, earlier), right: "SELECT 3;"},
		{kind: "a check and a partial index", text: create + fmt.Sprintf("ALTER TABLE %q ADD CHECK (id > 0);\nCREATE INDEX ON %[1]q (id) WHERE id > 10;", table), makes: table},
		{kind: "quotes and comments", text: create + fmt.Sprintf("/* a; /* nested; */ */ INSERT INTO %q SELECT length('a;''b' || E'\\';' || $q$;$q$);", table), makes: table},
		{kind: "BOM", text: "\ufeff" + create, right: create},
		{kind: "fails", text: create + "SELECT 1/0;", right: create},
		{kind: "syntax", text: create + "CREATE TABEL x ();", right: create},
		{kind: "open quote", text: create + "SELECT 'abc", right: create},
		{kind: "fails after its COMMIT", text: "BEGIN; " + create + "COMMIT; SELECT 1/0;", right: "SELECT 4;"},
		{kind: "fails after a COMMIT", text: create + "COMMIT; CREATE TABLE gone (); SELECT 1/0;", right: "SELECT 5;"},
		{kind: "fails before its COMMIT", text: "BEGIN; " + create + "SELECT 1/0; COMMIT;", right: create},
		{kind: "uses a new enum value", text: fmt.Sprintf("ALTER TYPE e%d ADD VALUE 'z'; SELECT 'z'::e%[1]d;", n), right: "SELECT 6;"},
		{kind: "CONCURRENTLY not alone", text: create + fmt.Sprintf("CREATE INDEX CONCURRENTLY i%d ON %q (id);", n, table), right: create},
	}
}

// oddNames are what people's folders are called besides a time and a word.
var oddNames = []string{"0_init", "%d_t copy", "%d-With-Dashes", "%d_UPPER", "%d.dot", "%d_it's", "%d_50%%", "%d_(1)", "%d", "%d_", "t%d", "Z%d", "_%d", "%d_a_very_long_name_" + strings.Repeat("x", 150)}

// name returns the name of a new migration: usually after the others, sometimes before them, now and then an odd one.
func (h *history) name() string {
	name := fmt.Sprintf("%d_t%d", 20240100+10*h.made, h.made)
	switch h.dice.IntN(12) {
	case 0, 1:
		h.steps.add("an earlier name")
		name = fmt.Sprintf("%d_t%d", 20230900-10*h.made, h.made)
	case 2, 3:
		h.steps.add("an odd name")
		name = oddNames[h.dice.IntN(len(oddNames))]
		if strings.Contains(name, "%") {
			name = fmt.Sprintf(name, 20240100+10*h.made)
		}
	}
	return name
}

// create adds a migration, mostly a right one.
func (h *history) create() {
	h.made++
	name, table, earlier := h.name(), fmt.Sprintf("t%d", h.made), "t1"
	if len(h.tables) > 0 {
		earlier = h.tables[h.dice.IntN(len(h.tables))]
	}
	scripts := walkScripts(h.made, table, earlier)
	s := scripts[h.dice.IntN(len(scripts))]
	if s.kind == "CONCURRENTLY not alone" && h.dice.IntN(2) == 0 { // it ends the comparison
		s = scripts[0]
	}
	h.steps.add(s.kind)
	if s.right != "" {
		h.broken[name] = s.right
	}
	if s.makes != "" {
		h.tables = append(h.tables, s.makes)
		h.models[s.makes] = fmt.Sprintf("model %s {\n  id Int @id\n}\n", s.makes)
	}
	h.tell("create %s: %q", name, s.text)
	h.bench.write(name, s.text)
	if h.dice.IntN(3) == 0 {
		h.lock("postgresql")
	}
}

// edit changes a script: at its end, or all of it.
func (h *history) edit() {
	name := h.pick()
	text := h.bench.text(name) + "\n-- edited\n"
	if h.dice.IntN(4) == 0 {
		text = fmt.Sprintf("SELECT 'instead %d';", h.made)
	}
	h.tell("edit %s", name)
	h.bench.write(name, text)
}

// changeLineEnds does what git may do to a file, which is no edit, or half of it, which is one.
func (h *history) changeLineEnds() {
	name := h.pick()
	lf := strings.ReplaceAll(h.bench.text(name), "\r\n", "\n")
	text := [...]string{lf, strings.ReplaceAll(lf, "\n", "\r\n"), strings.Replace(lf, "\n", "\r\n", 1)}[h.dice.IntN(3)]
	h.tell("line ends of %s: %q", name, text)
	h.bench.write(name, text)
}

func (h *history) rename() {
	name := h.pick()
	h.made++
	to := h.name()
	h.tell("rename %s to %s", name, to)
	_ = os.Rename(filepath.Join(h.bench.dir, name), filepath.Join(h.bench.dir, to)) // there may be none, or one of that name
}

// switchBranches takes the last migrations away, or brings those of another branch back.
func (h *history) switchBranches() {
	if n := len(h.away); n > 0 && h.dice.IntN(2) == 0 {
		for name, text := range h.away[n-1] {
			h.tell("back from the other branch: %s", name)
			h.bench.write(name, text)
		}
		h.away = h.away[:n-1]
		return
	}
	list := h.bench.folder().Migrations
	branch := map[string]string{}
	for _, m := range list[len(list)-min(len(list), 1+h.dice.IntN(3)):] {
		h.tell("only on the other branch: %s", m.Name)
		branch[m.Name] = m.Script
		h.bench.remove(m.Name)
	}
	h.away = append(h.away, branch)
}

// mend writes the right script in place of a broken one, mostly, and lets it run again.
func (h *history) mend() {
	for _, name := range slices.Sorted(maps.Keys(h.broken)) {
		if _, there := h.bench.folder().Named(name); !there {
			continue
		}
		if h.dice.IntN(4) > 0 {
			h.tell("mend %s", name)
			h.bench.write(name, h.broken[name])
			delete(h.broken, name)
		}
		h.all("mrolledback", name)
		if !h.over {
			h.all("mdeploy", "")
		}
		return
	}
}

// baseline records all migrations as applied, in their order.
func (h *history) baseline() {
	for _, name := range h.bench.folder().names() {
		if h.all("mapplied", name); h.over || h.t.Failed() {
			return
		}
	}
	h.all("mdeploy", "")
}

func (h *history) byHand() {
	sql := "CREATE TABLE IF NOT EXISTS by_hand (id int PRIMARY KEY)"
	if len(h.tables) > 0 && h.dice.IntN(2) == 0 {
		sql = fmt.Sprintf("ALTER TABLE IF EXISTS %q ADD COLUMN IF NOT EXISTS by_hand int", h.tables[h.dice.IntN(len(h.tables))])
	}
	h.tell("by hand: %s", sql)
	for _, p := range h.players {
		pgtest.Exec(h.t, p.url, sql)
	}
}

// lock writes migration_lock.toml.
func (h *history) lock(provider string) {
	must(h.t, os.WriteFile(filepath.Join(h.bench.dir, lockName), []byte("# Please do not edit this file manually\nprovider = \""+provider+"\"\n"), 0o644))
}

// lockElsewhere asks while the folder is one for another kind of database.
func (h *history) lockElsewhere() {
	provider := [...]string{"mysql", "sqlite", "cockroachdb", "postgres", "postgresql\" # ours", "postgresql\"\r"}[h.dice.IntN(6)]
	h.tell("provider %q", provider)
	h.lock(provider)
	h.all("mdeploy", "")
	if !h.over {
		h.all("mapplied", h.pick())
	}
	h.lock("postgresql")
}

// litter puts what is not a migration beside migrations, and in them; a folder without a script stays for one deploy.
func (h *history) litter() {
	name := h.pick()
	for _, file := range []string{".gitkeep", "README.md", "notes.sql", filepath.Join(name, "down.sql")} {
		_ = os.WriteFile(filepath.Join(h.bench.dir, file), []byte("SELECT 1/0;"), 0o644) // there may be no such migration
	}
	if h.dice.IntN(2) == 0 {
		h.tell("a migration in the migration %s", name)
		h.bench.write(filepath.Join(name, "1_nested"), "SELECT 1/0;")
		return
	}
	h.tell("a folder without a script")
	empty := filepath.Join(h.bench.dir, fmt.Sprintf("2022010%d_empty", h.dice.IntN(10)))
	must(h.t, os.Mkdir(empty, 0o755))
	h.all("mdeploy", "")
	if !h.over && h.dice.IntN(2) == 0 {
		h.all("mapplied", filepath.Base(empty))
	}
	must(h.t, os.RemoveAll(empty))
}
