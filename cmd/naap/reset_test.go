//go:build unix

package main

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/postgres"
)

func TestEachSchemaIsResetAndBroughtBackEmbedded(t *testing.T) {
	t.Parallel()
	resetEach(t, newProgram(t, "embedded"))
}

func TestEachSchemaIsResetAndBroughtBackDocker(t *testing.T) {
	t.Parallel()
	needDocker(t)
	resetEach(t, newProgram(t, "docker"))
}

// resetEach resets each schema of the built-in workspace on its own and undoes it: the others never change, and in the
// end nothing has.
func resetEach(t *testing.T, p *program) {
	p.must(t, "dev", "up")
	before := p.contents(t)
	for _, schema := range p.schemas(t) {
		p.must(t, "dev", "reset", schema, "--yes="+schema)
		after := p.contents(t)
		for name, sum := range before {
			if !strings.HasPrefix(name, schema+".") && after[name] != sum {
				t.Errorf("after the reset of %s, %s is %s and was %s", schema, name, after[name], sum)
			}
		}
		p.must(t, "dev", "undo")
		if after := p.contents(t); !maps.Equal(after, before) {
			t.Errorf("after the undo of %s it is not as before", schema)
		}
	}
	if line := p.tables(t); !strings.Contains(line, " 0 statements differ, 0 seeds pending") {
		t.Errorf("in the end: %s", line)
	}
}

// TestAKilledResetLeavesBeforeOrAfter kills naap itself at random moments of reset and undo.
func TestAKilledResetLeavesBeforeOrAfter(t *testing.T) {
	t.Parallel()
	p := newProgram(t, "embedded")
	p.must(t, "dev", "up")
	shape := func() string {
		lines := slices.DeleteFunc(strings.Split(p.shape(t), "\n"), func(line string) bool { return strings.Contains(line, "| naap_undo_") })
		return strings.Join(lines, "\n")
	}
	before, was := p.contents(t), shape()
	began := time.Now()
	p.must(t, "dev", "reset", "public", "--yes=public", "--no-seed", "--cascade")
	took := map[bool]time.Duration{false: time.Since(began)}
	reset := p.contents(t)
	if maps.Equal(before, reset) {
		t.Fatal("the reset has changed nothing")
	}
	began = time.Now()
	p.must(t, flip(true)...)
	took[true] = time.Since(began)
	counts, killed, all := map[string]int{}, 0, kills(6)
	// The machine may have become faster since it was measured: while too few kills come in time, there are more, sooner.
	unfair, round := func() bool { return killed*3 < all }, 0
	for ; round < all || unfair() && round < 5*all; round++ {
		isReset := maps.Equal(p.contents(t), reset)
		if want := round%2 == 0; want != isReset {
			p.must(t, flip(isReset)...)
			isReset = want
		}
		c := p.command(flip(isReset)...)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		if round >= all {
			took[isReset] = max(took[isReset]*3/4, time.Millisecond)
		}
		time.Sleep(rand.N(took[isReset]))
		_ = c.Process.Kill()
		if c.Wait() != nil {
			killed++
		}
		p.settle(t)
		if now := shape(); now != was {
			t.Fatalf("after a kill the catalogue is another: %s", firstDifference(now, was))
		}
		switch now := p.contents(t); {
		case maps.Equal(now, before):
			counts["before"]++
		case maps.Equal(now, reset):
			counts["after"]++
		default:
			t.Fatalf("after a kill it is neither as before nor as after")
		}
	}
	if maps.Equal(p.contents(t), reset) {
		p.must(t, flip(true)...)
	}
	if !maps.Equal(p.contents(t), before) {
		t.Error("in the end it is not as before")
	}
	t.Logf("%v, %d of %d ended by the kill", counts, killed, round)
	if unfair() && os.Getenv("NAAP_TEST_KILLS") != "" { // a few are a matter of luck on a busy machine
		t.Errorf("only %d of %d kills came in time", killed, round)
	}
}

func flip(isReset bool) []string {
	if isReset {
		return []string{"dev", "undo"}
	}
	return []string{"dev", "reset", "public", "--yes=public", "--no-seed", "--cascade"}
}

func (p *program) schemas(t *testing.T) []string {
	t.Helper()
	var list []string
	for name := range p.contents(t) {
		schema, _, _ := strings.Cut(name, ".")
		if !slices.Contains(list, schema) {
			list = append(list, schema)
		}
	}
	slices.Sort(list)
	return list
}

// contents is a checksum of every table and sequence.
func (p *program) contents(t *testing.T) map[string]string {
	t.Helper()
	conn := p.connect(t)
	defer conn.Close(context.Background())
	ctx := context.Background()
	parts, err := postgres.CollectStrings(conn.Query(ctx, `
SELECT CASE c.relkind WHEN 'S' THEN format('SELECT %L, last_value::text || is_called FROM %I.%I', n.nspname || '.' || c.relname, n.nspname, c.relname)
	ELSE format('SELECT %L, count(*) || '' '' || coalesce(md5(string_agg(md5(t::text), '''' ORDER BY md5(t::text))), '''') FROM %I.%I t', n.nspname || '.' || c.relname, n.nspname, c.relname) END
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'S') AND n.nspname !~ '^(pg_|naap_)' AND n.nspname <> 'information_schema'`))
	if err != nil || len(parts) == 0 {
		t.Fatalf("%d tables, %v", len(parts), err)
	}
	rows, err := conn.Query(ctx, strings.Join(parts, " UNION ALL "))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	out := map[string]string{}
	for rows.Next() {
		var name, sum string
		if err := rows.Scan(&name, &sum); err != nil {
			t.Fatal(err)
		}
		out[name] = sum
	}
	if rows.Err() != nil {
		t.Fatal(fmt.Errorf("read the checksums: %w", rows.Err()))
	}
	return out
}
