package schemaplan

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
)

const byHand = `CREATE DOMAIN mail AS text CHECK (VALUE ~ '@' OR VALUE ~ 'x'); CREATE DOMAIN short AS varchar(20) NOT NULL; CREATE DOMAIN shorter AS short;
	CREATE DOMAIN count AS int CHECK (VALUE >= 0); CREATE DOMAIN price AS numeric(10,2) DEFAULT 1; CREATE DOMAIN moment AS timestamptz(3); CREATE DOMAIN list AS int[];
	CREATE TYPE mood AS ENUM ('sad', 'glad'); CREATE DOMAIN moods AS mood;`

var handTypes = []string{
	"text", "int", "bigint", "numeric(10,2)", "timestamp(3)", "boolean", "varchar(20)", "uuid", "mood", "int[]", "text[]",
	"mail", "short", "shorter", "count", "price", "moment", "list", "moods", "mail[]", "interval", "interval[]",
}

// handMade returns a table with random columns, indexes and constraints.
func handMade(r *rand.Rand, name string) string {
	pick := func(list ...string) string { return list[r.IntN(len(list))] }
	columns := []string{"id int PRIMARY KEY"}
	var names, texts []string
	for i := range 3 + r.IntN(5) {
		kind, c := pick(handTypes...), fmt.Sprintf("c%d", i)
		line := c + " " + kind + pick("", "", " NOT NULL")
		if kind == "text" || kind == "mail" || kind == "short" {
			texts = append(texts, c)
			line += pick("", " DEFAULT 'x'")
		}
		names, columns = append(names, c), append(columns, line)
	}
	sql := fmt.Sprintf("CREATE TABLE %s (%s);\n", name, strings.Join(columns, ", "))
	column := func() string {
		if len(texts) > 0 && r.IntN(3) == 0 {
			return pick(texts...) + pick("", ` COLLATE "C"`, " text_pattern_ops", " varchar_pattern_ops") + pick("", " DESC")
		}
		return pick(names...) + pick("", "", " DESC", " NULLS FIRST", " DESC NULLS LAST")
	}
	for i := range r.IntN(7) {
		on := column()
		if second := column(); r.IntN(2) == 0 && strings.Fields(second)[0] != strings.Fields(on)[0] {
			on += ", " + second
		}
		unique := pick("", "UNIQUE ")
		tail := ""
		if c := pick(names...); !strings.Contains(on, c) && r.IntN(3) == 0 { // Prisma pulls a key's own column twice, and refuses that
			tail = fmt.Sprintf(" INCLUDE (%s)", c)
		}
		if unique != "" {
			tail += pick("", "", " NULLS NOT DISTINCT")
		}
		tail += pick("", "", " WITH (fillfactor = 50)", fmt.Sprintf(" WHERE %s IS NOT NULL", pick(names...)))
		sql += fmt.Sprintf("CREATE %sINDEX %s_i%d ON %s (%s)%s;\n", unique, name, i, name, on, tail)
	}
	for range r.IntN(3) {
		on, include := pick(names...), pick(names...)
		if on != include {
			on += pick(") INCLUDE ("+include, ", "+include, "")
		}
		sql += fmt.Sprintf("ALTER TABLE %s ADD UNIQUE%s (%s)%s;\n", name, pick("", " NULLS NOT DISTINCT"), on, pick("", "", " DEFERRABLE INITIALLY DEFERRED"))
	}
	return sql + pick("", fmt.Sprintf("ALTER TABLE %s ADD CHECK (id > 0);\n", name), fmt.Sprintf("CREATE INDEX ON %s ((id + 1));\n", name),
		fmt.Sprintf("CREATE INDEX %s_hash ON %s USING hash (%s);\n", name, name, pick(names...)))
}

// pull returns what real Prisma's db pull writes.
func pull(t *testing.T, url string) string {
	t.Helper()
	home := os.Getenv("PRISMA_ORACLE")
	if home == "" {
		dir, err := os.UserHomeDir()
		if err != nil {
			t.Fatal(err)
		}
		home = filepath.Join(dir, ".cache", "prisma-oracle")
	}
	file := filepath.Join(t.TempDir(), "schema.prisma")
	if err := os.WriteFile(file, []byte(head), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("node", "--no-warnings", filepath.Join(home, "oracle.mjs"), "pull", file, url)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("db pull: %v\n%s", err, said.String())
	}
	return string(out)
}

var indexLine = regexp.MustCompile(`(?m)^ *@@(index|unique)\(.*\n| @unique(\([^)]*\))?`)

// TestAPushOfWhatDBPullWritesLeavesHandMadeThingsAsTheyAre creates random tables by hand and pushes what real Prisma
// pulls from them: nothing changes, except for what the file itself lost. Then an index is removed from the file: it is
// dropped only once it was named.
func TestAPushOfWhatDBPullWritesLeavesHandMadeThingsAsTheyAre(t *testing.T) {
	askOracle(t)
	seed, steps := uint64(pgtest.Number(t, "NAAP_TEST_SEED", 1)), pgtest.Number(t, "NAAP_TEST_STEPS", 30)
	const perDatabase = 20
	gone := 0
	for first := 0; first < steps; first += perDatabase {
		r := rand.New(rand.NewPCG(seed, uint64(first)))
		url, db := database(t)
		run(t, db, byHand)
		made := map[string]string{}
		for i := range min(perDatabase, steps-first) {
			name := fmt.Sprintf("t%d", i)
			for made[name] == "" {
				sql := handMade(r, name)
				if tryRun(db, sql) == nil { // what the server refuses, such as an operator class of another type, is not a case
					made[name] = sql
				}
			}
		}
		text, before := pull(t, url), catalogue(t, url)
		p := plan(t, db, text)
		// db pull writes one of several equal indexes, and one unique attribute for a column: the others are named as
		// dropped.
		if len(p.filter(func(s *Step) bool { return s.Kind != dropIndex })) > 0 {
			t.Fatalf("seed %d, from %d: the push of what was pulled changes what it did not lose\n%s\nof the file\n%s\nmade by %v", seed, first, p.SQL(), text, made)
		}
		gone += takeIndexesOut(t, r, url, db, text, before)
		db.Close()
	}
	t.Logf("seed %d, %d tables, %d indexes taken out of the file", seed, steps, gone)
}

// tryRun runs SQL in one transaction.
func tryRun(db *postgres.DB, sql string) error {
	tx, err := db.Begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback(ctx)
	for statement := range strings.SplitSeq(strings.TrimSpace(sql), ";\n") {
		if _, err := tx.Exec(ctx, statement); err != nil {
			return err
		}
	}
	return tx.Commit(ctx)
}

// takeIndexesOut removes a few indexes from the file, one after the other. Without permission a push leaves the
// catalogue as it is, unless another index does the same as a dropped one.
func takeIndexesOut(t *testing.T, r *rand.Rand, url string, db *postgres.DB, text, before string) int {
	t.Helper()
	n := 0
	for i := range 12 {
		all := indexLine.FindAllStringIndex(text, -1)
		if len(all) == 0 {
			break
		}
		if at := all[r.IntN(len(all))]; i > 0 { // the first time as it was pulled
			text = text[:at[0]] + text[at[1]:]
			n++
		}
		p := plan(t, db, text)
		_, err := Apply(ctx, db, p, ApplyOptions{})
		after := catalogue(t, url)
		summary := strings.Join(p.Summary(remedy.Target{}), "\n")
		switch {
		case err != nil && after != before:
			t.Fatalf("a refused push changed something:\n%s", differences(before, after))
		case err != nil && remedy.Code(err) != "push.weakens":
			t.Fatalf("it is refused with %s\n%s", remedy.Text(err), summary)
		case err == nil && p.Destructive():
			t.Fatalf("it was pushed without a permission\n%s", summary)
		}
		for line := range strings.SplitSeq(differences(before, after), "\n") {
			if m := indexGone.FindStringSubmatch(line); m != nil && !strings.Contains(summary, m[1]) {
				t.Fatalf("%s\nis not in the plan\n%s", line, summary)
			}
		}
		if _, err := Apply(ctx, db, p, ApplyOptions{AllowLoss: true}); err != nil && remedy.Code(err) != "push.stale" {
			t.Fatalf("with the permission: %s\n%s", remedy.Text(err), p.SQL())
		}
		before = catalogue(t, url)
		if again := plan(t, db, text); !again.Empty() {
			t.Fatalf("the second push is not empty\n%s", again.SQL())
		}
	}
	return n
}

var indexGone = regexp.MustCompile(`^- index \| .* INDEX (\w+) ON`)
