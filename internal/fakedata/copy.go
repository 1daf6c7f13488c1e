package fakedata

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/say"
)

// rowReader produces the rows of a table in COPY's text format as they are read, and keeps none.
type rowReader struct {
	makers []maker
	quiet  []bool // columns whose values never need an escape
	next   int64
	end    int64
	number bool // each row begins with its number
	only   []int64
	buf    []byte
	off    int
	tell   func(rows int64)
}

const chunk = 64 << 10

func (t *table) reader(plan *Plan, columns []*column, from, to int64) *rowReader {
	r := &rowReader{next: from, end: to, tell: func(int64) {}}
	for _, c := range columns {
		m := c.maker(plan.groups)
		if plan.options.Edge {
			m = c.withEdges(m)
		}
		u, _ := c.underlying()
		quiet := c.owner == nil && !plan.options.Edge && (u.category == 'N' || u.category == 'D' || u.name == "uuid" || u.name == "bool")
		r.makers, r.quiet = append(r.makers, m), append(r.quiet, quiet)
	}
	return r
}

func (r *rowReader) Read(p []byte) (int, error) {
	if r.off == len(r.buf) {
		r.buf, r.off = r.buf[:0], 0
		var rows int64
		for len(r.buf) < chunk {
			i, ok := r.take()
			if !ok {
				break
			}
			r.row(i)
			rows++
		}
		r.tell(rows)
		if len(r.buf) == 0 {
			return 0, io.EOF
		}
	}
	n := copy(p, r.buf[r.off:])
	r.off += n
	return n, nil
}

func (r *rowReader) take() (int64, bool) {
	if r.next >= r.end {
		return 0, false
	}
	r.next++
	if r.only != nil {
		return r.only[r.next-1], true
	}
	return r.next - 1, true
}

func (r *rowReader) row(i int64) {
	dst := r.buf
	if r.number {
		dst = append(fmt.Append(dst, i), '\t')
	}
	for k, make := range r.makers {
		if k > 0 {
			dst = append(dst, '\t')
		}
		at := len(dst)
		var ok bool
		if dst, ok = make(dst, i); !ok {
			dst = append(dst[:at], '\\', 'N')
		} else if !r.quiet[k] {
			dst = escape(dst, at)
		}
	}
	r.buf = append(dst, '\n')
}

// copyEscapes are the bytes that COPY's text format writes after a backslash.
var copyEscapes = [...]byte{'\\': '\\', '\n': 'n', '\t': 't', '\r': 'r'}

// escape doubles backslashes, and escapes what would end a field or a line, from a position on.
func escape(dst []byte, at int) []byte {
	if bytes.IndexByte(dst[at:], '\\') < 0 && bytes.IndexByte(dst[at:], '\n') < 0 && bytes.IndexByte(dst[at:], '\t') < 0 && bytes.IndexByte(dst[at:], '\r') < 0 {
		return dst
	}
	text := append([]byte(nil), dst[at:]...)
	dst = dst[:at]
	for _, b := range text {
		switch b {
		case '\\', '\n', '\t', '\r':
			dst = append(dst, '\\', copyEscapes[b])
		default:
			dst = append(dst, b)
		}
	}
	return dst
}

// written returns the columns that values are made for; the server fills the others.
func (t *table) written() []*column {
	return slices.DeleteFunc(slices.Clone(t.columns), func(c *column) bool { return c.omit })
}

func names(columns []*column) string {
	return say.Join(columns, ", ", func(c *column) string { return postgres.Ident(c.name) })
}

// fill copies a table's rows into it, and returns their number.
func (t *table) fill(ctx context.Context, tx postgres.Tx, plan *Plan, tell func(int64)) (int64, error) {
	columns := t.written()
	if len(columns) == 0 {
		tag, err := tx.Exec(ctx, fmt.Sprintf("INSERT INTO %s SELECT FROM generate_series(1, %d)", t.ref.Quoted(), t.rows))
		return tag.RowsAffected(), err
	}
	if t.staged {
		return t.fillStaged(ctx, tx, plan, tell)
	}
	r := t.reader(plan, columns, t.first, t.first+t.rows)
	r.tell = tell
	tag, err := postgres.CopyIn(ctx, postgres.TxConn(tx), fmt.Sprintf("COPY %s (%s) FROM STDIN", t.ref.Quoted(), names(columns)), r)
	return tag.RowsAffected(), err
}

// moveSequences advances sequences past the keys that were made up.
func (t *table) moveSequences(ctx context.Context, tx postgres.Tx) error {
	for _, c := range t.columns {
		if c.sequence == "" {
			continue
		}
		_, err := tx.Exec(ctx, fmt.Sprintf(`SELECT setval($1::text::regclass, greatest(m, s.last_value)) FROM %s AS s, (SELECT max(%s) AS m FROM %s) AS t WHERE m >= 1`,
			sequenceName(c.sequence), postgres.Ident(c.name), t.ref.Quoted()), c.sequence)
		if err != nil {
			return fmt.Errorf("move the sequence of %s: %w", c.name, err)
		}
	}
	return nil
}

// sequenceName returns the sequence as the catalogue writes it: quoted where necessary, and ready for a statement.
func sequenceName(name string) string { return strings.ReplaceAll(name, "''", "'") }
