package devenv_test

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/seedfile"
	"github.com/livepeer/naap-dev/internal/seeding"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// builtinSeeds returns the built-in seeds in a folder that a test can change.
func builtinSeeds(t *testing.T, w *workspace.Workspace) fstest.MapFS {
	t.Helper()
	files := fstest.MapFS{}
	check(t, fs.WalkDir(w.Seeds.Files(t.Context()), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(w.Seeds.Files(t.Context()), path)
		files[path] = &fstest.MapFile{Data: data}
		return err
	}))
	return files
}

func applySeeds(ctx context.Context, t *testing.T, db *postgres.DB, files fs.FS, opt seeding.Options) (seeding.Result, error) {
	t.Helper()
	list, err := seedfile.Discover(files, "seeds")
	check(t, err)
	plan, err := seeding.Decide(context.Background(), db, list, opt)
	if err != nil {
		return seeding.Result{}, err
	}
	return seeding.Apply(ctx, db, plan, progress.Discard)
}

// seededContents returns a line for each table, without what the server's own clock gave.
func seededContents(t *testing.T, db *postgres.DB) string {
	t.Helper()
	ctx := context.Background()
	tables, err := postgres.CollectStrings(db.Query(ctx, `SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables
WHERE schemaname NOT IN ('pg_catalog', 'information_schema', 'naap_dev') ORDER BY 1`))
	check(t, err)
	var b strings.Builder
	for _, table := range tables {
		var line string
		check(t, db.QueryRow(ctx, fmt.Sprintf(`SELECT count(*) || ' ' || coalesce(sum(hashtextextended((SELECT jsonb_object_agg(key, value) FROM jsonb_each(to_jsonb(r))
WHERE value #>> '{}' !~ ('^(' || to_char(now(), 'YYYY-MM-') || '|' || to_char(now() - interval '1 hour', 'YYYY-MM-') || ')'))::text, 0))::text, '') FROM %s AS r`, table)).Scan(&line))
		fmt.Fprintln(&b, table, line)
	}
	return b.String()
}

// brokenInTheMiddle returns a script with a failing statement in its middle.
func brokenInTheMiddle(t *testing.T, name, text string) string {
	t.Helper()
	f, err := seedfile.Parse(name, name, []byte(text))
	check(t, err)
	statements, err := f.Statements()
	check(t, err)
	if len(statements) < 2 {
		t.Fatalf("%s has %d statements, and no middle", name, len(statements))
	}
	middle := statements[len(statements)/2].Text
	return strings.Replace(text, middle, "INSERT INTO nowhere.nothing VALUES (1);\n"+middle, 1)
}

// aTime finds how far apart rows are in time.
var aTime = regexp.MustCompile(`interval '(\d)`)

// withOtherTimes returns a script whose rows have other times.
func withOtherTimes(text string) string { return aTime.ReplaceAllString(text, "interval '1$1") }

// rowCounts returns the tables with their numbers of rows.
func rowCounts(contents string) string {
	var b strings.Builder
	for line := range strings.Lines(contents) {
		if fields := strings.Fields(line); len(fields) > 1 {
			fmt.Fprintln(&b, fields[0], fields[1])
		}
	}
	return b.String()
}

// TestTheBuiltinSeedsComeOutTheSameWhateverHappens applies them twice, changed and changed back, broken in the middle,
// and interrupted at random moments: each time the tables hold what one clean run brings.
func TestTheBuiltinSeedsComeOutTheSameWhateverHappens(t *testing.T) {
	db, w := builtinDatabase(t)
	ctx := context.Background()
	files := builtinSeeds(t, w)
	anew := seeding.Options{Changed: true, Force: true}
	first, err := applySeeds(ctx, t, db, files, seeding.Options{})
	check(t, err)
	want := seededContents(t, db)
	if first.Rows == 0 || !strings.Contains(want, ` `) {
		t.Fatalf("the seeds brought %d rows", first.Rows)
	}
	same := func(when string) {
		t.Helper()
		if got := seededContents(t, db); got != want {
			t.Errorf("%s:\n%swant\n%s", when, got, want)
		}
	}
	again, err := applySeeds(ctx, t, db, files, seeding.Options{Changed: true})
	check(t, err)
	if len(again.Applied) != 0 {
		t.Errorf("a second run applied %d files", len(again.Applied))
	}
	forced, err := applySeeds(ctx, t, db, files, anew)
	check(t, err)
	if forced.Rows != first.Rows {
		t.Errorf("applied again they bring %d rows, and the first time %d", forced.Rows, first.Rows)
	}
	same("applied again")

	for i, name := range slices.Sorted(maps.Keys(files)) {
		if !strings.HasSuffix(name, ".sql") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			if i > 1 {
				pgtest.Long(t)
			}
			text := string(files[name].Data)
			files[name].Data = []byte(brokenInTheMiddle(t, name, text))
			if _, err := applySeeds(ctx, t, db, files, seeding.Options{Changed: true}); remedy.Code(err) != "seed.failed" {
				t.Errorf("broken in the middle: %v", err)
			}
			same(name + " broken in the middle")
			files[name].Data = []byte(withOtherTimes(text))
			other, err := applySeeds(ctx, t, db, files, seeding.Options{Changed: true})
			check(t, err)
			if got := seededContents(t, db); got == want || rowCounts(got) != rowCounts(want) || len(other.Applied) != 1 {
				t.Errorf("with rows changed, %d files applied:\n%swant other rows than\n%s", len(other.Applied), got, want)
			}
			files[name].Data = []byte(text)
			_, err = applySeeds(ctx, t, db, files, seeding.Options{Changed: true})
			check(t, err)
			same(name + " changed and changed back")
		})
	}

	r := rand.New(rand.NewPCG(5, 6))
	for round := range pgtest.Number(t, "NAAP_TEST_STEPS", 30) / 10 { // a round takes as long as many steps
		ending, cancel := context.WithTimeout(ctx, time.Duration(r.IntN(300))*time.Millisecond)
		_, _ = applySeeds(ending, t, db, files, anew)
		cancel()
		_, err := applySeeds(ctx, t, db, files, seeding.Options{Changed: true})
		check(t, err)
		same(fmt.Sprintf("broken off, round %d", round))
	}
}
