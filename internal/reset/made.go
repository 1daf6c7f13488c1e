package reset

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/schemaplan"
)

// Made is what migrations made in schemas besides the tables: what the Prisma file cannot express, and the rows that their
// scripts inserted. Its texts are the catalogue's of a database with their end state.
type Made struct {
	Extras   []dependent
	Settings []dependent
	Rows     []madeRows
	Counters []counter
	Left     []string // what is not made again, a line each

	tables map[postgres.TableRef]bool // those that the migrations make
	parts  map[part]bool              // and what these have, without what it is over
}

// makes reports whether migrations make a table, or a part of one.
func (m *Made) makes(p part) bool {
	if m == nil {
		return false
	}
	p.over = ""
	return m.parts[p] || p.kind == "" && m.tables[p.table]
}

// readParts reads which tables the migrations make, and what these have.
func (m *Made) readParts(ctx context.Context, tx postgres.Tx, schemas []string) error {
	m.tables, m.parts = map[postgres.TableRef]bool{}, map[part]bool{}
	found, err := readParts(ctx, tx, schemas)
	if err != nil {
		return err
	}
	for _, p := range found {
		p.over = ""
		m.parts[p], m.tables[p.table] = true, true
	}
	return nil
}

// madeRows are the rows of a table, as COPY writes them.
type madeRows struct {
	Table   postgres.TableRef
	Columns []string
	Rows    int64
	Data    []byte
}

// counter is a sequence that has given out numbers.
type counter struct {
	Sequence postgres.TableRef
	Last     int64
}

// mostMade is how many bytes of rows are put back: scripts are written by hand.
const mostMade = 64 << 20

// ReadMade reads what migrations made in schemas from a database with their end state. desired says what the tables are.
func ReadMade(ctx context.Context, end *postgres.DB, schemas []string, desired *schemaplan.Database) (*Made, error) {
	m := &Made{}
	tx, err := end.Begin(ctx)
	if err != nil {
		return nil, err
	}
	defer postgres.Rollback(ctx, tx)
	s := &swap{tx: tx, schemas: inOrder(schemas)}
	if err := s.begin(ctx); err != nil {
		return nil, err
	}
	k := knownTo(desired)
	if err := postgres.Each(ctx, tx, readsDependents(&m.Extras), askExtras(), s.schemas, k.tables, k.enums); err != nil {
		return nil, fmt.Errorf("read what the migrations made: %w", err)
	}
	if err := postgres.Each(ctx, tx, readsDependents(&m.Settings), askSettings, s.schemas, k.tables, k.columns, k.indexes, k.classes); err != nil {
		return nil, fmt.Errorf("read the settings that the migrations made: %w", err)
	}
	if err := m.readRows(ctx, tx, s.schemas); err != nil {
		return nil, err
	}
	if err := m.readParts(ctx, tx, s.schemas); err != nil {
		return nil, err
	}
	m.Counters, err = postgres.Collect(ctx, tx, func(c *counter) []any { return []any{&c.Sequence.Schema, &c.Sequence.Name, &c.Last} }, `
SELECT schemaname::text, sequencename::text, last_value FROM pg_sequences WHERE last_value IS NOT NULL AND schemaname = ANY ($1) ORDER BY 1, 2`, s.schemas)
	if err != nil {
		return nil, fmt.Errorf("read the sequences of the migrations: %w", err)
	}
	return m, nil
}

// askFilled returns the tables of schemas ($1) with the columns that rows are written to, those first that others refer
// to. Tables that refer to each other in a circle come last.
const askFilled = `
WITH RECURSIVE t AS (
	SELECT c.oid, n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE n.nspname = ANY ($1) AND c.relkind = 'r' AND c.relpersistence <> 't' AND c.relname <> '_prisma_migrations' AND pg_relation_size(c.oid) > 0
		AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
), needs AS (
	SELECT DISTINCT k.conrelid AS oid, k.confrelid AS other FROM pg_constraint k WHERE k.contype = 'f' AND k.conrelid <> k.confrelid
		AND k.conrelid IN (SELECT oid FROM t) AND k.confrelid IN (SELECT oid FROM t)
), deep AS (
	SELECT oid, 0 AS depth FROM t UNION SELECT n.oid, d.depth + 1 FROM needs n JOIN deep d ON d.oid = n.other WHERE d.depth < 100
)
SELECT t.nspname::text, t.relname::text, array(SELECT a.attname::text FROM pg_attribute a
	WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum)
FROM t JOIN deep USING (oid) GROUP BY t.oid, t.nspname, t.relname ORDER BY max(depth), 1, 2`

func (m *Made) readRows(ctx context.Context, tx postgres.Tx, schemas []string) error {
	tables, err := postgres.Collect(ctx, tx, func(r *madeRows) []any { return []any{&r.Table.Schema, &r.Table.Name, &r.Columns} }, askFilled, schemas)
	if err != nil {
		return fmt.Errorf("look for rows that the migrations made: %w", err)
	}
	total := 0
	for _, r := range tables {
		out := &limited{most: mostMade - total}
		r.Rows, err = postgres.CopyOut(ctx, postgres.TxConn(tx), "COPY (SELECT "+r.columns()+" FROM ONLY "+r.Table.Quoted()+") TO STDOUT", out)
		switch {
		case err != nil:
			return fmt.Errorf("read the rows that the migrations made in %s: %w", r.Table, err)
		case out.over:
			m.Left = append(m.Left, fmt.Sprintf("%s of %s, which migrations put there, do not come back: they are more than %s", say.Count(r.Rows, "row"), r.Table, say.Bytes(mostMade)))
		case r.Rows > 0:
			r.Data = out.Bytes()
			total += len(r.Data)
			m.Rows = append(m.Rows, r)
		}
	}
	return nil
}

func (r madeRows) columns() string {
	return say.Join(r.Columns, ", ", func(c string) string { return postgres.Ident(c) })
}

// limited keeps what is written up to a limit, and drops all of it beyond.
type limited struct {
	bytes.Buffer
	most int
	over bool
}

func (l *limited) Write(p []byte) (int, error) {
	if l.over = l.over || l.Len()+len(p) > l.most; l.over {
		l.Reset()
		return len(p), nil
	}
	return l.Buffer.Write(p)
}

// digest identifies what was made; "" where nothing was.
func (m *Made) digest() string {
	if m == nil {
		return ""
	}
	sum := sha256.Sum256(marshal(m))
	return hex.EncodeToString(sum[:])
}

// putBackRows puts the rows of migrations into the tables that were recreated. Rows that the server does not take, since what they refer to is gone elsewhere, are listed, and refuse nothing.
func (s *swap) putBackRows(ctx context.Context) error {
	if s.opt.Made == nil {
		return nil
	}
	for _, line := range s.opt.Made.Left {
		s.warn("%s", line)
	}
	for _, r := range s.opt.Made.Rows {
		o := Object{Kind: "rows", Name: r.Table.String(), Rows: r.Rows, Kept: true}
		refusal, err := s.attempt(ctx, func() error {
			if _, err := postgres.CopyIn(ctx, postgres.TxConn(s.tx), "COPY "+r.Table.Quoted()+" ("+r.columns()+") FROM STDIN", bytes.NewReader(r.Data)); err != nil {
				return err
			}
			return s.exec(ctx, "SET CONSTRAINTS ALL IMMEDIATE", releaseTry)
		})
		if err != nil {
			return fmt.Errorf("put back the rows that migrations made in %s: %w", r.Table, err)
		}
		if refusal != nil {
			o.Kept, o.Why = false, refusal.Message
		}
		s.outcome.Objects = append(s.outcome.Objects, o)
	}
	return nil
}

// countOn lets sequences go on after the rows of migrations.
func (s *swap) countOn(ctx context.Context) error {
	if s.opt.Made == nil {
		return nil
	}
	for _, c := range s.opt.Made.Counters {
		_, err := s.tx.Exec(ctx, `SELECT setval(oid::regclass, $2) FROM pg_class WHERE oid = to_regclass($1) AND relkind = 'S'`, c.Sequence.Quoted(), c.Last)
		if err != nil {
			return fmt.Errorf("set the sequence %s: %w", c.Sequence, err)
		}
	}
	return nil
}

// makeMade recreates what migrations made and the Prisma file does not know. It returns what of the old schemas need not
// be made again from its own text: that may have been changed by hand since.
func (s *swap) makeMade(ctx context.Context, made, old []dependent) (rest []dependent, err error) {
	done, reasons, err := s.makeAgain(ctx, made)
	if err != nil {
		return nil, err
	}
	is := func(d dependent) func(dependent) bool {
		return func(o dependent) bool { return o.Kind == d.Kind && o.Name == d.Name }
	}
	var left []dependent
	for i, d := range made {
		switch {
		case done[i]:
			s.outcome.Objects = append(s.outcome.Objects, Object{Kind: d.Kind, Name: d.Name, Kept: true})
			continue
		case len(d.Create) == 0:
			reasons[i] = "its text cannot be had"
		}
		left = append(left, d)
		if !slices.ContainsFunc(old, is(d)) { // otherwise that decides
			s.outcome.Objects = append(s.outcome.Objects, Object{Kind: d.Kind, Name: d.Name, Why: reasons[i]})
		}
	}
	return slices.DeleteFunc(slices.Clone(old), func(d dependent) bool {
		return slices.ContainsFunc(made, is(d)) && !slices.ContainsFunc(left, is(d))
	}), nil
}

// IsRead reports whether what the migrations make is known.
func (m *Made) IsRead() bool { return m != nil && m.parts != nil }
