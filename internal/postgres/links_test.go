package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

const referred = keyed + `
CREATE TABLE many (id int PRIMARY KEY, boss int REFERENCES member);
INSERT INTO many SELECT n, 1 FROM generate_series(1, 1500) n;
CREATE TABLE secret (id int PRIMARY KEY, m int REFERENCES member);
INSERT INTO secret VALUES (1, 1);
CREATE FUNCTION slow(int) RETURNS bool LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.05); RETURN true; END $$;
CREATE TABLE aslow (id int PRIMARY KEY, m int REFERENCES member);
INSERT INTO aslow SELECT n, 1 FROM generate_series(1, 200) n;
ALTER TABLE aslow ENABLE ROW LEVEL SECURITY;
CREATE POLICY p ON aslow USING (slow(id));
CREATE TABLE zlocked (id int PRIMARY KEY, m int REFERENCES member);
CREATE TABLE none (id int PRIMARY KEY, m int REFERENCES member);
DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'naap_plain') THEN
	CREATE ROLE naap_plain LOGIN PASSWORD 'plain'; END IF; END $$;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO naap_plain; REVOKE SELECT ON secret FROM naap_plain;
`

// countText says what links were counted, by table and first column.
func countText(links []RecordLink, counts []LinkCount) (out []string) {
	for i, l := range links {
		text := fmt.Sprint(counts[i].Rows.N)
		switch c := counts[i]; {
		case c.Problem != "":
			text = c.Problem
		case c.Rows.Capped:
			text = "over " + fmt.Sprint(c.Rows.N-1)
		}
		out = append(out, l.Table.Name+"."+l.ForeignKey.FromColumns[0]+" "+text)
	}
	slices.Sort(out)
	return out
}

func recordOf(t *testing.T, db *DB, table, column, value string) *Record {
	t.Helper()
	rec, err := db.Record(t.Context(), PageRequest{Table: TableRef{"public", table}, Where: []Condition{{Column: column, Op: Equal, Value: value}}})
	if err != nil {
		t.Fatal(err)
	}
	return rec
}

// TestRowsThatReferHereAreCountedApart has a table with more rows than are counted, one that the role may not read, one
// that is locked and one that takes too long: none of these is in the way of the others, and all is one round trip.
func TestRowsThatReferHereAreCountedApart(t *testing.T) {
	owner, url := openURL(t, referred)
	db, err := Open(t.Context(), withUser(t, url, "naap_plain", "plain"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	tx, err := owner.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer Rollback(t.Context(), tx)
	if _, err := Texts(t.Context(), tx, "LOCK TABLE zlocked"); err != nil {
		t.Fatal(err)
	}
	rec := recordOf(t, db, "member", "id", "1")
	counts, err := db.CountLinks(t.Context(), rec.In)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"aslow.m takes too long", "many.boss over 1000", "member.boss 2", "none.m 0", "secret.m the role may not read it", "zlocked.m another session has locked it"}
	if got := countText(rec.In, counts); !slices.Equal(got, want) {
		t.Errorf("counted\n%s\nand not\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	// The connection is left as it was.
	var timeout string
	if err := db.QueryRow(t.Context(), "SHOW statement_timeout").Scan(&timeout); err != nil || timeout != "0" {
		t.Errorf("the connection is left with %s, %v", timeout, err)
	}
}

func TestRowsThatReferByAKeyOfSeveralColumnsAreCounted(t *testing.T) {
	db, _ := openURL(t, keyed)
	for _, c := range []struct{ table, column, value, want string }{
		{"team", "name", "two", "member.tenant 1"},
		{"team", "name", "one", "member.tenant 1"},
		{"team", "name", "three", "member.tenant 0"},
		{"word", "id", "1", "use.l 2,use.n 1"},
		{"word", "id", "2", "use.l 1,use.n 1"},
	} {
		rec := recordOf(t, db, c.table, c.column, c.value)
		counts, err := db.CountLinks(t.Context(), rec.In)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(countText(rec.In, counts), ","); got != c.want {
			t.Errorf("%s %s: %s, and not %s", c.table, c.value, got, c.want)
		}
		for i, l := range rec.In { // what is counted is what one comes to
			if n := len(follow(t, db, l.Table, l.Where)); int64(n) != counts[i].Rows.N {
				t.Errorf("%v: %d are counted, %d are there", l.Where, counts[i].Rows.N, n)
			}
		}
	}
}

func TestCountingEndsWithItsContext(t *testing.T) {
	owner, url := openURL(t, referred)
	db, err := Open(t.Context(), withUser(t, url, "naap_plain", "plain"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	rec := recordOf(t, db, "member", "id", "1")
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := db.CountLinks(ctx, rec.In); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("it ended with %v", err)
	}
	for range 100 {
		var active int
		err := owner.QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE usename = 'naap_plain' AND state = 'active' AND datname = current_database()").Scan(&active)
		if err != nil {
			t.Fatal(err)
		}
		if active == 0 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("the server still counts")
}

// textName chooses the column that is called name.
func textName(columns []Column) string {
	for _, c := range columns {
		if c.Name == "name" && c.PrimaryKey == 0 {
			return c.Name
		}
	}
	return ""
}

func TestNamesAreThoseOfTheRowsThatKeysReferTo(t *testing.T) {
	_, url := openURL(t, referred+`
CREATE TABLE city (code char(5) PRIMARY KEY, name text); INSERT INTO city VALUES ('ab', E'A\nB'), ('cd', NULL), ('ef', repeat('x', 500));
CREATE TABLE hidden (id int PRIMARY KEY, name text); INSERT INTO hidden VALUES (1, 'secret');
GRANT SELECT ON city TO naap_plain;`)
	db, err := Open(t.Context(), withUser(t, url, "naap_plain", "plain"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	got, err := db.Names(t.Context(), []NameRequest{
		{Table: TableRef{"public", "team"}, Key: []KeyColumn{{"tenant", "tenant", "integer"}, {"team", "id", "integer"}}, Values: [][]string{{"2", "7"}, {"1", "7"}, {"9", "9"}}},
		{Table: TableRef{"public", "hidden"}, Key: []KeyColumn{{"h", "id", "integer"}}, Values: [][]string{{"1"}}},
		{Table: TableRef{"public", "gone"}, Key: []KeyColumn{{"h", "id", "integer"}}, Values: [][]string{{"1"}}},
		{Table: TableRef{"public", "member"}, Key: []KeyColumn{{"m", "id", "integer"}}, Values: [][]string{{"1"}}},
		{Table: TableRef{"public", "city"}, Key: []KeyColumn{{"c", "code", "text"}}, Values: [][]string{{"cd"}, {"ab"}, {"ef"}}},
		{Table: TableRef{"public", "team"}, Key: []KeyColumn{{"n", "name", "text"}}, Values: [][]string{{"one"}}},
	}, textName)
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"two", "one", ""}, {""}, {""}, {""}, {"", "A\nB", strings.Repeat("x", longName)}, {""}}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %q", got)
	}
}

func TestARecordOfAViewIsTheOneOfThePage(t *testing.T) {
	db, _ := openURL(t, keyed+`CREATE VIEW v AS SELECT id, tenant, team FROM member;`)
	req := PageRequest{Table: TableRef{"public", "v"}, Where: []Condition{{Column: "tenant", Op: Equal, Value: "2"}}, Raw: "id > 1", Sort: []SortKey{{Column: "id", Desc: true}}}
	p := page(t, db, req)
	for i, row := range p.Rows {
		req.Cursor = p.Cursors[i]
		rec, err := db.Record(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		if rec.Values[0].Text != row[0].Text {
			t.Errorf("row %s is opened as %s", row[0].Text, rec.Values[0].Text)
		}
	}
	if len(p.Rows) != 2 {
		t.Errorf("%d rows", len(p.Rows))
	}
}
