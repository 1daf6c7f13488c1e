package postgres

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
)

// size returns a number from the environment, for measuring at full scale.
func size(name string, otherwise int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return otherwise
}

// BenchmarkSnapshot refreshes a database of 112 tables in 10 schemas, or NAAP_BENCH_TABLES of them.
func BenchmarkSnapshot(b *testing.B) {
	tables := size("NAAP_BENCH_TABLES", 112)
	db := open(b, "")
	for s := range 10 {
		var sql strings.Builder
		fmt.Fprintf(&sql, "CREATE SCHEMA s%d;", s)
		for i := range tables / 10 {
			name := fmt.Sprintf("s%d.t%d", s, i)
			fmt.Fprintf(&sql, `CREATE TABLE %s (id text PRIMARY KEY, a int, b text, c jsonb, d timestamptz, up text REFERENCES %s);
				CREATE INDEX ON %s (a); INSERT INTO %s SELECT i::text, i, 'b' FROM generate_series(1, 20) i;`, name, name, name, name)
		}
		mustExec(b, db, sql.String())
	}
	s := snapshot(b, db, SnapshotOptions{})
	b.Run("changed", func(b *testing.B) {
		for b.Loop() {
			s = snapshot(b, db, SnapshotOptions{})
		}
	})
	b.Run("unchanged", func(b *testing.B) {
		for b.Loop() {
			s = snapshot(b, db, SnapshotOptions{Previous: s})
		}
	})
}

// BenchmarkPage pages a table of NAAP_BENCH_ROWS rows by its primary key.
func BenchmarkPage(b *testing.B) {
	rows := size("NAAP_BENCH_ROWS", 100_000)
	db := open(b, fmt.Sprintf(`CREATE TABLE t (id bigint PRIMARY KEY, a text, b jsonb, c timestamptz DEFAULT now());
		INSERT INTO t SELECT i, 'row ' || i, jsonb_build_object('n', i) FROM generate_series(1, %d) i; ANALYZE t`, rows))
	req := PageRequest{Table: TableRef{"public", "t"}, Limit: 50}
	middle := Cursor{{Text: strconv.Itoa(rows / 2)}}
	for _, c := range []struct {
		name   string
		page   Direction
		cursor Cursor
		count  int64
	}{
		{"first", FirstPage, nil, 0}, {"first counted", FirstPage, nil, DefaultCountTo}, {"next", NextPage, middle, 0},
		{"previous", PrevPage, middle, 0}, {"last", LastPage, nil, 0}, {"at", PageAt, middle, 0},
	} {
		req.Page, req.Cursor, req.CountTo = c.page, c.cursor, c.count
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				page(b, db, req)
			}
		})
	}
}
