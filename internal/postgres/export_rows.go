package postgres

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/livepeer/naap-dev/internal/remedy"
)

// rowsAt returns the query for the rows at places in the table's own order, in the order of the places.
func (s *shape) rowsAt(req ExportRequest, p *params) (string, error) {
	o, total, err := s.order(nil)
	if err != nil {
		return "", err
	}
	if !total {
		return s.numberedRow(req, p)
	}
	if len(req.At) == 0 {
		return "SELECT t.* FROM " + req.Table.Quoted() + " t WHERE false", nil
	}
	var places, same []string
	for i, at := range req.At {
		if len(at) != len(o) {
			return "", foreignCursor(req.Table)
		}
		values := []string{strconv.Itoa(i)}
		for n, t := range o {
			values = append(values, p.add(at[n].Text, t.cast))
		}
		places = append(places, "("+strings.Join(values, ", ")+")")
	}
	for n, t := range o {
		same = append(same, fmt.Sprintf(`%s = v."naap v%d"`, t.expr, n))
	}
	var columns strings.Builder
	for n := range o {
		fmt.Fprintf(&columns, `, "naap v%d"`, n)
	}
	return fmt.Sprintf(`SELECT t.* FROM (VALUES %s) v ("naap n"%s) JOIN %s t ON %s ORDER BY v."naap n"`,
		strings.Join(places, ", "), columns.String(), req.Table.Quoted(), strings.Join(same, " AND ")), nil
}

// numberedRow returns the query for the one row with a number.
func (s *shape) numberedRow(req ExportRequest, p *params) (string, error) {
	if len(req.At) != 1 || len(req.At[0]) != 1 {
		return "", remedy.New("rows.numbered", remedy.ExitUsage, "nothing identifies the rows of %s, so that only one can be found again", req.Table).
			WithFix("export them with the filter")
	}
	n, err := strconv.ParseInt(req.At[0][0].Text, 10, 64)
	if err != nil {
		return "", foreignCursor(req.Table)
	}
	sql, err := s.rows(req, p)
	return sql + " LIMIT 1 OFFSET " + strconv.FormatInt(n, 10), err
}

func foreignCursor(table TableRef) error {
	return remedy.New("cursor.foreign", remedy.ExitFailed, "the place in %s belongs to another order", table).WithFix("begin at the first page")
}

// given writes rows that were read before.
func (e *exporter) given(ctx context.Context, pc *pgconn.PgConn, req ExportRequest) error {
	given := req.Given
	if req.Format == ExportInsert || req.Format == ExportUpdate {
		s, columns, err := given.origin(ctx, pc)
		if err != nil {
			return err
		}
		if e.append, err = statementWriter(ctx, pc, req.Format, s, columns); err != nil {
			return err
		}
	}
	if err := e.beginWith(given.Columns); err != nil {
		return err
	}
	for _, row := range given.Rows {
		values := make([][]byte, len(row))
		for i, c := range row {
			if c.Truncated {
				return remedy.New("export.cut", remedy.ExitFailed, "only the beginning of a value of %s was read", given.Columns[i].Name).
					WithFix("export the query: it is read again, whole")
			}
			if !c.Null {
				values[i] = []byte(c.Text)
			}
		}
		if err := e.row(values); err != nil {
			return err
		}
	}
	return e.end()
}

// origin returns the table that all columns are of, and those of its columns that they are.
func (g Given) origin(ctx context.Context, pc *pgconn.PgConn) (*shape, []shapeColumn, error) {
	if !g.OneTable() {
		return nil, nil, remedy.New("export.origin", remedy.ExitUsage, "the rows are not all columns of one table, each once")
	}
	var ref TableRef
	a := newAsk("SELECT n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = $1::pg_catalog.oid",
		func(r textRow) { ref = TableRef{r.str(0), r.str(1)} }, strconv.FormatUint(uint64(g.Columns[0].Origin.Table), 10))
	if err := readOnlyExchange(ctx, pc, a); err != nil {
		return nil, nil, err
	}
	s, err := loadShape(ctx, pc, ref)
	if err != nil {
		return nil, nil, err
	}
	var columns []shapeColumn
	for _, column := range g.Columns {
		for _, c := range s.Columns {
			if c.Number == int(column.Origin.Number) {
				columns = append(columns, s.columns[c.Name])
			}
		}
	}
	if len(columns) < len(g.Columns) {
		return nil, nil, remedy.New("export.origin", remedy.ExitFailed, "%s is another table by now", ref).WithFix("run the query again")
	}
	return s, columns, nil
}

// OneTable reports whether all columns are columns of one table, each once, so that the rows can be written as statements
// for it.
func (g Given) OneTable() bool {
	seen := map[Origin]bool{}
	for _, c := range g.Columns {
		if c.Origin.Number == 0 || c.Origin.Table != g.Columns[0].Origin.Table || seen[c.Origin] {
			return false
		}
		seen[c.Origin] = true
	}
	return len(g.Columns) > 0
}
