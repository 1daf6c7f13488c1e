package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// NameRequest asks what the rows are called that a foreign key refers to.
type NameRequest struct {
	Table  TableRef    // it refers to
	Key    []KeyColumn // all columns of the key
	Values [][]string  // of these columns; a list a row, each row once
}

// How long the names for one foreign key may take, and for all of a page; nobody waits for them.
const (
	nameTime  = 300 * time.Millisecond
	namesTime = time.Second
	longName  = 80 // characters
)

// Names returns what rows are called: for each request a name for each of its rows, "" where it has none, or the server did
// not say. which chooses the column with the name among a table's, those of the key and what may not be read left out. Two
// round trips, whatever is asked.
func (db *DB) Names(ctx context.Context, reqs []NameRequest, which func([]Column) string) ([][]string, error) {
	var out [][]string
	err := db.reading(ctx, func(ctx context.Context, pc *pgconn.PgConn) error {
		columns, err := nameColumns(ctx, pc, reqs)
		if err != nil {
			return err
		}
		names := make([][]string, len(reqs))
		var asks []*ask
		for i, r := range reqs {
			names[i] = make([]string, len(r.Values))
			column := which(columns[i])
			if column == "" || len(r.Values) == 0 {
				continue
			}
			p := &params{}
			a := &ask{sql: r.sql(column, p), each: func(x textRow) { names[i][x.int(0)] = x.str(1) }}
			a.args = p.values
			asks = append(asks, a)
		}
		out = names
		if len(asks) == 0 {
			return nil
		}
		return apart(ctx, pc, nameTime, namesTime, asks...)
	})
	if err != nil {
		return nil, fmt.Errorf("ask what rows are called: %w", err)
	}
	return out, nil
}

const nameColumnsSQL = `
SELECT w.i - 1, a.attnum, a.attname, a.atttypid, y.typtype, y.typcategory, coalesce(a.attnum = ANY (k.indkey), false)
FROM json_array_elements($1::json) WITH ORDINALITY w(v, i)
JOIN pg_namespace n ON n.nspname = w.v->>0
JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.v->>1
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type y ON y.oid = a.atttypid
LEFT JOIN pg_index k ON k.indrelid = c.oid AND k.indisprimary
WHERE has_schema_privilege(n.oid, 'USAGE') AND has_column_privilege(c.oid, a.attnum, 'SELECT')
	AND NOT EXISTS (SELECT FROM json_array_elements_text(w.v->2) x WHERE x = a.attname)
ORDER BY w.i, a.attnum`

// nameColumns reads the columns that may hold a name: only what a choice among them needs.
func nameColumns(ctx context.Context, pc *pgconn.PgConn, reqs []NameRequest) ([][]Column, error) {
	tables := make([][3]any, len(reqs))
	for i, r := range reqs {
		to := make([]string, len(r.Key))
		for j, k := range r.Key {
			to[j] = k.To
		}
		tables[i] = [3]any{r.Table.Schema, r.Table.Name, to}
	}
	text, err := json.Marshal(tables)
	if err != nil {
		return nil, err
	}
	out := make([][]Column, len(reqs))
	err = readOnlyExchange(ctx, pc, keptAsk(fixedPath, nil), keptAsk(nameColumnsSQL, func(r textRow) {
		c := Column{Number: int(r.int(1)), Name: r.str(2), TypeOID: r.oid(3), Kind: columnKind(r.oid(3), r.str(4), r.str(5))}
		if r.bool(6) {
			c.PrimaryKey = 1
		}
		out[r.int(0)] = append(out[r.int(0)], c)
	}, string(text)))
	return out, err
}

// sql looks each row up by its whole key, through the unique index that a foreign key needs.
func (r NameRequest) sql(column string, p *params) string {
	var rows, names, conds []string
	for i, k := range r.Key {
		name := "k" + strconv.Itoa(i)
		names, conds = append(names, name), append(conds, "t."+Ident(k.To)+" = v."+name)
	}
	for i, values := range r.Values {
		row := []string{strconv.Itoa(i)}
		for j, k := range r.Key {
			row = append(row, p.add(values[j], k.Type))
		}
		rows = append(rows, "("+strings.Join(row, ", ")+")")
	}
	return fmt.Sprintf("SELECT v.i, n.name FROM (VALUES %s) v(i, %s) CROSS JOIN LATERAL (SELECT pg_catalog.left(pg_catalog.format('%%s', t.%s), %d) AS name FROM %s t WHERE %s LIMIT 1) n",
		strings.Join(rows, ", "), strings.Join(names, ", "), Ident(column), longName, r.Table.Quoted(), strings.Join(conds, " AND "))
}
