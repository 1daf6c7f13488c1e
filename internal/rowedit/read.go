package rowedit

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// wholeCell is how many bytes of a value are kept; of a longer one its beginning and its digest are.
const wholeCell = 4 << 20

// begunCell is how many characters of a longer value are kept.
const begunCell = 256

// asRead sets how values are written and read: so that no digit gets lost, and the same for all statements that compare
// what others have read. The time zone and the search path remain the session's.
const asRead = `SELECT pg_catalog.set_config('DateStyle', 'ISO', true), pg_catalog.set_config('IntervalStyle', 'postgres', true),
	pg_catalog.set_config('extra_float_digits', '1', true), pg_catalog.set_config('bytea_output', 'hex', true)`

// Read reads the row at a place in the table's own order, which is its key. A row that is not there any more is an error
// with the code row.missing.
func Read(ctx context.Context, db *postgres.DB, t *Table, at postgres.Cursor) (row *Row, err error) {
	if err := t.Refused(); err != nil {
		return nil, err
	}
	key := make([]string, len(at))
	for i, v := range at {
		key[i] = v.Text
	}
	if len(key) != len(t.Key) {
		return nil, remedy.New("cursor.foreign", remedy.ExitFailed, "the place in %s belongs to another order", t).WithFix("read the page again")
	}
	err = reading(ctx, db, func(tx postgres.Tx) (err error) {
		row, err = t.read(ctx, tx, key, "")
		return err
	})
	if err == nil && row == nil {
		err = remedy.New("row.missing", remedy.ExitFailed, "the row %s of %s is not there any more, or the role %s may not see it",
			visible.String(strings.Join(key, ", ")), visible.String(t.String()), visible.String(t.Role)).WithFix("read the page again")
	}
	if row != nil {
		row.At = slices.Clone(at)
	}
	return row, err
}

// read reads the row with a key; nil if there is none. lock is a locking clause, or "".
func (t *Table) read(ctx context.Context, tx postgres.Tx, key []string, lock string) (*Row, error) {
	p := &params{}
	rows, err := t.readWhere(ctx, tx, t.keyIs(p, key), p, lock, 2)
	switch {
	case err != nil || len(rows) == 0:
		return nil, err
	case len(rows) > 1:
		return nil, remedy.New("rows.refused", remedy.ExitRefused, "%s has several rows with the key %s", visible.String(t.String()), visible.String(strings.Join(key, ", "))).
			WithFix("change its children's rows in the tables that inherit from it")
	}
	return rows[0], nil
}

// readWhere reads the rows that fulfil a condition over the row t.
func (t *Table) readWhere(ctx context.Context, tx postgres.Tx, where string, p *params, lock string, most int) ([]*Row, error) {
	var texts, cells []string
	for i, c := range t.Columns {
		w := "w" + strconv.Itoa(i)
		texts = append(texts, asText(c)+" AS "+w)
		cells = append(cells, cellOf(w)...)
	}
	if len(t.Key) == 0 {
		texts, cells = append(texts, "(t.tableoid, t.ctid)::text AS spot"), append(cells, "spot")
	}
	// OFFSET 0 keeps the planner from computing a text once for each place where it is used.
	sql := fmt.Sprintf("SELECT %s FROM (SELECT %s FROM %s t WHERE %s LIMIT %d OFFSET 0 %s) w",
		strings.Join(cells, ", "), strings.Join(texts, ", "), t.Quoted(), where, most, lock)
	answer, err := postgres.Texts(ctx, tx, sql, p.values...)
	if err != nil {
		return nil, err
	}
	out := make([]*Row, len(answer))
	for i, r := range answer {
		out[i] = t.row(r)
	}
	return out, nil
}

// row decodes a row of readWhere's answer.
func (t *Table) row(r []*string) *Row {
	row := &Row{Table: t, Cells: make([]Cell, len(t.Columns))}
	for i, c := range t.Columns {
		text, bytes, digest := r[3*i], r[3*i+1], r[3*i+2]
		cell := Cell{Unread: !c.MayRead, Null: text == nil}
		if text != nil {
			cell.Text = *text
			cell.Bytes, _ = strconv.ParseInt(*bytes, 10, 64)
		}
		if digest != nil {
			cell.Digest = *digest
		}
		row.Cells[i] = cell
	}
	if len(t.Key) == 0 {
		row.spot = *r[len(r)-1]
	}
	return row
}

// asText returns a column's value as psql prints it, in bytes that are compared one by one whatever the collation; see
// also shapeColumn.asText of package postgres.
func asText(c Column) string {
	if !c.MayRead {
		return "NULL::text"
	}
	name := "t." + postgres.Ident(c.Name)
	return `CASE WHEN ` + name + ` IS DISTINCT FROM NULL THEN pg_catalog.format('%s', ` + name + `) COLLATE pg_catalog."C" END`
}

// cellOf returns expressions for a text: itself or its beginning, its length, and its digest if it is long.
func cellOf(w string) []string {
	long := fmt.Sprintf("pg_catalog.octet_length(%s) > %d", w, wholeCell)
	return []string{
		fmt.Sprintf("CASE WHEN %s THEN pg_catalog.left(%s, %d) ELSE %s END", long, w, begunCell, w),
		"pg_catalog.octet_length(" + w + ")",
		fmt.Sprintf("CASE WHEN %s THEN %s END", long, digestOf(w)),
	}
}

// digestOf returns the digest of a text, in the database's own encoding: there is none to convert to for SQL_ASCII.
func digestOf(text string) string {
	return "pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(" + text + ", pg_catalog.getdatabaseencoding())), 'hex')"
}

// params collects the parameters of a statement.
type params struct{ values []*string }

// add returns the placeholder of a new parameter of a type.
func (p *params) add(text, cast string) string {
	p.values = append(p.values, &text)
	return "$" + strconv.Itoa(len(p.values)) + "::" + cast
}

// keyIs returns the condition that the row t has a key.
func (t *Table) keyIs(p *params, key []string) string {
	parts := make([]string, len(t.Key))
	for i, k := range t.Key {
		parts[i] = "t." + postgres.Ident(k) + " = " + p.add(key[i], t.Columns[t.Find(k)].Cast)
	}
	return strings.Join(parts, " AND ")
}

// keyOf returns the texts of a row's key.
func (r *Row) keyOf() []string {
	out := make([]string, len(r.Table.Key))
	for i, k := range r.Table.Key {
		out[i] = r.Cell(k).Text
	}
	return out
}
