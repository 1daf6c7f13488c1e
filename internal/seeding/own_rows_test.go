package seeding

import (
	"context"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
)

const members = "SELECT id || ' ' || name || coalesce(' ' || note, '') FROM club.member ORDER BY id"

// TestAChangedSeedKeepsRowsThatAreNoLongerAsItWroteThem has the user replace one of the seed's rows and change another,
// and the file bring those, others, or none.
func TestAChangedSeedKeepsRowsThatAreNoLongerAsItWroteThem(t *testing.T) {
	for name, c := range map[string]struct {
		second string
		want   []string
	}{
		"other rows":     {"INSERT INTO club.member VALUES (702, 'Cleo');", []string{"700 Zed", "701 mine", "702 Cleo"}},
		"the same rows":  {"INSERT INTO club.member VALUES (700, 'Ada the second'), (701, 'Bea'), (702, 'Cleo');", []string{"700 Zed", "701 mine", "702 Cleo"}},
		"DO UPDATE":      {"INSERT INTO club.member VALUES (700, 'Ada'), (701, 'Bea'), (702, 'Cleo') ON CONFLICT (id) DO UPDATE SET name = excluded.name, note = 'of the seed';", []string{"700 Zed", "701 mine", "702 Cleo"}},
		"DO NOTHING":     {"INSERT INTO club.member VALUES (700, 'Ada'), (702, 'Cleo') ON CONFLICT DO NOTHING;", []string{"700 Zed", "701 mine", "702 Cleo"}},
		"UPDATE":         {"UPDATE club.member SET name = 'all'; INSERT INTO club.member VALUES (702, 'Cleo');", []string{"700 Zed", "701 mine", "702 Cleo"}},
		"COPY":           {"COPY club.member (id, name) FROM stdin;\n700\tAda\n702\tCleo\n\\.\n", []string{"700 Zed", "701 mine", "702 Cleo"}},
		"a row refers":   {"INSERT INTO shop.product (id, code) VALUES (1, 'x'); INSERT INTO shop.sale (product, member) VALUES (1, 700);", []string{"700 Zed", "701 mine"}},
		"nothing at all": {"SELECT 1;", []string{"700 Zed", "701 mine"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSuite(t, "club.sql", "INSERT INTO club.member VALUES (700, 'Ada'), (701, 'Bea'), (703, 'Dora');")
			s.must(Options{})
			s.exec("UPDATE club.member SET name = 'Zed' WHERE id = 700; DELETE FROM club.member WHERE id = 701; INSERT INTO club.member VALUES (701, 'mine')")
			s.write("club.sql", c.second)
			s.must(changed)
			s.holds(members, c.want...)
			s.must(Options{Force: true})
			s.holds(members, c.want...)
			s.write("club.sql", "INSERT INTO club.member VALUES (702, 'Cleo the third'), (704, 'Eve');")
			s.must(changed)
			s.holds(members, "700 Zed", "701 mine", "702 Cleo the third", "704 Eve")
		})
	}
}

func TestRowsOfACSVAndOfJSONLinesThatWereRewrittenAreKept(t *testing.T) {
	for name, texts := range map[string][2]string{
		"club/member.csv":   {"id,name\n1,Ada\n2,Bea\n3,Cleo\n", "id,name\n1,Ada A.\n2,Bea B.\n4,Dora\n"},
		"club/member.jsonl": {"{\"id\": 1, \"name\": \"Ada\"}\n{\"id\": 2, \"name\": \"Bea\"}\n{\"id\": 3, \"name\": \"Cleo\"}\n", "{\"id\": 1, \"name\": \"Ada A.\"}\n{\"id\": 2, \"name\": \"Bea B.\"}\n{\"id\": 4, \"name\": \"Dora\"}\n"},
	} {
		s := newSuite(t, name, texts[0])
		s.must(Options{})
		s.exec("UPDATE club.member SET note = 'my note' WHERE id = 2")
		s.write(name, texts[1])
		s.must(changed)
		s.holds(members, "1 Ada A.", "2 Bea my note", "4 Dora")
	}
}

// TestARowThatWasKeptKeepsWhatRefersToIt finds rows by a key other than the one that the server generates.
func TestARowThatWasKeptKeepsWhatRefersToIt(t *testing.T) {
	const first = "-- naap: key=parent(code) key=child(parent,n)\nINSERT INTO parent (code) VALUES ('a'), ('b');\nINSERT INTO child (parent, n) SELECT id, 1 FROM parent ORDER BY code;"
	s := newSuite(t, "10-shop.sql", first)
	s.exec(familyTables)
	s.must(Options{})
	s.exec("UPDATE shop.parent SET note = '!' WHERE code = 'a'; INSERT INTO shop.grandchild VALUES (1, 'mine')")
	s.write("10-shop.sql", strings.Replace(first, "('a')", "('z'), ('a')", 1))
	s.must(changed)
	s.holds("SELECT p.id || p.code || coalesce(p.note, '') || ' ' || c.id FROM shop.parent p JOIN shop.child c ON c.parent = p.id WHERE p.code <> 'z' ORDER BY 1", "1a! 1", "2b 2")
	s.holds("SELECT child || word FROM shop.grandchild", "1mine")
}

func TestASeedWhoseRowsAnotherSeedChangesStillOwnsThem(t *testing.T) {
	for name, change := range map[string]string{
		"UPDATE":   "UPDATE club.member SET note = 'of the shop' WHERE id = 1;",
		"function": "SELECT put(1);",
	} {
		t.Run(name, func(t *testing.T) {
			s := newSuite(t, "10-club.sql", "INSERT INTO club.member VALUES (1, 'Ada'), (2, 'Bea'), (3, 'Cleo');", "20-shop.sql", change)
			s.exec("CREATE FUNCTION shop.put(int) RETURNS void LANGUAGE sql AS 'UPDATE club.member SET note = ''of the shop'' WHERE id = $1'")
			s.must(Options{Names: []string{"10-club.sql"}})
			s.exec("UPDATE club.member SET name = 'mine' WHERE id = 3")
			s.must(Options{})
			s.write("10-club.sql", "INSERT INTO club.member VALUES (1, 'Ada the first');")
			s.must(changed)
			s.holds(members, "1 Ada the first of the shop", "3 mine")
		})
	}
}

// TestRowsAreTheSeedsAfterThePushOfAColumn changes the tables as a push does between a file's two versions.
func TestRowsAreTheSeedsAfterThePushOfAColumn(t *testing.T) {
	for name, c := range map[string]struct {
		push, own string
		want      []string
	}{
		"a column more":           {"ADD COLUMN age int", "UPDATE club.member SET age = 7 WHERE id = 2", []string{"2 Bea", "3 Cleo"}},
		"with a default":          {"ADD COLUMN age int DEFAULT -5, ADD COLUMN role text NOT NULL DEFAULT 'it''s (new)'", "UPDATE club.member SET role = 'old' WHERE id = 2", []string{"2 Bea", "3 Cleo"}},
		"with the time":           {"ADD COLUMN made timestamptz NOT NULL DEFAULT now()", "UPDATE club.member SET made = '2020-01-01' WHERE id = 2", []string{"2 Bea", "3 Cleo"}},
		"a column less":           {"DROP COLUMN note", "UPDATE club.member SET name = 'mine' WHERE id = 2", []string{"2 mine", "3 Cleo"}},
		"one renamed":             {"RENAME note TO remark", "UPDATE club.member SET remark = NULL WHERE id = 2", []string{"2 Bea", "3 Cleo"}},
		"one less and one more":   {"DROP COLUMN note, ADD COLUMN age int", "UPDATE club.member SET age = 7 WHERE id = 2", []string{"2 Bea", "3 Cleo"}},
		"a wider type":            {"ALTER id TYPE bigint", "UPDATE club.member SET name = 'mine' WHERE id = 2", []string{"2 mine", "3 Cleo"}},
		"what the server makes":   {"ADD COLUMN token uuid NOT NULL DEFAULT gen_random_uuid()", "SELECT 1", []string{"1 Ada", "2 Bea", "3 Cleo", "4 Dora"}},
		"a generated one, no own": {"ADD COLUMN long int GENERATED ALWAYS AS (length(name)) STORED", "SELECT 1", []string{"3 Cleo"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSuite(t, "club.sql", "INSERT INTO club.member VALUES (1, 'Ada', 'a'), (2, 'Bea', 'b'), (4, 'Dora', 'd');")
			s.must(Options{})
			s.exec("ALTER TABLE club.member " + strings.ReplaceAll(c.push, "RENAME note", "RENAME COLUMN note"))
			s.exec(c.own)
			s.write("club.sql", "INSERT INTO club.member (id, name) VALUES (3, 'Cleo');")
			s.must(changed)
			s.holds("SELECT id || ' ' || name FROM club.member ORDER BY id", c.want...)
		})
	}
}

func TestARowThatWasNeverTheSeedsIsNotRunOver(t *testing.T) {
	for name, text := range map[string]string{
		"club.sql":          "INSERT INTO club.member VALUES (1, 'Ada');\nINSERT INTO club.member VALUES (2, 'Bea');",
		"club/member.csv":   "id,name\n1,Ada\n2,Bea\n",
		"club/member.jsonl": "{\"id\": 1, \"name\": \"Ada\"}\n{\"id\": 2, \"name\": \"Bea\"}\n",
	} {
		s := newSuite(t, name, text)
		s.exec("INSERT INTO club.member VALUES (2, 'mine')")
		_, err := s.apply(Options{})
		says := remedy.Text(err)
		if remedy.Code(err) != "seed.collides" || remedy.Exit(err) != remedy.ExitRefused || !strings.Contains(says, "club.member") || !strings.Contains(says, "id 2") ||
			!strings.Contains(says, "seeds/"+name+":") || strings.Contains(err.Error(), "duplicate key") {
			t.Errorf("%s: %s", name, says)
		}
		s.holds(members, "2 mine")
	}
}

// TestNotesOfAnOlderNaapNameRowsThatNobodyTouched removes the rows' versions from the notes, as they were before
// versions existed.
func TestNotesOfAnOlderNaapNameRowsThatNobodyTouched(t *testing.T) {
	for name, c := range map[string]struct {
		file, first, second, then string
		want                      []string
	}{
		"as they were": {"club.sql", "INSERT INTO club.member VALUES (1, 'Ada'), (2, 'Bea');", "INSERT INTO club.member VALUES (1, 'Ada A.');", "SELECT 1", []string{"1 Ada A.", "2 mine"}},
		"a CSV":        {"club/member.csv", "id,name\n1,Ada\n2,Bea\n", "id,name\n1,Ada A.\n2,Bea B.\n", "SELECT 1", []string{"1 Ada A.", "2 mine"}},
		"JSON lines":   {"club/member.jsonl", "{\"id\": 1, \"name\": \"Ada\"}\n{\"id\": 2, \"name\": \"Bea\"}\n", "{\"id\": 1, \"name\": \"Ada A.\"}\n", "SELECT 1", []string{"1 Ada A.", "2 mine"}},
		"copied as one": {"club.sql", "INSERT INTO club.member VALUES (1, 'Ada'), (2, 'Bea');", "INSERT INTO club.member VALUES (3, 'Cleo');", `BEGIN; CREATE TABLE s AS TABLE naap_dev.seed; CREATE TABLE r AS TABLE naap_dev.seed_rows; CREATE TABLE m AS TABLE club.member;
TRUNCATE club.member CASCADE; DROP SCHEMA naap_dev CASCADE; CREATE SCHEMA naap_dev; CREATE TABLE naap_dev.seed (name text PRIMARY KEY, schema_name text NOT NULL, hash text NOT NULL, applied_at timestamptz NOT NULL, rows bigint NOT NULL, took interval NOT NULL);
CREATE TABLE naap_dev.seed_rows (seed text NOT NULL REFERENCES naap_dev.seed ON DELETE CASCADE, schema_name text NOT NULL, table_name text NOT NULL, keys jsonb NOT NULL, PRIMARY KEY (seed, schema_name, table_name));
INSERT INTO naap_dev.seed TABLE s; INSERT INTO naap_dev.seed_rows TABLE r; INSERT INTO club.member TABLE m; DROP TABLE s, r, m; COMMIT`, []string{"1 Ada", "2 mine", "3 Cleo"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSuite(t, c.file, c.first)
			s.must(Options{})
			s.exec("DROP TABLE IF EXISTS naap_dev.version")
			s.exec("ALTER TABLE naap_dev.seed_rows DROP COLUMN IF EXISTS columns, DROP COLUMN IF EXISTS digests")
			s.exec("UPDATE club.member SET name = 'mine' WHERE id = 2")
			s.exec(c.then)
			s.write(c.file, c.second)
			said := s.looked(changed).Steps[0].Rows[0]
			done := s.must(changed).Applied[0].Back[0]
			if said.Back != done.Back || said.Kept != done.Kept || said.Kept == 0 {
				t.Errorf("the plan says %s, and what was done is %s", said, done)
			}
			s.holds(members, c.want...)
		})
	}
}

// TestARowUnderAKeyThatTheServerMakesIsKept has no header: rows are found by the id that the server generates, and when
// brought again they get another one.
func TestARowUnderAKeyThatTheServerMakesIsKept(t *testing.T) {
	s := newSuite(t, "shop.sql", "INSERT INTO product (code, price) VALUES ('a', 1), ('b', 2);\nINSERT INTO sale (id, product) SELECT md5(code)::uuid, id FROM product;")
	s.must(Options{})
	s.exec("UPDATE shop.product SET price = 77 WHERE code = 'a'")
	for _, price := range []string{"3", "4"} {
		s.write("shop.sql", "INSERT INTO product (code, price) VALUES ('a', "+price+"), ('c', "+price+");\nINSERT INTO sale (id, product) SELECT md5(code)::uuid, id FROM product;")
		s.must(changed)
		s.holds("SELECT code || coalesce(price::int::text, '') FROM shop.product ORDER BY code", "a77", "c"+price)
		s.holds("SELECT p.code FROM shop.sale s JOIN shop.product p ON p.id = s.product ORDER BY 1", "a", "c")
		s.holds("SELECT id::text FROM shop.product WHERE code = 'a'", "1")
	}
	s.must(Options{Force: true})
	s.holds("SELECT p.code FROM shop.sale s JOIN shop.product p ON p.id = s.product ORDER BY 1", "a", "c")
	s.exec("UPDATE shop.product SET code = 'd' WHERE code = 'a'") // now there is room for the file's row
	s.must(Options{Force: true})
	s.holds("SELECT code FROM shop.product ORDER BY 1", "a", "c", "d")
}

func TestARowThatTheFileCannotStandBesideIsNamed(t *testing.T) {
	s := newSuite(t, "shop.sql", "INSERT INTO card VALUES (701, 'a'), (702, 'b');")
	s.exec("CREATE TABLE shop.card (id int PRIMARY KEY, mail text UNIQUE)")
	s.must(Options{})
	s.exec("UPDATE shop.card SET mail = 'mine' WHERE id = 701")
	s.write("shop.sql", "INSERT INTO card VALUES (701, 'a'), (703, 'mine');")
	if _, err := s.apply(changed); remedy.Code(err) != "seed.collides" || !strings.Contains(remedy.Text(err), "mine") {
		t.Errorf("%s", remedy.Text(err))
	}
	s.holds("SELECT id || mail FROM shop.card ORDER BY id", "701mine", "702b")
}

// TestRowsAreTheSeedsWhereverTheDatabaseGoes rewrites each row, as a restore does, and has sessions begin with other
// settings.
func TestRowsAreTheSeedsWhereverTheDatabaseGoes(t *testing.T) {
	const values = `'2026-03-29 01:30+00', '1 day 02:03:04', 0.1, '\xdead', '12.34', '{"b": 1, "a": [2]}', '{1,2}', '{"x":  1}', NULL, '(1,two)', 'B', '[1,5)'`
	s := newSuite(t, "shop.sql", "SET TimeZone = 'Asia/Tokyo'; INSERT INTO thing VALUES (1, "+values+"), (2, "+values+"), (3, "+values+");")
	s.exec(`CREATE TYPE shop.pair AS (a int, b text); CREATE TYPE shop.kind AS ENUM ('A', 'B');
CREATE TABLE shop.thing (id int PRIMARY KEY, at timestamptz, long interval, f double precision, raw bytea, m money, j jsonb, list int[], t json, nothing text, p shop.pair, k shop.kind, r int4range,
	twice int GENERATED ALWAYS AS (id * 2) STORED, n int GENERATED ALWAYS AS IDENTITY)`)
	s.must(Options{})
	s.exec(`CREATE TABLE shop.copy AS TABLE shop.thing; TRUNCATE shop.thing; INSERT INTO shop.thing (id, at, long, f, raw, m, j, list, t, nothing, p, k, r, n) OVERRIDING SYSTEM VALUE SELECT id, at, long, f, raw, m, j, list, t, nothing, p, k, r, n FROM shop.copy; DROP TABLE shop.copy`)
	s.exec(`DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET TimeZone = ''Europe/Berlin''', current_database()); EXECUTE format('ALTER DATABASE %I SET IntervalStyle = ''iso_8601''', current_database());
	EXECUTE format('ALTER DATABASE %I SET bytea_output = ''escape''', current_database()); EXECUTE format('ALTER DATABASE %I SET DateStyle = ''German''', current_database()); END $$`)
	s.exec("UPDATE shop.thing SET nothing = '' WHERE id = 2")
	s.write("shop.sql", "INSERT INTO thing (id) VALUES (4);")
	plan := s.looked(changed)
	if got, want := plan.Steps[0].Rows[0].String(), "shop.thing: 2 rows are removed, and come again where the file has them; 1 row was changed since and stays (id 2)"; got != want {
		t.Errorf("the plan says %s, want %s", got, want)
	}
	s.must(changed)
	s.holds("SELECT id || ' ' || twice || ' ' || (nothing IS NULL) FROM shop.thing ORDER BY id", "2 4 false", "4 8 true")
}

func TestRowsOfPartitionsAreKeptToo(t *testing.T) {
	s := newSuite(t, "shop.sql", "INSERT INTO part VALUES (1, 1, 'a'), (1, 2, 'b'), (2, 3, 'c');")
	s.exec("CREATE TABLE shop.part (p int, id int, word text, PRIMARY KEY (p, id)) PARTITION BY LIST (p); CREATE TABLE shop.part1 PARTITION OF shop.part FOR VALUES IN (1); CREATE TABLE shop.part2 PARTITION OF shop.part FOR VALUES IN (2)")
	s.must(Options{})
	s.exec("UPDATE shop.part SET word = 'mine' WHERE id IN (2, 3)")
	s.write("shop.sql", "INSERT INTO part VALUES (1, 1, 'A'), (1, 2, 'B');")
	s.must(changed)
	s.holds("SELECT id || word FROM shop.part ORDER BY id", "1A", "2mine", "3mine")
}

// TestASeedAppliesAfterATypeOrAValueOfItHasChanged keeps what it cannot compare.
func TestASeedAppliesAfterATypeOrAValueOfItHasChanged(t *testing.T) {
	for name, c := range map[string]struct{ change, want string }{
		"an enum's value":  {"ALTER TYPE shop.kind RENAME VALUE 'A' TO 'Z'", "Z"},
		"another scale":    {"ALTER TABLE shop.doc ALTER n TYPE numeric(12,4)", ""},
		"a time with zone": {"ALTER TABLE shop.doc ALTER at TYPE timestamptz USING at AT TIME ZONE 'UTC'", ""},
		"one dropped":      {"ALTER TABLE shop.doc DROP COLUMN n", ""},
		"a key's type":     {"ALTER TABLE shop.doc ALTER k TYPE text", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSuite(t, "shop.sql", "INSERT INTO doc VALUES ('A', 1.5, '2026-01-01'), ('B', 2, '2026-01-01');")
			s.exec("CREATE TYPE shop.kind AS ENUM ('A', 'B'); CREATE TABLE shop.doc (k shop.kind, n numeric(8,2), at timestamp(3))")
			s.must(Options{})
			s.exec(c.change)
			s.write("shop.sql", "SELECT 1;")
			s.must(changed)
			s.holds("SELECT coalesce(string_agg(k::text, ' ' ORDER BY k::text DESC), '') FROM shop.doc", c.want)
		})
	}
}

func TestAWideTableWithoutAKeyIsComparedInAllItsColumns(t *testing.T) {
	s := newSuite(t, "shop.sql", "INSERT INTO wide (c1) VALUES (1), (2), (3);")
	s.exec("DO $$ BEGIN EXECUTE 'CREATE TABLE shop.wide (' || (SELECT string_agg('c' || n || ' int', ', ') FROM generate_series(1, 300) n) || ')'; END $$")
	s.must(Options{})
	s.exec("UPDATE shop.wide SET c299 = 7 WHERE c1 = 2")
	s.write("shop.sql", "INSERT INTO wide (c1) VALUES (4);")
	s.must(changed)
	s.holds("SELECT c1::text FROM shop.wide ORDER BY c1", "2", "4")
}

// TestARowThatWasKeptMayNotReferToOneThatGoes has the user's row refer to one that the file no longer brings.
func TestARowThatWasKeptMayNotReferToOneThatGoes(t *testing.T) {
	s := newSuite(t, "shop.sql", "INSERT INTO node VALUES (1, NULL), (2, 1), (3, 1);")
	s.exec("CREATE TABLE shop.node (id int PRIMARY KEY, parent int REFERENCES shop.node, word text)")
	s.must(Options{})
	s.exec("UPDATE shop.node SET word = 'mine' WHERE id = 2")
	s.write("shop.sql", "INSERT INTO node VALUES (2, NULL), (3, NULL);")
	if _, err := s.apply(changed); remedy.Code(err) != "seed.referenced" {
		t.Errorf("%v", err)
	}
	s.holds("SELECT id || coalesce(parent::text, '') || coalesce(word, '') FROM shop.node ORDER BY id", "1", "21mine", "31")
}

// TestARowThatIsBeingChangedIsWaitedForAndKept has the user change a row while a file is applied: it waits for the
// change, and keeps it.
func TestARowThatIsBeingChangedIsWaitedForAndKept(t *testing.T) {
	s := newSuite(t, "club.sql", "INSERT INTO club.member VALUES (1, 'Ada'), (2, 'Bea');")
	s.must(Options{})
	ctx := context.Background()
	s.write("club.sql", "INSERT INTO club.member VALUES (1, 'Ada A.'), (2, 'Bea B.');")
	plan := s.plan(changed)
	applied := make(chan error)
	err := s.db.InTx(ctx, func(tx postgres.Tx) error {
		if _, err := tx.Exec(ctx, "UPDATE club.member SET name = 'mine' WHERE id = 1"); err != nil {
			return err
		}
		go func() {
			_, err := Apply(ctx, s.db, plan, progress.Discard)
			applied <- err
		}()
		for waits := false; !waits; { // until naap waits for the row
			if err := s.db.QueryRow(ctx, "SELECT count(*) > 0 FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) OR NOT granted AND locktype = 'transactionid'").Scan(&waits); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := <-applied; err != nil {
		t.Fatal(remedy.Text(err))
	}
	s.holds(members, "1 mine", "2 Bea B.")
}
