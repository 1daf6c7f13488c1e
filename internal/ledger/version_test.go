package ledger

import (
	"context"
	"os"
	"strings"
	"testing"

	"golang.org/x/sync/errgroup"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// prepare prepares the ledger in a transaction of its own.
func prepare(ctx context.Context, db *postgres.DB) error {
	return db.InTx(ctx, func(tx postgres.Tx) error { return Prepare(ctx, tx) })
}

// shape returns the ledger's tables, with their columns and keys, a line each.
func shape(t *testing.T, db *postgres.DB) string {
	t.Helper()
	lines, err := postgres.CollectStrings(db.Query(t.Context(), `
SELECT format('%s.%s %s not null %s default %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid))
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = 'r' LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relnamespace = 'naap_dev'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
UNION ALL SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint WHERE connamespace = 'naap_dev'::regnamespace
ORDER BY 1`))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

func TestALedgerFromBeforeVersionsIsTakenOver(t *testing.T) {
	text, err := os.ReadFile("testdata/version0.sql")
	if err != nil {
		t.Fatal(err)
	}
	fresh, old := open(t), open(t, string(text))
	if err := prepare(t.Context(), fresh); err != nil {
		t.Fatal(err)
	}
	was := rows(t, old)
	if err := prepare(t.Context(), old); err != nil {
		t.Fatal(err)
	}
	if got, want := shape(t, old), shape(t, fresh); got != want {
		t.Errorf("its tables are\n%s\nwant\n%s", got, want)
	}
	if now := rows(t, old); now != was {
		t.Errorf("its rows are\n%s\nand were\n%s", now, was)
	}
	if e := read(t, old); e == nil || e.Root != "/home/ada/shop" || e.How != Made {
		t.Errorf("its owner is %+v", e)
	}
}

// rows returns the contents of the ledger's tables, without its version, a line for each row.
func rows(t *testing.T, db *postgres.DB) string {
	t.Helper()
	var all []string
	for _, table := range []string{"workspace", "seed", "seed_rows", "seed_changed", "baseline", "undo", "fake_run", "fake"} {
		lines, err := postgres.CollectStrings(db.Query(t.Context(), `SELECT '`+table+` ' || r::text FROM naap_dev.`+table+` r ORDER BY 1`))
		if err != nil {
			t.Fatal(err)
		}
		if len(lines) == 0 {
			t.Errorf("the table %s has no row to be kept", table)
		}
		all = append(all, lines...)
	}
	return strings.Join(all, "\n")
}

// An older ledger may have any of the tables, with the columns that they had first.
func TestAPartOfALedgerIsCompleted(t *testing.T) {
	fresh := open(t)
	if err := prepare(t.Context(), fresh); err != nil {
		t.Fatal(err)
	}
	for name, sql := range map[string]string{
		"only the schema": `CREATE SCHEMA naap_dev`,
		"seeds without digests": `CREATE SCHEMA naap_dev; CREATE TABLE naap_dev.seed (name text PRIMARY KEY, schema_name text NOT NULL, hash text NOT NULL,
			applied_at timestamptz NOT NULL, rows bigint NOT NULL, took interval NOT NULL);
			CREATE TABLE naap_dev.seed_rows (seed text NOT NULL REFERENCES naap_dev.seed ON DELETE CASCADE, schema_name text NOT NULL, table_name text NOT NULL,
			keys jsonb NOT NULL, PRIMARY KEY (seed, schema_name, table_name))`,
		"made-up rows without their last number": `CREATE SCHEMA naap_dev; CREATE TABLE naap_dev.fake_run (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, seed bigint NOT NULL,
			options jsonb NOT NULL, structure text NOT NULL, began timestamptz NOT NULL DEFAULT now(), ended timestamptz);
			CREATE TABLE naap_dev.fake (run bigint NOT NULL REFERENCES naap_dev.fake_run ON DELETE CASCADE, schema_name text NOT NULL, table_name text NOT NULL,
			rows bigint NOT NULL, first bigint NOT NULL, starts jsonb NOT NULL, xid text, done timestamptz, PRIMARY KEY (run, schema_name, table_name))`,
	} {
		db := open(t, sql)
		for range 2 { // the second time it does nothing
			if err := prepare(t.Context(), db); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if got, want := shape(t, db), shape(t, fresh); got != want {
			t.Errorf("%s: its tables are\n%s\nwant\n%s", name, got, want)
		}
	}
}

func TestTwoThatPrepareAtOnceBothSucceed(t *testing.T) {
	for range 5 {
		db := open(t)
		g, ctx := errgroup.WithContext(t.Context())
		for range 4 {
			g.Go(func() error { return prepare(ctx, db) })
		}
		if err := g.Wait(); err != nil {
			t.Fatal(err)
		}
		var n int
		if err := db.QueryRow(t.Context(), `SELECT count(*) FROM naap_dev.version`).Scan(&n); err != nil || n != newestVersion {
			t.Fatalf("%d versions are noted, %v", n, err)
		}
	}
}

// The second looks again once it has the lock: it does not make what the first has committed meanwhile.
func TestOneThatWaitedForAnotherFindsTheLedger(t *testing.T) {
	db := open(t)
	first, err := db.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer postgres.Rollback(t.Context(), first)
	if err := Prepare(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	second := make(chan error, 1)
	go func() { second <- prepare(t.Context(), db) }()
	const waits = `SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
	AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))`
	for waiting := false; !waiting; {
		if err := db.QueryRow(t.Context(), waits).Scan(&waiting); err != nil {
			t.Fatal(err)
		}
	}
	if err := first.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-second; err != nil {
		t.Error(err)
	}
}

func TestANewerLedgerIsRefused(t *testing.T) {
	db := open(t)
	if err := prepare(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	if err := note(t, db, nil, Entry{How: Made}); err != nil {
		t.Fatal(err)
	}
	for _, sql := range []string{`INSERT INTO naap_dev.version (version) VALUES (1000)`, `ALTER TABLE naap_dev.workspace RENAME COLUMN how TO why`} {
		if _, err := db.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	_, err := Read(t.Context(), db)
	for what, err := range map[string]error{"reading": err, "writing": note(t, db, nil, Entry{How: Adopted})} {
		if text := remedy.Text(err); remedy.Code(err) != "ledger.newer" || !strings.Contains(text, "version 1000; this naap knows version 1") {
			t.Errorf("%s: the error is %s", what, text)
		}
	}
}

func TestARoleThatMayNotMakeTheLedgerIsTold(t *testing.T) {
	const role = "naap_test_ledger_guest"
	pgtest.Exec(t, pgtest.URL(t), `CREATE ROLE `+role)
	t.Cleanup(func() { pgtest.Exec(t, pgtest.URL(t), `DROP ROLE `+role) })
	for before, want := range map[string]string{
		"": `GRANT CREATE ON DATABASE "`,
		`CREATE SCHEMA naap_dev; CREATE TABLE naap_dev.undo (id int); GRANT USAGE ON SCHEMA naap_dev TO PUBLIC;
			DO $$ BEGIN EXECUTE format('GRANT CREATE ON DATABASE %I TO PUBLIC', current_database()); END $$`: "which made the schema naap_dev",
	} {
		err := open(t, before).InTx(t.Context(), func(tx postgres.Tx) error {
			if _, err := tx.Exec(t.Context(), `SET LOCAL ROLE `+role); err != nil {
				return err
			}
			return Prepare(t.Context(), tx)
		})
		text := remedy.Text(err)
		if remedy.Code(err) != "ledger.denied" || !strings.Contains(text, want) || !strings.Contains(text, "the role "+role+" may not") || !postgres.HasCode(err, "42501") {
			t.Errorf("after %q the error is %s", before, text)
		}
	}
}

func TestATransactionAsksOnceWhatVersionItsLedgerHas(t *testing.T) {
	err := open(t).InTx(t.Context(), func(tx postgres.Tx) error {
		tx = Within(tx)
		if e, err := Read(t.Context(), tx); e != nil || err != nil {
			t.Errorf("without a ledger its entry is %v, %v", e, err)
		}
		if err := Prepare(t.Context(), tx); err != nil { // what was not there is looked for again
			return err
		}
		if _, err := tx.Exec(t.Context(), `DROP TABLE naap_dev.version`); err != nil {
			return err
		}
		if list, err := Undos(t.Context(), tx, false); len(list) > 0 || err != nil {
			t.Errorf("the entries are %v, %v", list, err)
		}
		return Note(t.Context(), tx, nil, Entry{How: Made})
	})
	if err != nil {
		t.Error(err)
	}
}
