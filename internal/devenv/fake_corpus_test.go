package devenv

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/fakedata"
	"github.com/livepeer/naap-dev/internal/fakehints"
	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/schemaplan"
	"github.com/livepeer/naap-dev/internal/sharedtest"
)

// tooLong are names of more than 63 bytes in schemas of the collection, which the server would truncate.
var tooLong = map[string]*regexp.Regexp{
	"x-auto": regexp.MustCompile(`model (ThisIsAVeryLong\w+) \{\n`), "x-names": regexp.MustCompile(`"ünïcödé_[^"]*"`),
}

// pushed makes a database from a schema's text, and returns its name and the hints that the schema gives.
func pushed(t *testing.T, name, text string) (database string, hints fakedata.Hints) {
	t.Helper()
	ctx := context.Background()
	url := pgtest.NewDatabase(t, pgtest.With(sharedtest.Beforehand))
	target, err := dburl.ParseTarget(url)
	if err != nil {
		t.Fatal(err)
	}
	db := opening(t, url)
	defer db.Close()
	switch name {
	case "x-auto":
		text = tooLong[name].ReplaceAllString(text, "model Long {\n  @@map(\"long\")\n")
	case "x-names":
		text = tooLong[name].ReplaceAllString(text, `"short"`)
	}
	schema, err := prisma.Parse(prisma.Source{Name: "schema.prisma", Text: text})
	if err != nil {
		t.Fatal(err)
	}
	want, err := schemaplan.Desired(schema, schemaplan.External{})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := schemaplan.Compute(ctx, db, want, schemaplan.ComputeOptions{})
	if err == nil {
		_, err = schemaplan.Apply(ctx, db, plan, schemaplan.ApplyOptions{})
	}
	if err != nil {
		t.Fatal(remedy.Text(err))
	}
	return target.Database, fakehints.Of(schema, nil)
}

func opening(t *testing.T, url string) *postgres.DB {
	t.Helper()
	db, err := postgres.Open(context.Background(), url, postgres.Options{MaxConns: 6})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	return db
}

const tablesOfAll = `SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables
WHERE schemaname NOT IN ('pg_catalog', 'information_schema', 'naap_dev') AND tablename <> '_prisma_migrations' ORDER BY 1`

// checksum returns a line for each table, with a checksum of its contents.
func checksum(t *testing.T, db *postgres.DB) (sum string) {
	t.Helper()
	ctx := context.Background()
	tables, err := postgres.CollectStrings(db.Query(ctx, tablesOfAll))
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		var n int
		var hash string
		if err := db.QueryRow(ctx, fmt.Sprintf(`SELECT count(*), coalesce(sum(hashtextextended(r::text, 0))::text, '') FROM %s AS r`, table)).Scan(&n, &hash); err != nil {
			t.Fatal(err)
		}
		sum += fmt.Sprintln(table, n, hash)
	}
	return sum
}

func fill(t *testing.T, db *postgres.DB, opt fakedata.Options) *fakedata.Plan {
	t.Helper()
	ctx := context.Background()
	plan, err := fakedata.Decide(ctx, db, opt)
	if err != nil {
		t.Fatal(remedy.Text(err))
	}
	result, err := fakedata.Apply(ctx, db, plan, progress.Discard)
	if err != nil {
		t.Errorf("%s", remedy.Text(err))
	}
	for _, s := range result.Short {
		t.Errorf("%s: %s", s.Table, s.Reason)
	}
	return plan
}

// manyTables is how large a schema is that a plain run fills once only.
const manyTables = 150

// TestEverySchemaOfTheCollectionIsFilled fills each schema of the collection twice, in databases of their own: the
// server accepts every row, each table has as many as were asked for, except those that cannot, and the same seed gives
// the same rows. In one of the databases, rows with extreme values are added. Where NAAP_TEST_FAKE_ROWS is not set, a
// large schema is not filled again.
func TestEverySchemaOfTheCollectionIsFilled(t *testing.T) {
	pgtest.Long(t)
	files, err := filepath.Glob(filepath.Join(sharedtest.Path(t, "prisma/corpus"), "*.prisma"))
	if err != nil || len(files) == 0 {
		t.Fatalf("the collection has no schemas: %v", err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".prisma")
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			rows := int64(pgtest.Number(t, "NAAP_TEST_FAKE_ROWS", 50))
			empty, hints := pushed(t, name, string(text))
			var sums [2]string
			for i := range sums {
				db := opening(t, pgtest.NewDatabase(t, pgtest.Template(empty)))
				plan := fill(t, db, fakedata.Options{Rows: rows, Seed: 7, Hints: hints})
				sums[i] = checksum(t, db)
				if i == 0 {
					holdsThePlan(t, name, db, plan, rows)
					if len(plan.Tables) > manyTables && os.Getenv("NAAP_TEST_FAKE_ROWS") == "" {
						return
					}
					fill(t, db, fakedata.Options{Rows: rows, Seed: 8, Hints: hints, Append: true, Edge: true})
				}
			}
			if sums[0] != sums[1] {
				t.Errorf("the same seed gave different rows:\n%s\n%s", sums[0], sums[1])
			}
		})
	}
}

// cannotHaveMore are the collection's tables whose keys have fewer values than the rows asked for: the primary key is
// an enum, say. Every other table gets all its rows.
var cannotHaveMore = map[string]bool{"civitai public.NewOrderRank": true}

// holdsThePlan compares the rows of each table with the plan, and the plan with what was asked for.
func holdsThePlan(t *testing.T, name string, db *postgres.DB, plan *fakedata.Plan, rows int64) {
	t.Helper()
	for _, r := range plan.Refused {
		t.Errorf("%s gets no rows: %s", r.Table, r.Reason)
	}
	planned := map[string]int64{}
	for _, p := range plan.Tables {
		planned[p.Table.Quoted()] = p.Rows
		if p.Rows != rows && !(cannotHaveMore[name+" "+p.Table.String()] && p.Rows > 0 && p.Limited != "") {
			t.Errorf("%s gets %d rows: %s", p.Table, p.Rows, p.Limited)
		}
	}
	tables, err := postgres.CollectStrings(db.Query(context.Background(), tablesOfAll))
	if err != nil {
		t.Fatal(err)
	}
	if len(tables) != len(planned) {
		t.Errorf("there are %d tables, and %d are planned", len(tables), len(planned))
	}
	for table, want := range planned {
		var n int64
		if err := db.QueryRow(context.Background(), "SELECT count(*) FROM "+table).Scan(&n); err != nil || n != want {
			t.Errorf("%s has %d rows, and %d are planned: %v", table, n, want, err)
		}
	}
	t.Logf("%d tables, %d rows", len(planned), plan.Rows())
}
