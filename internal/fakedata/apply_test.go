package fakedata

import (
	"context"
	"errors"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/ledger"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
)

const shopScript = `
CREATE SCHEMA s;
CREATE TABLE s.a (id uuid PRIMARY KEY, name text UNIQUE NOT NULL, at timestamptz);
CREATE TABLE s.b (id serial PRIMARY KEY, a uuid NOT NULL REFERENCES s.a, note text);
CREATE TABLE s.c (id text PRIMARY KEY, b int NOT NULL REFERENCES s.b, a uuid UNIQUE REFERENCES s.a);
CREATE TABLE s.d (b int REFERENCES s.b, c text REFERENCES s.c, PRIMARY KEY (b, c));
CREATE TABLE s.x (id int PRIMARY KEY, y int NOT NULL); CREATE TABLE s.y (id int PRIMARY KEY, x int NOT NULL REFERENCES s.x);
ALTER TABLE s.x ADD FOREIGN KEY (y) REFERENCES s.y;`

// TestABrokenOffRunGoesOnWhereItWas ends runs with their first rows and then at random moments, half of them by killing
// naap's sessions as a lost connection would, and checks each time that tables are complete or empty, as the notes say. In
// the end the rows are those of an undisturbed run.
func TestABrokenOffRunGoesOnWhereItWas(t *testing.T) {
	const rows = 2000
	whole := newDatabase(t, shopScript)
	mustFill(t, whole, Options{Rows: rows, Seed: 3})
	want := sum(t, whole)
	r := rand.New(rand.NewPCG(3, 4))
	for round := range 4 {
		db := newDatabase(t, shopScript)
		plan := mustDecide(t, db, Options{Rows: rows, Seed: 3})
		for try := 0; ; try++ {
			after := time.Duration(r.IntN(100)*try) * time.Millisecond
			err := applyUntil(db, plan, after, round%2 == 0)
			wholeOrEmpty(t, db, rows)
			if try == 0 && err == nil {
				t.Fatal("the run was not broken off")
			}
			if err == nil {
				break
			}
			run, lookErr := ledger.LastFakeRun(context.Background(), db)
			if lookErr != nil {
				t.Fatal(lookErr)
			}
			if run == nil { // it ended before anything was noted
				plan = mustDecide(t, db, Options{Rows: rows, Seed: 3})
				continue
			}
			if plan, err = Continue(context.Background(), db, Hints{}); err != nil {
				t.Fatal(remedy.Text(err))
			}
			if try > 40 {
				mustContinueToEnd(t, db, plan)
				break
			}
		}
		if got := sum(t, db); got != want {
			t.Errorf("round %d:\n%swant\n%s", round, got, want)
		}
	}
}

func mustContinueToEnd(t *testing.T, db *postgres.DB, plan *Plan) {
	t.Helper()
	if _, err := Apply(context.Background(), db, plan, progress.Discard); err != nil {
		t.Fatal(remedy.Text(err))
	}
}

// applyUntil carries out a plan that ends after some time, or with its first rows where that is 0, by its context or
// because its sessions end.
func applyUntil(db *postgres.DB, plan *Plan, after time.Duration, cancelled bool) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	end := sync.OnceFunc(func() {
		if cancelled {
			cancel()
			return
		}
		_, _ = db.Exec(context.Background(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`)
	})
	if after == 0 {
		_, err := Apply(ctx, db, plan, func(progress.Step) { end() })
		return err
	}
	over := make(chan struct{})
	timer := time.AfterFunc(after, func() {
		defer close(over)
		end()
	})
	_, err := Apply(ctx, db, plan, progress.Discard)
	if !timer.Stop() {
		<-over
	}
	return err
}

func wholeOrEmpty(t *testing.T, db *postgres.DB, rows int64) {
	t.Helper()
	noted := map[string]bool{}
	if run, err := ledger.LastFakeRun(context.Background(), db); err != nil {
		t.Fatal(err)
	} else if run != nil {
		for _, table := range run.Tables {
			noted[table.Table.Name] = table.Done
		}
	}
	for _, name := range []string{"a", "b", "c", "d", "x", "y"} {
		want := int64(0)
		if noted[name] {
			want = rows
		}
		expect(t, db, want, "SELECT count(*) FROM s."+name)
	}
}

func TestWhatWasMadeUpCanBeRemoved(t *testing.T) {
	db := newDatabase(t, shopScript+`INSERT INTO s.a VALUES ('00000000-0000-0000-0000-000000000001', 'mine'); INSERT INTO s.b (a) SELECT id FROM s.a;`)
	ctx := context.Background()
	before := sum(t, db)
	mustFill(t, db, Options{Rows: 200, Seed: 1, Append: true})
	mustFill(t, db, Options{Rows: 50, Seed: 2, Append: true})
	if rows, err := Clean(ctx, db); err != nil || rows != 6*250 {
		t.Fatalf("%d rows were removed: %v", rows, err)
	}
	if got := sum(t, db); got != before {
		t.Errorf("what was there before is\n%snow\n%s", before, got)
	}
	mustFill(t, db, Options{Rows: 10, Seed: 1, Append: true})
	if _, err := db.Exec(ctx, `INSERT INTO s.b (a, note) SELECT id, 'mine too' FROM s.a WHERE name <> 'mine' LIMIT 1`); err != nil {
		t.Fatal(err)
	}
	_, err := Clean(ctx, db)
	if remedy.Code(err) != "fake.referenced" || remedy.Exit(err) != remedy.ExitRefused {
		t.Errorf("a row of mine refers to a made-up one, and Clean says %v", err)
	}
	expect(t, db, 11, "SELECT count(*) FROM s.a")
}

// TestNotesThatWereCopiedAreNotBelieved rewrites the notes and rows, as restoring a dump does.
func TestNotesThatWereCopiedAreNotBelieved(t *testing.T) {
	db := newDatabase(t, shopScript)
	ctx := context.Background()
	mustFill(t, db, Options{Rows: 20, Seed: 1})
	for _, sql := range []string{`CREATE TABLE kept AS TABLE naap_dev.fake`, `DELETE FROM naap_dev.fake`, `INSERT INTO naap_dev.fake TABLE kept`,
		`UPDATE s.b SET note = 'mine'`, `UPDATE kept SET xid = (SELECT xmin::text FROM s.b LIMIT 1)`} {
		if _, err := db.Exec(ctx, sql); err != nil {
			t.Fatal(err)
		}
	}
	rows, err := Clean(ctx, db)
	if remedy.Code(err) != "fake.copied" || remedy.Exit(err) != remedy.ExitRefused || rows != 0 {
		t.Errorf("%d rows were removed: %v", rows, err)
	}
	expect(t, db, 20, "SELECT count(*) FROM s.b")
}

func TestARunIsNotContinuedOverOtherTables(t *testing.T) {
	db := newDatabase(t, shopScript)
	ctx := context.Background()
	if _, err := Continue(ctx, db, Hints{}); remedy.Code(err) != "fake.finished" {
		t.Errorf("nothing was begun, and Continue says %v", err)
	}
	plan := mustDecide(t, db, Options{Rows: 40000, Seed: 1})
	if err := applyUntil(db, plan, 0, true); !errors.Is(err, context.Canceled) {
		t.Fatalf("the run was not broken off: %v", err)
	}
	if _, err := db.Exec(ctx, `ALTER TABLE s.b ADD COLUMN more text`); err != nil {
		t.Fatal(err)
	}
	if _, err := Continue(ctx, db, Hints{}); remedy.Code(err) != "fake.changed" {
		t.Errorf("a table has a new column, and Continue says %v", err)
	}
}

func TestProgressSaysHowFarItIs(t *testing.T) {
	db := newDatabase(t, shopScript)
	plan := mustDecide(t, db, Options{Rows: 20000, Seed: 1})
	var last atomic.Int64
	_, err := Apply(context.Background(), db, plan, func(s progress.Step) {
		if s.Total != plan.Rows() || s.Unit != "rows" {
			t.Errorf("a step says %d of %d %s", s.Done, s.Total, s.Unit)
		}
		last.Store(max(last.Load(), s.Done))
	})
	if err != nil {
		t.Fatal(remedy.Text(err))
	}
	if last.Load() < plan.Rows()/10 {
		t.Errorf("the last step said %d of %d rows", last.Load(), plan.Rows())
	}
}

// TestMemoryDoesNotGrowWithTheRows reads the rows of a table that refers to others without a server, first a few and
// then many.
func TestMemoryDoesNotGrowWithTheRows(t *testing.T) {
	db := newDatabase(t, shopScript)
	var peaks [2]uint64
	for i, rows := range []int64{2_000, 400_000} {
		plan := mustDecide(t, db, Options{Rows: rows, Seed: 1})
		for _, name := range []string{"c", "d"} {
			table := plan.db.table(postgres.TableRef{Schema: "s", Name: name})
			reader := table.reader(plan, table.written(), 0, rows)
			buf := make([]byte, chunk)
			for n := 0; ; n++ {
				if _, err := reader.Read(buf); err != nil {
					break
				}
				if n%50 == 0 {
					var m runtime.MemStats
					runtime.GC()
					runtime.ReadMemStats(&m)
					peaks[i] = max(peaks[i], m.HeapAlloc)
				}
			}
		}
	}
	if peaks[1] > peaks[0]+4<<20 {
		t.Errorf("with few rows %d bytes are held, with many %d", peaks[0], peaks[1])
	}
}

func TestCountsAreReadFromAFile(t *testing.T) {
	for _, text := range []string{"# counts\npublic.User 1_200\n\nOrder,7\n", `{"public.User": 1200, "Order": 7}`, "public.User: 1200\nOrder=7"} {
		counts, err := ParseCounts("counts.txt", text)
		if err != nil || len(counts) != 2 || counts["public.User"] != 1200 || counts["Order"] != 7 {
			t.Errorf("%q: %v, %v", text, counts, err)
		}
	}
	_, err := ParseCounts("counts.txt", "a 1\nb many\n")
	if remedy.Code(err) != "fake.counts" || !strings.Contains(remedy.Text(err), "counts.txt:2") {
		t.Errorf("%s", remedy.Text(err))
	}
	_, err = ParseCounts("counts.json", "{\n  \"a\": 1,\n  \"b\": -5\n}")
	if remedy.Code(err) != "fake.counts" || !strings.Contains(remedy.Text(err), "counts.json:3") {
		t.Errorf("%s", remedy.Text(err))
	}
	db := newDatabase(t, shopScript)
	plan := mustFill(t, db, Options{RowsOf: map[string]int64{"s.b": 30, "a": 12}})
	if got, want := plan.String(), "        12 rows  s.a\n        30 rows  s.b\n"; got != want {
		t.Errorf("the plan is\n%swant\n%s", got, want)
	}
	if _, err := Decide(context.Background(), db, Options{RowsOf: map[string]int64{"nothing": 3}}); remedy.Code(err) != "fake.unknown" {
		t.Errorf("an unknown table: %v", err)
	}
}
