package postgres

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/remedy"
)

func page(t testing.TB, db *DB, req PageRequest) *Page {
	t.Helper()
	p, err := db.Page(t.Context(), req)
	if err != nil {
		t.Fatalf("%+v: %v", req, err)
	}
	return p
}

// rowTexts returns a page's rows, one string each.
func rowTexts(rows [][]Cell) []string {
	var out []string
	for _, row := range rows {
		var cells []string
		for _, c := range row {
			if c.Null {
				c.Text = "∅"
			}
			cells = append(cells, c.Text)
		}
		out = append(out, strings.Join(cells, "|"))
	}
	return out
}

// walk reads a relation page by page to its end.
func walk(t testing.TB, db *DB, req PageRequest, first, next Direction) []string {
	t.Helper()
	var all []string
	req.Page = first
	for range 1000 {
		p := page(t, db, req)
		rows := rowTexts(p.Rows)
		if first == LastPage {
			all = append(rows, all...)
		} else {
			all = append(all, rows...)
		}
		at := len(p.Cursors) - 1
		more := p.HasNext
		if first == LastPage {
			at, more = 0, p.HasPrev
		}
		if !more {
			return all
		}
		req.Page, req.Cursor = next, p.Cursors[at]
		if next == PrevPage && len(p.Rows) < req.Limit {
			return all
		}
	}
	t.Fatal("the pages never end")
	return nil
}

func TestPagesInAnyOrderGoThroughEveryRowOnce(t *testing.T) {
	db := open(t, `
		CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy');
		CREATE TYPE pair AS (a int, b text);
		CREATE TABLE one (id int PRIMARY KEY, a int, b text NOT NULL, c mood, d jsonb, e json, f float8, g pair, h int[] NOT NULL, "K""0" date);
		CREATE TABLE two (b text, a int, note text, PRIMARY KEY (a, b));
		CREATE TABLE none (a int, b text);
		CREATE TABLE parts (a int, b text) PARTITION BY HASH (a);
		CREATE TABLE parts_0 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 0);
		CREATE TABLE parts_1 PARTITION OF parts FOR VALUES WITH (MODULUS 2, REMAINDER 1);
		CREATE MATERIALIZED VIEW mat AS SELECT i % 3 AS a, i::text AS b FROM generate_series(1, 40) i;
		SELECT setseed(0.3);
		INSERT INTO one SELECT i, nullif((random() * 5)::int, 3), chr(97 + (random() * 5)::int), (enum_range(NULL::mood))[nullif((random() * 4)::int, 0)],
			CASE WHEN i % 4 > 0 THEN jsonb_build_object('n', i % 3) END, CASE WHEN i % 3 > 0 THEN json_build_array(i % 2) END,
			CASE i % 5 WHEN 0 THEN 'NaN'::float8 WHEN 1 THEN '-Infinity' WHEN 2 THEN NULL ELSE i END, CASE WHEN i % 2 = 0 THEN ROW(i % 3, NULL)::pair END,
			ARRAY[i % 3], CASE WHEN i % 6 > 0 THEN '0044-03-15 BC'::date + i END
		FROM generate_series(1, 53) i;
		INSERT INTO two SELECT i % 7, i / 7, CASE WHEN i % 3 > 0 THEN 'x' END FROM generate_series(1, 50) i;
		INSERT INTO none SELECT nullif(i % 4, 0), i::text FROM generate_series(1, 45) i;
		INSERT INTO parts SELECT i, 'p' || i % 3 FROM generate_series(1, 45) i;`)

	rng := rand.New(rand.NewPCG(1, 2))
	tables := map[string][]string{
		"one": {"id", "a", "b", "c", "d", "e", "f", "g", "h", `K"0`}, "two": {"a", "b", "note"}, "none": {"a", "b"},
		"parts": {"a", "b"}, "mat": {"a", "b"},
	}
	var names []string
	for name := range tables {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for trial := range 8 {
			req := PageRequest{Table: TableRef{"public", name}, Limit: 1 + rng.IntN(9)}
			if trial > 0 {
				columns := slices.Clone(tables[name])
				rng.Shuffle(len(columns), func(i, j int) { columns[i], columns[j] = columns[j], columns[i] })
				for _, c := range columns[:1+rng.IntN(min(3, len(columns)))] {
					req.Sort = append(req.Sort, SortKey{c, rng.IntN(2) == 0})
				}
			}
			whole := req
			whole.Limit = 1000
			want := rowTexts(page(t, db, whole).Rows)
			checkSorted(t, db, req, want)
			if got := walk(t, db, req, FirstPage, NextPage); !slices.Equal(got, want) {
				t.Errorf("%s by %v forwards:\n%s\nwant\n%s", name, req.Sort, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
			if got := backwards(t, db, req); !slices.Equal(got, want) {
				t.Errorf("%s by %v backwards:\n%s\nwant\n%s", name, req.Sort, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
	}
}

// backwards goes from the last page to the first; the first one overlaps the second if the rows do not divide evenly.
func backwards(t testing.TB, db *DB, req PageRequest) []string {
	t.Helper()
	var all []string
	req.Page = LastPage
	for range 1000 {
		p := page(t, db, req)
		rows := rowTexts(p.Rows)
		if !p.HasPrev && req.Page == PrevPage { // the first page, in full: keep what comes before what we have
			var missing []string
			for _, row := range rows {
				if len(all) > 0 && row == all[0] {
					break
				}
				missing = append(missing, row)
			}
			return append(missing, all...)
		}
		all = append(rows, all...)
		if !p.HasPrev {
			return all
		}
		req.Page, req.Cursor = PrevPage, p.Cursors[0]
	}
	t.Fatal("the pages never end")
	return nil
}

// checkSorted compares the values of the sort columns with the result of a plain ORDER BY.
func checkSorted(t testing.TB, db *DB, req PageRequest, want []string) {
	t.Helper()
	if len(req.Sort) == 0 {
		return
	}
	p := page(t, db, PageRequest{Table: req.Table, Sort: req.Sort, Limit: 1000})
	if len(p.Rows) != len(want) || len(want) < 40 {
		t.Fatalf("%s has %d rows", req.Table, len(p.Rows))
	}
	at := slices.IndexFunc(p.Columns, func(c PageColumn) bool { return c.Name == req.Sort[0].Column })
	expr := Ident(req.Sort[0].Column)
	if k := p.Columns[at].Kind; p.Columns[at].Type == "json" || k == CompositeKind {
		expr += `::text COLLATE "C"`
	}
	if req.Sort[0].Desc {
		expr += " DESC"
	}
	rows, err := db.Query(t.Context(), fmt.Sprintf("SELECT coalesce(format('%%s', %s), '') FROM %s ORDER BY %s", Ident(req.Sort[0].Column), req.Table.Quoted(), expr))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for i := 0; rows.Next(); i++ {
		var v string
		if err := rows.Scan(&v); err != nil {
			t.Fatal(err)
		}
		if got := p.Rows[i][at].Text; got != v {
			t.Errorf("%s by %v: row %d has %q, want %q", req.Table, req.Sort, i, got, v)
			return
		}
	}
}

func TestPageKnowsWhatIsOnBothSides(t *testing.T) {
	db := open(t, `CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 10)`)
	req := PageRequest{Table: TableRef{"public", "t"}, Limit: 4, CountTo: DefaultCountTo}
	first := page(t, db, req)
	if first.HasPrev || !first.HasNext || first.Total != (RowCount{N: 10, Exact: true}) || !first.Counted || first.Method != "keyset(id)" ||
		!slices.Equal(first.Key, []string{"id"}) || !first.Columns[0].Key {
		t.Errorf("first: %+v", first)
	}
	req.Page = LastPage
	last := page(t, db, req)
	if got := rowTexts(last.Rows); !last.HasPrev || last.HasNext || !slices.Equal(got, []string{"7", "8", "9", "10"}) {
		t.Errorf("last: %v %+v", got, last)
	}
	// The row that a cursor names may be deleted; its place remains.
	mustExec(t, db, "DELETE FROM t WHERE id IN (4, 7)")
	req.Page, req.Cursor = NextPage, first.Cursors[3]
	if got := rowTexts(page(t, db, req).Rows); !slices.Equal(got, []string{"5", "6", "8", "9"}) {
		t.Errorf("after a deleted row: %v", got)
	}
	req.Page = PageAt
	if p := page(t, db, req); !p.HasPrev || !slices.Equal(rowTexts(p.Rows), []string{"5", "6", "8", "9"}) {
		t.Errorf("at a deleted row: %v", rowTexts(p.Rows))
	}
	req.Page, req.Cursor = PrevPage, first.Cursors[2]
	if p := page(t, db, req); p.HasPrev || !p.HasNext || !slices.Equal(rowTexts(p.Rows), []string{"1", "2", "3", "5"}) {
		t.Errorf("before the third row, which is less than a page: %v %+v", rowTexts(p.Rows), p)
	}
	req.Page, req.Cursor = PageAt, first.Cursors[0]
	if p := page(t, db, req); p.HasPrev {
		t.Errorf("something is before the first row")
	}
	req.Sort, req.Page = []SortKey{{"id", true}, {"id", false}}, FirstPage
	if p := page(t, db, req); p.Rows[0][0].Text != "10" {
		t.Errorf("descending: %v", rowTexts(p.Rows))
	}
	req.Cursor, req.Page = append(first.Cursors[0], keyValue{}), NextPage
	if _, err := db.Page(t.Context(), req); remedy.Code(err) != "cursor.foreign" {
		t.Errorf("a cursor of another order: %v", err)
	}
}

func TestViewsArePagedByNumber(t *testing.T) {
	db := open(t, `CREATE VIEW v AS SELECT i % 3 AS a, i AS b FROM generate_series(1, 10) i`)
	req := PageRequest{Table: TableRef{"public", "v"}, Limit: 4, CountTo: 5}
	if got := walk(t, db, req, FirstPage, NextPage); len(got) != 10 || got[0] != "1|1" || got[9] != "1|10" {
		t.Errorf("forwards: %v", got)
	}
	if got := backwards(t, db, req); len(got) != 10 || got[0] != "1|1" || got[9] != "1|10" {
		t.Errorf("backwards: %v", got)
	}
	p := page(t, db, req)
	if p.Method != "offset" || p.Total != (RowCount{N: 5, Capped: true}) {
		t.Errorf("%+v", p)
	}
	req.Sort = []SortKey{{"b", true}}
	if got := rowTexts(page(t, db, req).Rows); got[0] != "1|10" {
		t.Errorf("sorted: %v", got)
	}
}

func TestFiltersSelectRows(t *testing.T) {
	db := open(t, `CREATE TABLE t (id int PRIMARY KEY, name text, j json, n numeric, ok bool, at timestamptz);
		INSERT INTO t VALUES (1, 'Ann''s 50%', '{"a":1}', 1.50, true, '2026-01-01 00:00Z'), (2, '', NULL, 'NaN', false, NULL),
		(3, NULL, '[2]', 10, NULL, 'infinity'), (4, 'bob\_', '{"a": 1}', 9.99, true, '-infinity')`)
	for _, c := range []struct {
		where []Condition
		raw   string
		want  string
	}{
		{[]Condition{{Column: "id", Op: Equal, Value: "2"}}, "", "2"},
		{[]Condition{{Column: "name", Op: Equal, Value: ""}}, "", "2"},
		{[]Condition{{Column: "name", Op: NotEqual, Value: ""}}, "", "1,3,4"},
		{[]Condition{{Column: "name", Op: IsNull}}, "", "3"},
		{[]Condition{{Column: "j", Op: IsNotNull}}, "", "1,3,4"},
		{[]Condition{{Column: "j", Op: Equal, Value: `{"a":1}`}}, "", "1"},
		{[]Condition{{Column: "name", Op: Contains, Value: "50%"}}, "", "1"},
		{[]Condition{{Column: "name", Op: Contains, Value: "ANN'S"}}, "", "1"},
		{[]Condition{{Column: "name", Op: StartsWith, Value: `bob\_`}}, "", "4"},
		{[]Condition{{Column: "name", Op: Matches, Value: "^(ann|BOB)"}}, "", "1,4"},
		{[]Condition{{Column: "n", Op: Contains, Value: "9"}}, "", "4"},
		{[]Condition{{Column: "ok", Op: Equal, Value: "t"}}, "", "1,4"},
		{[]Condition{{Column: "n", Op: Greater, Value: "9.99"}}, "", "2,3"},
		{[]Condition{{Column: "n", Op: LessEqual, Value: "9.99"}, {Column: "id", Op: GreaterEqual, Value: "2"}}, "", "4"},
		{[]Condition{{Column: "at", Op: Less, Value: "2026-01-01"}}, "", "4"},
		{[]Condition{{Column: "id", Op: AnyOf, Values: []string{"1", "3", "7"}}}, "", "1,3"},
		{[]Condition{{Column: "id", Op: AnyOf}}, "", ""},
		{nil, "id > 1 AND ok -- who is left", "4"},
		{nil, "name = ';' OR id = 2 /* ; */", "2"},
		{[]Condition{{Column: "id", Op: Equal, Value: "1"}}, "true OR true", "1"},
	} {
		p := page(t, db, PageRequest{Table: TableRef{"public", "t"}, Columns: []string{"id"}, Where: c.where, Raw: c.raw, CountTo: 100})
		if got := strings.Join(rowTexts(p.Rows), ","); got != c.want || p.Total.N != int64(len(p.Rows)) {
			t.Errorf("%v %q: rows %s, want %s; total %+v", c.where, c.raw, got, c.want, p.Total)
		}
	}
}

func TestFiltersCannotLeaveTheirPlaceOrWrite(t *testing.T) {
	db := open(t, `CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1);
		CREATE FUNCTION wipe() RETURNS bool LANGUAGE plpgsql AS 'BEGIN DELETE FROM t; RETURN true; END';
		CREATE SEQUENCE s`)
	for raw, want := range map[string]string{
		"true) OR (true":      "filter.malformed",
		"true; DELETE FROM t": "filter.malformed",
		"'":                   "filter.malformed",
		"$$":                  "filter.malformed",
		"/* ":                 "filter.malformed",
		"(id = 1":             "filter.malformed",
		"id = $1":             "filter.malformed",
		"wipe()":              "25006",
		"nextval('s') > 0":    "25006",
		"set_config('transaction_read_only', 'off', true) > '' AND wipe()": "25001",
		"id = ANY(SELECT 1 FROM": "filter.malformed",
		"no_such_column = 1":     "42703",
		"1":                      "42804",
	} {
		_, err := db.Page(t.Context(), PageRequest{Table: TableRef{"public", "t"}, Raw: raw})
		if err == nil || remedy.Code(err) != want && !HasCode(err, want) {
			t.Errorf("%q: %v, want %s", raw, err, want)
		}
	}
	if n, err := db.Count(t.Context(), TableRef{"public", "t"}); err != nil || n.N != 1 {
		t.Errorf("a filter wrote: %+v, %v", n, err)
	}
	for _, req := range []PageRequest{
		{Sort: []SortKey{{Column: "x"}}}, {Columns: []string{"x"}}, {Where: []Condition{{Column: "x", Op: Equal}}},
	} {
		req.Table = TableRef{"public", "t"}
		if _, err := db.Page(t.Context(), req); !errors.Is(err, &remedy.Error{Code: "column.missing"}) {
			t.Errorf("%+v: %v", req, err)
		}
	}
	if _, err := db.Page(t.Context(), PageRequest{Table: TableRef{"public", "gone"}}); remedy.Code(err) != "table.missing" {
		t.Errorf("a table that isn't there: %v", err)
	}
}

func TestWideValuesAreCutOnTheServer(t *testing.T) {
	db := open(t, `CREATE TABLE t (id int PRIMARY KEY, a text, b bytea, c jsonb, d text[], e char(9), f varchar, g text);
		INSERT INTO t VALUES (1, repeat('漢', 1000), decode(repeat('00ff', 1000), 'hex'), jsonb_build_object('k', repeat('x', 1000)),
			ARRAY[repeat('y', 1000)], 'ab', repeat('é', 20), NULL), (2, '', '', '{}', '{}', '', '', '')`)
	p := page(t, db, PageRequest{Table: TableRef{"public", "t"}, MaxCell: 20})
	row := p.Rows[0]
	for i, want := range []Cell{
		{Text: "1", Bytes: 1},
		{Text: strings.Repeat("漢", 20), Truncated: true, Bytes: 3000},
		{Text: `\x00ff00ff00ff00ff00ff`, Truncated: true, Bytes: 2000},
		{Text: `{"k": "xxxxxxxxxxxxx`, Truncated: true, Bytes: 1009},
		{Text: "{yyyyyyyyyyyyyyyyyyy", Truncated: true, Bytes: 1002},
		{Text: "ab       ", Bytes: 9},
		{Text: strings.Repeat("é", 20), Bytes: 40},
		{Null: true},
	} {
		if row[i] != want {
			t.Errorf("%s: %+v, want %+v", p.Columns[i].Name, row[i], want)
		}
	}
	if empty := p.Rows[1]; empty[1] != (Cell{}) || empty[2].Text != `\x` || empty[2].Bytes != 0 || empty[7].Null {
		t.Errorf("empty values: %+v", empty)
	}
	whole := page(t, db, PageRequest{Table: TableRef{"public", "t"}, MaxCell: -1}).Rows[0]
	if len(whole[1].Text) != 3000 || whole[1].Truncated || len(whole[2].Text) != 4002 {
		t.Errorf("without a limit: %d, %d bytes", len(whole[1].Text), len(whole[2].Text))
	}
}

func TestRecordFollowsForeignKeysBothWays(t *testing.T) {
	db := open(t, shop+`
		CREATE TABLE shop.pair (a int, b int, PRIMARY KEY (a, b)); INSERT INTO shop.pair VALUES (1, 2);
		CREATE TABLE shop.uses (id int PRIMARY KEY, y int, x int, FOREIGN KEY (x, y) REFERENCES shop.pair (a, b));
		INSERT INTO shop.uses VALUES (1, 2, 1), (2, NULL, 1);`)
	order, err := db.Record(t.Context(), PageRequest{Table: TableRef{"shop", "Order"}, Where: []Condition{{Column: "id", Op: Equal, Value: "7"}}})
	if err != nil {
		t.Fatal(err)
	}
	if len(order.Out) != 2 || order.Out[0].Null || !order.Out[1].Null || order.Out[0].Table != (TableRef{"crm", "User"}) {
		t.Fatalf("links of an order: %+v", order.Out)
	}
	user, err := db.Record(t.Context(), PageRequest{Table: order.Out[0].Table, Where: order.Out[0].Where})
	if err != nil || user.Values[0].Text != "u7" {
		t.Fatalf("the order's buyer: %+v, %v", user, err)
	}
	var back *RecordLink
	for i := range user.In {
		if user.In[i].ForeignKey.FromColumns[0] == "buyer" {
			back = &user.In[i]
		}
	}
	if back == nil {
		t.Fatalf("nothing points back: %+v", user.In)
	}
	if p := page(t, db, PageRequest{Table: back.Table, Where: back.Where}); len(p.Rows) != 1 || p.Rows[0][0].Text != "7" {
		t.Errorf("the buyer's orders: %v", rowTexts(p.Rows))
	}
	uses, err := db.Record(t.Context(), PageRequest{Table: TableRef{"shop", "uses"}})
	if err != nil {
		t.Fatal(err)
	}
	if p := page(t, db, PageRequest{Table: uses.Out[0].Table, Where: uses.Out[0].Where}); !slices.Equal(rowTexts(p.Rows), []string{"1|2"}) {
		t.Errorf("a key of two columns: %v by %v", rowTexts(p.Rows), uses.Out[0].Where)
	}

	again, err := db.Record(t.Context(), PageRequest{Table: TableRef{"shop", "Order"}, Cursor: order.Cursor})
	if err != nil || again.Values[0].Text != "7" {
		t.Errorf("by its cursor: %+v, %v", again, err)
	}
	mustExec(t, db, `DELETE FROM shop."Order" WHERE id = 7`)
	if _, err = db.Record(t.Context(), PageRequest{Table: TableRef{"shop", "Order"}, Cursor: order.Cursor}); remedy.Code(err) != "row.missing" {
		t.Errorf("a row that is gone: %v", err)
	}
}

func TestAPageSaysWhereNoIndexHasItsOrder(t *testing.T) {
	db := open(t, `CREATE TABLE t (id int PRIMARY KEY, a int, b text, c int, d text);
		CREATE INDEX ON t (a DESC, c); CREATE INDEX ON t (b) WHERE c > 1; CREATE INDEX ON t (c NULLS FIRST); CREATE INDEX ON t (d text_pattern_ops);
		INSERT INTO t SELECT i, i % 3, i, i, i FROM generate_series(1, 20) i`)
	for column, sorts := range map[string]bool{"id": false, "a": false, "b": true, "c": true, "d": true} {
		p := page(t, db, PageRequest{Table: TableRef{"public", "t"}, Sort: []SortKey{{column, true}, {"b", false}}, Limit: 5})
		if p.Sorts != sorts {
			t.Errorf("by %s: %v", column, p.Sorts)
		}
	}
	if page(t, db, PageRequest{Table: TableRef{"public", "t"}}).Sorts {
		t.Error("the key has an index")
	}
}

// TestAMillionRowsSortedByTwoColumnsArePagedByTheirKeys goes to the next pages, to the end and back, with NULLs and with both
// directions, without and with an index.
func TestAMillionRowsSortedByTwoColumnsArePagedByTheirKeys(t *testing.T) {
	pgtest.Long(t)
	db := open(t, `CREATE UNLOGGED TABLE big (id int PRIMARY KEY, grp int, val int, note text);
		INSERT INTO big SELECT i, CASE WHEN i % 97 = 0 THEN NULL ELSE i % 7 END, (i * 7919::bigint) % 100003, 'n' || i FROM generate_series(1, 1000000) i; ANALYZE big`)
	for _, indexed := range []bool{false, true} {
		if indexed {
			mustExec(t, db, "CREATE INDEX ON big (grp, val DESC)")
		}
		req := PageRequest{Table: TableRef{"public", "big"}, Sort: []SortKey{{"grp", false}, {"val", true}}, Limit: 100}
		want, err := CollectStrings(db.Query(t.Context(), "SELECT id::text AS text FROM big ORDER BY grp, val DESC, id LIMIT 300"))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for i := range 3 {
			if i > 0 {
				req.Page = NextPage
			}
			p := page(t, db, req)
			if p.Method != "keyset(grp, val, id)" || p.Sorts == indexed || !p.HasNext {
				t.Errorf("%s, sorts: %v, more: %v", p.Method, p.Sorts, p.HasNext)
			}
			for _, row := range p.Rows {
				got = append(got, row[0].Text)
			}
			req.Cursor = p.Cursors[99]
			t.Logf("indexed %v: a page in %v", indexed, p.Took)
		}
		if !slices.Equal(got, want) {
			t.Errorf("indexed %v: the pages are not the server's order", indexed)
		}
		req.Page, req.Cursor = LastPage, nil
		last := page(t, db, req)
		if last.HasNext || !last.HasPrev || !last.Rows[99][1].Null {
			t.Errorf("the end is %v", last.Rows[99])
		}
		req.Page, req.Cursor = PrevPage, last.Cursors[0]
		if before := page(t, db, req); len(before.Rows) != 100 || !before.HasPrev {
			t.Errorf("%d rows before the last page", len(before.Rows))
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	_, err := db.Page(ctx, PageRequest{Table: TableRef{"public", "big"}, Sort: []SortKey{{"note", false}, {"val", true}}})
	if err == nil {
		t.Error("it was not cancelled")
	}
	var n int
	if err := db.QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%\"big\"%' AND state = 'active' AND pid <> pg_backend_pid()").Scan(&n); err != nil || n != 0 {
		t.Errorf("%d queries go on, %v", n, err)
	}
}
