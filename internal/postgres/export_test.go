package postgres

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
)

const letters = `CREATE TABLE t (id int PRIMARY KEY, a text, "b ""c"",d" numeric, j json, l int[], ok bool, raw bytea, at timestamptz);
	INSERT INTO t VALUES (1, '', 'NaN', E'{"x":\n 1}', '{1,NULL}', true, '\x00', 'infinity'),
	(2, NULL, 1.50, NULL, NULL, NULL, NULL, NULL), (3, E'q"u,o\nt\re\\.', -0.0, '"\u000a"', '{}', false, '', '0044-03-15 BC'), (4, ' a ', 0, '[]', '{{1}}', true, '\xff', now());
	CREATE TABLE one (a text); INSERT INTO one VALUES ('\.'), (''), (NULL), ('x'), ('NULL');
	CREATE TABLE none (a text);`

func export(t *testing.T, db *DB, req ExportRequest) string {
	t.Helper()
	var b bytes.Buffer
	res, err := db.Export(t.Context(), &b, req, nil)
	if err != nil {
		t.Fatalf("%+v: %v", req, err)
	}
	if res.Bytes != int64(b.Len()) {
		t.Errorf("%d bytes written, %d reported", b.Len(), res.Bytes)
	}
	return b.String()
}

func TestExportedCSVIsWhatCopyWrites(t *testing.T) {
	db, url := openURL(t, letters)
	for table, columns := range map[string]string{"t": "*", "one": "*", "none": "*"} {
		want, err := exec.Command("psql", "-X", "-q", "-c", "COPY (SELECT "+columns+" FROM "+table+") TO STDOUT (FORMAT csv, HEADER)", url).Output()
		if err != nil {
			t.Fatal(err)
		}
		if got := export(t, db, ExportRequest{Table: TableRef{"public", table}, Format: ExportCSV}); got != string(want) {
			t.Errorf("%s:\n%q, COPY writes\n%q", table, got, want)
		}
		if got := export(t, db, ExportRequest{Query: "SELECT * FROM " + table + ";", Format: ExportCSV}); got != string(want) {
			t.Errorf("query of %s:\n%q, COPY writes\n%q", table, got, want)
		}
	}
}

func TestExportedJSONReadsBackAsTheRows(t *testing.T) {
	db := open(t, letters)
	var want []map[string]any
	var text string
	if err := db.QueryRow(t.Context(), "SELECT json_agg(row_to_json(t) ORDER BY id) FROM t").Scan(&text); err != nil {
		t.Fatal(err)
	}
	mustRead(t, text, &want)
	req := ExportRequest{Table: TableRef{"public", "t"}, Format: ExportJSON, Sort: []SortKey{{"id", false}}}
	var got []map[string]any
	mustRead(t, export(t, db, req), &got)
	same(t, got, want)

	req.Format = ExportJSONLines
	lines := strings.Split(strings.TrimSuffix(export(t, db, req), "\n"), "\n")
	got = nil
	for _, line := range lines {
		var row map[string]any
		mustRead(t, line, &row)
		got = append(got, row)
	}
	same(t, got, want)

	got = nil
	mustRead(t, export(t, db, ExportRequest{Query: "SELECT * FROM t ORDER BY id -- all", Format: ExportJSON}), &got)
	same(t, got, want)

	if s := export(t, db, ExportRequest{Table: TableRef{"public", "none"}, Format: ExportJSON}); s != "[\n]\n" {
		t.Errorf("no rows: %q", s)
	}
	if s := export(t, db, ExportRequest{Query: "WITH x AS (SELECT 1.50 AS n, true AS ok, 'a\"' AS s, '{\"a\":\n1}'::json AS j, NULL AS z, 2 AS n, 'NaN'::float8 AS f) SELECT * FROM x", Format: ExportJSONLines}); s != `{"n":1.50,"ok":true,"s":"a\"","j":{"a":1},"z":null,"n_2":2,"f":"NaN"}`+"\n" {
		t.Errorf("%s", s)
	}
	if s := export(t, db, ExportRequest{Query: "SHOW server_encoding", Format: ExportJSONLines}); s != `{"server_encoding":"UTF8"}`+"\n" {
		t.Errorf("%s", s)
	}
}

func mustRead(t *testing.T, text string, into any) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
}

func same(t *testing.T, got, want []map[string]any) {
	t.Helper()
	g, _ := json.Marshal(got)
	w, _ := json.Marshal(want)
	if !bytes.Equal(g, w) {
		t.Errorf("\n got %s\nwant %s", g, w)
	}
}

func TestExportFiltersAndSorts(t *testing.T) {
	db := open(t, letters)
	got := export(t, db, ExportRequest{Table: TableRef{"public", "t"}, Format: ExportJSONLines, Sort: []SortKey{{"id", true}},
		Where: []Condition{{Column: "id", Op: Greater, Value: "1"}}, Raw: "id < 4"})
	if strings.Count(got, "\n") != 2 || !strings.HasPrefix(got, `{"id":3`) {
		t.Errorf("%s", got)
	}
}

func TestExportCannotWrite(t *testing.T) {
	db := open(t, precious)
	for query, want := range map[string]string{
		"DELETE FROM t RETURNING *": "25006", "SELECT wipe()": "25006", "SELECT 1; DELETE FROM t": "export.query", "COMMIT": "sql.transaction",
		"SELECT 1) t; DELETE FROM t; --": "export.query", "SELECT 1) t, (SELECT wipe()": "42601", "SET TRANSACTION READ WRITE": "25001", "": "export.query",
	} {
		for _, format := range []ExportFormat{ExportCSV, ExportJSON} {
			if query == "" {
				continue
			}
			if _, err := db.Export(t.Context(), io.Discard, ExportRequest{Query: query, Format: format}, nil); err == nil ||
				remedy.Code(err) != want && !HasCode(err, want) {
				t.Errorf("%s as %s: %v, want %s", query, format, err, want)
			}
		}
	}
	if _, err := db.Export(t.Context(), io.Discard, ExportRequest{Query: "SELECT 1", Format: "xml"}, nil); remedy.Code(err) != "export.format" {
		t.Errorf("an unknown format: %v", err)
	}
	if n, _ := db.Count(t.Context(), TableRef{"public", "t"}); n.N != 5 {
		t.Errorf("%d rows are left", n.N)
	}
}

const endless = "SELECT i, repeat('x', 1000) FROM generate_series(1, 50000) i, generate_series(1, 50000) j"

func TestExportHoldsOneRowAtATimeAndCanBeCancelled(t *testing.T) {
	db := open(t, "")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var before, most runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	reports := 0
	res, err := db.Export(ctx, io.Discard, ExportRequest{Query: endless, Format: ExportCSV}, func(rows, bytes int64) {
		if reports++; reports == 100 {
			runtime.GC()
			runtime.ReadMemStats(&most)
			cancel()
		}
	})
	if !HasCode(err, "57014") && !errors.Is(err, context.Canceled) || res.Rows < 100_000 {
		t.Errorf("%+v, %v", res, err)
	}
	if grown := int64(most.HeapAlloc) - int64(before.HeapAlloc); grown > 8<<20 {
		t.Errorf("after %d MB the heap has grown by %d kB", res.Bytes>>20, grown>>10)
	}
	var n int
	if err := db.QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT i, repeat%' AND state = 'active'").Scan(&n); err != nil || n != 0 {
		t.Errorf("%d queries still run, %v", n, err)
	}
}

type full struct{ left int }

func (f *full) Write(b []byte) (int, error) {
	if f.left -= len(b); f.left < 0 {
		return 0, errors.New("no space left")
	}
	return len(b), nil
}

func TestExportStopsWhenItCannotWrite(t *testing.T) {
	db := open(t, "")
	_, err := db.Export(t.Context(), &full{1 << 20}, ExportRequest{Query: endless, Format: ExportJSONLines}, nil)
	if err == nil || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("%v", err)
	}
	if err := db.Ping(t.Context()); err != nil {
		t.Errorf("the pool after that: %v", err)
	}
}
