package fakedata

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// newDatabase returns a new database with what the script creates in it.
func newDatabase(t testing.TB, script string) *postgres.DB {
	t.Helper()
	url := pgtest.NewDatabase(t)
	db, err := postgres.Open(context.Background(), url, postgres.Options{MaxConns: 6})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	pgtest.Exec(t, url, script)
	return db
}

func mustDecide(t testing.TB, db *postgres.DB, opt Options) *Plan {
	t.Helper()
	plan, err := Decide(context.Background(), db, opt)
	if err != nil {
		t.Fatal(remedy.Text(err))
	}
	return plan
}

// mustFill makes the rows, and fails where a table does not get them.
func mustFill(t testing.TB, db *postgres.DB, opt Options) *Plan {
	t.Helper()
	plan := mustDecide(t, db, opt)
	if len(plan.Refused) > 0 {
		t.Errorf("refused:\n%s", plan)
	}
	result, err := Apply(context.Background(), db, plan, progress.Discard)
	if err != nil {
		t.Fatal(remedy.Text(err))
	}
	if result.Rows != plan.Rows() {
		t.Errorf("%d rows were made, and %d planned", result.Rows, plan.Rows())
	}
	return plan
}

func number(t testing.TB, db *postgres.DB, sql string, args ...any) int64 {
	t.Helper()
	var n int64
	if err := db.QueryRow(context.Background(), sql, args...).Scan(&n); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return n
}

// expect compares the result of a query that counts rows.
func expect(t testing.TB, db *postgres.DB, want int64, sql string) {
	t.Helper()
	if got := number(t, db, sql); got != want {
		t.Errorf("%s: %d, want %d", sql, got, want)
	}
}

// sum returns a hash of all that the tables hold.
func sum(t testing.TB, db *postgres.DB) string {
	t.Helper()
	ctx := context.Background()
	tables, err := postgres.CollectStrings(db.Query(ctx, `SELECT quote_ident(schemaname) || '.' || quote_ident(tablename) FROM pg_tables
WHERE schemaname NOT IN ('pg_catalog', 'information_schema', 'naap_dev') ORDER BY 1`))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, table := range tables {
		var n int64
		var hash *string
		if err := db.QueryRow(ctx, fmt.Sprintf(`SELECT count(*), sum(hashtextextended(r::text, 0))::text FROM %s AS r`, table)).Scan(&n, &hash); err != nil {
			t.Fatal(err)
		}
		if hash == nil {
			hash = new(string)
		}
		fmt.Fprintln(&b, table, n, *hash)
	}
	return b.String()
}

// tablesWith returns the plan's tables with that many rows.
func (p *Plan) tablesWith(rows int64) []postgres.TableRef {
	var list []postgres.TableRef
	for _, t := range p.Tables {
		if t.Rows == rows {
			list = append(list, t.Table)
		}
	}
	return list
}
