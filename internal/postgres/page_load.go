package postgres

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
)

// The size of a page if the request does not say.
const (
	defaultPageLimit = 100
	maxPageLimit     = 10_000
	defaultMaxCell   = 256
)

// Page reads one page of a relation's rows, in read-only transactions. The rows before and after it are never read: in
// the order of an index, a page costs the same wherever it is. A page that would begin before the first row is the
// first page.
func (db *DB) Page(ctx context.Context, req PageRequest) (*Page, error) {
	var page *Page
	err := db.reading(ctx, func(ctx context.Context, pc *pgconn.PgConn) (err error) {
		page, err = loadPage(ctx, pc, req)
		return err
	})
	if HasCode(err, lockNotAvailable) {
		err = remedy.New("table.locked", remedy.ExitFailed, "%s is locked by another session", req.Table).Wrap(err)
	}
	if err != nil {
		return nil, fmt.Errorf("read rows of %s: %w", req.Table, err)
	}
	return page, nil
}

func loadPage(ctx context.Context, pc *pgconn.PgConn, req PageRequest) (*Page, error) {
	began := time.Now()
	s, err := loadShape(ctx, pc, req.Table)
	if err != nil {
		return nil, err
	}
	r, err := newReader(s, req)
	if err != nil {
		return nil, err
	}
	if err := r.read(ctx, pc); err != nil {
		return nil, err
	}
	if r.page.Sorts, err = s.sorts(ctx, pc, req.Sort); err != nil {
		return nil, err
	}
	if req.Page == PrevPage && !r.page.HasPrev && len(r.page.Rows) < r.limit {
		req.Page, req.Cursor = FirstPage, nil
		return loadPage(ctx, pc, req)
	}
	r.page.Took = time.Since(began)
	return r.page, nil
}

// reader reads one page.
type reader struct {
	s       *shape
	req     PageRequest
	page    *Page
	columns []shapeColumn
	order   order
	total   bool // the order identifies every row
	limit   int
	maxCell int
}

func newReader(s *shape, req PageRequest) (*reader, error) {
	r := &reader{s: s, req: req, limit: req.Limit, maxCell: req.MaxCell, page: &Page{Table: req.Table, Key: s.Key}}
	if r.limit <= 0 {
		r.limit = defaultPageLimit
	}
	r.limit = min(r.limit, maxPageLimit)
	if r.maxCell == 0 {
		r.maxCell = defaultMaxCell
	}
	var err error
	if r.columns, err = s.pick(req.Columns); err != nil {
		return nil, err
	}
	if r.order, r.total, err = s.order(req.Sort); err != nil {
		return nil, err
	}
	for _, c := range r.columns {
		r.page.Columns = append(r.page.Columns, s.pageColumn(c))
	}
	if req.Page == FirstPage || req.Page == LastPage {
		r.req.Cursor = nil
		return r, nil
	}
	want := len(r.order)
	if !r.total {
		want = 1
	}
	if len(req.Cursor) != want {
		return nil, remedy.New("cursor.foreign", remedy.ExitFailed, "the place in %s belongs to another order", req.Table).
			WithFix("begin at the first page")
	}
	return r, nil
}

func (r *reader) read(ctx context.Context, pc *pgconn.PgConn) error {
	switch {
	case !r.total:
		return r.readByOffset(ctx, pc)
	case len(r.req.Sort) == 0 && len(r.s.Key) == 0 && r.s.Kind != kindPartitioned:
		return r.readByPlace(ctx, pc)
	}
	return r.readByKey(ctx, pc)
}

// readByKey asks for one row more than the page holds, to know whether there are more; going backwards it asks in the
// reversed order.
func (r *reader) readByKey(ctx context.Context, pc *pgconn.PgConn) error {
	r.page.Method = "keyset(" + strings.Join(r.orderNames(), ", ") + ")"
	backwards := r.req.Page == PrevPage || r.req.Page == LastPage
	o := r.order
	if backwards {
		o = o.reversed()
	}
	p := &params{}
	where, err := r.s.where(r.req.Where, r.req.Raw, p)
	if err != nil {
		return err
	}
	for i, seg := range o.segments(r.req.Cursor, r.req.Page == PageAt) {
		seek := &params{values: slices.Clone(p.values)}
		cond := seg(seek)
		q := r.query(where+" AND "+cond, o, r.limit+1-len(r.page.Rows), 0)
		asks := []*ask{{sql: q, args: seek.values, each: r.row}}
		if i == 0 {
			asks = append(asks, r.count(where, p.values)...)
			asks = append(asks, r.before(where, p.values)...)
			r.page.SQL = q
		}
		if err := readOnlyExchange(ctx, pc, asks...); err != nil {
			return err
		}
		if len(r.page.Rows) > r.limit {
			break
		}
	}
	r.finish(backwards)
	return nil
}

// finish drops the extra row and sets what is on both sides.
func (r *reader) finish(backwards bool) {
	more := len(r.page.Rows) > r.limit
	if more {
		r.page.Rows, r.page.Cursors = r.page.Rows[:r.limit], r.page.Cursors[:r.limit]
	}
	if backwards {
		slices.Reverse(r.page.Rows)
		slices.Reverse(r.page.Cursors)
		r.page.HasPrev, r.page.HasNext = more, r.req.Page == PrevPage
		return
	}
	r.page.HasNext = more
	r.page.HasPrev = r.page.HasPrev || r.req.Page == NextPage
}

// before asks whether there is a row before a page that begins at a given row.
func (r *reader) before(where string, args [][]byte) []*ask {
	if r.req.Page != PageAt {
		return nil
	}
	p := &params{values: slices.Clone(args)}
	conds := []string{}
	for _, seg := range r.order.reversed().segments(r.req.Cursor, false) {
		conds = append(conds, "EXISTS (SELECT FROM "+r.req.Table.Quoted()+" t WHERE "+where+" AND "+seg(p)+")")
	}
	return []*ask{{sql: "SELECT " + strings.Join(conds, " OR "), args: p.values, each: func(x textRow) { r.page.HasPrev = x.bool(0) }}}
}

// count asks for the number of rows that match, up to the request's limit.
func (r *reader) count(where string, args [][]byte) []*ask {
	if r.req.CountTo <= 0 {
		return nil
	}
	sql := fmt.Sprintf("SELECT count(*) FROM (SELECT FROM %s t WHERE %s LIMIT %d) s", r.req.Table.Quoted(), where, r.req.CountTo)
	return []*ask{{sql: sql, args: args, each: func(x textRow) {
		n := x.int(0)
		r.page.Counted = true
		r.page.Total = RowCount{N: n, Exact: n < r.req.CountTo, Capped: n >= r.req.CountTo}
		if estimate := r.s.Rows; r.page.Total.Capped && where == "true" && estimate.N > n {
			r.page.Total = estimate
		}
	}}}
}

// query nests, from inside out: the rows of the page, the text of their wide values once each (OFFSET 0 keeps the
// planner from computing it again), and of that the beginning and the length.
func (r *reader) query(where string, o order, limit int, offset int64) string {
	var needed, texts, cells []string
	have := map[string]bool{}
	need := func(c shapeColumn) {
		if !have[c.Name] {
			have[c.Name] = true
			needed = append(needed, c.named())
		}
	}
	for i, c := range r.columns {
		need(c)
		w := "w" + strconv.Itoa(i)
		texts = append(texts, r.wide(c)+" AS "+w)
		cells = append(cells, r.cut(c, w)...)
	}
	for i, t := range r.order {
		k := `"naap k` + strconv.Itoa(i) + `"` // no table has a column with that name
		needed = append(needed, t.expr+" AS "+k)
		texts = append(texts, "t."+k)
		cells = append(cells, k)
	}
	if len(o) > 0 {
		where += " ORDER BY " + o.sql()
	}
	where += " LIMIT " + strconv.Itoa(limit)
	if offset > 0 {
		where += " OFFSET " + strconv.FormatInt(offset, 10)
	}
	inner := fmt.Sprintf("SELECT %s FROM %s t WHERE %s", strings.Join(needed, ", "), r.req.Table.Quoted(), where)
	return fmt.Sprintf("SELECT %s FROM (SELECT %s FROM (%s) t OFFSET 0) w", strings.Join(cells, ", "), strings.Join(texts, ", "), inner)
}

// cuttable reports whether a column's values may be wide and are cut on the server.
func (r *reader) cuttable(c shapeColumn) bool { return r.maxCell > 0 && !c.fixed }

func (r *reader) wide(c shapeColumn) string {
	if !r.cuttable(c) || c.text || c.Kind == BytesKind {
		return c.named()
	}
	return c.asText()
}

// cut returns expressions for the value's beginning, one character more than will be shown, and its length in bytes.
func (r *reader) cut(c shapeColumn, w string) []string {
	switch {
	case !r.cuttable(c):
		return []string{w}
	case c.Kind == BytesKind:
		return []string{fmt.Sprintf("pg_catalog.substr(%s, 1, %d)", w, r.maxCell/2), "pg_catalog.octet_length(" + w + ")"}
	}
	return []string{fmt.Sprintf("pg_catalog.left(%s::text, %d)", w, r.maxCell+1), "pg_catalog.octet_length(" + w + "::text)"}
}

// row decodes one row of query's result.
func (r *reader) row(x textRow) {
	cells := make([]Cell, len(r.columns))
	at := 0
	for i, c := range r.columns {
		cell := Cell{Text: x.str(at), Null: x.null(at), Bytes: int64(len(x[at]))}
		at++
		if r.cuttable(c) {
			cell.Bytes = x.int(at)
			at++
			if c.Kind == BytesKind {
				cell.Truncated = cell.Bytes > int64(r.maxCell/2)
			} else {
				cell.Text, cell.Truncated = firstRunes(cell.Text, r.maxCell)
			}
		}
		cells[i] = cell
	}
	cursor := make(Cursor, len(r.order))
	for i := range r.order {
		cursor[i] = keyValue{Text: x.str(at + i), Null: x.null(at + i)}
	}
	r.page.Rows = append(r.page.Rows, cells)
	r.page.Cursors = append(r.page.Cursors, cursor)
}

func firstRunes(s string, n int) (string, bool) {
	if len(s) <= n || utf8.RuneCountInString(s) <= n {
		return s, false
	}
	for i := range s {
		if n == 0 {
			return s[:i], true
		}
		n--
	}
	return s, false
}

func (r *reader) orderNames() []string {
	names := say.Each(r.req.Sort, func(k SortKey) string { return k.Column })
	key := r.s.Key
	if len(key) == 0 {
		key = []string{"ctid"}
	}
	for _, k := range key {
		if !slices.Contains(names, k) {
			names = append(names, k)
		}
	}
	return names
}
