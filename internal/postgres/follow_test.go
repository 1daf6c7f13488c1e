package postgres

import (
	"slices"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
)

// keyed creates tables whose keys have several columns, have other types or collations at their ends, or refer to their
// own table.
const keyed = `
CREATE TABLE team (tenant int, id int, name text, PRIMARY KEY (tenant, id));
INSERT INTO team VALUES (1, 7, 'one'), (2, 7, 'two'), (2, 8, 'three');
CREATE TABLE member (id int PRIMARY KEY, tenant int, team int, boss int REFERENCES member,
	FOREIGN KEY (tenant, team) REFERENCES team (tenant, id));
INSERT INTO member VALUES (1, 1, 7, NULL), (2, 2, 7, 1), (3, 2, NULL, 1), (4, NULL, 7, 2);
CREATE COLLATION whatever_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE TABLE word (id int PRIMARY KEY, text varchar(20) COLLATE whatever_case NOT NULL, lang char(5) NOT NULL, n numeric(10,2) NOT NULL UNIQUE, UNIQUE (lang, text));
INSERT INTO word VALUES (1, 'Naap', 'en', 1), (2, 'Naap', 'de', 2), (3, 'other', 'en', 3);
CREATE TABLE use (id int PRIMARY KEY, w text, l varchar(9), n int REFERENCES word (n), FOREIGN KEY (l, w) REFERENCES word (lang, text));
INSERT INTO use VALUES (1, 'NAAP', 'de', 1), (2, 'naap', 'en', 2), (3, 'Naap', 'en', 3), (4, NULL, 'en', NULL);
`

// follow returns the ids of the rows that conditions select.
func follow(t *testing.T, db *DB, table TableRef, where []Condition) (ids []string) {
	t.Helper()
	page, err := db.Page(t.Context(), PageRequest{Table: table, Where: where})
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(page.Columns, func(c PageColumn) bool { return c.Name == "id" })
	for _, row := range page.Rows {
		ids = append(ids, row[at].Text)
	}
	slices.Sort(ids)
	return ids
}

func TestAForeignKeyOfSeveralColumnsIsFollowedWhole(t *testing.T) {
	url := pgtest.NewDatabase(t)
	pgtest.Exec(t, url, keyed)
	db, err := Open(t.Context(), url, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, c := range []struct {
		table, id, column string
		want              []string // ids; nil where the key refers to nothing
		name              string   // the row's name, where ids are not enough
	}{
		{"member", "1", "tenant", []string{"7"}, "one"},
		{"member", "2", "tenant", []string{"7"}, "two"},
		{"member", "2", "team", []string{"7"}, "two"},
		{"member", "2", "boss", []string{"1"}, ""},
		{"member", "3", "team", nil, ""},
		{"member", "3", "tenant", nil, ""},
		{"member", "4", "team", nil, ""},
		{"use", "1", "w", []string{"2"}, ""},
		{"use", "2", "l", []string{"1"}, ""},
		{"use", "3", "n", []string{"3"}, ""},
		{"use", "4", "l", nil, ""},
	} {
		page, err := db.Page(t.Context(), PageRequest{Table: TableRef{"public", c.table}, Where: []Condition{{Column: "id", Op: Equal, Value: c.id}}})
		if err != nil {
			t.Fatal(err)
		}
		at := func(name string) int {
			return slices.IndexFunc(page.Columns, func(x PageColumn) bool { return x.Name == name })
		}
		ref := page.Columns[at(c.column)].References
		where, null, missing := ref.Row(func(name string) (Cell, bool) { return page.Rows[0][at(name)], true })
		if missing != "" || (null != "") != (c.want == nil) {
			t.Errorf("%v: NULL is %q, missing %q", c, null, missing)
			continue
		}
		if null != "" {
			continue
		}
		if got := follow(t, db, ref.Table, where); !slices.Equal(got, c.want) {
			t.Errorf("%s %s by %s goes to %v, and not to %v", c.table, c.id, c.column, got, c.want)
		}
		rec, err := db.Record(t.Context(), PageRequest{Table: ref.Table, Where: where})
		if err != nil {
			t.Fatal(err)
		}
		if i := slices.IndexFunc(rec.Columns, func(x Column) bool { return x.Name == "name" }); c.name != "" && rec.Values[i].Text != c.name {
			t.Errorf("%v: the row is %s", c, rec.Values[i].Text)
		}
	}
}

func TestRowsThatPointHereAreFoundByTheWholeKey(t *testing.T) {
	url := pgtest.NewDatabase(t)
	pgtest.Exec(t, url, keyed)
	db, err := Open(t.Context(), url, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, c := range []struct {
		table string
		where []Condition
		from  string // the table of the key, and its first column
		want  []string
	}{
		{"team", []Condition{{Column: "name", Op: Equal, Value: "two"}}, "member tenant", []string{"2"}},
		{"team", []Condition{{Column: "name", Op: Equal, Value: "three"}}, "member tenant", nil},
		{"member", []Condition{{Column: "id", Op: Equal, Value: "1"}}, "member boss", []string{"2", "3"}},
		{"word", []Condition{{Column: "id", Op: Equal, Value: "1"}}, "use l", []string{"2", "3"}},
		{"word", []Condition{{Column: "id", Op: Equal, Value: "2"}}, "use l", []string{"1"}},
		{"word", []Condition{{Column: "id", Op: Equal, Value: "2"}}, "use n", []string{"2"}},
	} {
		rec, err := db.Record(t.Context(), PageRequest{Table: TableRef{"public", c.table}, Where: c.where})
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, l := range rec.In {
			if l.Table.Name+" "+l.ForeignKey.FromColumns[0] != c.from {
				continue
			}
			found = true
			if got := follow(t, db, l.Table, l.Where); !slices.Equal(got, c.want) {
				t.Errorf("%s %v is pointed at by %v of %s, and not by %v", c.table, c.where, got, c.from, c.want)
			}
		}
		if !found {
			t.Errorf("%s has no key of %s: %v", c.table, c.from, rec.In)
		}
	}
}
