package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/livepeer/naap-dev/internal/postgres"
)

// FakeRun is a run of made-up rows, as package fakedata describes it.
type FakeRun struct {
	ID        int64
	Seed      int64
	Options   json.RawMessage
	Structure string // a fingerprint of the tables
	Ended     bool
	Tables    []FakeTable
}

// FakeTable is a table of a run.
type FakeTable struct {
	Table  postgres.TableRef
	Rows   int64
	First  int64           // the number of its first row
	Starts json.RawMessage // where each column's values start: {"column": …}
	Done   bool            // it has all its rows; otherwise it has none
}

// LastFakeRun returns the last run, or nil if there was none.
func LastFakeRun(ctx context.Context, q postgres.Querier) (*FakeRun, error) {
	if there, err := has(ctx, q, "fake"); err != nil || !there {
		return nil, err
	}
	var r FakeRun
	err := q.QueryRow(ctx, `SELECT id, seed, options, structure, ended IS NOT NULL FROM naap_dev.fake_run ORDER BY id DESC LIMIT 1`).
		Scan(&r.ID, &r.Seed, &r.Options, &r.Structure, &r.Ended)
	if errors.Is(err, postgres.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the notes of made-up rows: %w", err)
	}
	r.Tables, err = postgres.Collect(ctx, q, func(t *FakeTable) []any {
		return []any{&t.Table.Schema, &t.Table.Name, &t.Rows, &t.First, &t.Starts, &t.Done}
	}, `SELECT schema_name, table_name, rows, first, starts, done IS NOT NULL FROM naap_dev.fake WHERE run = $1`, r.ID)
	if err != nil {
		return nil, fmt.Errorf("read the notes of made-up rows: %w", err)
	}
	return &r, nil
}

// BeginFakeRun records a new run with all its tables, and sets its number.
func BeginFakeRun(ctx context.Context, tx postgres.Tx, r *FakeRun) error {
	err := tx.QueryRow(ctx, `INSERT INTO naap_dev.fake_run (seed, options, structure) VALUES ($1, $2, $3) RETURNING id`, r.Seed, r.Options, r.Structure).Scan(&r.ID)
	if err != nil {
		return fmt.Errorf("note the run: %w", err)
	}
	b := &postgres.Batch{}
	for _, t := range r.Tables {
		b.Queue(`INSERT INTO naap_dev.fake (run, schema_name, table_name, rows, first, starts) VALUES ($1, $2, $3, $4, $5, $6)`,
			r.ID, t.Table.Schema, t.Table.Name, t.Rows, t.First, t.Starts)
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return fmt.Errorf("note the run: %w", err)
	}
	return nil
}

// NoteFilled marks a table of a run done, in the transaction that filled it, by whose number the rows are found again.
func NoteFilled(ctx context.Context, tx postgres.Tx, run int64, t postgres.TableRef, rows, last int64) error {
	_, err := tx.Exec(ctx, `UPDATE naap_dev.fake SET done = clock_timestamp(), xid = pg_current_xact_id()::xid::text, rows = $4, last = $5
WHERE run = $1 AND schema_name = $2 AND table_name = $3`, run, t.Schema, t.Name, rows, last)
	if err != nil {
		return fmt.Errorf("note that %s is filled: %w", t, err)
	}
	return nil
}

// EndFakeRun records the end of a run that filled every table.
func EndFakeRun(ctx context.Context, q postgres.Querier, run int64) error {
	if _, err := q.Exec(ctx, `UPDATE naap_dev.fake_run SET ended = now() WHERE id = $1`, run); err != nil {
		return fmt.Errorf("note the end of the run: %w", err)
	}
	return nil
}

// Filled is a table with made-up rows, and the transactions that wrote them.
type Filled struct {
	Table postgres.TableRef
	XIDs  []string
}

// FilledTables returns the tables with made-up rows that still exist. copied is the number of notes that were copied
// with the database's contents: a note was written by the transaction that it names, unless it was copied. A copy of
// the database's files, such as a snapshot, changes neither.
func FilledTables(ctx context.Context, tx postgres.Tx) (list []Filled, copied int, err error) {
	if there, err := has(ctx, tx, "fake"); err != nil || !there {
		return nil, 0, err
	}
	if err := tx.QueryRow(ctx, `SELECT count(*) FROM naap_dev.fake WHERE done IS NOT NULL AND xmin::text <> xid`).Scan(&copied); err != nil {
		return nil, 0, fmt.Errorf("read the notes of made-up rows: %w", err)
	}
	list, err = postgres.Collect(ctx, tx, func(f *Filled) []any { return []any{&f.Table.Schema, &f.Table.Name, &f.XIDs} },
		`SELECT schema_name, table_name, array_agg(xid) FROM naap_dev.fake
WHERE done IS NOT NULL AND to_regclass(quote_ident(schema_name) || '.' || quote_ident(table_name)) IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2`)
	if err != nil {
		return nil, 0, fmt.Errorf("read the notes of made-up rows: %w", err)
	}
	return list, copied, nil
}

// ForgetFakeRuns forgets all runs.
func ForgetFakeRuns(ctx context.Context, tx postgres.Tx) error {
	if there, err := has(ctx, tx, "fake_run"); err != nil || !there {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM naap_dev.fake_run`); err != nil {
		return fmt.Errorf("forget the runs of made-up rows: %w", err)
	}
	return nil
}

// HighestFake returns, for each table, the number of the last row that was ever made up for it.
func HighestFake(ctx context.Context, q postgres.Querier) (map[postgres.TableRef]int64, error) {
	// An older ledger lacks the column "last".
	return byTable(ctx, q, "fake", "read the notes of made-up rows", `
SELECT schema_name, table_name, max(greatest(first + rows, (to_jsonb(f)->>'last')::bigint))
FROM naap_dev.fake f WHERE done IS NOT NULL GROUP BY 1, 2`)
}
