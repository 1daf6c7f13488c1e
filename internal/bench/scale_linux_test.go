package bench

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/schematest"
)

// scaleTables and scaleSchemas are the sizes of the schemas whose cost must not grow faster than they do. NAAP_BENCH_TABLES
// asks for others, such as "100 1000 5000 10000": the largest take a quarter of an hour.
func scaleTables(b *testing.B) []int {
	b.Helper()
	sizes := []int{100, 1000}
	if given := os.Getenv("NAAP_BENCH_TABLES"); given != "" {
		sizes = nil
		for _, word := range strings.Fields(given) {
			n, err := strconv.Atoi(word)
			if err != nil || n < 1 {
				b.Fatalf("NAAP_BENCH_TABLES: %q is no number of tables", word)
			}
			sizes = append(sizes, n)
		}
	}
	return sizes
}

var scaleSchemas = []int{10, 100}

// scaled is what one verb took at one size.
type scaled struct {
	verb            string
	tables, schemas int
	series
	memory int64 // peak, of naap's process, in MB; 0 where it is not one of its own
}

// grown are the measurements of BenchmarkScale, for the table that shows how they grow.
var grown []scaled

// BenchmarkScale measures the verbs on schemas of more and more tables, each as a whole process, and a refresh of the
// terminal app in this one: time and peak memory.
func BenchmarkScale(b *testing.B) {
	if len(grown) > 0 {
		return
	}
	for _, schemas := range scaleSchemas {
		for _, tables := range scaleTables(b) {
			if tables >= schemas {
				benchScale(b, tables, schemas)
			}
		}
	}
	b.ReportMetric(0, "ns/op")
}

func benchScale(b *testing.B, n, schemas int) {
	dir := openDir(b)
	file := filepath.Join(dir, schemaFile)
	text := schematest.Prisma(n, schemas)
	put := func(text string) {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			b.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
	}
	put(text)
	in := newInstance(b, "embedded", dir)
	in.run(b, "dev", "up", "--detach", "--no-push")
	measure := func(verb string, runs int, turn func() (effort, int64)) {
		s := scaled{verb: verb, tables: n, schemas: schemas}
		for range runs {
			took, memory := turn()
			s.series, s.memory = append(s.series, took), max(s.memory, memory)
		}
		grown = append(grown, s)
	}
	naap := func(args ...string) func() (effort, int64) {
		return func() (effort, int64) { return watched(b, in.command(args...)) }
	}
	few := min(rounds(), 3)
	measure("push from empty", 1, naap("dev", "push"))
	tables(b, in.url("naap"), n)
	measure("push, nothing changed", few, naap("dev", "push"))
	measure("status", few, naap("dev", "status"))
	extra := 0
	measure("push of one change", few, func() (effort, int64) {
		extra++
		put(text + schematest.Extra("More"+strconv.Itoa(extra)))
		return watched(b, in.command("dev", "push", "--accept-data-loss"))
	})
	put(text)
	in.run(b, "dev", "push", "--accept-data-loss")
	measure("refresh, something changed", few, refresh(b, in.url("naap")))
	last := schematest.Schema(schemas - 1)
	measure("reset of one schema", few, func() (effort, int64) {
		took, memory := watched(b, in.command("dev", "reset", last, "--yes="+last))
		in.run(b, "dev", "undo")
		in.forget(b)
		return took, memory
	})
	measure("check", few, func() (effort, int64) {
		return watched(b, in.command("check", "--offline"), 1) // such a schema breaks rules
	})
}

// refresh returns the turn of a refresh after something was committed, on a connection that is kept, as the terminal app
// keeps it.
func refresh(b *testing.B, url string) func() (effort, int64) {
	b.Helper()
	ctx := context.Background()
	db, err := postgres.Open(ctx, url, postgres.Options{})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(db.Close)
	var last *postgres.Snapshot
	look := func() {
		if last, err = db.Snapshot(ctx, postgres.SnapshotOptions{Previous: last}); err != nil {
			b.Fatal(err)
		}
	}
	look()
	return func() (effort, int64) {
		query(b, url, nil, "CREATE TABLE naap_bench_changed (); DROP TABLE naap_bench_changed")
		took := whole(look)
		if last.Reused {
			b.Fatal("nothing was seen to have changed")
		}
		return took, 0
	}
}

// growth returns the lines of the table of BenchmarkScale: for each verb and number of schemas, the sizes beside each other,
// with the time per table.
func growth(all []scaled) [][]string {
	lines := [][]string{{"verb", "schemas", "tables", "time", "cpu", "per table", "of the smallest", "peak memory"}}
	slices.SortStableFunc(all, func(a, c scaled) int { return cmp.Or(strings.Compare(a.verb, c.verb), a.schemas-c.schemas) })
	least := time.Duration(0)
	for i, s := range all {
		each := s.median() / time.Duration(s.tables)
		if i == 0 || all[i-1].verb != s.verb || all[i-1].schemas != s.schemas {
			least = each
		}
		memory := ""
		if s.memory > 0 {
			memory = strconv.FormatInt(s.memory, 10) + " MB"
		}
		lines = append(lines, []string{s.verb, strconv.Itoa(s.schemas), thousands(s.tables), s.String(), cpuOf(s.series), fmt.Sprintf("%d µs", each.Microseconds()),
			fmt.Sprintf("%.2f", float64(each)/float64(max(1, least))), memory})
	}
	return lines
}

func init() {
	furtherTables = append(furtherTables, func(w io.Writer) bool {
		if len(grown) == 0 {
			return false
		}
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		fmt.Fprintln(t)
		for _, line := range growth(grown) {
			fmt.Fprintln(t, strings.Join(line, "\t"))
		}
		t.Flush()
		return true
	})
}

func TestTheTableShowsWhatATableCosts(t *testing.T) {
	one := func(tables int, took time.Duration) scaled {
		return scaled{verb: "push", schemas: 10, tables: tables, series: series{{wall: took}}}
	}
	lines := growth([]scaled{one(100, 100*time.Millisecond), one(1000, 3*time.Second)})
	if len(lines) != 3 || lines[1][5] != "1000 µs" || lines[1][6] != "1.00" || lines[2][2] != "1,000" || lines[2][6] != "3.00" {
		t.Errorf("got %q", lines)
	}
}
