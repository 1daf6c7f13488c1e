package bench

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/postgres"
)

// The process table gives memory in kilobytes only on Linux.

// BenchmarkMakeUpRows measures `naap dev seed --fake` on the real platform's tables, beside psql copying the same rows
// from prepared files. It also reports naap's peak memory. NAAP_BENCH_FAKE_ROWS is the number of rows per table.
func BenchmarkMakeUpRows(b *testing.B) {
	needProgram(b, "psql")
	rows := 10_000
	if n, err := strconv.Atoi(os.Getenv("NAAP_BENCH_FAKE_ROWS")); err == nil && n > 0 {
		rows = n
	}
	in := newServer(b)
	in.run(b, "dev", "push")
	order := in.fakeOrder(b, rows)
	memory := int64(0)
	naap := contender{"naap dev seed --fake", func(b *testing.B) effort {
		in.empty(b, order)
		took, peak := watched(b, in.command("dev", "seed", "--fake", strconv.Itoa(rows)))
		memory = max(memory, peak)
		in.mustHold(b, order)
		return took
	}}
	naap.turn(b)
	script := in.dump(b, order)
	psql := contender{"psql, COPY from files", func(b *testing.B) effort {
		in.empty(b, order)
		took := run(b, psqlFile(in.url("naap"), script))
		in.mustHold(b, order)
		return took
	}}
	name := fmt.Sprintf("made-up rows, %d a table", rows)
	compare(b, name, 0, naap, peer{psql, 2})
	b.ReportMetric(float64(memory), "naap-MB")
	noteMemory(name, memory, mostMemory)
}

// mostMemory is the limit in MB that naap's resident memory should keep to while it makes up rows.
const mostMemory = 150

// plannedTable is a table in the output of `naap dev seed --dry-run --json`.
type plannedTable struct {
	Table string `json:"table"`
	Rows  int64  `json:"rows"`
}

func (t plannedTable) quoted() string {
	schema, name, _ := strings.Cut(t.Table, ".")
	return postgres.Ident(schema, name)
}

// fakeOrder returns the tables in an order in which they can be copied.
func (in *instance) fakeOrder(b *testing.B, rows int) []plannedTable {
	b.Helper()
	out, err := in.command("--json", "dev", "seed", "--dry-run", "--fake", strconv.Itoa(rows)).Output()
	var plan struct{ Tables []plannedTable }
	if err == nil {
		err = json.Unmarshal(out, &plan)
	}
	if err != nil || len(plan.Tables) != naapTables {
		b.Fatalf("the plan has %d tables: %v\n%s", len(plan.Tables), err, out)
	}
	return plan.Tables
}

func (in *instance) empty(b *testing.B, tables []plannedTable) {
	b.Helper()
	names := make([]string, len(tables))
	for i, t := range tables {
		names[i] = t.quoted()
	}
	query(b, in.url("naap"), nil, "TRUNCATE "+strings.Join(names, ", "))
	query(b, in.url("naap"), nil, "DROP SCHEMA IF EXISTS naap_dev CASCADE")
	query(b, in.url("naap"), nil, "CHECKPOINT")
}

// mustHold makes sure that a contender did all the work.
func (in *instance) mustHold(b *testing.B, tables []plannedTable) {
	b.Helper()
	var parts []string
	var want int64
	for _, t := range tables {
		parts = append(parts, "SELECT count(*) AS n FROM "+t.quoted())
		want += t.Rows
	}
	var n int64
	query(b, in.url("naap"), &n, "SELECT sum(n)::bigint FROM ("+strings.Join(parts, " UNION ALL ")+") AS t")
	if n != want {
		b.Fatalf("%d rows, want %d", n, want)
	}
}

// dump writes the tables' contents to files, and a script that copies them back.
func (in *instance) dump(b *testing.B, tables []plannedTable) (script string) {
	b.Helper()
	dir := openDir(b)
	var out, back strings.Builder
	for i, t := range tables {
		file := filepath.Join(dir, fmt.Sprintf("%03d.copy", i))
		fmt.Fprintf(&out, "\\copy %s to '%s'\n", t.quoted(), file)
		fmt.Fprintf(&back, "\\copy %s from '%s'\n", t.quoted(), file)
	}
	script = filepath.Join(dir, "back.sql")
	for file, text := range map[string]string{filepath.Join(dir, "out.sql"): out.String(), script: back.String()} {
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	run(b, psqlFile(in.url("naap"), filepath.Join(dir, "out.sql")))
	return script
}
