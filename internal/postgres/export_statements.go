package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/livepeer/naap-dev/internal/remedy"
)

// statements returns what appends a row of an export as a statement.
func statements(ctx context.Context, pc *pgconn.PgConn, req ExportRequest, q exported) (func(dst []byte, values [][]byte) []byte, error) {
	if q.shape == nil {
		return nil, remedy.New("export.origin", remedy.ExitUsage, "%s is for the rows of a table", req.Format)
	}
	columns, err := q.shape.pick(nil)
	if err != nil {
		return nil, err
	}
	return statementWriter(ctx, pc, req.Format, q.shape, columns)
}

// readAnywhere has the server write values so that they read the same under other settings.
const readAnywhere = `SELECT pg_catalog.set_config('DateStyle', 'ISO', true), pg_catalog.set_config('IntervalStyle', 'postgres', true),
	pg_catalog.set_config('extra_float_digits', '1', true), pg_catalog.set_config('bytea_output', 'hex', true)`

// statementWriter returns what appends a row with these columns of a relation as a statement that writes it there: run
// in the same table, it gives the same row. Values are constants without a type, which the server reads by the column's.
func statementWriter(ctx context.Context, pc *pgconn.PgConn, format ExportFormat, s *shape, columns []shapeColumn) (func(dst []byte, values [][]byte) []byte, error) {
	w := &rowWriter{}
	names := []string{s.Schema, s.Name}
	for _, c := range columns {
		names = append(names, c.Name)
	}
	var quoted []string
	a := &ask{sql: "SELECT pg_catalog.quote_ident(n) FROM pg_catalog.unnest($1::pg_catalog.text[]) WITH ORDINALITY u (n, o) ORDER BY o",
		args: [][]byte{textArray(names)}, each: func(r textRow) { quoted = append(quoted, r.str(0)) }}
	if err := readOnlyExchange(ctx, pc, a); err != nil {
		return nil, err
	}
	w.table = quoted[0] + "." + quoted[1]
	for i, c := range columns {
		w.columns = append(w.columns, writtenColumn{
			name: quoted[2+i], typ: c.SQLType, plain: isPlainNumber(c.TypeOID), key: slices.Contains(s.Key, c.Name), cast: c.Kind == CompositeKind || c.Kind == otherKind,
			generated: c.Generated != "", always: c.Identity == "ALWAYS",
		})
		w.overriding = w.overriding || c.Identity == "ALWAYS"
	}
	if format == ExportInsert {
		return w.insert, nil
	}
	return w.update, w.updatable(s)
}

// textArray returns strings as the text of an array.
func textArray(list []string) []byte {
	out := []byte{'{'}
	for i, s := range list {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, '"')
		for j := range len(s) {
			if s[j] == '"' || s[j] == '\\' {
				out = append(out, '\\')
			}
			out = append(out, s[j])
		}
		out = append(out, '"')
	}
	return append(out, '}')
}

// isPlainNumber reports whether a type's values are constants without quotes: int8, int2, int4. A constant with a point
// would be numeric, from which a cast may round.
func isPlainNumber(oid uint32) bool { return oid == 20 || oid == 21 || oid == 23 }

// rowWriter writes rows as statements.
type rowWriter struct {
	table      string
	columns    []writtenColumn
	overriding bool // an identity column is written, which the server would number itself
}

type writtenColumn struct {
	name, typ         string
	plain, key, cast  bool
	generated, always bool
}

// updatable returns why no UPDATE can be written, or nil.
func (w *rowWriter) updatable(s *shape) error {
	keys, others := 0, 0
	for _, c := range w.columns {
		switch {
		case c.key:
			keys++
		case !c.generated && !c.always:
			others++
		}
	}
	switch {
	case len(s.Key) == 0:
		return remedy.New("export.no_key", remedy.ExitFailed, "%s has no key, so that an UPDATE would not find its row", s.Ref()).WithFix("INSERT, or a primary key")
	case keys < len(s.Key):
		return remedy.New("export.no_key", remedy.ExitFailed, "the rows lack part of the key of %s, so that an UPDATE would not find its row", s.Ref()).WithFix("select the key, too")
	case others == 0:
		return remedy.New("export.all_key", remedy.ExitFailed, "all columns of these rows are the key of %s: there is nothing to set", s.Ref()).WithFix("INSERT")
	}
	return nil
}

func (w *rowWriter) insert(dst []byte, values [][]byte) []byte {
	dst = append(append(dst, "INSERT INTO "...), w.table...)
	dst = append(dst, " ("...)
	some := false
	for _, c := range w.columns {
		if c.generated {
			continue
		}
		if some {
			dst = append(dst, ", "...)
		}
		some, dst = true, append(dst, c.name...)
	}
	if !some { // all there is is generated
		return append(dst[:len(dst)-2], " DEFAULT VALUES;\n"...)
	}
	dst = append(dst, ") "...)
	if w.overriding {
		dst = append(dst, "OVERRIDING SYSTEM VALUE "...)
	}
	dst = append(dst, "VALUES ("...)
	some = false
	for i, c := range w.columns {
		if c.generated {
			continue
		}
		if some {
			dst = append(dst, ", "...)
		}
		some, dst = true, c.constant(dst, values[i])
	}
	return append(dst, ");\n"...)
}

func (w *rowWriter) update(dst []byte, values [][]byte) []byte {
	dst = append(append(append(dst, "UPDATE "...), w.table...), " SET "...)
	some := false
	for i, c := range w.columns {
		if c.key || c.generated || c.always {
			continue
		}
		if some {
			dst = append(dst, ", "...)
		}
		some, dst = true, c.constant(append(append(dst, c.name...), " = "...), values[i])
	}
	some = false
	for i, c := range w.columns {
		if !c.key {
			continue
		}
		if !some {
			dst = append(dst, " WHERE "...)
		} else {
			dst = append(dst, " AND "...)
		}
		some, dst = true, c.constant(append(append(dst, c.name...), " = "...), values[i])
		if c.cast { // the server does not read a row of no known type
			dst = append(append(dst, "::"...), c.typ...)
		}
	}
	return append(dst, ";\n"...)
}

func (c writtenColumn) constant(dst, value []byte) []byte {
	switch {
	case value == nil:
		return append(dst, "NULL"...)
	case c.plain:
		return append(dst, value...)
	}
	return appendConstant(dst, string(value))
}

// appendConstant appends a string constant. Like Literal, but control characters other than line feeds and tabs are
// escaped: a clipboard does not carry them.
func appendConstant(dst []byte, s string) []byte {
	if !strings.ContainsFunc(s, func(r rune) bool { return r == '\\' || r == utf8.RuneError || lostInPaste(r) }) {
		return append(dst, Literal(s)...)
	}
	dst = append(dst, "E'"...)
	for i, r := range s {
		switch {
		case r == '\'' || r == '\\':
			dst = append(dst, byte(r), byte(r))
		case r == '\r':
			dst = append(dst, `\r`...)
		case r == utf8.RuneError && !strings.HasPrefix(s[i:], string(utf8.RuneError)): // a byte that is not UTF-8
			dst = fmt.Appendf(dst, `\x%02x`, s[i])
		case lostInPaste(r):
			dst = fmt.Appendf(dst, `\u%04x`, r)
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return append(dst, '\'')
}

func lostInPaste(r rune) bool {
	return r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0
}
