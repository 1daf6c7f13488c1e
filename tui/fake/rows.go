package fake

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
)

// Page pages through the rows of a table by their numbers. Conditions are looked at in the first few thousand rows.
func (b *Backend) Page(ctx context.Context, req postgres.PageRequest) (*postgres.Page, error) {
	if err := b.enter(ctx); err != nil {
		return nil, err
	}
	t, err := b.real(req.Table)
	if err != nil {
		return nil, err
	}
	if strings.Contains(req.Raw, "syntax") {
		return nil, errors.New(b.str(`ERROR: syntax error at or near "syntax" (SQLSTATE 42601)`))
	}
	chosen, all := b.choose(t, req)
	from, to := window(req, chosen, all, !b.Unkeyed)
	p := &postgres.Page{Table: req.Table, Key: []string{b.str("id")}, Method: "keyset(id)", Took: 3 * time.Millisecond, HasPrev: from > 0, HasNext: to < all}
	if b.Unkeyed {
		p.Key, p.Method = nil, "offset"
	}
	for _, c := range b.columns(t) {
		p.Columns = append(p.Columns, postgres.PageColumn{Name: c.Name, Type: c.Type, Kind: c.Kind, Key: c.PrimaryKey > 0, NotNull: c.NotNull, References: c.References})
	}
	for i := from; i < to; i++ {
		n := i
		if chosen != nil {
			n = chosen[i]
		}
		p.Rows = append(p.Rows, b.row(t, n, 256))
		if b.Unkeyed {
			p.Cursors = append(p.Cursors, b.cursorOf(i))
		} else {
			p.Cursors = append(p.Cursors, b.cursor(t, n, req.Sort))
		}
	}
	if req.CountTo > 0 {
		p.Counted, p.Total = true, postgres.RowCount{N: min(all, req.CountTo), Exact: true, Capped: all > req.CountTo}
	}
	return p, nil
}

// cursor is a row's values of the columns that are sorted by, then its number, which stands for its key.
func (b *Backend) cursor(t *table, n int64, sort []postgres.SortKey) postgres.Cursor {
	at := make(postgres.Cursor, len(sort), len(sort)+1)
	row := b.row(t, n, 1<<20)
	for i, k := range sort {
		if c := slices.IndexFunc(t.columns, func(c postgres.Column) bool { return b.str(c.Name) == k.Column }); c >= 0 {
			at[i].Text, at[i].Null = row[c].Text, row[c].Null
		}
	}
	return append(at, b.cursorOf(n)...)
}

func (b *Backend) cursorOf(n int64) postgres.Cursor {
	return postgres.Cursor{{Text: strconv.FormatInt(n, 10)}}
}

// number is that of the row at a cursor.
func number(at postgres.Cursor) int64 {
	n, _ := strconv.ParseInt(at[len(at)-1].Text, 10, 64)
	return n
}

// choose lists the numbers of the rows that fulfil the conditions, in order; nil stands for all of them.
func (b *Backend) choose(t *table, req postgres.PageRequest) (chosen []int64, all int64) {
	desc := len(req.Sort) > 0 && req.Sort[0].Desc
	gone := b.deleted(t.ref)
	if len(req.Where) == 0 && req.Raw == "" && !desc && len(gone) == 0 {
		return nil, t.rows
	}
	chosen = []int64{}
	for i := range min(t.rows, 3000) {
		if !gone[i] && b.fulfils(t, i, req.Where) {
			chosen = append(chosen, i)
		}
	}
	if desc {
		slices.Reverse(chosen)
	}
	return chosen, int64(len(chosen))
}

func (b *Backend) fulfils(t *table, n int64, where []postgres.Condition) bool {
	row := b.row(t, n, 1<<20)
	for _, w := range where {
		i := slices.IndexFunc(t.columns, func(c postgres.Column) bool { return b.str(c.Name) == w.Column })
		if i < 0 {
			return false
		}
		v := row[i]
		ok := false
		switch w.Op {
		case postgres.IsNull:
			ok = v.Null
		case postgres.IsNotNull:
			ok = !v.Null
		case postgres.Equal:
			ok = !v.Null && v.Text == w.Value
		case postgres.NotEqual:
			ok = v.Null || v.Text != w.Value
		case postgres.Contains:
			ok = strings.Contains(strings.ToLower(v.Text), strings.ToLower(w.Value))
		case postgres.StartsWith:
			ok = strings.HasPrefix(v.Text, w.Value)
		default:
			ok = strings.Compare(v.Text, w.Value) != 0
		}
		if !ok {
			return false
		}
	}
	return true
}

func window(req postgres.PageRequest, chosen []int64, all int64, keyed bool) (from, to int64) {
	limit := int64(req.Limit)
	if limit <= 0 {
		limit = 100
	}
	at := int64(0)
	if len(req.Cursor) > 0 {
		at = number(req.Cursor)
		if chosen != nil && keyed {
			at = int64(max(0, slices.Index(chosen, at)))
		}
	}
	switch req.Page {
	case postgres.NextPage:
		from = at + 1
	case postgres.PrevPage:
		to = at
		return max(0, to-limit), to
	case postgres.LastPage:
		from = max(0, all-limit)
	case postgres.PageAt:
		from = at
	}
	from = min(from, all)
	return from, min(all, from+limit)
}

// id is the key of a table's row.
func id(ref postgres.TableRef, n int64) string {
	h := fnv.New32a()
	_, _ = io.WriteString(h, ref.String())
	return fmt.Sprintf("%08x-7425-40de-944b-%012x", h.Sum32(), n)
}

var names = []string{"Titan Node", "漢字 ノード", Hostile, "", "שלום עולם", "e\u0301toile 👩‍👩‍👧", "plain", strings.Repeat("long ", 80)}

func (b *Backend) row(t *table, n int64, most int) []postgres.Cell {
	cell := func(s string) postgres.Cell {
		s = b.str(s)
		c := postgres.Cell{Text: s, Bytes: int64(len(s))}
		if len(s) > most {
			c.Text, c.Truncated = s[:most], true
		}
		return c
	}
	out := make([]postgres.Cell, len(t.columns))
	if own := b.written(t.ref, n); own != nil {
		for i := range out {
			if out[i] = own[i]; len(own[i].Text) > most {
				out[i].Text, out[i].Truncated = own[i].Text[:most], true
			}
		}
		return out
	}
	for i, c := range t.columns {
		switch c.Kind {
		case postgres.UUIDKind:
			out[i] = postgres.Cell{Text: id(t.ref, n), Bytes: 36}
			if c.Name == "ownerId" {
				out[i] = b.pointing(t, i, n)
			}
		case postgres.NumberKind:
			out[i] = cell(fmt.Sprintf("%d.%06d", n*n%99991, n*7919%1000000))
		case postgres.BoolKind:
			out[i] = postgres.Cell{Text: []string{"t", "f"}[n%2], Bytes: 1}
		case postgres.JSONKind:
			out[i] = cell(fmt.Sprintf(`{"kind": "node", "weights": [%d, 2.5, null], "nested": {"ok": true, "text": "<a&b> %s"}}`, n, strings.Repeat("x", int(n%40))))
		case postgres.ArrayKind:
			out[i] = cell(fmt.Sprintf("{a,\"b c\",%d}", n))
		case postgres.TimeKind:
			out[i] = postgres.Cell{Text: Now.Add(-time.Duration(n) * time.Minute).Format("2006-01-02 15:04:05.000"), Bytes: 23}
		case postgres.BytesKind:
			out[i] = postgres.Cell{Text: `\x00ff1b5d`, Bytes: 4096, Truncated: true}
		case postgres.EnumKind:
			out[i] = cell([]string{"ACTIVE", "PAUSED", "GONE"}[n%3])
		default:
			if n%5 == 3 && !c.NotNull {
				out[i] = postgres.Cell{Null: true}
				continue
			}
			text := fmt.Sprintf("0x%03de%032x", n%1000, n)
			if c.Name != "address" {
				text = names[int(n)%len(names)]
			}
			out[i] = cell(text)
		}
	}
	return out
}

// pointing is the value of a foreign key: the key of a row of the other table.
func (b *Backend) pointing(t *table, column int, n int64) postgres.Cell {
	for _, p := range t.points {
		if to := b.byName[p.to]; p.column == column && to.rows > 0 && n%7 != 6 {
			return postgres.Cell{Text: id(p.to, n%to.rows), Bytes: 36}
		}
	}
	return postgres.Cell{Null: true}
}

// Record is one row with what it points at and what may point at it.
func (b *Backend) Record(ctx context.Context, req postgres.PageRequest) (*postgres.Record, error) {
	if err := b.enter(ctx); err != nil {
		return nil, err
	}
	t, err := b.real(req.Table)
	if err != nil {
		return nil, err
	}
	n := number(req.Cursor)
	if b.Unkeyed {
		if chosen, _ := b.choose(t, req); chosen != nil {
			n = chosen[n]
		}
	}
	r := &postgres.Record{Table: req.Table, Columns: b.columns(t), Values: b.row(t, n, 1<<20)}
	for _, p := range t.points {
		v := r.Values[p.column]
		r.Out = append(r.Out, postgres.RecordLink{
			ForeignKey: b.edge(t, p), Table: b.ref(p.to), Null: v.Null, Where: []postgres.Condition{{Column: b.str("id"), Op: postgres.Equal, Value: v.Text}},
		})
	}
	for _, in := range b.incoming(t) {
		r.In = append(r.In, postgres.RecordLink{ForeignKey: in, Table: in.From, Where: []postgres.Condition{{Column: in.FromColumns[0], Op: postgres.Equal, Value: id(t.ref, n)}}})
	}
	return r, nil
}

// Count counts.
func (b *Backend) Count(ctx context.Context, ref postgres.TableRef, where []postgres.Condition) (postgres.RowCount, error) {
	if err := b.enter(ctx); err != nil {
		return postgres.RowCount{}, err
	}
	t, err := b.real(ref)
	if err != nil {
		return postgres.RowCount{}, err
	}
	_, n := b.choose(t, postgres.PageRequest{Where: where})
	return postgres.RowCount{N: n, Exact: true}, nil
}

// exportAt writes a line for each row at a place that is one of the table's.
func (b *Backend) exportAt(w io.Writer, t *table, req postgres.ExportRequest) (done postgres.ExportResult, err error) {
	for _, at := range req.At {
		if n := number(at); n < t.rows && err == nil {
			var wrote int
			wrote, err = fmt.Fprintln(w, req.Format, t.ref, b.row(t, n, 1<<20)[0].Text)
			done.Rows, done.Bytes = done.Rows+1, done.Bytes+int64(wrote)
		}
	}
	return done, err
}

// Export writes a line for each row, behind the columns in CSV, and a query's text for its rows.
func (b *Backend) Export(ctx context.Context, w io.Writer, req postgres.ExportRequest, report progress.Report) (postgres.ExportResult, error) {
	if err := b.enter(ctx); err != nil {
		return postgres.ExportResult{}, err
	}
	text, rows := &strings.Builder{}, int64(1)
	switch {
	case req.Given != nil:
		rows = int64(len(req.Given.Rows))
		for _, row := range req.Given.Rows {
			fmt.Fprintln(text, req.Format, row[0].Text)
		}
	case req.Query != "":
		text.WriteString(req.Query)
	default:
		t, err := b.real(req.Table)
		if err != nil {
			return postgres.ExportResult{}, err
		}
		if req.At != nil {
			return b.exportAt(w, t, req)
		}
		rows = min(t.rows, 1000)
		if req.Format == postgres.ExportCSV {
			for _, c := range b.columns(t) {
				text.WriteString(c.Name + ",")
			}
			text.WriteString("\n")
		}
		for i := range rows {
			fmt.Fprintln(text, b.row(t, i, 1<<20)[0].Text)
		}
	}
	report(progress.Step{Name: "export", Status: progress.Done, Done: rows, Total: rows, Unit: "rows"})
	n, err := io.WriteString(w, text.String())
	return postgres.ExportResult{Rows: rows, Bytes: int64(n)}, err
}
