package fakedata

import (
	"context"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// TestRowsThatAreRejectedAreReplacedByOthers has constraints on what distinguishes rows, so that the row's number
// decides whether the row is allowed.
func TestRowsThatAreRejectedAreReplacedByOthers(t *testing.T) {
	db := newDatabase(t, `CREATE TABLE sevenths (id int PRIMARY KEY CHECK (id % 7 = 3), note text);
CREATE TABLE coded (id serial PRIMARY KEY, code text UNIQUE NOT NULL, CHECK (right(code, 1) < 'e'));
CREATE TABLE paired (a int NOT NULL CHECK (a BETWEEN 1 AND 30), b boolean NOT NULL, PRIMARY KEY (a, b), CHECK ((a % 3 = 0) = b))`)
	ctx := context.Background()
	for range 2 {
		plan := mustDecide(t, db, Options{Rows: 60, RowsOf: map[string]int64{"sevenths": 3000}, Seed: 1, Append: true})
		result, err := Apply(ctx, db, plan, progress.Discard)
		if err != nil {
			t.Fatal(remedy.Text(err))
		}
		for _, s := range result.Short {
			if s.Table.Name != "paired" || !strings.Contains(s.Reason, "instead of") || !strings.Contains(s.Reason, "paired_check") {
				t.Errorf("%s: %s", s.Table, s.Reason)
			}
		}
	}
	expect(t, db, 6000, "SELECT count(*) FROM sevenths")
	expect(t, db, 120, "SELECT count(*) FROM coded")
	expect(t, db, 0, `SELECT count(*) FROM naap_dev.fake f WHERE rows <> CASE table_name WHEN 'sevenths' THEN 3000 WHEN 'coded' THEN 60
ELSE (SELECT count(*) FROM paired p WHERE p.xmin::text = f.xid) END`)
}

func TestTheServerJudgesWhatWasMisread(t *testing.T) {
	db := newDatabase(t, `
CREATE FUNCTION even(int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT $1 % 2 = 0';
CREATE TABLE a (id int PRIMARY KEY, n int NOT NULL); CREATE TABLE b (id int PRIMARY KEY, a int NOT NULL REFERENCES a)`)
	plan := mustDecide(t, db, Options{Rows: 100, Seed: 1})
	// The constraint is added after the catalogue was read, as if it had been misunderstood.
	if _, err := db.Exec(context.Background(), `ALTER TABLE a ADD CHECK (even(n))`); err != nil {
		t.Fatal(err)
	}
	plan.db.tables[0].checks = []*check{{name: "a_n_check", text: "even(n)"}}
	if _, err := Apply(context.Background(), db, plan, progress.Discard); err != nil {
		t.Fatal(remedy.Text(err))
	}
	expect(t, db, 100, "SELECT count(*) FROM a WHERE n % 2 = 0")
	expect(t, db, 100, "SELECT count(*) FROM b")
}

func TestBatchesOfATableThatRefersToItself(t *testing.T) {
	db := newDatabase(t, `CREATE TABLE tree (id int PRIMARY KEY, up int NOT NULL REFERENCES tree, a int, b int, CHECK (a + b < 1500));
CREATE TABLE fork (id int PRIMARY KEY, up int NOT NULL, a int, b int, CHECK (a + b < 1500));
ALTER TABLE fork ADD FOREIGN KEY (up) REFERENCES fork DEFERRABLE`)
	mustFill(t, db, Options{Rows: 5000, Seed: 1})
	expect(t, db, 5000, "SELECT count(*) FROM tree")
	expect(t, db, 5000, "SELECT count(*) FROM fork")
	expect(t, db, 1, "SELECT count(*) FROM pg_constraint WHERE condeferrable")
}

func TestConstraintsOverWhatTheServerComputesHold(t *testing.T) {
	db := newDatabase(t, `CREATE TABLE line (id int PRIMARY KEY, price int NOT NULL, quantity int NOT NULL,
total int GENERATED ALWAYS AS (price * quantity) STORED, label text GENERATED ALWAYS AS ('no ' || id) STORED, CHECK (total BETWEEN 100 AND 2000), CHECK (length(label) > 3))`)
	mustFill(t, db, Options{Rows: 300, Seed: 1})
	expect(t, db, 300, "SELECT count(*) FROM line WHERE total BETWEEN 100 AND 2000")
}
