package migrate

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
)

const rehearsedBase = `
CREATE TABLE team (id int PRIMARY KEY, name varchar(20), note text);
CREATE TABLE member (id int PRIMARY KEY, team int REFERENCES team, n int);
CREATE INDEX member_n ON member (n);
CREATE TABLE old (id int);
CREATE SCHEMA side; CREATE TABLE side.thing (id int);
CREATE TYPE mood AS ENUM ('a');
CREATE TABLE feels (id int, m mood, ms mood[]); INSERT INTO feels VALUES (1, 'a', NULL), (2, 'a', '{a}'), (3, NULL, NULL);
CREATE TABLE part (a int, b int) PARTITION BY LIST (a); CREATE TABLE part_1 PARTITION OF part FOR VALUES IN (1, 2); INSERT INTO part VALUES (1, NULL), (2, 2);
INSERT INTO team SELECT i, 'x', CASE WHEN i < 4 THEN 'n' END FROM generate_series(1, 5) i;
INSERT INTO member SELECT i, 1, i FROM generate_series(1, 7) i;
INSERT INTO old SELECT generate_series(1, 3); INSERT INTO side.thing VALUES (1), (2);`

// rehearse deploys the base and rehearses a script on the same database.
func (b *bench) rehearse(script string) (*Rehearsal, error) {
	b.t.Helper()
	b.must(b.deploy())
	b.write("2_m", script)
	plan, err := b.look().PlanDeploy(b.target())
	b.must(err)
	return Rehearse(b.t.Context(), b.db, plan, quietly)
}

// told is what a rehearsal says of each statement, but for times and bytes.
func told(r *Rehearsal) string {
	var list []string
	for _, m := range r.Migrations {
		for _, st := range m.Statements {
			words := []string{fmt.Sprint(st.Line)}
			if st.Rows > 0 {
				words = append(words, fmt.Sprint("rows ", st.Rows))
			}
			for _, d := range st.Destroys {
				words = append(words, fmt.Sprintf("destroys %s %s %d", d.Kind, d.Name, d.Rows))
			}
			for _, f := range st.Rewritten {
				what := "rewrites "
				if f.New {
					what = "builds "
				}
				words = append(words, what+f.Name)
			}
			for _, l := range st.Locks {
				words = append(words, fmt.Sprintf("locks %s %s", l.Table, l.Mode))
			}
			list = append(list, strings.Join(words, ", "))
		}
	}
	return strings.Join(list, "\n")
}

func TestARehearsalSaysWhatEachStatementDoes(t *testing.T) {
	for name, c := range map[string]struct{ script, want string }{
		"rewrites": {"ALTER TABLE member ALTER COLUMN n TYPE bigint;\nALTER TABLE member ADD COLUMN x int;",
			"1, rewrites public.member, rewrites public.member_pkey, rewrites public.member_n, locks public.member ACCESS EXCLUSIVE\n2"},
		"an index":           {"CREATE INDEX team_name ON team (name);", "1, builds public.team_name, locks public.team SHARE"},
		"CONCURRENTLY":       {"CREATE INDEX CONCURRENTLY team_name ON team (name);", "1, builds public.team_name, locks public.team SHARE UPDATE EXCLUSIVE"},
		"a table":            {"DROP TABLE old;", "1, destroys table public.old 3, locks public.old ACCESS EXCLUSIVE"},
		"none":               {"DROP TABLE IF EXISTS nothing, old;", "1, destroys table public.old 3, locks public.old ACCESS EXCLUSIVE"},
		"a column":           {"ALTER TABLE team DROP COLUMN note, DROP COLUMN name;", "1, destroys column public.team.name 5, destroys column public.team.note 3, locks public.team ACCESS EXCLUSIVE"},
		"rows":               {"UPDATE team SET name = 'y';\nDELETE FROM member WHERE n > 5;\nINSERT INTO team VALUES (9);", "1, rows 5\n2, rows 2, destroys rows member 2\n3, rows 1"},
		"counted when it is": {"INSERT INTO old VALUES (4);\nDROP TABLE old;", "1, rows 1\n2, destroys table public.old 4, locks public.old ACCESS EXCLUSIVE"},
		"TRUNCATE": {"TRUNCATE team CASCADE;",
			"1, destroys rows public.member 7, destroys rows public.team 5, rewrites public.team_pkey, rewrites public.member_pkey, rewrites public.member_n, locks public.team ACCESS EXCLUSIVE, locks public.member ACCESS EXCLUSIVE"},
		"a schema":             {"DROP SCHEMA side CASCADE;", "1, destroys table side.thing 2, locks side.thing ACCESS EXCLUSIVE"},
		"a DO":                 {"DO $$ BEGIN DROP TABLE old; END $$;", "1, destroys table public.old 3, locks public.old ACCESS EXCLUSIVE"},
		"a DO that commits":    {"DO $$ BEGIN DROP TABLE old; COMMIT; END $$;", "1, destroys table public.old 3"},
		"own transactions":     {"BEGIN;\nDROP TABLE old;\nCOMMIT;\nLOCK TABLE team IN SHARE MODE;", "1\n2, destroys table public.old 3, locks public.old ACCESS EXCLUSIVE\n3\n4, locks public.team SHARE"},
		"isolation":            {"BEGIN;\nSET TRANSACTION ISOLATION LEVEL SERIALIZABLE;\nUPDATE team SET name = 'z';\nCOMMIT;", "1\n2\n3, rows 5\n4"},
		"isolation again":      {"START TRANSACTION ISOLATION LEVEL SERIALIZABLE;\nDELETE FROM old;\nCOMMIT;\nBEGIN ISOLATION LEVEL REPEATABLE READ;\nDROP TABLE old;\nEND;", "1\n2, rows 3, destroys rows old 3\n3\n4\n5, destroys table public.old 0, locks public.old ACCESS EXCLUSIVE\n6"},
		"isolation first":      {"SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;\nDELETE FROM old;", "1\n2, rows 3, destroys rows old 3"},
		"another role":         {"CREATE TABLE mine ();\nSET LOCAL search_path = side;\nDROP TABLE thing;", "1\n2\n3, destroys table side.thing 2, locks side.thing ACCESS EXCLUSIVE"},
		"what it itself made":  {"CREATE TABLE mine (a int);\nINSERT INTO mine VALUES (1);\nALTER TABLE mine ALTER a TYPE bigint;\nCREATE INDEX ON mine (a);\nDROP TABLE mine;", "1\n2, rows 1\n3\n4\n5"},
		"a foreign key":        {"ALTER TABLE old ADD FOREIGN KEY (id) REFERENCES team;", "1, locks public.team SHARE ROW EXCLUSIVE, locks public.old SHARE ROW EXCLUSIVE"},
		"a type":               {"DROP TYPE mood CASCADE;", "1, destroys column public.feels.m 2, destroys column public.feels.ms 1, locks public.feels ACCESS EXCLUSIVE"},
		"partitions":           {"ALTER TABLE part DROP COLUMN b;\nDROP TABLE part;", "1, destroys column public.part.b 0, destroys column public.part_1.b 1, locks public.part ACCESS EXCLUSIVE, locks public.part_1 ACCESS EXCLUSIVE\n2, destroys table public.part 0, destroys table public.part_1 2"},
		"VACUUM FULL":          {"VACUUM FULL old;", "1, rewrites public.old, locks public.old ACCESS EXCLUSIVE"},
		"nothing":              {"-- nothing", ""},
		"renamed and then not": {"ALTER TABLE old RENAME TO older;\nDROP TABLE older;", "1, locks public.old ACCESS EXCLUSIVE\n2, destroys table public.older 3"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, rehearsedBase)
			r, err := b.rehearse(c.script)
			if err != nil {
				t.Fatal(remedy.Text(err))
			}
			if got := told(r); got != c.want {
				t.Errorf("it says\n%s\nand not\n%s", got, c.want)
			}
			if got := b.states(); got != "1_m applied, 2_m applied" {
				t.Errorf("on the copy: %s", got)
			}
		})
	}
}

func TestARehearsalEndsAsADeployDoes(t *testing.T) {
	for _, script := range []string{
		"CREATE TABLE a ();\nSELECT 1/0;\nCREATE TABLE b ();",
		"BEGIN;\nCREATE TABLE a ();\nCOMMIT;\nCREATE TABLE b ();\n  SELECT 1/0;",
		"CREATE TABLE a ();\nCREATE TABEL b ();",
		"CREATE TABLE a ();\nALTER TABLE team ADD COLUMN ä int, ADD COLUMN name int;",
		"ALTER TYPE mood ADD VALUE 'b';\nSELECT 'b'::mood;",
		"BEGIN; CREATE TABLE a ();", "SAVEPOINT s; SELECT 1;", "SELECT 'abc", "\ufeffSELECT 1", "DO $$ BEGIN CREATE TABLE a (); COMMIT; RAISE 'oh'; END $$",
		"DO $$ BEGIN RAISE 'oh'; END $$; SELECT 1;", "CREATE UNIQUE INDEX CONCURRENTLY i ON member (team);",
	} {
		t.Run(script, func(t *testing.T) {
			real, copied := newBench(t, rehearsedBase), newBench(t, rehearsedBase)
			_, rehearsed := copied.rehearse(script)
			real.must(real.deploy())
			real.write("2_m", script)
			deployed := real.deploy()
			as := func(err error) string {
				r, ok := remedy.Of(err)
				if !ok {
					return fmt.Sprint(err)
				}
				seen := strings.Join(r.Seen, "\n")
				seen, _, _ = strings.Cut(strings.Replace(seen, "a deploy would leave: ", "now: ", 1), "\nthis was a copy")
				return strings.Replace(r.Message, "the migration fails", "the migration failed", 1) + "\n" + seen
			}
			if as(rehearsed) != as(deployed) {
				t.Errorf("the rehearsal: %s\nthe deploy: %s", as(rehearsed), as(deployed))
			}
			const tables = "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
			if r, d := copied.value(tables), real.value(tables); r != d {
				t.Errorf("after the rehearsal there are %s, after the deploy %s", r, d)
			}
		})
	}
}

func TestARehearsalChangesNothingBesideItsCopy(t *testing.T) {
	for _, script := range []string{
		"CREATE ROLE x;", "SELECT 1; ALTER USER x PASSWORD 'y';", "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles) THEN CREATE ROLE x; END IF; END $$;",
		"DO $$ BEGIN EXECUTE 'DROP DATABASE y'; END $$;", "GRANT a TO b;", "ALTER SYSTEM SET work_mem = '1MB';", "ALTER DATABASE x SET work_mem = '1MB';", "COMMENT ON ROLE x IS 'y';", "DROP OWNED BY x;", "DO $$ BEGIN GRANT a TO b; END $$;",
	} {
		p := &Plan{Steps: []Step{{Path: "p", SQL: script, script: readScript(script)}}}
		if err := p.beyond(); remedy.Code(err) != "migrate.beyond" {
			t.Errorf("%s: %v", script, err)
		}
	}
	for _, script := range []string{
		"GRANT SELECT ON t TO app;", "CREATE TABLE role (a int);", "CREATE USER MAPPING FOR x SERVER y;", "DO $$ BEGIN GRANT SELECT ON t TO app; EXECUTE 'CREATE TABLE x ()'; END $$;", "SELECT 'CREATE ROLE x';",
		"CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';", "COMMENT ON TABLE t IS 'DROP ROLE x';", "REVOKE ALL ON SCHEMA public FROM PUBLIC",
	} {
		p := &Plan{Steps: []Step{{Path: "p", SQL: script, script: readScript(script)}}}
		if err := p.beyond(); err != nil {
			t.Errorf("%s: %v", script, err)
		}
	}
}

func TestWhoWouldBeInTheWayIsNamed(t *testing.T) {
	b := newBench(t, rehearsedBase)
	other := benchAt(t, pgtest.NewDatabase(t), rehearsedBase)
	r, err := other.rehearse("ALTER TABLE team ADD COLUMN x int; CREATE INDEX ON member (team);")
	b.must(err)
	b.must(b.deploy())
	tx, err := b.db.Begin(t.Context())
	b.must(err)
	defer postgres.Rollback(t.Context(), tx)
	for _, sql := range []string{"SELECT * FROM team", "SELECT * FROM member", "INSERT INTO old VALUES (1)"} {
		_, err := tx.Exec(t.Context(), sql)
		b.must(err)
	}
	time.Sleep(10 * time.Millisecond)
	b.must(Await(t.Context(), b.db, r))
	if len(r.Waits) != 1 || r.Waits[0].Table != "public.team" || r.Waits[0].Holds != accessShare || r.Waits[0].Needs != accessExclusive || r.Waits[0].State != "idle in transaction" || r.Waits[0].ForMS < 10 {
		t.Errorf("%+v", r.Waits) // nobody who only reads waits for SHARE
	}
}

func TestLockModesConflictAsTheServersDo(t *testing.T) {
	table := map[lockMode]string{accessShare: "8", rowShare: "78", rowExclusive: "5678", shareUpdateExclusive: "45678", share: "34678", shareRowExclusive: "345678", exclusive: "2345678", accessExclusive: "12345678"}
	for m, want := range table {
		got := ""
		for other := accessShare; other <= accessExclusive; other++ {
			if m.conflicts(other) {
				got += fmt.Sprint(int(other))
			}
		}
		if got != want {
			t.Errorf("%s conflicts with %s, want %s", m, got, want)
		}
	}
}
