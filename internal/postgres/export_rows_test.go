package postgres

import (
	"slices"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

const oddTables = `
	CREATE SCHEMA "Odd one";
	CREATE TYPE "Odd one".pair AS (a int, b text);
	CREATE DOMAIN "Odd one".code AS text CHECK (VALUE <> 'no');
	CREATE TABLE "Odd one"."select" (
		"B" int GENERATED ALWAYS AS IDENTITY, "a""x" int, c text, "order" "Odd one".code, twice int GENERATED ALWAYS AS ("a""x" * 2) STORED,
		at timestamptz, PRIMARY KEY (c, "a""x"));
	INSERT INTO "Odd one"."select" ("a""x", c, "order", at) SELECT i, 'it''s \' || i || E'\n|', 'x' || i, '2026-01-02 03:04:05.6+01' FROM generate_series(1, 5) i;
	CREATE TABLE rows_of_rows (k "Odd one".pair PRIMARY KEY, v text);
	INSERT INTO rows_of_rows VALUES ('(1,a)', 'x'), ('(2,"b,""c")', NULL);
	CREATE TABLE keys_only (a int, b text, PRIMARY KEY (a, b));
	INSERT INTO keys_only VALUES (1, 'x'), (1, 'y');
	CREATE TABLE bag (a int, b text);
	INSERT INTO bag VALUES (1, 'same'), (1, 'same'), (2, NULL);
	CREATE VIEW seen AS SELECT * FROM bag ORDER BY a DESC;
	CREATE TABLE parts (a int, b text) PARTITION BY HASH (a);
	CREATE TABLE parts_0 PARTITION OF parts FOR VALUES WITH (MODULUS 1, REMAINDER 0);
	INSERT INTO parts VALUES (1, 'one'), (2, 'two');
	CREATE TABLE made (a int GENERATED ALWAYS AS (1) STORED);
	INSERT INTO made DEFAULT VALUES;`

// placesOf are the cursors of a table's rows in its own order.
func placesOf(t *testing.T, db *DB, table TableRef) []Cursor {
	t.Helper()
	return page(t, db, PageRequest{Table: table}).Cursors
}

func TestStatementsOfRowsRunBackIntoTheirTable(t *testing.T) {
	db := open(t, oddTables)
	odd := TableRef{"Odd one", "select"}
	all := ExportRequest{Table: odd, Sort: []SortKey{{"a\"x", false}}, Format: ExportCSV}
	was := export(t, db, all)
	at := placesOf(t, db, odd)
	slices.Reverse(at)
	inserts := export(t, db, ExportRequest{Table: odd, At: at, Format: ExportInsert})
	first, _, _ := strings.Cut(inserts, "\n|")
	if want := `INSERT INTO "Odd one"."select" ("B", "a""x", c, "order", at) OVERRIDING SYSTEM VALUE VALUES (5, 5, E'it''s \\5`; first != want {
		t.Errorf("got %s\nwant %s", first, want)
	}
	updates := export(t, db, ExportRequest{Table: odd, At: at[1:3], Format: ExportUpdate})
	if strings.Count(updates, "UPDATE ") != 2 || strings.Contains(updates, `"B" =`) || strings.Contains(updates, "twice") {
		t.Errorf("got %s", updates)
	}
	mustExec(t, db, `UPDATE "Odd one"."select" SET "order" = 'other', at = NULL WHERE "a""x" IN (3, 4)`)
	mustExec(t, db, updates)
	if got := export(t, db, all); got != was {
		t.Errorf("after UPDATE\n%s\nbefore\n%s", got, was)
	}
	mustExec(t, db, `DELETE FROM "Odd one"."select"`)
	mustExec(t, db, inserts)
	if got := export(t, db, all); got != was {
		t.Errorf("after INSERT\n%s\nbefore\n%s", got, was)
	}
	// A key that is a row, and what has nothing but a key.
	pairs := TableRef{"public", "rows_of_rows"}
	mustExec(t, db, export(t, db, ExportRequest{Table: pairs, Format: ExportUpdate}))
	mustExec(t, db, "DELETE FROM made;"+export(t, db, ExportRequest{Table: TableRef{"public", "made"}, Format: ExportInsert}))
}

func TestRowsAreFoundByTheirPlaces(t *testing.T) {
	db := open(t, oddTables)
	for table, want := range map[string]string{"keys_only": "a,b\n1,y\n1,x\n", "bag": "a,b\n2,\n1,same\n1,same\n", "parts": "a,b\n2,two\n1,one\n"} {
		ref := TableRef{"public", table}
		at := placesOf(t, db, ref)
		slices.Reverse(at)
		if got := export(t, db, ExportRequest{Table: ref, At: at, Format: ExportCSV}); got != want {
			t.Errorf("%s: got %q, want %q", table, got, want)
		}
	}
	ref := TableRef{"public", "keys_only"}
	at := placesOf(t, db, ref)
	mustExec(t, db, "DELETE FROM keys_only WHERE b = 'x'")
	if got := export(t, db, ExportRequest{Table: ref, At: at, Format: ExportJSONLines}); got != `{"a":1,"b":"y"}`+"\n" {
		t.Errorf("with a row gone: %q", got)
	}
	if got := export(t, db, ExportRequest{Table: ref, At: []Cursor{}, Format: ExportTSV}); got != "a\tb\n" {
		t.Errorf("no rows: %q", got)
	}
	// A view's row by its number, under the page's filter and order.
	view := ExportRequest{Table: TableRef{"public", "seen"}, Sort: []SortKey{{"a", true}}, Where: []Condition{{Column: "a", Op: Less, Value: "2"}}, At: []Cursor{{{Text: "0"}}}, Format: ExportInsert}
	if got := export(t, db, view); got != "INSERT INTO public.seen (a, b) VALUES (1, 'same');\n" {
		t.Errorf("of a view: %q", got)
	}
}

func TestWhatCannotBeAStatementIsRefusedWithAReason(t *testing.T) {
	db := open(t, oddTables)
	var b strings.Builder
	for code, req := range map[string]ExportRequest{
		"export.no_key":  {Table: TableRef{"public", "bag"}, Format: ExportUpdate},
		"export.all_key": {Table: TableRef{"public", "keys_only"}, Format: ExportUpdate},
		"export.origin":  {Query: "SELECT 1", Format: ExportInsert},
		"rows.numbered":  {Table: TableRef{"public", "seen"}, At: []Cursor{{{Text: "0"}}, {{Text: "1"}}}, Format: ExportCSV},
		"cursor.foreign": {Table: TableRef{"public", "keys_only"}, At: []Cursor{{{Text: "0"}}}, Format: ExportCSV},
		"export.cut":     {Given: &Given{Columns: []PageColumn{{Name: "a"}}, Rows: [][]Cell{{{Text: "x", Truncated: true}}}}, Format: ExportCSV},
		"export.format":  {Given: &Given{}, Format: "yaml"},
	} {
		if _, err := db.Export(t.Context(), &b, req, nil); remedy.Code(err) != code {
			t.Errorf("%+v: %v, want %s", req, err, code)
		}
	}
}

func TestResultsAreWrittenAsTheyAre(t *testing.T) {
	db, url := openURL(t, oddTables)
	s, err := OpenSession(t.Context(), url, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close(t.Context())
	given := func(query string) *Given {
		t.Helper()
		out, err := s.Run(t.Context(), query, RunOptions{})
		if err != nil || out.Err() != nil {
			t.Fatal(err, out.Err())
		}
		return &Given{out.Results[0].Columns, out.Results[0].Rows}
	}
	g := given(`SELECT "order" AS o, "a""x" AS n, c FROM "Odd one"."select" x WHERE "a""x" = 2`)
	for format, want := range map[ExportFormat]string{
		ExportInsert:   `INSERT INTO "Odd one"."select" ("order", "a""x", c) OVERRIDING`,
		ExportUpdate:   `UPDATE "Odd one"."select" SET "order" = 'x2' WHERE "a""x" = 2 AND c = E'it''s \\2` + "\n|';\n",
		ExportCSV:      "o,n,c\nx2,2,\"it's \\2\n|\"\n",
		ExportTSV:      "o\tn\tc\nx2\t2\t\"it's \\2\n|\"\n",
		ExportMarkdown: "| o | n | c |\n| --- | ---: | --- |\n| x2 | 2 | it's \\\\2<br>\\| |\n",
		ExportJSON:     "[\n" + `{"o":"x2","n":2,"c":"it's \\2\n|"}` + "\n]\n",
	} {
		if format == ExportInsert {
			want = strings.Replace(want, "OVERRIDING", "VALUES ('x2', 2, E'it''s \\\\2\n|');\n", 1)
		}
		if got := export(t, db, ExportRequest{Given: g, Format: format}); got != want {
			t.Errorf("%s: got %q, want %q", format, got, want)
		}
	}
	if g := given("SELECT a, a + 1 FROM bag"); g.OneTable() {
		t.Error("an expression is a column")
	}
	if g := given("SELECT x.a, y.b FROM bag x, keys_only y"); g.OneTable() {
		t.Error("two tables are one")
	}
	if _, err := db.Export(t.Context(), &strings.Builder{}, ExportRequest{Given: given(`SELECT "order" FROM "Odd one"."select"`), Format: ExportUpdate}, nil); remedy.Code(err) != "export.no_key" {
		t.Errorf("without its key: %v", err)
	}
}

func TestMarkdownShowsValuesAsTheyAre(t *testing.T) {
	for value, want := range map[string]string{
		"a|b": `a\|b`, `a\|b`: `a\\\|b`, "a\r\nb\nc\rd": "a<br>b<br>c<br>d", "<b>&amp;": "&lt;b>&amp;amp;", "snake_case": "snake_case", "_x_": `\_x\_`,
		"*NULL*": `\*NULL\*`, "`x` [y](z)": "\\`x\\` \\[y\\](z)", "漢_字": "漢_字",
	} {
		if got := string(appendMarkdownText(nil, []byte(value))); got != want {
			t.Errorf("%q: got %q, want %q", value, got, want)
		}
	}
	if got := string(appendMarkdown(nil, [][]byte{nil, {}})); got != "| *NULL* |  |\n" {
		t.Errorf("got %q", got)
	}
}

// TestStatementsMeanTheSameUnderOtherSettings has a database whose sessions begin with settings that a reader lacks.
func TestStatementsMeanTheSameUnderOtherSettings(t *testing.T) {
	_, url := openURL(t, `CREATE TABLE t (d date PRIMARY KEY, i interval, f float8, b bytea, r tstzrange);
		INSERT INTO t VALUES ('2026-03-02', '1 year -2 days +03:04:05.6', 1.0000000000000002, '\x00ff5c', '[2026-03-02 01:02:03.456789+00,infinity)');
		DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET datestyle = ''SQL, DMY''', current_database());
			EXECUTE format('ALTER DATABASE %I SET intervalstyle = ''sql_standard''', current_database());
			EXECUTE format('ALTER DATABASE %I SET extra_float_digits = ''-5''', current_database());
			EXECUTE format('ALTER DATABASE %I SET bytea_output = ''escape''', current_database()); END $$`)
	db, err := Open(t.Context(), url, Options{}) // its sessions begin with them
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ref := TableRef{"public", "t"}
	at := placesOf(t, db, ref)
	if at[0][0].Text != "02/03/2026" {
		t.Fatalf("the settings are not in force: %v", at)
	}
	sum := `SELECT concat(d - date '2000-01-01', extract(epoch FROM i), f = 1.0000000000000002, encode(b, 'hex'), extract(epoch FROM lower(r)), upper(r) = 'infinity') FROM t`
	was := export(t, db, ExportRequest{Query: sum, Format: ExportCSV})
	text := export(t, db, ExportRequest{Table: ref, At: at, Format: ExportInsert})
	mustExec(t, db, "SET datestyle = 'German'; SET intervalstyle = 'iso_8601'; DELETE FROM t;"+text)
	if got := export(t, db, ExportRequest{Query: sum, Format: ExportCSV}); got != was {
		t.Errorf("%s gives %s, not %s", text, got, was)
	}
}

func TestStatementsAreTheSameBehindAClipboard(t *testing.T) {
	var all strings.Builder
	for r := rune(1); r < 0x3000; r++ {
		all.WriteRune(r)
	}
	all.WriteString("\r\n\U000E0041\uFFFD\ufeff👩‍👩‍👧")
	text := "SELECT " + string(appendConstant(nil, all.String())) + " = $1, octet_length(" + string(appendConstant(nil, "a\r\n")) + ");\n"
	pasted, changed := visible.Paste(text)
	if changed {
		t.Errorf("a clipboard shows %q", pasted)
	}
	var same bool
	var n int
	if err := open(t, "").QueryRow(t.Context(), strings.TrimSuffix(pasted, ";"), all.String()).Scan(&same, &n); err != nil || !same || n != 3 {
		t.Errorf("the constant is another: %v %d %v", same, n, err)
	}
	if got := string(appendConstant(nil, "a\xff'b")); got != `E'a\xff''b'` {
		t.Errorf("got %s", got)
	}
}
