package rowedit

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/say"
)

// How much is kept to bring back what deletes take along.
const (
	mostKept      = 10_000
	mostKeptBytes = 64 << 20
)

// kept is the rows that deletes take along by their foreign keys, as they were: those that are deleted, and those whose
// keys are set to NULL or their default.
type kept struct {
	db     *postgres.DB
	tx     postgres.Tx
	tables map[uint32]*Table
	edges  map[uint32][]edge
	rows   []keptRow
	seen   map[string]bool
	bytes  int64
	why    string // why not all of it is kept
}

type keptRow struct {
	of      *Change // the delete that takes it along
	row     *Row
	deleted bool // else its key is set
	place   string
}

// edge is a foreign key that refers to a table, and that does something when its row is deleted.
type edge struct {
	from        postgres.TableRef
	columns, to []string
	deletes     bool
}

// list reads a JSON array of strings.
func list(s *string) (out []string) {
	if s != nil {
		_ = json.Unmarshal([]byte(*s), &out)
	}
	return out
}

// edgesSQL lists them; those of partitions are their root's.
const edgesSQL = `SELECT n.nspname, c.relname, k.confdeltype,
	(SELECT pg_catalog.json_agg(a.attname ORDER BY u.o) FROM pg_catalog.unnest(k.conkey) WITH ORDINALITY u(n, o)
		JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.n),
	(SELECT pg_catalog.json_agg(a.attname ORDER BY u.o) FROM pg_catalog.unnest(k.confkey) WITH ORDINALITY u(n, o)
		JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.n)
FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE k.contype = 'f' AND k.confdeltype IN ('c', 'n', 'd') AND NOT c.relispartition
	AND k.confrelid IN ($1::oid, coalesce(pg_catalog.pg_partition_root($1::oid)::oid, $1::oid))
ORDER BY 1, 2, k.conname`

// collect reads what a delete is going to take along, level by level. The rows are locked first, so that they are still
// these when they go.
func (k *kept) collect(ctx context.Context, c *Change) error {
	if k.tables == nil {
		k.tables, k.edges, k.seen = map[uint32]*Table{}, map[uint32][]edge{}, map[string]bool{}
	}
	k.seen[placeOf(c.Row)] = true
	if _, err := c.Table.read(ctx, k.tx, c.Row.keyOf(), c.Table.lock()); err != nil {
		return err
	}
	level := []*Row{c.Row}
	for len(level) > 0 && k.why == "" {
		next, err := k.below(ctx, c, level)
		if err != nil {
			return err
		}
		level = next
	}
	return nil
}

// lock is the locking clause for a table's rows, where the role may lock them.
func (t *Table) lock() string {
	if t.kept {
		return "FOR UPDATE OF t"
	}
	return ""
}

// below reads the rows that refer to those of a level, and returns those that go with them. The rows of a level may be of
// several tables.
func (k *kept) below(ctx context.Context, c *Change, level []*Row) (next []*Row, err error) {
	by := map[*Table][]*Row{}
	var tables []*Table
	for _, r := range level {
		if by[r.Table] == nil {
			tables = append(tables, r.Table)
		}
		by[r.Table] = append(by[r.Table], r)
	}
	for _, t := range tables {
		edges, err := k.edgesTo(ctx, t)
		if err != nil {
			return nil, err
		}
		for _, e := range edges {
			for some := range slices.Chunk(by[t], 500) {
				more, err := k.follow(ctx, c, e, t, some)
				if err != nil || k.why != "" {
					return nil, err
				}
				next = append(next, more...)
			}
		}
	}
	return next, nil
}

func (k *kept) edgesTo(ctx context.Context, t *Table) ([]edge, error) {
	if edges, ok := k.edges[t.OID]; ok {
		return edges, nil
	}
	oid := fmt.Sprint(t.OID)
	rows, err := postgres.Texts(ctx, k.tx, edgesSQL, &oid)
	if err != nil {
		return nil, err
	}
	edges := []edge{}
	for _, r := range rows {
		edges = append(edges, edge{postgres.TableRef{Schema: *r[0], Name: *r[1]}, list(r[3]), list(r[4]), *r[2] == "c"})
	}
	k.edges[t.OID] = edges
	return edges, nil
}

// follow reads the rows that refer to some rows by one foreign key.
func (k *kept) follow(ctx context.Context, c *Change, e edge, t *Table, parents []*Row) (next []*Row, err error) {
	child, err := k.table(ctx, e.from)
	if err != nil {
		return nil, err
	}
	p := &params{}
	where := k.refer(e, t, parents, p)
	if where == "" {
		return nil, nil
	}
	rows, err := child.readWhere(ctx, k.tx, where, p, child.lock(), mostKept+1)
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		place := placeOf(row)
		if k.seen[place] {
			continue
		}
		k.seen[place] = true
		k.rows, k.bytes = append(k.rows, keptRow{c, row, e.deletes, place}), k.bytes+size(row)
		switch {
		case len(k.rows) > mostKept || k.bytes > mostKeptBytes:
			k.why = "it takes along more than is kept: " + say.Number(int64(mostKept)) + " rows, or " + say.Bytes(mostKeptBytes)
		case !e.deletes && len(child.Key) == 0:
			k.why = "it changes rows of " + child.String() + ", which has no key"
		case slices.ContainsFunc(row.Cells, func(cell Cell) bool { return !cell.Whole() }):
			k.why = "not all of the values that go in " + child.String() + " can be read and kept"
		}
		if e.deletes {
			next = append(next, row)
		}
	}
	return next, nil
}

// refer is the condition that the row t refers to one of some rows.
func (k *kept) refer(e edge, t *Table, parents []*Row, p *params) string {
	var tuples []string
	for _, parent := range parents {
		var values []string
		for _, column := range e.to {
			if cell := parent.Cell(column); !cell.Null && cell.Whole() {
				values = append(values, p.add(cell.Text, t.Columns[t.Find(column)].Cast))
			}
		}
		if len(values) == len(e.to) {
			tuples = append(tuples, "("+strings.Join(values, ", ")+")")
		}
	}
	if len(tuples) == 0 {
		return ""
	}
	names := say.Each(e.columns, func(c string) string { return "t." + postgres.Ident(c) })
	return "(" + strings.Join(names, ", ") + ") IN (" + strings.Join(tuples, ", ") + ")"
}

func (k *kept) table(ctx context.Context, ref postgres.TableRef) (*Table, error) {
	for _, t := range k.tables {
		if t.TableRef == ref {
			return t, nil
		}
	}
	t, err := Load(ctx, k.db, ref)
	if err == nil {
		k.tables[t.OID] = t
	}
	return t, err
}

// placeOf identifies a row among those that are kept; "" is none.
func placeOf(r *Row) string {
	if r == nil {
		return ""
	}
	if len(r.Table.Key) == 0 {
		return fmt.Sprint(r.Table.OID, r.spot)
	}
	return fmt.Sprint(r.Table.OID, r.keyOf())
}

// taken returns the row as it was when an earlier delete of the plan took it along, or nil.
func (k *kept) taken(r *Row) *Row {
	place := placeOf(r)
	for _, x := range k.rows {
		if x.deleted && x.place == place {
			return x.row
		}
	}
	return nil
}

// forget forgets what was collected for a delete that was undone.
func (k *kept) forget(c *Change) {
	k.rows = slices.DeleteFunc(k.rows, func(r keptRow) bool {
		if r.of == c {
			delete(k.seen, r.place)
			k.bytes -= size(r.row)
		}
		return r.of == c
	})
}

func size(r *Row) (n int64) {
	for _, c := range r.Cells {
		n += int64(len(c.Text))
	}
	return n
}
