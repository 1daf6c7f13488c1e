package migrate

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/say"
)

// endState is all that scripts have left in a database: each object as the server's catalogue has it, without the numbers
// that differ from one database to another, and the rows of all tables.
type endState struct {
	objects map[string]string // "table public.t": how it is defined; a row of a catalogue each
	rows    map[string]tableRows
}

// tableRows stand for the rows of a table, in whatever order they are.
type tableRows struct {
	count   int64
	columns []columnHash
}

// columnHash sums up the values of a column.
type columnHash struct{ name, sum string }

// readEndState reads a database.
func readEndState(ctx context.Context, db *postgres.DB) (s endState, err error) {
	err = db.InTx(ctx, func(tx postgres.Tx) error {
		s, err = endStateIn(ctx, postgres.TxConn(tx))
		return err
	})
	return s, err
}

// endStateIn reads a database in a transaction, whose search path it changes. Rows that the role may not see are an error.
func endStateIn(ctx context.Context, c *postgres.Conn) (s endState, err error) {
	if _, err = postgres.ExecScript(ctx, c, "SET LOCAL search_path = pg_catalog; SET LOCAL row_security = off; SET LOCAL jit = off"); err != nil {
		return s, err
	}
	if s.objects, err = catalogueOf(ctx, c); err != nil {
		return s, fmt.Errorf("read the catalogue of an end state: %w", err)
	}
	if s.rows, err = rowsOf(ctx, c); err != nil {
		return s, fmt.Errorf("read the rows of an end state: %w", err)
	}
	return s, nil
}

// userTables are the tables that have rows of their own, with the columns of each.
const userTables = `
SELECT pg_catalog.format('%I.%I', n.nspname, c.relname), coalesce(pg_catalog.array_agg(a.attname::text ORDER BY a.attnum) FILTER (WHERE a.attname IS NOT NULL), '{}')
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'm') AND c.relispopulated AND c.oid >= 16384 AND n.nspname NOT LIKE 'pg\_temp%' GROUP BY n.nspname, c.relname, c.oid`

// sequenceValues are where the sequences stand, as if each were a table.
const sequenceValues = `SELECT pg_catalog.format('sequence %I.%I', schemaname, sequencename), coalesce(last_value::text, '') FROM pg_catalog.pg_sequences`

func rowsOf(ctx context.Context, c *postgres.Conn) (map[string]tableRows, error) {
	type table struct {
		name    string
		columns []string
	}
	tables, err := postgres.Collect(ctx, c, func(t *table) []any { return []any{&t.name, &t.columns} }, userTables)
	if err != nil {
		return nil, err
	}
	out := map[string]tableRows{}
	for _, t := range tables {
		var r tableRows
		if r, err = hashRows(ctx, c, t.name, t.columns); err != nil {
			return nil, fmt.Errorf("%s: %w", t.name, err)
		}
		out["rows of "+t.name] = r
	}
	err = postgres.Each(ctx, c, func(row postgres.Rows) error {
		var name, value string
		err := row.Scan(&name, &value)
		out[name] = tableRows{1, []columnHash{{"last_value", value}}}
		return err
	}, sequenceValues)
	return out, err
}

// hashRows sums up the rows as wholes, as a column "", and each column by itself.
func hashRows(ctx context.Context, c *postgres.Conn, table string, columns []string) (tableRows, error) {
	sum := func(value string) string {
		return fmt.Sprintf("coalesce(sum(pg_catalog.hashtextextended(%s, 0)::numeric), 0) || ' ' || coalesce(sum(pg_catalog.hashtextextended(%s, 1)::numeric), 0)", value, value)
	}
	asks := []string{sum("t::text")}
	for _, name := range columns {
		asks = append(asks, sum("t."+postgres.Ident(name)+"::text"))
	}
	var r tableRows
	var sums []string
	err := c.QueryRow(ctx, "SELECT count(*), ARRAY["+strings.Join(asks, ", ")+"] FROM ONLY "+table+" t").Scan(&r.count, &sums)
	if err != nil {
		return r, err
	}
	for i, s := range sums {
		name := ""
		if i > 0 {
			name = columns[i-1]
		}
		r.columns = append(r.columns, columnHash{name, s})
	}
	return r, nil
}

// unlike returns in which ways another end state is not this one, in words. What differs between this one and twin, which
// the same scripts made at another time, is not compared: a moment, a random key.
func (s endState) unlike(other endState, twin *endState) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(s.objects)) {
		switch is, there := other.objects[name]; {
		case !there:
			out = append(out, name+" is missing")
		case is != s.objects[name]:
			out = append(out, name+" is defined otherwise")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(other.objects)) {
		if _, there := s.objects[name]; !there {
			out = append(out, name+" is there, and is not made by the migrations")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.rows)) {
		if is, there := other.rows[name]; there {
			out = append(out, s.rows[name].unlike(name, is, twin)...)
		}
	}
	return out
}

func (r tableRows) unlike(name string, other tableRows, twin *endState) []string {
	if r.count != other.count {
		return []string{fmt.Sprintf("%s: %s instead of %s", name, say.Number(other.count), say.Number(r.count))}
	}
	varies := map[string]bool{}
	if twin != nil {
		for i, c := range r.columns {
			if again := twin.rows[name]; i < len(again.columns) && again.columns[i] != c {
				varies[c.name], varies[""] = true, true
			}
		}
	}
	for i, c := range r.columns {
		if i >= len(other.columns) || other.columns[i].name != c.name { // the catalogues differ, which is said
			return nil
		}
		if other.columns[i] != c && !varies[c.name] {
			return []string{name + " have other values" + strings.TrimSuffix(" in "+c.name, " in ")}
		}
	}
	return nil
}

// rowsDiffer reports whether two end states differ in their rows and in nothing else.
func (s endState) rowsDiffer(other endState) bool {
	return maps.Equal(s.objects, other.objects) && len(s.unlike(other, nil)) > 0
}
