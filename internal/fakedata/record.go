package fakedata

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/livepeer/naap-dev/internal/ledger"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// What was made up is noted in naap_dev: a run with what was asked for, and each of its tables, in the transaction that
// filled it. So the notes and the rows are always of one mind, however a run ends.

func installed(ctx context.Context, q postgres.Querier) (there bool, err error) {
	if err = q.QueryRow(ctx, `SELECT to_regclass('naap_dev.fake') IS NOT NULL`).Scan(&there); err != nil {
		err = fmt.Errorf("look for the notes of made-up rows: %w", err)
	}
	return there, err
}

// run is a run as it was noted.
type run struct {
	id        int64
	seed      int64
	options   Options
	structure string
	tables    map[postgres.TableRef]runTable
}

type runTable struct {
	rows, first int64
	starts      map[string]int64
	done        bool
}

// state is what is noted of the last run.
type state struct {
	Known    bool // there was one
	Finished bool
	Seed     int64
	Tables   int // planned
	Done     int // whole; the others have none of its rows
}

// look reads what is noted of the last run.
func look(ctx context.Context, q postgres.Querier) (state, error) {
	var s state
	there, err := installed(ctx, q)
	if err != nil || !there {
		return s, err
	}
	err = q.QueryRow(ctx, `SELECT r.seed, r.ended IS NOT NULL, count(f.run)::int, count(f.done)::int
FROM naap_dev.fake_run r LEFT JOIN naap_dev.fake f ON f.run = r.id GROUP BY r.id ORDER BY r.id DESC LIMIT 1`).Scan(&s.Seed, &s.Finished, &s.Tables, &s.Done)
	if errors.Is(err, postgres.ErrNoRows) {
		return s, nil
	}
	s.Known = err == nil
	return s, err
}

// unfinished reads the last run, which must not have ended.
func unfinished(ctx context.Context, q postgres.Querier) (*run, error) {
	state, err := look(ctx, q)
	if err != nil {
		return nil, err
	}
	if !state.Known || state.Finished {
		return nil, remedy.New("fake.finished", remedy.ExitUsage, "no run of made-up rows was broken off").
			WithHelp(remedy.Naap("dev seed", "--fake", "100"))
	}
	r := &run{tables: map[postgres.TableRef]runTable{}}
	var options []byte
	err = q.QueryRow(ctx, `SELECT id, seed, options, structure FROM naap_dev.fake_run ORDER BY id DESC LIMIT 1`).Scan(&r.id, &r.seed, &options, &r.structure)
	if err == nil {
		err = json.Unmarshal(options, &r.options)
	}
	if err != nil {
		return nil, fmt.Errorf("read the notes of the last run: %w", err)
	}
	rows, err := q.Query(ctx, `SELECT schema_name, table_name, rows, first, starts, done IS NOT NULL FROM naap_dev.fake WHERE run = $1`, r.id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var ref postgres.TableRef
		var t runTable
		var starts []byte
		if err := rows.Scan(&ref.Schema, &ref.Name, &t.rows, &t.first, &starts, &t.done); err != nil {
			return nil, err
		}
		if err := json.Unmarshal(starts, &t.starts); err != nil {
			return nil, err
		}
		r.tables[ref] = t
	}
	return r, rows.Err()
}

// Continue is the plan of what the last run left undone when it was broken off. Keys are the same as they would have
// been, since they depend on nothing but the seed.
func Continue(ctx context.Context, q postgres.Querier, hints Hints) (*Plan, error) {
	r, err := unfinished(ctx, q)
	if err != nil {
		return nil, err
	}
	db, err := inspect(ctx, q)
	if err != nil {
		return nil, err
	}
	opt := r.options
	opt.Hints = hints
	plan, err := decide(ctx, q, db, opt, r)
	if err == nil && db.fingerprint() != r.structure {
		return nil, remedy.New("fake.changed", remedy.ExitRefused, "the tables, or what the Prisma file and the seeds say of them, have changed since the run was broken off").
			WithHelp(remedy.Naap("dev seed", "--fake", fmt.Sprint(opt.Rows), "--clean"))
	}
	return plan, err
}

// choose takes the tables of the run.
func (r *run) choose(db *database) error {
	for _, t := range db.tables {
		if n, ok := r.tables[t.ref]; ok {
			t.planned, t.done = true, n.done && (t.hasRows || n.rows == 0)
			t.wanted, t.rows = n.rows, n.rows
		}
	}
	return nil
}

func (r *run) start(t *table) {
	n := r.tables[t.ref]
	t.first = n.first
	for _, c := range t.columns {
		if s, ok := n.starts[c.name]; ok {
			c.start = s
		}
	}
}

// begin notes a new run with all its tables, or takes up the one that is continued.
func (p *Plan) begin(ctx context.Context, tx postgres.Tx) (int64, error) {
	if err := ledger.Prepare(ctx, tx); err != nil {
		return 0, err
	}
	if p.resumed != nil {
		return p.resumed.id, nil
	}
	text, err := json.Marshal(p.options)
	if err != nil {
		return 0, err
	}
	var id int64
	err = tx.QueryRow(ctx, `INSERT INTO naap_dev.fake_run (seed, options, structure) VALUES ($1, $2, $3) RETURNING id`,
		p.Seed, text, p.db.fingerprint()).Scan(&id)
	if err != nil {
		return 0, fmt.Errorf("note the run: %w", err)
	}
	b := &postgres.Batch{}
	for _, j := range p.jobs {
		for _, t := range j.tables {
			starts := map[string]int64{}
			for _, c := range t.columns {
				starts[c.name] = c.start
			}
			text, err := json.Marshal(starts)
			if err != nil {
				return 0, err
			}
			b.Queue(`INSERT INTO naap_dev.fake (run, schema_name, table_name, rows, first, starts) VALUES ($1, $2, $3, $4, $5, $6)`,
				id, t.ref.Schema, t.ref.Name, t.rows, t.first, text)
		}
	}
	if err := tx.SendBatch(ctx, b).Close(); err != nil {
		return 0, fmt.Errorf("note the run: %w", err)
	}
	return id, nil
}

// note marks a table done, in the transaction that filled it. Its number finds the rows again.
func (t *table) note(ctx context.Context, tx postgres.Tx, id int64) error {
	_, err := tx.Exec(ctx, `UPDATE naap_dev.fake SET done = clock_timestamp(), xid = pg_current_xact_id()::xid::text, rows = $4, last = $5
WHERE run = $1 AND schema_name = $2 AND table_name = $3`, id, t.ref.Schema, t.ref.Name, t.got, t.last)
	if err != nil {
		return fmt.Errorf("note that %s is filled: %w", t.ref, err)
	}
	return nil
}

// highest is the number behind the last row that was ever made up for a table, so that marks are never used twice.
func highest(ctx context.Context, q postgres.Querier) (map[postgres.TableRef]int64, error) {
	marks := map[postgres.TableRef]int64{}
	there, err := installed(ctx, q)
	if err != nil || !there {
		return marks, err
	}
	rows, err := q.Query(ctx, `SELECT schema_name, table_name, max(greatest(first + rows, (to_jsonb(f)->>'last')::bigint))
FROM naap_dev.fake f WHERE done IS NOT NULL GROUP BY 1, 2`)
	if err != nil {
		return nil, fmt.Errorf("read the notes of made-up rows: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var ref postgres.TableRef
		var n int64
		if err := rows.Scan(&ref.Schema, &ref.Name, &n); err != nil {
			return nil, err
		}
		marks[ref] = n
	}
	return marks, rows.Err()
}

// fingerprint changes with anything that rows' values depend on.
func (db *database) fingerprint() string {
	var b strings.Builder
	for _, t := range db.tables {
		if !t.planned {
			continue
		}
		fmt.Fprintln(&b, t.ref)
		for _, c := range t.columns {
			fmt.Fprintln(&b, c.name, c.typeText, c.notNull, c.hint, c.def, c.typ.labels, c.comment, len(c.told), hashOf(c.told...))
		}
		for _, k := range t.keys {
			fmt.Fprintln(&b, k.name, k.predicate, len(k.columns))
		}
		for _, f := range t.out {
			fmt.Fprintln(&b, f.name, f.to.ref, len(f.columns))
		}
		for _, k := range t.checks {
			fmt.Fprintln(&b, k.text)
		}
	}
	return fmt.Sprintf("%016x", hashOf(b.String()))
}
