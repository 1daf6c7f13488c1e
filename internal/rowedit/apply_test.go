package rowedit

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
)

const shop = `CREATE SCHEMA shop;
CREATE TABLE shop."User" (id int PRIMARY KEY, "eMail" text UNIQUE NOT NULL, age numeric(5,2), "updatedAt" timestamptz NOT NULL DEFAULT now(), twice int GENERATED ALWAYS AS (id * 2) STORED);
CREATE TABLE shop."Session" (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "user" int NOT NULL REFERENCES shop."User" ON DELETE CASCADE ON UPDATE CASCADE, note varchar(5));
CREATE TABLE shop.hit (session int REFERENCES shop."Session" ON DELETE CASCADE, at text);
CREATE TABLE shop.audit (id int PRIMARY KEY, who int DEFAULT 1 REFERENCES shop."User" ON DELETE SET NULL ON UPDATE CASCADE, by int REFERENCES shop."User" ON UPDATE CASCADE ON DELETE SET DEFAULT);
INSERT INTO shop."User" (id, "eMail", age) VALUES (1, 'a@x', 1.5), (2, 'b@x', NULL), (3, 'c@x', 3);
INSERT INTO shop."Session" ("user", note) VALUES (1, 'one'), (1, 'two'), (2, 'three');
INSERT INTO shop.hit VALUES (1, 'x'), (1, 'x'), (2, 'y'), (3, 'z');
INSERT INTO shop.audit VALUES (1, 1, 2), (2, 2, 2);`

// everything is all rows of the shop.
const everything = `SELECT u::text FROM shop."User" u UNION ALL SELECT s::text FROM shop."Session" s UNION ALL SELECT h::text FROM shop.hit h UNION ALL SELECT a::text FROM shop.audit a ORDER BY 1`

func TestRowsAreChangedAddedAndDeletedTogetherAndTakenBack(t *testing.T) {
	b := newBench(t, shop)
	before := b.rows(everything)
	users := b.table("shop", "User")
	b.set(b.row(users, "3"), "eMail", "d@x")
	b.Insert(users, map[string]Value{"id": text("4"), "eMail": text("c@x"), "age": {Kind: Null}}) // free only once 3 is changed
	b.Insert(b.table("shop", "Session"), map[string]Value{"user": text("4"), "note": {Kind: Default}})
	b.Delete(b.row(users, "1"))
	trial, err := Apply(t.Context(), b.db, b.Plan(), false)
	if err != nil || trial.Commit != nil || trial.NoWayBack != "" {
		t.Fatalf("%+v, %v", trial, err)
	}
	b.holds(everything, before...)
	along := fmt.Sprint(b.Plan().Along(trial.Effects))
	if along != "[shop.Session: 2 rows deleted shop.audit: 1 row changed shop.hit: 3 rows deleted]" {
		t.Errorf("along go %s", along)
	}
	done := b.commit()
	b.holds(`SELECT id || ' ' || "eMail" FROM shop."User" ORDER BY 1`, "2 b@x", "3 d@x", "4 c@x")
	b.holds(`SELECT count(*)::text FROM shop.hit`, "1")
	b.holds(`SELECT coalesce(who::text, '∅') FROM shop.audit ORDER BY id`, "∅", "2")
	// Taken back once; a second time nothing is as it was left.
	again := b.back(done.Commit)
	b.holds(everything, before...)
	if res, err := Apply(t.Context(), b.db, Plan{Changes: done.Commit.Back}, true); err == nil && len(res.Conflicts) == 0 {
		t.Error("it was taken back twice")
	}
	b.holds(everything, before...)
	// What took it back is a commit like any other, but has added rows that nothing identifies.
	if again.Commit.Back != nil || again.NoWayBack != "shop.hit has no key" {
		t.Errorf("%+v", again)
	}
}

func TestAChangeIsShownAsTheStatementThatItIs(t *testing.T) {
	b := newBench(t, shop)
	users := b.table("shop", "User")
	b.Update(b.row(users, "2"), map[string]Value{"eMail": text("it's"), "age": text("2")})
	b.Update(b.row(users, "2"), map[string]Value{"age": {Kind: Null}}) // as it was
	b.Insert(users, map[string]Value{"id": text("9"), "age": {Kind: Default}})
	b.Delete(b.row(users, "3"))
	var got []string
	for _, c := range b.List() {
		got = append(got, c.Verb.Sign()+" "+c.Name()+"  "+c.What())
		got = append(got, c.SQL()...)
	}
	want := `~ shop.User 2  eMail b@x → it's
UPDATE "shop"."User"
   SET "eMail" = 'it''s'  -- was b@x
 WHERE "id" = 2;
+ shop.User (9)  id 9, age DEFAULT
INSERT INTO "shop"."User" ("id", "age")
VALUES (9, DEFAULT);
- shop.User 3  eMail c@x, age 3.00, updatedAt `
	if s := strings.Join(got, "\n"); !strings.HasPrefix(s, want) || !strings.HasSuffix(s, "DELETE FROM \"shop\".\"User\"\n WHERE \"id\" = 3;") {
		t.Errorf("got\n%s", s)
	}
}

func TestAChangeTakenBackByHandIsNoneAndADeleteReplacesIt(t *testing.T) {
	b := newBench(t, shop)
	row := b.row(b.table("shop", "User"), "1")
	b.set(row, "eMail", "z")
	b.set(b.row(row.Table, "1"), "eMail", "a@x")
	if b.Len() != 0 {
		t.Errorf("pending: %v", b.List())
	}
	b.set(row, "eMail", "z")
	b.Delete(row)
	if b.Len() != 1 || b.At(row.Table.TableRef, row.At).Verb != Delete {
		t.Errorf("pending: %v", b.List())
	}
	b.set(row, "eMail", "y")
	if c := b.At(row.Table.TableRef, row.At); b.Len() != 1 || c.Verb != Update || c.What() != "eMail a@x → y" {
		t.Errorf("pending: %v", b.List())
	}
}

func TestNobodysChangeIsLostUnseen(t *testing.T) {
	b := newBench(t, shop)
	users := b.table("shop", "User")
	other := b.session("gateway")
	for _, c := range []struct {
		sql, says, line string
		verb            Verb
	}{
		{`UPDATE shop."User" SET age = 7 WHERE id = 1`, "shop.User 1 is not what was shown any more; last to write to the table: gateway (session ", "age: 1.50 was shown, 7.00 is there; 9 is pending", Update},
		{`UPDATE shop."User" SET "eMail" = 'n@x' WHERE id = 1`, "shop.User 1 is not what was shown any more", "eMail: a@x was shown, n@x is there", Delete},
		{`UPDATE shop."User" SET id = 10 WHERE id = 1`, "shop.User 1 is gone; last to write to the table: gateway", "", Update},
	} {
		row := b.row(users, "1")
		if c.verb == Delete {
			b.Delete(row)
		} else {
			b.set(row, "age", "9")
		}
		b.set(b.row(users, "2"), "age", "8") // which would be fine by itself
		do(t, other, c.sql)
		before := b.rows(everything)
		res, err := Apply(t.Context(), b.db, b.Plan(), true)
		if err != nil || len(res.Conflicts) != 1 || res.Commit != nil {
			t.Fatalf("%s: %+v, %v", c.sql, res, err)
		}
		if got := res.Conflicts[0]; !strings.HasPrefix(got.String(), c.says) || strings.Join(got.Lines(), "|") != c.line {
			t.Errorf("%s: %s: %q", c.sql, got, got.Lines())
		}
		b.holds(everything, before...)
		if now := res.Conflicts[0].Now; now != nil { // the user looks at it as it is now, and goes on
			b.Renew(res.Conflicts[0].Change, now)
			if trial, err := Apply(t.Context(), b.db, b.Plan(), false); err != nil || len(trial.Conflicts) > 0 {
				t.Errorf("%s: gone on with: %+v, %v", c.sql, trial, err)
			}
		}
		b.Clear()
		do(t, other, `UPDATE shop."User" SET id = 1, "eMail" = 'a@x', age = 1.5 WHERE id IN (1, 10)`)
	}
}

// TestAChangeThatIsCommittedWhileOursWaitsIsSeen has a row locked by an application until it has changed it.
func TestAChangeThatIsCommittedWhileOursWaitsIsSeen(t *testing.T) {
	b := newBench(t, shop)
	b.set(b.row(b.table("shop", "User"), "1"), "age", "9")
	other := b.session("gateway")
	do(t, other, `BEGIN; UPDATE shop."User" SET age = 7 WHERE id = 1`)
	type answer struct {
		*Result
		err error
	}
	answers := make(chan answer, 1)
	plan := b.Plan()
	go func() {
		res, err := Apply(t.Context(), b.db, plan, true)
		answers <- answer{res, err}
	}()
	for b.rows(`SELECT count(*)::text FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`)[0] != "1" {
		time.Sleep(5 * time.Millisecond)
	}
	do(t, other, `COMMIT`)
	got := <-answers
	if got.err != nil || len(got.Conflicts) != 1 || !strings.HasPrefix(got.Conflicts[0].String(), "shop.User 1 is not what was shown any more; changed by gateway (session ") {
		t.Fatalf("%+v, %v", got.Result, got.err)
	}
	b.holds(`SELECT age::text FROM shop."User" WHERE id = 1`, "7.00")
}

func TestAPrimaryKeyIsChangedWithWhatRefersToItAndBack(t *testing.T) {
	b := newBench(t, shop)
	before := b.rows(everything)
	b.set(b.row(b.table("shop", "User"), "1"), "id", "77")
	done := b.commit()
	b.holds(`SELECT "user"::text FROM shop."Session" ORDER BY id`, "77", "77", "2")
	b.holds(`SELECT twice::text FROM shop."User" WHERE id = 77`, "154")
	b.back(done.Commit)
	b.holds(everything, before...)
}

func TestWhatTheServerRefusesIsSaidAndNothingIsChanged(t *testing.T) {
	b := newBench(t, shop)
	users, sessions := b.table("shop", "User"), b.table("shop", "Session")
	before := b.rows(everything)
	for _, c := range []struct {
		pend func()
		code string
		says string
	}{
		{func() { b.set(b.row(users, "1"), "eMail", "b@x") }, "rows.denied", "the server refuses shop.User 1, and nothing was changed: duplicate key"},
		{func() { b.set(b.row(sessions, "1"), "note", "too long") }, "rows.denied", "value too long for type character varying(5)"},
		{func() { b.set(b.row(users, "1"), "age", "old") }, "rows.denied", "invalid input syntax for type numeric"},
		{func() { b.Insert(sessions, map[string]Value{"user": text("99")}) }, "rows.denied", "violates foreign key constraint"},
		{func() { b.Update(b.row(users, "1"), map[string]Value{"eMail": {Kind: Null}}) }, "rows.denied", "not-null"},
		{func() { // two rows exchange their values, for which no order of statements is any good
			b.set(b.row(users, "1"), "eMail", "b@x")
			b.set(b.row(users, "2"), "eMail", "a@x")
		}, "rows.denied", "exchange their values"},
	} {
		c.pend()
		b.fails(c.code, c.says)
		b.Clear()
	}
	b.holds(everything, before...)
	b.exec(`ALTER TABLE shop."User" DROP CONSTRAINT "User_eMail_key", ADD UNIQUE ("eMail") DEFERRABLE`)
	b.set(b.row(users, "1"), "eMail", "b@x")
	b.set(b.row(users, "2"), "eMail", "a@x")
	done := b.commit()
	b.holds(`SELECT "eMail" FROM shop."User" ORDER BY id`, "b@x", "a@x", "c@x")
	b.back(done.Commit)
	b.holds(everything, before...)
}

func TestAParentAndItsChildAreDeletedTogetherInAnyOrder(t *testing.T) {
	b := newBench(t, shop)
	before := b.rows(everything)
	users, sessions := b.table("shop", "User"), b.table("shop", "Session")
	for _, first := range []*Row{b.row(users, "1"), b.row(sessions, "1")} {
		b.Delete(first)
		if first.Table == users {
			b.Delete(b.row(sessions, "1"))
		} else {
			b.Delete(b.row(users, "1"))
		}
		done := b.commit()
		b.holds(`SELECT id::text FROM shop."Session"`, "3")
		b.back(done.Commit)
		b.holds(everything, before...)
	}
	b.Delete(b.row(users, "1"))
	b.set(b.row(sessions, "1"), "note", "x")
	res, err := Apply(t.Context(), b.db, b.Plan(), true)
	if err != nil || len(res.Conflicts) != 1 || !strings.Contains(res.Conflicts[0].String(), "goes with a row that is to be deleted") {
		t.Errorf("%+v, %v", res, err)
	}
	b.holds(everything, before...)
}

func TestARowOfATreeGoesWithItsBranchesAndComesBack(t *testing.T) {
	b := newBench(t, `CREATE TABLE tree (id int PRIMARY KEY, up int REFERENCES tree ON DELETE CASCADE);
		INSERT INTO tree VALUES (1, NULL), (2, 1), (3, 2), (4, 2), (5, NULL); INSERT INTO tree VALUES (6, 6)`)
	table := b.table("public", "tree")
	for _, id := range []string{"1", "6"} {
		before := b.rows(`SELECT tree::text FROM tree ORDER BY id`)
		b.Delete(b.row(table, id))
		b.back(b.commit().Commit)
		b.holds(`SELECT tree::text FROM tree ORDER BY id`, before...)
	}
}

func TestTriggersHaveTheirWay(t *testing.T) {
	b := newBench(t, `CREATE TABLE t (id int PRIMARY KEY, a text, n int DEFAULT 0); INSERT INTO t VALUES (1, 'x', 0), (2, 'y', 0);
		CREATE TABLE log (a text);
		CREATE FUNCTION up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.n = OLD.n + 1; INSERT INTO log VALUES (NEW.a); RETURN NEW; END $$;
		CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
		CREATE TRIGGER up BEFORE UPDATE ON t FOR EACH ROW WHEN (NEW.id = 1) EXECUTE FUNCTION up();
		CREATE TRIGGER no BEFORE UPDATE ON t FOR EACH ROW WHEN (NEW.id = 2) EXECUTE FUNCTION no();`)
	table := b.table("public", "t")
	b.set(b.row(table, "1"), "a", "z")
	done := b.commit()
	if along := fmt.Sprint(Plan{Changes: done.Commit.Changes}.Along(done.Effects)); along != "[public.log: 1 row added]" {
		t.Errorf("along: %s", along)
	}
	left := func(res *Result) (all []string) {
		for _, l := range res.Left {
			all = append(all, l.Change.Name()+": "+l.What())
		}
		return all
	}
	if got := left(done); len(got) != 1 || got[0] != "public.t 1: n 1" {
		t.Errorf("beyond what was to change: %v", got)
	}
	if back := b.back(done.Commit); len(left(back)) != 1 || left(back)[0] != "public.t 1: n 2" {
		t.Errorf("beyond what was taken back: %v", left(back))
	}
	b.holds(`SELECT a FROM t WHERE id = 1`, "x")
	b.set(b.row(table, "2"), "a", "z")
	if res, err := Apply(t.Context(), b.db, b.Plan(), true); err != nil || len(res.Conflicts) != 1 || !res.Conflicts[0].Kept {
		t.Errorf("%+v, %v", res, err)
	}
	// A row that a trigger has changed since is not what the commit left.
	b.exec(`UPDATE t SET a = 'later' WHERE id = 1`)
	if res, err := Apply(t.Context(), b.db, Plan{Changes: done.Commit.Back}, true); err != nil || len(res.Conflicts) != 1 {
		t.Errorf("%+v, %v", res, err)
	}
}

func TestWhatTheServerMakesOfAValueIsSaidWhereItIsAnotherValue(t *testing.T) {
	b := newBench(t, `CREATE TABLE t (id int PRIMARY KEY, a text, n numeric(10,2), j jsonb, c char(5), g int GENERATED ALWAYS AS (id * 2) STORED, d date DEFAULT '2026-01-01', x text);
		CREATE FUNCTION up() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.a = upper(NEW.a); IF NEW.x = 'none' THEN NEW.x = NULL; END IF; RETURN NEW; END $$;
		CREATE TRIGGER up BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION up();`)
	table := b.table("public", "t")
	for _, c := range []struct{ a, x, want string }{{"ADA", "some", ""}, {"ada", "some", "a ADA"}, {"Ada", "none", "a ADA, x NULL"}} {
		b.exec(`DELETE FROM t`)
		b.Insert(table, map[string]Value{"id": text("1"), "a": text(c.a), "n": text("1.5"), "j": text(`{"b":1,   "a":2}`), "c": text("ab"), "x": text(c.x)})
		res := b.commit()
		got := ""
		for _, l := range res.Left {
			got += l.What()
		}
		if got != c.want {
			t.Errorf("%v: %q", c, got)
		}
	}
}

func TestWhyRowsCannotBeChangedIsSaid(t *testing.T) {
	b := newBench(t, `CREATE TABLE bare (a int); CREATE VIEW seen AS SELECT 1 AS a; CREATE MATERIALIZED VIEW kept AS SELECT 1 AS a;
		CREATE TABLE late (id int PRIMARY KEY DEFERRABLE); CREATE TABLE nullable (a int UNIQUE); CREATE TABLE partly (a int NOT NULL);
		CREATE UNIQUE INDEX ON partly (a) WHERE a > 0; CREATE TABLE uniq (a int UNIQUE NOT NULL, b text); INSERT INTO uniq VALUES (1, 'x');`)
	for name, why := range map[string]string{
		"bare": "it has no primary key, and no unique key whose columns are NOT NULL", "seen": "it is a view", "kept": "it is a materialized view",
		"late": "its primary key is DEFERRABLE", "nullable": "it has no primary key", "partly": "it has no primary key",
	} {
		if err := b.table("public", name).Refused(); remedy.Code(err) != "rows.refused" || !strings.Contains(err.Error(), why) {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A unique key without NULL says which row is meant as well as a primary key does.
	b.set(b.row(b.table("public", "uniq"), "1"), "b", "y")
	b.commit()
	b.holds(`SELECT b FROM uniq`, "y")
	ro, err := postgres.Open(t.Context(), b.url, postgres.Options{Parameters: map[string]string{"default_transaction_read_only": "on"}})
	if err != nil {
		t.Fatal(err)
	}
	defer ro.Close()
	locked, err := Load(t.Context(), ro, postgres.TableRef{Schema: "public", Name: "uniq"})
	if err != nil || !strings.Contains(locked.Refused().Error(), "the connection only reads") {
		t.Errorf("%v, %v", locked, err)
	}
	b.set(b.row(b.table("public", "uniq"), "1"), "b", "z")
	if _, err := Apply(t.Context(), ro, b.Plan(), true); remedy.Code(err) != "rows.readonly" {
		t.Errorf("written through a connection that only reads: %v", err)
	}
}

func TestPartitionsInheritanceAndCompositeKeys(t *testing.T) {
	b := newBench(t, `CREATE TABLE part (day date, "N o" int, a text, PRIMARY KEY (day, "N o")) PARTITION BY RANGE (day);
		CREATE TABLE part1 PARTITION OF part FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
		CREATE TABLE part2 PARTITION OF part FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
		CREATE TABLE leaf (day date, n int, FOREIGN KEY (day, n) REFERENCES part ON DELETE CASCADE ON UPDATE CASCADE);
		INSERT INTO part VALUES ('2024-05-01', 1, 'x'), ('2025-05-01', 1, 'y'); INSERT INTO leaf VALUES ('2024-05-01', 1);
		CREATE TABLE mother (id int PRIMARY KEY, a text); CREATE TABLE child () INHERITS (mother); INSERT INTO mother VALUES (1, 'm'), (2, 'm'); INSERT INTO child VALUES (1, 'c');`)
	part := b.table("public", "part")
	all := `SELECT part::text FROM part UNION ALL SELECT 'leaf' || leaf::text FROM leaf ORDER BY 1`
	before := b.rows(all)
	b.set(b.row(part, "2024-05-01", "1"), "day", "2025-06-01") // to another partition
	done := b.commit()
	b.holds(`SELECT day || a FROM part2 ORDER BY 1`, "2025-05-01y", "2025-06-01x")
	if along := fmt.Sprint(Plan{Changes: done.Commit.Changes}.Along(done.Effects)); !strings.HasPrefix(along, "[public.leaf: 1 row ") {
		t.Errorf("along: %s", along)
	}
	b.back(done.Commit)
	b.holds(all, before...)
	b.Delete(b.row(b.table("public", "part1"), "2024-05-01", "1"))
	done = b.commit()
	b.holds(`SELECT leaf::text FROM leaf`)
	b.back(done.Commit)
	b.holds(all, before...)
	// A key of the mother's says nothing of her children's rows.
	mother := b.table("public", "mother")
	if _, err := Read(t.Context(), b.db, mother, place("1")); remedy.Code(err) != "rows.refused" {
		t.Errorf("one of two rows was taken: %v", err)
	}
	b.set(b.row(mother, "2"), "a", "n")
	b.commit()
}

func TestPrivilegesAndRowSecurityAreRespected(t *testing.T) {
	b := newBench(t, `CREATE TABLE t (id int PRIMARY KEY, a text, b text, secret text); INSERT INTO t VALUES (1, 'x', 'y', 's'), (2, 'x', 'y', 's'), (3, 'x', 'y', 's');
		ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY see ON t FOR SELECT USING (id < 3); CREATE POLICY put ON t FOR UPDATE USING (id = 1);
		DO $$ BEGIN CREATE ROLE clerk LOGIN PASSWORD 'clerk'; EXCEPTION WHEN duplicate_object THEN NULL; END $$;
		GRANT SELECT (id, a, b), UPDATE (a) ON t TO clerk;`)
	url := strings.Replace(b.url, "//", "//clerk:clerk@", 1)
	if at := strings.Index(b.url, "@"); at > 0 {
		url = b.url[:strings.Index(b.url, "//")+2] + "clerk:clerk" + b.url[at:]
	}
	b.db = opened(t, url)
	table := b.table("public", "t")
	if table.MayInsert || table.MayDelete || table.Fixed(table.Columns[1], false) != "" || table.Fixed(table.Columns[2], false) != "the role clerk may not write b" {
		t.Errorf("%+v", table)
	}
	row := b.row(table, "1")
	if c := row.Cell("secret"); !c.Unread || c.Text != "" {
		t.Errorf("the secret is %+v", c)
	}
	b.set(row, "a", "z")
	b.back(b.commit().Commit)
	b.set(b.row(table, "2"), "a", "z")
	if res, err := Apply(t.Context(), b.db, b.Plan(), true); err != nil || len(res.Conflicts) != 1 || !strings.Contains(res.Conflicts[0].String(), "A row security policy keeps it from the role clerk") {
		t.Errorf("%+v, %v", res, err)
	}
	if _, err := Read(t.Context(), b.db, table, place("3")); remedy.Code(err) != "row.missing" {
		t.Errorf("a hidden row: %v", err)
	}
}

func TestValuesAreCheckedByTheServerAsTheyAreTyped(t *testing.T) {
	b := newBench(t, `CREATE DOMAIN even AS int CHECK (VALUE % 2 = 0);
		CREATE TABLE t (id int PRIMARY KEY, d date, ts timestamptz(0), v varchar(3), n numeric(4,1), e even, j jsonb)`)
	table := b.table("public", "t")
	for _, c := range []struct{ column, typed, is, note, wrong string }{
		{"d", "2024-02-30", "", "", "date/time field value out of range"}, {"d", "feb 29 2024", "2024-02-29", "", ""}, {"d", "-infinity", "-infinity", "", ""},
		{"v", "abcd", "", "", "too long for character varying(3)"}, {"v", "abc   ", "abc", "", ""}, {"n", "1.25", "1.3", "stored as 1.3", ""}, {"n", "12345", "", "", "numeric field overflow"},
		{"e", "3", "", "", "violates check constraint"}, {"j", "{", "", "", "invalid input syntax"}, {"j", `{"a":1}`, `{"a": 1}`, "", ""},
	} {
		got, err := Check(t.Context(), b.db, table.Columns[table.Find(c.column)], c.typed)
		if c.wrong == "" && (err != nil || got.Text != c.is || got.Note != c.note) || c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong)) {
			t.Errorf("%s %q: %+v, %v", c.column, c.typed, got, err)
		}
	}
}

func TestRowsOfAForeignKeyAreFoundByKeyAndName(t *testing.T) {
	b := newBench(t, shop)
	key := *b.table("shop", "Session").KeyOf("user")
	found := func(search string) string {
		list, err := Choices(t.Context(), b.db, key, search)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(list)
	}
	if all, one, none := found(""), found("B@"), found("%"); all != "[{[1] a@x} {[2] b@x} {[3] c@x}]" || one != "[{[2] b@x}]" || none != "[]" {
		t.Errorf("%s, %s, %s", all, one, none)
	}
}

// TestALostAnswerToACommitIsNoAnswer breaks the connection right after the COMMIT was sent.
func TestALostAnswerToACommitIsNoAnswer(t *testing.T) {
	b := newBench(t, shop)
	for _, answered := range []bool{false, true} {
		relay := pgtest.NewRelay(t, b.url)
		relay.Only(`(?i)^commit`)
		relay.At(1, answered, func() bool { return false })
		db := opened(t, relay.URL())
		b.set(b.row(b.table("shop", "User"), "1"), "age", map[bool]string{false: "20", true: "30"}[answered])
		before := b.rows(everything)
		ctx, j := postgres.WithJournal(t.Context())
		res, err := Apply(ctx, db, b.Plan(), true)
		if err == nil || len(j.Doubtful()) != 1 || res == nil || res.Commit == nil {
			t.Fatalf("%+v, %v, %v", res, err, j.Doubtful())
		}
		fate, err := postgres.FateOf(t.Context(), b.url, j.Doubtful()[0])
		if err != nil || (fate == postgres.FateCommitted) != answered {
			t.Errorf("answered: %v, and the server says %q, %v", answered, fate, err)
		}
		if !answered {
			b.holds(everything, before...)
			b.Clear()
			continue
		}
		b.holds(`SELECT age::text FROM shop."User" WHERE id = 1`, "30.00")
		b.back(res.Commit)
	}
}
