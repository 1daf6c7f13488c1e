package postgres

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// readByPlace pages a table without a key by the place of its rows in the file. Ordering by ctid would sort the whole
// table, so it reads windows of blocks, each larger than the one before, until the page is full.
func (r *reader) readByPlace(ctx context.Context, pc *pgconn.PgConn) error {
	r.page.Method = "ctid"
	const block = 8192
	backwards := r.req.Page == PrevPage || r.req.Page == LastPage
	o := order{{expr: "t.ctid", cast: "tid"}}
	if backwards {
		o = o.reversed()
	}
	end := r.s.HeapBytes/block + 1
	from, to := int64(0), end // the blocks still to be read
	if r.req.Cursor != nil {
		at := blockOf(r.req.Cursor[0].Text)
		if backwards {
			to = min(end, at+1)
		} else {
			from = at
		}
	}
	for width, first := int64(64), true; len(r.page.Rows) <= r.limit && from < to; width, first = width*4, false {
		lo, hi := from, min(to, from+width)
		if backwards {
			lo, hi = max(from, to-width), to
		}
		if err := r.readBlocks(ctx, pc, o, lo, hi, hi == end, first); err != nil {
			return err
		}
		if backwards {
			to = lo
		} else {
			from = hi
		}
	}
	r.finish(backwards)
	return nil
}

func (r *reader) readBlocks(ctx context.Context, pc *pgconn.PgConn, o order, lo, hi int64, last, first bool) error {
	p := &params{}
	where, err := r.s.where(r.req.Where, r.req.Raw, p)
	if err != nil {
		return err
	}
	base := slices.Clone(p.values)
	seek := fmt.Sprintf("t.ctid >= '(%d,0)'", lo)
	if !last { // rows added while we read may lie beyond the former end
		seek += fmt.Sprintf(" AND t.ctid < '(%d,0)'", hi)
	}
	q := r.query(where+" AND "+seek+" AND "+o.after(r.req.Cursor, r.req.Page == PageAt, p), o, r.limit+1-len(r.page.Rows), 0)
	asks := []*ask{{sql: q, args: p.values, each: r.row}}
	if first {
		r.page.SQL = q
		asks = append(asks, r.count(where, base)...)
		asks = append(asks, r.before(where, base)...)
	}
	return readOnlyExchange(ctx, pc, asks...)
}

// blockOf returns the block of a ctid such as "(12,3)".
func blockOf(ctid string) int64 {
	number, _, _ := strings.Cut(strings.TrimPrefix(ctid, "("), ",")
	n, _ := strconv.ParseInt(number, 10, 64)
	return n
}

// readByOffset pages a relation whose rows nothing identifies, such as a view, by counting rows from the beginning. A
// cursor holds the row's number.
func (r *reader) readByOffset(ctx context.Context, pc *pgconn.PgConn) error {
	r.page.Method = "offset"
	p := &params{}
	where, err := r.s.where(r.req.Where, r.req.Raw, p)
	if err != nil {
		return err
	}
	sorted := r.order
	r.order = nil
	offset, limit, err := r.offset(ctx, pc, where, p.values)
	if err != nil {
		return err
	}
	q := r.query(where, sorted, limit+1, offset)
	r.page.SQL = q
	asks := append([]*ask{{sql: q, args: p.values, each: r.row}}, r.count(where, p.values)...)
	if err := readOnlyExchange(ctx, pc, asks...); err != nil {
		return err
	}
	r.page.HasNext = len(r.page.Rows) > limit
	r.page.HasPrev = offset > 0
	if r.page.HasNext {
		r.page.Rows, r.page.Cursors = r.page.Rows[:limit], r.page.Cursors[:limit]
	}
	for i := range r.page.Cursors {
		r.page.Cursors[i] = Cursor{{Text: strconv.FormatInt(offset+int64(i), 10)}}
	}
	return nil
}

// offset returns where the page begins, and how many rows it holds.
func (r *reader) offset(ctx context.Context, pc *pgconn.PgConn, where string, args [][]byte) (offset int64, limit int, err error) {
	at := int64(0)
	if len(r.req.Cursor) > 0 {
		at, _ = strconv.ParseInt(r.req.Cursor[0].Text, 10, 64)
	}
	switch r.req.Page {
	case NextPage:
		return at + 1, r.limit, nil
	case PageAt:
		return at, r.limit, nil
	case PrevPage:
		start := max(0, at-int64(r.limit))
		return start, int(at - start), nil
	case LastPage:
		var n int64
		a := &ask{sql: "SELECT count(*) FROM " + r.req.Table.Quoted() + " t WHERE " + where, args: args, each: func(x textRow) { n = x.int(0) }}
		if err := readOnlyExchange(ctx, pc, a); err != nil {
			return 0, 0, err
		}
		return max(0, n-int64(r.limit)), r.limit, nil
	}
	return 0, r.limit, nil
}
