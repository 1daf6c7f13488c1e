package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
)

// shape is what must be known of a relation to read its rows.
type shape struct {
	TableDetail
	columns map[string]shapeColumn
}

type shapeColumn struct {
	Column
	cast      string // the type without its modifier, for casting a value's text
	orderable bool   // it has an order of its own; others are compared as text
	fixed     bool   // a few bytes at most
	text      bool   // text or varchar, which need no conversion to be cut
}

// A type has an order if its base type has a default btree class, either directly, or as an enum, range or array, or as
// the type that it is implicitly read as (varchar as text, cidr as inet). Composite types are compared as text: their
// fields may have none.
const shapeColumnsSQL = target + `
SELECT a.attname, format_type(a.atttypid, -1), y.typlen > 0, b.oid IN (25, 1043),
	CASE WHEN b.typcategory = 'A' AND b.typelem <> 0 THEN (SELECT ` + orderable + ` FROM pg_type o WHERE o.oid = b.typelem)
		ELSE (SELECT ` + orderable + ` FROM pg_type o WHERE o.oid = b.oid) END
FROM t JOIN pg_attribute a ON a.attrelid = t.oid
JOIN pg_type y ON y.oid = a.atttypid
JOIN pg_type b ON b.oid = CASE WHEN y.typtype = 'd' THEN y.typbasetype ELSE y.oid END
WHERE a.attnum > 0 AND NOT a.attisdropped`

const orderable = `o.typtype IN ('e', 'r', 'm') OR EXISTS (SELECT FROM pg_opclass p JOIN pg_am m ON m.oid = p.opcmethod
		WHERE m.amname = 'btree' AND p.opcdefault AND (p.opcintype = o.oid OR p.opcintype IN (SELECT k.casttarget FROM pg_cast k
			WHERE k.castsource = o.oid AND k.castmethod = 'b' AND k.castcontext = 'i')))`

const shapeSQL = target + `
SELECT t.oid, t.relkind, t.reltuples, t.relpages, coalesce(pg_relation_size(t.oid), 0), pg_stat_get_live_tuples(t.oid) FROM t`

const shapeKeysSQL = target + `
SELECT ` + keyColumns + ` FROM t JOIN pg_index i ON i.indrelid = t.oid WHERE i.indisunique`

// loadShape reads a relation's shape: one round trip.
func loadShape(ctx context.Context, pc *pgconn.PgConn, table TableRef) (*shape, error) {
	s := &shape{columns: map[string]shapeColumn{}}
	keys := &keyFinder{}
	var asks []*ask
	add := func(sql string, each func(textRow)) {
		asks = append(asks, keptAsk(sql, each, table.Schema, table.Name))
	}
	asks = append(asks, keptAsk(quietly, nil))
	add(shapeSQL, func(r textRow) { s.relation(table, r) })
	add(detailColumnsSQL, s.column)
	add(shapeKeysSQL, func(r textRow) { keys.add(r, 0) })
	add(detailKeysSQL, s.foreignKey)
	add(shapeColumnsSQL, func(r textRow) {
		s.columns[r.str(0)] = shapeColumn{cast: r.str(1), fixed: r.bool(2), text: r.bool(3), orderable: r.bool(4)}
	})
	if err := readOnlyExchange(ctx, pc, asks...); err != nil {
		return nil, err
	}
	if s.OID == 0 {
		return nil, noSuchTable(table)
	}
	keys.mark(&s.TableDetail)
	for _, c := range s.Columns {
		x := s.columns[c.Name]
		x.Column = c
		s.columns[c.Name] = x
	}
	return s, nil
}

func (s *shape) relation(table TableRef, r textRow) {
	row := tableRow{info: TableInfo{
		OID: r.oid(0), Schema: table.Schema, Name: table.Name, Kind: relationKind(r.str(1)), HeapBytes: r.int(4),
	}, reltuples: r.float(2), relpages: r.int(3), live: r.int(5)}
	s.TableInfo = row.info
	s.Rows = row.estimate()
}

func (s *shape) find(name string) (shapeColumn, error) {
	c, ok := s.columns[name]
	if !ok {
		return c, remedy.New("column.missing", remedy.ExitUsage, "%s has no column %q", s.Ref(), name)
	}
	return c, nil
}

// named returns the column of the row t.
func (c shapeColumn) named() string { return "t." + Ident(c.Name) }

// asText returns the column's value as psql prints it. A cast to text would print some types differently (bool,
// char(n)); IS DISTINCT FROM NULL is true for a composite value whose fields are all NULL, while IS NOT NULL is not.
func (c shapeColumn) asText() string {
	return fmt.Sprintf("CASE WHEN %s IS DISTINCT FROM NULL THEN pg_catalog.format('%%s', %s) END", c.named(), c.named())
}

// term returns the column as part of an order.
func (c shapeColumn) term(desc bool) term {
	t := term{expr: c.named(), cast: c.cast, desc: desc, nullable: !c.NotNull}
	if !c.orderable {
		t.expr, t.cast = "("+c.asText()+`) COLLATE "C"`, "text"
	}
	return t
}

// order returns what a page is sorted by: the requested columns, then the key, or the place of the row in its file if
// there is no key. total is false if nothing identifies rows, as in a view.
func (s *shape) order(sort []SortKey) (o order, total bool, err error) {
	seen := map[string]bool{}
	for _, k := range sort {
		c, err := s.find(k.Column)
		if err != nil {
			return nil, false, err
		}
		if !seen[c.Name] {
			seen[c.Name] = true
			o = append(o, c.term(k.Desc))
		}
	}
	desc := len(o) > 0 && !slices.ContainsFunc(o, func(t term) bool { return !t.desc }) // with one direction throughout, an index can be used
	for _, name := range s.Key {
		if c := s.columns[name]; !seen[name] {
			if !c.orderable {
				return o, false, nil
			}
			o = append(o, c.term(desc))
		}
	}
	if len(s.Key) > 0 {
		return o, true, nil
	}
	switch s.Kind {
	case KindTable, kindMatView:
		return append(o, term{expr: "t.ctid", cast: "tid", desc: desc}), true, nil
	case kindPartitioned:
		return append(o, term{expr: "t.tableoid", cast: "oid", desc: desc}, term{expr: "t.ctid", cast: "tid", desc: desc}), true, nil
	}
	return o, false, nil
}

// where returns the request's filter as one condition over the row t.
func (s *shape) where(conditions []Condition, raw string, p *params) (string, error) {
	parts := []string{}
	for _, c := range conditions {
		col, err := s.find(c.Column)
		if err != nil {
			return "", err
		}
		cond, err := col.condition(c, p)
		if err != nil {
			return "", err
		}
		parts = append(parts, cond)
	}
	if strings.TrimSpace(raw) != "" {
		if err := checkCondition(raw); err != nil {
			return "", err
		}
		parts = append(parts, "(\n"+raw+"\n)") // the line break ends a -- comment
	}
	if len(parts) == 0 {
		return "true", nil
	}
	return strings.Join(parts, " AND "), nil
}

func (c shapeColumn) condition(x Condition, p *params) (string, error) {
	expr, cast := c.named(), c.cast
	if !c.orderable {
		expr, cast = "("+c.asText()+`) COLLATE "C"`, "text"
	}
	text := c.asText()
	if c.text {
		text = c.named()
	}
	if x.Type != "" && c.orderable {
		cast = x.Type
	}
	if own := collationOf(c.Column); c.text && x.Collation != "" && x.Collation != own {
		expr += " COLLATE " + x.Collation
	}
	switch x.Op {
	case Equal, Less, LessEqual, Greater, GreaterEqual:
		return fmt.Sprintf("%s %s %s", expr, x.Op, p.add(x.Value, cast)), nil
	case NotEqual:
		return fmt.Sprintf("%s IS DISTINCT FROM %s", expr, p.add(x.Value, cast)), nil
	case Contains:
		return fmt.Sprintf("pg_catalog.strpos(pg_catalog.lower(%s), pg_catalog.lower(%s)) > 0", text, p.add(x.Value, "text")), nil
	case StartsWith:
		return fmt.Sprintf("pg_catalog.starts_with(%s, %s)", text, p.add(x.Value, "text")), nil
	case Matches:
		return fmt.Sprintf("(%s) ~* %s", text, p.add(x.Value, "text")), nil
	case IsNull:
		return c.named() + " IS NOT DISTINCT FROM NULL", nil
	case IsNotNull:
		return c.named() + " IS DISTINCT FROM NULL", nil
	case AnyOf:
		values := say.Each(x.Values, func(v string) string { return p.add(v, cast) })
		if len(values) == 0 {
			return "false", nil
		}
		return fmt.Sprintf("%s IN (%s)", expr, strings.Join(values, ", ")), nil
	}
	return "", remedy.New("filter.malformed", remedy.ExitUsage, "no comparison is called %q", x.Op)
}

// collationOf returns the collation by which a column of text is compared, as SQL.
func collationOf(c Column) string {
	if c.Collation == "" {
		return `pg_catalog."default"`
	}
	return c.Collation
}

// pick returns the columns that a request asks for, in its order.
func (s *shape) pick(names []string) ([]shapeColumn, error) {
	var out []shapeColumn
	if len(names) == 0 {
		for _, c := range s.Columns {
			out = append(out, s.columns[c.Name])
		}
		return out, nil
	}
	for _, name := range names {
		c, err := s.find(name)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// pageColumn returns the column as a page shows it.
func (s *shape) pageColumn(c shapeColumn) PageColumn {
	return PageColumn{
		Name: c.Name, Type: c.Type, Kind: c.Kind, Key: slices.Contains(s.Key, c.Name), NotNull: c.NotNull, References: c.References,
	}
}
