package postgres

import (
	"context"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/livepeer/naap-dev/internal/remedy"
)

// Record reads one row in full: the one at req.Cursor, or the first that req.Where selects. If the cursor's row is
// gone, the error has the code row.missing.
func (db *DB) Record(ctx context.Context, req PageRequest) (*Record, error) {
	req.Columns, req.Limit, req.MaxCell, req.CountTo = nil, 1, recordLimit, 0
	req.Page = FirstPage
	if req.Cursor != nil {
		req.Page = PageAt
	}
	var rec *Record
	err := db.reading(ctx, func(ctx context.Context, pc *pgconn.PgConn) error {
		s, err := loadShape(ctx, pc, req.Table)
		if err != nil {
			return err
		}
		r, err := newReader(s, req)
		if err != nil {
			return err
		}
		if err := r.read(ctx, pc); err != nil {
			return err
		}
		if len(r.page.Rows) == 0 || req.Cursor != nil && !slices.Equal(req.Cursor, r.page.Cursors[0]) {
			return remedy.New("row.missing", remedy.ExitFailed, "the row is not there any more").WithFix("read the page again")
		}
		rec = newRecord(s, r.page)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read a row of %s: %w", req.Table, err)
	}
	return rec, nil
}

func newRecord(s *shape, page *Page) *Record {
	rec := &Record{Table: page.Table, Columns: s.Columns, Values: page.Rows[0], Cursor: page.Cursors[0]}
	values := map[string]Cell{}
	columns := map[string]Column{}
	for i, c := range s.Columns {
		values[c.Name], columns[c.Name] = rec.Values[i], c
	}
	for _, k := range s.Out {
		rec.Out = append(rec.Out, link(k.ForeignKeyEdge, k.To, k.ToColumns, k.FromColumns, values, columns))
	}
	for _, k := range s.In {
		l := link(k.ForeignKeyEdge, k.From, k.FromColumns, k.ToColumns, values, columns)
		for i, name := range k.ToColumns { // a key compares as the columns that it refers to do
			if c := columns[name]; c.Kind == TextKind && c.TypeOID != oidChar {
				l.Where[i].Collation = collationOf(c)
			}
		}
		rec.In = append(rec.In, l)
	}
	return rec
}

// link selects the rows of the other table whose columns there equal this row's columns here.
func link(k ForeignKeyEdge, other TableRef, there, here []string, values map[string]Cell, columns map[string]Column) RecordLink {
	l := RecordLink{ForeignKey: k, Table: other}
	for i, name := range here {
		v := values[name]
		l.Null = l.Null || v.Null
		l.Where = append(l.Where, Condition{Column: there[i], Op: Equal, Value: v.Text, Type: columns[name].SQLType})
	}
	return l
}
