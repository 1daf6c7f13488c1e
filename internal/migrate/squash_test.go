package migrate

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// squash plans a squash. tables stands for what Prisma would write of the end state.
func (b shadowBench) squash(opt SquashOptions, tables string) (*Squash, error) {
	b.t.Helper()
	return PlanSquash(b.t.Context(), b.Shadow, b.folder(), opt, func(before, all []Migration) (string, error) { return tables, nil })
}

// tree lists the files of the folder of migrations.
func (b *bench) tree() string {
	b.t.Helper()
	var list []string
	b.must(filepath.WalkDir(b.dir, func(path string, d os.DirEntry, err error) error {
		if rel, _ := filepath.Rel(b.dir, path); err == nil && !d.IsDir() && rel != lockName {
			list = append(list, filepath.ToSlash(strings.TrimSuffix(rel, string(filepath.Separator)+scriptName)))
		}
		return err
	}))
	slices.Sort(list)
	return strings.Join(list, " ")
}

func TestAWayIsChosenThatLeadsToTheSameEnd(t *testing.T) {
	t.Parallel()
	const table = "CREATE TABLE a (id int PRIMARY KEY, n int);\n"
	const grown = "CREATE TABLE a (id int NOT NULL, n int, CONSTRAINT a_pkey PRIMARY KEY (id));\n"
	b := newShadowBench(t)
	for name, c := range map[string]struct {
		scripts []string
		tables  string
		want    string
	}{
		"tables alone":    {[]string{"CREATE TABLE a (id int PRIMARY KEY);", "ALTER TABLE a ADD n int"}, table, "written"},
		"a backfill":      {[]string{table, "UPDATE a SET n = 1; ALTER TABLE a ALTER n SET NOT NULL;"}, "CREATE TABLE a (id int PRIMARY KEY, n int NOT NULL);", "written"},
		"a function":      {[]string{table, "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';", "UPDATE a SET id = f();"}, table, "composed, without 1"},
		"rows":            {[]string{table + "INSERT INTO a VALUES (1, 2);", "UPDATE a SET n = 3;"}, table, "composed"},
		"rows that go":    {[]string{table + "INSERT INTO a VALUES (1, 2);", "DELETE FROM a;"}, table, "written"},
		"a default":       {[]string{"CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE TABLE a (id int DEFAULT f());", "SELECT 1;"}, "CREATE TABLE a (id int DEFAULT f());", "composed, without 1"},
		"a check":         {[]string{table, "ALTER TABLE a ADD CONSTRAINT c CHECK (n > 0);"}, table, "composed"},
		"a check within":  {[]string{"CREATE TABLE a (id int PRIMARY KEY, n int CHECK (n > 0));", "SELECT 1"}, table, "joined"},
		"an expression":   {[]string{table, "CREATE INDEX i ON a ((n + 1));"}, table, "composed"},
		"a dropped table": {[]string{table + "INSERT INTO a VALUES (1, 1); CREATE TABLE k AS SELECT * FROM a;", "DROP TABLE a; -- and no end"}, "CREATE TABLE k (id int, n int);", "joined"},
		"CONCURRENTLY":    {[]string{table, "CREATE INDEX CONCURRENTLY i ON a ((n + 1));", "CREATE INDEX CONCURRENTLY j ON a (n);"}, table, "joined"},
		"an enum":         {[]string{"CREATE TYPE m AS ENUM ('a'); CREATE TABLE a (x m CHECK (x <> 'a'));", "ALTER TYPE m ADD VALUE 'b';", "INSERT INTO a VALUES ('b');"}, "", "apart"},
		"moments":         {[]string{"CREATE TABLE a (id int, d timestamptz DEFAULT clock_timestamp(), u uuid DEFAULT gen_random_uuid());", "INSERT INTO a VALUES (1), (2);"}, "CREATE TABLE a (id int, d timestamptz DEFAULT clock_timestamp(), u uuid DEFAULT gen_random_uuid());", "composed"},
		"own transaction": {[]string{"BEGIN; CREATE TABLE a (n int CHECK (n > 0)); COMMIT;", "SELECT 1"}, "", "joined"},
		"a session":       {[]string{"CREATE SCHEMA s; SET search_path = s;", "CREATE TABLE a (n int);"}, "CREATE TABLE s.a (n int);", "composed"},
		"nothing":         {[]string{table, "DROP TABLE a;"}, "", "written"},
		"comments":        {[]string{table, "COMMENT ON TABLE a IS 'it''s; -- one';", "-- nothing"}, table, "composed"},
		"an extension":    {[]string{"CREATE EXTENSION IF NOT EXISTS plpgsql;", table}, grown, "written"},
		"VACUUM":          {[]string{table, "VACUUM;"}, table, "written"},
	} {
		t.Run(name, func(t *testing.T) {
			if !slices.Contains([]string{"a backfill", "a function", "rows", "CONCURRENTLY", "an enum", "moments"}, name) {
				pgtest.Long(t)
			}
			b := b
			b.bench = &bench{t: t, dir: t.TempDir(), url: b.url, db: b.db}
			for i, s := range c.scripts {
				b.write(fmt.Sprintf("%d_m", i+1), s)
			}
			p, err := b.squash(SquashOptions{}, c.tables)
			if err != nil {
				t.Fatal(remedy.Text(err))
			}
			got := string(p.How)
			if strings.Contains(strings.Join(p.Notes, " "), "1 statement of theirs left out") {
				got += ", without 1"
			}
			if got != c.want {
				t.Errorf("%s, and not %s: %v %v\n%s", got, c.want, p.Notes, p.Tried, p.SQL)
			}
		})
	}
}

func TestWhatNoSingleScriptCanDoIsRefusedWithTheReasons(t *testing.T) {
	t.Parallel()
	b := newShadowBench(t, "CREATE TABLE a (n int CHECK (n > 0));", "VACUUM;", "CREATE TABLE b (n int CHECK (n > 0));")
	_, err := b.squash(SquashOptions{}, "")
	if text := remedy.Text(err); remedy.Code(err) != "migrate.squash" || !strings.Contains(text, "joined: ") || !strings.Contains(text, "table public.a is missing") {
		t.Errorf("%s", text)
	}
	for opt, want := range map[SquashOptions]string{{From: "3_m"}: "at least two", {From: "2_m", To: "1_m"}: "comes before", {From: "x"}: "no migration x"} {
		if _, err := b.squash(opt, ""); !strings.Contains(remedy.Text(err), want) {
			t.Errorf("%v: %s", opt, remedy.Text(err))
		}
	}
}

// What comes after the squashed ones must find what it found.
func TestWhatRunsAfterwardsIsPartOfTheProof(t *testing.T) {
	t.Parallel()
	b := newShadowBench(t, "CREATE TABLE a ();", "CREATE SCHEMA s; SET search_path = s;", "CREATE TABLE b ();", "CREATE TABLE c ();")
	p, err := b.squash(SquashOptions{From: "2_m", To: "3_m"}, "CREATE SCHEMA s; CREATE TABLE s.b ();")
	b.must(err)
	if p.How == Written || p.Name != "3_squashed" || len(p.Tried) == 0 || !strings.Contains(p.Tried[0].Why[0], "s.c is missing") {
		t.Errorf("%s as %s: %v", p.How, p.Name, p.Tried)
	}
}

func (b *bench) squashed(p *Squash) {
	b.t.Helper()
	b.must(p.Unchanged(b.folder()))
	b.must(p.Write(b.dir))
}

func TestADatabaseThatHasTheOldOnesIsToldAndPutRight(t *testing.T) {
	t.Parallel()
	b := newShadowBench(t, "CREATE TABLE a ();", "CREATE TABLE b ();", "CREATE TABLE c ();", "CREATE TABLE d ();")
	b.must(b.deploy())
	p, err := b.squash(SquashOptions{To: "3_m", Called: "Start"}, "CREATE TABLE a (); CREATE TABLE b (); CREATE TABLE c ();")
	b.must(err)
	b.must(os.WriteFile(filepath.Join(b.dir, "2_m", "down.sql"), []byte("x"), 0o644))
	b.squashed(p)
	if got, want := b.tree(), "3_start 3_start/replaced/1_m 3_start/replaced/2_m 3_start/replaced/2_m/down.sql 3_start/replaced/3_m 4_m"; got != want {
		t.Fatalf("the folder is %s", got)
	}
	h := b.look()
	if got := b.states(); h.Verdict != Squashed || got != "1_m replaced, 2_m replaced, 3_m replaced, 3_start pending, 4_m applied" {
		t.Errorf("%s: %s", h.Verdict, got)
	}
	err = b.deploy()
	if text := remedy.Text(err); remedy.Code(err) != "migrate.squashed" || !strings.Contains(text, "naap migrate resolve --applied 3_start") {
		t.Errorf("deploy: %s", text)
	}
	b.must(b.resolve("3_start", true))
	if got := b.states(); got != "3_start applied, 4_m applied" || b.look().Verdict != UpToDate {
		t.Errorf("afterwards: %s", got)
	}
	if logs := b.value("SELECT logs FROM _prisma_migrations WHERE migration_name = '3_start'"); !strings.Contains(logs, "\n2_m ") {
		t.Errorf("what the rows said is lost: %s", logs)
	}
	if err := b.resolve("3_start", true); remedy.Code(err) != "migrate.applied" {
		t.Errorf("again: %v", err)
	}
	b.must(b.deploy())
	fresh := newBench(t)
	fresh.dir = b.dir
	fresh.must(fresh.deploy())
	if got := fresh.states(); got != "3_start applied, 4_m applied" {
		t.Errorf("a new database: %s", got)
	}
}

// A database that has only some of the old ones gets the others from where they are kept.
func TestADatabaseThatHasSomeOfTheOldOnesGetsTheRest(t *testing.T) {
	t.Parallel()
	b := newShadowBench(t, "CREATE TABLE a ();", "CREATE TABLE b ();", "CREATE TABLE c ();", "CREATE TABLE d ();")
	other := newBench(t, "CREATE TABLE a ();")
	other.must(other.deploy())
	other.dir = b.dir
	p, err := b.squash(SquashOptions{To: "3_m"}, "CREATE TABLE a (); CREATE TABLE b (); CREATE TABLE c ();")
	b.must(err)
	b.squashed(p)
	if err := other.resolve("3_squashed", true); remedy.Code(err) != "migrate.squashed" {
		t.Errorf("resolve: %v", err)
	}
	b.must(os.Rename(filepath.Join(b.dir, "3_squashed/replaced/2_m"), filepath.Join(b.dir, "../2_m")))
	if err := other.deploy(); remedy.Code(err) != "migrate.squashed" || !strings.Contains(remedy.Text(err), "2_m") {
		t.Errorf("without what is kept: %s", remedy.Text(err))
	}
	b.must(os.Rename(filepath.Join(b.dir, "../2_m"), filepath.Join(b.dir, "3_squashed/replaced/2_m")))
	other.must(other.deploy())
	if err := other.deploy(); remedy.Code(err) != "migrate.squashed" {
		t.Errorf("deploy: %v", err)
	}
	other.must(other.resolve("3_squashed", true))
	other.must(other.deploy())
	if got := other.states(); got != "3_squashed applied, 4_m applied" {
		t.Errorf("in the end: %s", got)
	}
}

func TestASquashIsSquashedAgain(t *testing.T) {
	t.Parallel()
	b := newShadowBench(t, "CREATE TABLE a ();", "CREATE TABLE b ();")
	oldest := newBench(t, "CREATE TABLE a ();", "CREATE TABLE b ();")
	oldest.must(oldest.deploy())
	for _, tables := range []string{"CREATE TABLE a (); CREATE TABLE b ();", "CREATE TABLE a (); CREATE TABLE b (); CREATE TABLE c ();"} {
		p, err := b.squash(SquashOptions{}, tables)
		b.must(err)
		b.squashed(p)
		b.write("3_m", "CREATE TABLE c ();")
	}
	b.remove("3_m")
	oldest.dir = b.dir
	oldest.must(oldest.deploy()) // 3_m
	oldest.must(oldest.resolve("3_squashed", true))
	if got := oldest.states(); got != "3_squashed applied" {
		t.Errorf("%s", got)
	}
}

func TestASquashThatIsBrokenOffIsTakenBack(t *testing.T) {
	t.Parallel()
	scripts := []string{"CREATE TABLE a ();", "CREATE TABLE b ();", "CREATE TABLE c ();"}
	b := newShadowBench(t, scripts...)
	p, err := b.squash(SquashOptions{}, strings.Join(scripts, "\n"))
	b.must(err)
	before := b.tree()
	for killed := range 5 { // after that many moves; then before the script
		dir := filepath.Join(b.dir, p.Name, replacedFolder)
		b.must(os.MkdirAll(dir, 0o755))
		for i := range min(killed, 3) {
			name := fmt.Sprintf("%d_m", 3-i)
			b.must(os.Rename(filepath.Join(b.dir, name), filepath.Join(dir, name)))
		}
		if err := b.deploy(); remedy.Code(err) != "migrate.script" || !strings.Contains(remedy.Text(err), "naap migrate squash") {
			t.Errorf("after %d moves, a deploy says %s", killed, remedy.Text(err))
		}
		again, err := b.squash(SquashOptions{}, "")
		b.must(err)
		if again.TakesBack != p.Name {
			t.Fatalf("after %d moves: %+v", killed, again)
		}
		b.must(b.folder().TakeBackSquash(b.dir, p.Name))
		if got := b.tree(); got != before {
			t.Errorf("after %d moves, back: %s", killed, got)
		}
	}
	b.must(os.MkdirAll(filepath.Join(b.dir, p.Name, replacedFolder, "1_m"), 0o755))
	if err := b.folder().TakeBackSquash(b.dir, p.Name); remedy.Code(err) != "migrate.squash" || !strings.Contains(remedy.Text(err), "twice") {
		t.Errorf("with a folder that git has brought back: %v", err)
	}
}

func TestAFolderThatChangesMeanwhileIsLeftAlone(t *testing.T) {
	t.Parallel()
	b := newShadowBench(t, "CREATE TABLE a ();", "CREATE TABLE b ();")
	p, err := b.squash(SquashOptions{}, "CREATE TABLE a (); CREATE TABLE b ();")
	b.must(err)
	b.write("1_m", "CREATE TABLE a (); ")
	if err := p.Unchanged(b.folder()); remedy.Code(err) != "migrate.changed" {
		t.Errorf("an edited script: %v", err)
	}
	b.write("1_m", "CREATE TABLE a ();")
	b.squashed(p)
	if err := p.Write(b.dir); remedy.Code(err) != "migrate.changed" {
		t.Errorf("a second one at once: %v", err)
	}
	b.write("1_m", "CREATE TABLE a ();")
	if err := b.deploy(); remedy.Code(err) != "migrate.squash" || !strings.Contains(remedy.Text(err), "stands for it") {
		t.Errorf("with a migration that a merge has brought back: %v", err)
	}
}

// Git may have changed all line endings, here or in another checkout.
func TestASquashKeepsTheLineEndingsOfItsCheckout(t *testing.T) {
	t.Parallel()
	b := newShadowBench(t, "CREATE TABLE a ();\r\n", "CREATE TABLE b (s text);\r\nINSERT INTO b VALUES ('1\r\n2');\r\n")
	b.must(b.deploy())
	p, err := b.squash(SquashOptions{}, "CREATE TABLE a ();\nCREATE TABLE b (s text);\n")
	b.must(err)
	if n := strings.Count(p.SQL, "\n"); n != strings.Count(p.SQL, "\r\n") {
		t.Errorf("mixed line endings: %q", p.SQL)
	}
	b.squashed(p)
	for _, name := range []string{"2_squashed", "2_squashed/replaced/1_m", "2_squashed/replaced/2_m"} { // the other checkout
		text, err := os.ReadFile(filepath.Join(b.dir, name, scriptName))
		b.must(err)
		b.write(name, strings.ReplaceAll(string(text), "\r\n", "\n"))
	}
	r, err := b.look().PlanApplied("2_squashed", b.bench.target())
	b.must(err)
	if len(r.Replaces) != 2 || len(r.Warnings) > 0 {
		t.Errorf("%+v", r)
	}
	b.must(Resolve(t.Context(), b.db, r, quietly))
	if got := b.look().Entries; len(got) != 1 || got[0].State != Applied || got[0].Edited {
		t.Errorf("%+v", got)
	}
}

func TestNamesSortWhereTheSquashedOnesDid(t *testing.T) {
	t.Parallel()
	f := &Folder{Migrations: []Migration{{Name: "20240101000000_init"}, {Name: "20240102000000_b"}, {Name: "20240102000000_b copy"}, {Name: "20240103000000_squashed"}, {Name: "20240103000000_z"}, {Name: "zzz"}}}
	for _, c := range []struct {
		called      string
		first, last int
		want        string
	}{
		{"", 0, 1, "20240101000000_init_squashed"}, {"A name!", 0, 2, "20240102000000_a_name"}, {"", 1, 3, "20240103000000_squashed_2"}, {"", 0, 5, "squashed"}, {"x", 1, 2, "20240102000000_x"},
	} {
		before, replaced, after := f.Migrations[:c.first], f.Migrations[c.first:c.last+1], f.Migrations[c.last+1:]
		got, err := f.squashName(c.called, before, replaced, after)
		if err != nil || got != c.want {
			t.Errorf("%q, %d to %d: %s, %v", c.called, c.first, c.last, got, err)
		}
	}
}
