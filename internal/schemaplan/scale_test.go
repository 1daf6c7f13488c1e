package schemaplan

import (
	"runtime"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/schematest"
)

// work returns how many bytes and objects f allocates: a measure of how much it does that depends on no clock.
func work(f func()) (bytes, objects uint64) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.GC() // a pool keeps what it has through one collection, and earlier tests may have filled it
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc, after.Mallocs - before.Mallocs
}

// grows fails where four times as many tables take more than five times the work.
func grows(t *testing.T, what string, f func(tables int) func()) {
	t.Helper()
	f(250)() // what is made once
	bytes, objects := work(f(250))
	moreBytes, moreObjects := work(f(1000))
	if moreBytes > 5*bytes || moreObjects > 5*objects {
		t.Errorf("%s: %d bytes and %d objects for 250 tables, %d and %d for 1,000", what, bytes, objects, moreBytes, moreObjects)
	}
}

// TestTheWorkOfAPlanGrowsWithTheTablesAndNoFaster plans what makes, drops, replaces and renames every table. What is done for
// each pair of tables is seen where it allocates.
func TestTheWorkOfAPlanGrowsWithTheTablesAndNoFaster(t *testing.T) {
	empty := func(n int) *Database { return &Database{Scope: desired(t, schematest.Prisma(n, 10)).Scope} }
	full := func(n int) *Database { return asFound(desired(t, schematest.Prisma(n, 10))) }
	steps := func(have, want *Database) []*Step { return arrange(newDiffer(have, want, &canon{}, nil).diff()) }
	grows(t, "reading the file", func(n int) func() {
		text := schematest.Prisma(n, 10)
		return func() { desired(t, text) }
	})
	grows(t, "making every table", func(n int) func() {
		have, want := empty(n), full(n)
		return func() { steps(have, want) }
	})
	grows(t, "dropping every table", func(n int) func() {
		have, want := full(n), empty(n)
		return func() { steps(have, want) }
	})
	grows(t, "changing nothing", func(n int) func() {
		have, want := full(n), desired(t, schematest.Prisma(n, 10))
		return func() { steps(have, want); have.fingerprint(); suggestRenames(nil, have, want, nil) }
	})
	grows(t, "replacing every table by another one", func(n int) func() {
		have, want := full(n), desired(t, strings.ReplaceAll(schematest.Prisma(n, 10), "record_", "entry_"))
		return func() {
			all := steps(have, want)
			suggestRenames(all, have, want, nil)
			p := &Plan{Steps: all, lockRoom: 1000}
			p.Additive().transactions()
		}
	})
	grows(t, "renaming every table", func(n int) func() {
		have := full(n)
		want := desired(t, strings.ReplaceAll(schematest.Prisma(n, 10), "record_", "entry_"))
		var opt ComputeOptions
		for _, h := range have.Tables {
			opt.Renames = append(opt.Renames, h.String()+">"+strings.Replace(h.String(), "record_", "entry_", 1))
		}
		return func() {
			if _, _, err := applyRenames(have, want, opt); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// asFound returns a desired database as if it had been found.
func asFound(d *Database) *Database {
	for _, s := range d.Scope {
		d.Schemas = append(d.Schemas, schema{Name: s})
	}
	return d
}

// TestTheLineOfAStepIsFoundWithoutReadingTheFile allocates nothing for a line, wherever it is.
func TestTheLineOfAStepIsFoundWithoutReadingTheFile(t *testing.T) {
	for _, text := range []string{schematest.Prisma(50, 2), strings.ReplaceAll(schematest.Prisma(50, 2), "\n", "\r\n")} {
		d := desired(t, text)
		last := d.Tables[len(d.Tables)-1]
		if got := d.line(last.Pos); got != "model Record00049 {" {
			t.Errorf("the line is %q", got)
		}
		if n := testing.AllocsPerRun(10, func() { d.line(last.Pos) }); n != 0 {
			t.Errorf("%v allocations", n)
		}
		longer := desired(t, text+strings.Repeat("\n", len(text))+schematest.Extra("More"))
		if d.line(noPos) != "" || d.line(longer.Tables[len(longer.Tables)-1].Pos) != "" {
			t.Error("a place that is not there has a line")
		}
	}
}
