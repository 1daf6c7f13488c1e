//go:build unix

package main

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"

	"github.com/livepeer/naap-dev/internal/postgres"
)

func TestSchemasAreResetAndBroughtBackEmbedded(t *testing.T) {
	t.Parallel()
	resetSome(t, newPrepared(t, builtin), 1)
}

func TestSchemasAreResetAndBroughtBackDocker(t *testing.T) {
	t.Parallel()
	needDocker(t)
	if kills(t, 0) == 0 {
		t.Skip("a reset knows no engine: with NAAP_TEST_KILLS it is tried with this one too")
	}
	resetSome(t, newProgram(t, "docker"), 0)
}

// resetSome resets a few schemas of the built-in workspace, or with NAAP_TEST_KILLS all of them, one at a time, and
// undoes each reset: the others never change, and in the end nothing has.
func resetSome(t *testing.T, p *program, few int) {
	p.must(t, "dev", "up")
	before := p.contents(t)
	schemas := p.schemas(t)
	for _, schema := range schemas[max(0, len(schemas)-kills(t, few)):] { // public, the last, is the one that the others refer to
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

// TestAKilledResetLeavesBeforeOrAfter kills naap itself at questions that a reset or an undo asks the server: at its
// commit, before and after the server has it, and at others. With NAAP_TEST_KILLS the workspace is the built-in one, whose
// reset is ten times the work.
func TestAKilledResetLeavesBeforeOrAfter(t *testing.T) {
	t.Parallel()
	pgtest.Long(t)
	p, relay := relayedProgram(t)
	if kills(t, 0) == 0 {
		writeShop(t, p.dir)
	}
	p.must(t, "dev", "up", external)
	shape := func() string {
		lines := slices.DeleteFunc(strings.Split(p.shape(t), "\n"), func(line string) bool { return strings.Contains(line, "| naap_undo_") })
		return strings.Join(lines, "\n")
	}
	before, was := p.contents(t), shape()
	asked := map[bool][]string{}
	questions(t, relay, p, flip(false)...)
	asked[false] = relay.Questions()
	reset := p.contents(t)
	if maps.Equal(before, reset) {
		t.Fatal("the reset has changed nothing")
	}
	questions(t, relay, p, flip(true)...)
	asked[true] = relay.Questions()
	t.Logf("a reset changes something %d times, an undo %d", len(asked[false]), len(asked[true]))
	ends, done := map[string]int{}, map[bool]string{true: "done", false: "not done"}
	for _, isReset := range []bool{false, true} {
		for at, answered := range endsOf(asked[isReset], kills(t, 1)) {
			if is := maps.Equal(p.contents(t), reset); is != isReset {
				p.must(t, flip(is)...)
			}
			p.endAt(t, relay, at, answered, false, flip(isReset)...)
			if now := shape(); now != was {
				t.Fatalf("killed at %q, the catalogue is another: %s", asked[isReset][at-1], firstDifference(now, was))
			}
			switch now := p.contents(t); {
			case maps.Equal(now, before):
				ends[done[isReset]]++
			case maps.Equal(now, reset):
				ends[done[!isReset]]++
			default:
				t.Fatalf("killed at %q, it is neither as before nor as after", asked[isReset][at-1])
			}
		}
	}
	if maps.Equal(p.contents(t), reset) {
		p.must(t, flip(true)...)
	}
	if !maps.Equal(p.contents(t), before) {
		t.Error("in the end it is not as before")
	}
	if t.Logf("ended by the kill: %v", ends); ends["done"] == 0 || ends["not done"] == 0 {
		t.Error("not both ends were seen")
	}
}

// endsOf yields the moments at which a verb that asks these questions is ended: at its last commit, before and after
// the server has it, and at others spread over its run, by the number of the question, from 1.
func endsOf(questions []string, others int) iter.Seq2[int, bool] {
	return func(yield func(at int, answered bool) bool) {
		commit := len(questions)
		for commit > 1 && !strings.EqualFold(questions[commit-1], "commit") {
			commit--
		}
		if !yield(commit, false) || !yield(commit, true) {
			return
		}
		for i := range others {
			if !yield(1+(2*i+1)*len(questions)/(2*others), false) {
				return
			}
		}
	}
}

func flip(isReset bool) []string {
	if isReset {
		return []string{"dev", "undo", external}
	}
	return []string{"dev", "reset", "public", "--yes=public", "--no-seed", "--cascade", external}
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

// contents returns a checksum of every table and sequence.
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
