package postgres

import (
	"bufio"
	"context"
	"io"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
)

// exportReport is how many rows are written between two reports.
const exportReport = 1000

// Export writes the rows to w as they arrive from the server, holding one at a time, from one snapshot of the database
// and in a read-only transaction. report, if not nil, is called with the progress. Cancelling ctx, or an error of w,
// ends the query on the server; w keeps what was written until then.
func (db *DB) Export(ctx context.Context, w io.Writer, req ExportRequest, report func(rows, bytes int64)) (ExportResult, error) {
	conn, err := db.Acquire(ctx)
	if err != nil {
		return ExportResult{}, err
	}
	defer conn.Release()
	began := time.Now()
	out := bufio.NewWriterSize(w, 64<<10)
	e := exporter{w: out, format: req.Format, report: report}
	if err := e.run(ctx, conn.Conn().PgConn(), req); err != nil {
		return e.done, err
	}
	if err := out.Flush(); err != nil {
		return e.done, err
	}
	e.done.Took = time.Since(began)
	return e.done, nil
}

var exportFormats = []ExportFormat{ExportCSV, ExportJSONLines, ExportJSON, ExportTSV, ExportMarkdown, ExportInsert, ExportUpdate}

// exporter writes rows in one format.
type exporter struct {
	w      *bufio.Writer
	format ExportFormat
	report func(rows, bytes int64)
	append func(dst []byte, values [][]byte) []byte // writes a row
	line   []byte
	done   ExportResult
}

func (e *exporter) run(ctx context.Context, pc *pgconn.PgConn, req ExportRequest) error {
	if !slices.Contains(exportFormats, req.Format) {
		return remedy.New("export.format", remedy.ExitUsage, "no format is called %q", req.Format).
			WithFix(say.Join(exportFormats, ", ", func(f ExportFormat) string { return string(f) }))
	}
	if req.Given != nil {
		return e.given(ctx, pc, req)
	}
	q, err := exportedQuery(ctx, pc, req)
	if err != nil {
		return err
	}
	if req.Format == ExportInsert || req.Format == ExportUpdate {
		if e.append, err = statements(ctx, pc, req, q); err != nil {
			return err
		}
	}
	asks := []*ask{newAsk("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", nil)}
	if req.Format == ExportInsert || req.Format == ExportUpdate {
		asks = append(asks, newAsk(readAnywhere, nil))
	}
	asks = append(asks, newAsk("SELECT 1", nil)) // from here on the transaction cannot be made READ WRITE
	if err := exchange(ctx, pc, asks...); err != nil {
		return err
	}
	if err := firstError(asks...); err != nil {
		return err
	}
	err = e.stream(ctx, pc, q)
	if pc.IsClosed() {
		return err
	}
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	end := append([]*ask{newAsk("ROLLBACK", nil)}, letGo(pc)...)
	if endErr := exchange(ending, pc, end...); err == nil && endErr != nil {
		return endErr
	}
	return err
}

// exported is what is run for an export.
type exported struct {
	sql   string
	args  [][]byte
	rows  bool   // it can be a subquery, so that the server can make a JSON object of each of its rows
	shape *shape // of the table whose columns these are, or nil
}

func exportedQuery(ctx context.Context, pc *pgconn.PgConn, req ExportRequest) (exported, error) {
	if req.Query == "" {
		return tableQuery(ctx, pc, req)
	}
	statements := Split(req.Query)
	if len(statements) != 1 {
		return exported{}, remedy.New("export.query", remedy.ExitUsage, "one query is exported at a time, not %s", say.Count(len(statements), "statement"))
	}
	if _, err := refused(statements); err != nil {
		return exported{}, err
	}
	sql, args, err := statements[0].arguments(req.Args)
	if err != nil {
		return exported{}, err
	}
	q := exported{sql: sql, args: args}
	switch statements[0].Verb {
	case "SELECT", "VALUES", "TABLE":
		q.rows = checkCondition(statements[0].Text) == nil
	}
	return q, nil
}

// asObjects returns a query of one column, in which the server makes a JSON object of each row.
func (q exported) asObjects() exported {
	return exported{sql: "SELECT pg_catalog.row_to_json(t) FROM (\n" + q.sql + "\n) t", args: q.args}
}

func tableQuery(ctx context.Context, pc *pgconn.PgConn, req ExportRequest) (exported, error) {
	q := exported{rows: true}
	var err error
	if q.shape, err = loadShape(ctx, pc, req.Table); err != nil {
		return q, err
	}
	p := &params{}
	if req.At != nil {
		q.sql, err = q.shape.rowsAt(req, p)
	} else {
		q.sql, err = q.shape.rows(req, p)
	}
	q.args = p.values
	return q, err
}

// rows returns the query for the rows of an export.
func (s *shape) rows(req ExportRequest, p *params) (string, error) {
	where, err := s.where(req.Where, req.Raw, p)
	if err != nil {
		return "", err
	}
	sql := "SELECT t.* FROM " + req.Table.Quoted() + " t WHERE " + where
	if len(req.Sort) > 0 {
		o, _, err := s.order(req.Sort)
		if err != nil {
			return "", err
		}
		sql += " ORDER BY " + o.sql()
	}
	return sql, nil
}

func (e *exporter) stream(ctx context.Context, pc *pgconn.PgConn, q exported) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if q.rows && (e.format == ExportJSON || e.format == ExportJSONLines) {
		var err error
		if e.append, err = serversObjects(ctx, pc, q); err != nil {
			return err
		}
		if e.append == nil {
			q, e.append = q.asObjects(), appendObject
		}
	}
	rr := pc.ExecParams(ctx, q.sql, q.args, nil, nil, nil)
	err := e.begin(rr.FieldDescriptions())
	for err == nil && rr.NextRow() {
		err = e.row(rr.Values())
	}
	if err != nil {
		cancel() // the query ends on the server, and what is on its way is read
		_, _ = rr.Close()
		return err
	}
	if _, err := rr.Close(); err != nil {
		return err
	}
	return e.end()
}

func (e *exporter) begin(fields []pgconn.FieldDescription) error {
	columns := say.Each(fields, func(f pgconn.FieldDescription) PageColumn {
		return PageColumn{Name: f.Name, Kind: columnKind(f.DataTypeOID, "b", plainCategory(f.DataTypeOID))}
	})
	return e.beginWith(columns)
}

// beginWith writes what comes before the first row.
func (e *exporter) beginWith(columns []PageColumn) error {
	head := e.line[:0]
	switch e.format {
	case ExportCSV, ExportTSV:
		separator := byte(',')
		if e.format == ExportTSV {
			separator = '\t'
		}
		e.append = func(dst []byte, values [][]byte) []byte { return appendSeparated(dst, values, separator) }
		if len(columns) > 0 {
			head = appendSeparatedHeader(head, columns, separator)
		}
	case ExportMarkdown:
		e.append = appendMarkdown
		head = appendMarkdownHeader(head, columns)
	case ExportJSON:
		head = append(head, '[')
	}
	if e.append == nil {
		e.append = JSONObjects(columns)
	}
	return e.write(head)
}

// plainCategory returns the category of a type of the server's own that has its own form in JSON.
func plainCategory(oid uint32) string {
	switch oid {
	case 16:
		return "B"
	case 20, 21, 23, 26, 700, 701, 1700:
		return "N"
	}
	return "U"
}

func (e *exporter) row(values [][]byte) error {
	line := e.line[:0]
	if e.format == ExportJSON {
		if e.done.Rows > 0 {
			line = append(line, ',')
		}
		line = append(line, '\n')
	}
	line = e.append(line, values)
	if e.format == ExportJSONLines {
		line = append(line, '\n')
	}
	e.done.Rows++
	if err := e.write(line); err != nil {
		return err
	}
	if e.report != nil && e.done.Rows%exportReport == 0 {
		e.report(e.done.Rows, e.done.Bytes)
	}
	return nil
}

func (e *exporter) end() error {
	if e.format == ExportJSON {
		if err := e.write([]byte("\n]\n")); err != nil {
			return err
		}
	}
	if e.report != nil {
		e.report(e.done.Rows, e.done.Bytes)
	}
	return nil
}

func (e *exporter) write(b []byte) error {
	e.line = b
	n, err := e.w.Write(b)
	e.done.Bytes += int64(n)
	return err
}
