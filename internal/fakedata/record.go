package fakedata

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/livepeer/naap-dev/internal/ledger"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// The ledger notes what was made up: a run with what was asked for, and each of its tables, in the transaction that
// filled it. So the notes and the rows always agree, however a run ends.

// run is a run as the ledger has it.
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

// unfinished reads the last run, if it has not ended.
func unfinished(ctx context.Context, q postgres.Querier) (*run, error) {
	noted, err := ledger.LastFakeRun(ctx, q)
	if err != nil {
		return nil, err
	}
	if noted == nil || noted.Ended {
		return nil, remedy.New("fake.finished", remedy.ExitUsage, "no run of made-up rows was broken off").
			WithHelp(remedy.Naap("dev seed", "--fake", "100"))
	}
	r := &run{id: noted.ID, seed: noted.Seed, structure: noted.Structure, tables: map[postgres.TableRef]runTable{}}
	if err := json.Unmarshal(noted.Options, &r.options); err != nil {
		return nil, fmt.Errorf("read the notes of the last run: %w", err)
	}
	for _, n := range noted.Tables {
		t := runTable{rows: n.Rows, first: n.First, done: n.Done}
		if err := json.Unmarshal(n.Starts, &t.starts); err != nil {
			return nil, fmt.Errorf("read the notes of the last run: %w", err)
		}
		r.tables[n.Table] = t
	}
	return r, nil
}

// Continue returns the plan of what the last run left undone when it was interrupted. Keys are the same as they would
// have been, since they depend only on the seed.
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

// choose marks the tables of the run.
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

// begin notes a new run with all its tables, or resumes the one that is continued.
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
	r := ledger.FakeRun{Seed: p.Seed, Options: text, Structure: p.db.fingerprint()}
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
			r.Tables = append(r.Tables, ledger.FakeTable{Table: t.ref, Rows: t.rows, First: t.first, Starts: text})
		}
	}
	err = ledger.BeginFakeRun(ctx, tx, &r)
	return r.ID, err
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
