package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
)

// What a run keeps if its options do not say.
const (
	defaultMaxRows   = 1000
	defaultMaxResult = 64 << 10
)

type columnType struct {
	name string
	kind ColumnKind
}

// statement runs one statement in the open transaction. It sends its own messages instead of using the driver's query:
// the extended protocol accepts one statement only, whatever is hidden in quotes, and Execute can ask for the first
// rows only.
func (s *Session) statement(ctx context.Context, number int, st Statement, opt RunOptions) Result {
	began := time.Now()
	r := Result{Statement: st}
	s.notices = nil
	x := execution{s: s, pc: s.conn.PgConn(), r: &r, opt: opt, number: number}
	r.Err = x.run(ctx)
	r.Notices = s.notices
	r.Took = time.Since(began)
	return r
}

// execution is one statement while it runs.
type execution struct {
	s      *Session
	pc     *pgconn.PgConn
	r      *Result
	opt    RunOptions
	number int
}

func (x *execution) run(ctx context.Context) error {
	if x.opt.MaxRows == 0 {
		x.opt.MaxRows = defaultMaxRows
	}
	if x.opt.MaxCell == 0 {
		x.opt.MaxCell = defaultMaxResult
	}
	sql, values, err := x.r.Statement.arguments(x.opt.Args)
	if err != nil {
		return err
	}
	f := x.pc.Frontend()
	f.SendParse(&pgproto3.Parse{Query: sql})
	f.SendDescribe(&pgproto3.Describe{ObjectType: 'S'})
	f.SendSync(&pgproto3.Sync{})
	var fields []pgproto3.FieldDescription
	if err := x.receive(ctx, func(m pgproto3.BackendMessage) {
		if d, ok := m.(*pgproto3.RowDescription); ok {
			fields = append(fields, d.Fields...)
			for i := range fields {
				fields[i].Name = []byte(string(fields[i].Name)) // the message's memory is reused
			}
		}
	}); err != nil {
		return err
	}
	if err := x.describe(ctx, fields); err != nil {
		return err
	}
	if x.opt.Sink != nil && fields != nil {
		if err := x.opt.Sink.Begin(x.r.Columns); err != nil {
			return err
		}
	}
	if pooled(x.pc) { // the query of describe has replaced the unnamed statement
		f.SendParse(&pgproto3.Parse{Query: sql})
	}
	f.SendBind(&pgproto3.Bind{Parameters: values})
	f.SendExecute(&pgproto3.Execute{MaxRows: x.fetch()})
	f.SendSync(&pgproto3.Sync{})
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	if err := x.receive(ctx, func(m pgproto3.BackendMessage) { x.message(m, stop) }); err != nil {
		if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, ctx.Err()) {
			return cause // the error of the sink
		}
		return err
	}
	if status := x.pc.TxStatus(); status != 'T' {
		return remedy.New("sql.left", remedy.ExitFailed, "the statement has ended the transaction that protects this session")
	}
	if x.opt.Sink != nil {
		return x.opt.Sink.End(*x.r)
	}
	return nil
}

// fetch returns how many rows the server is asked for, 0 for all. Only a locked session asks for some: a statement that
// writes is run to its end, whether or not its rows are read.
func (x *execution) fetch() uint32 {
	if x.s.writes || x.opt.MaxRows < 0 || x.opt.Sink != nil {
		return 0
	}
	return uint32(x.opt.MaxRows)
}

// receive sends what was written and reads until the server is ready again. It returns the first error. When ctx ends,
// the statement is cancelled on the server, whose answer is still read; if a server does not answer, the connection is
// closed after two seconds.
func (x *execution) receive(ctx context.Context, each func(pgproto3.BackendMessage)) error {
	cancelled := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(cancelled)
		_ = x.pc.Conn().SetDeadline(time.Now().Add(2 * time.Second))
		cancelCtx, done := context.WithTimeout(context.Background(), 2*time.Second)
		defer done()
		_ = x.pc.CancelRequest(cancelCtx)
	})
	defer func() {
		if stop() {
			return
		}
		<-cancelled
		// The request to cancel may reach the server process after its answer: it must not cancel what follows.
		time.Sleep(100 * time.Millisecond)
		_ = x.pc.Conn().SetDeadline(time.Time{})
	}()
	if err := x.pc.Frontend().Flush(); err != nil {
		return x.lost(ctx, err)
	}
	var failed error
	for {
		m, err := x.pc.ReceiveMessage(context.Background())
		if err != nil {
			return x.lost(ctx, err)
		}
		switch m := m.(type) {
		case *pgproto3.ErrorResponse:
			if failed == nil {
				failed = pgconn.ErrorResponseToPgError(m)
			}
			if m.Severity == "FATAL" || m.Severity == "PANIC" {
				return x.lost(ctx, failed)
			}
		case *pgproto3.CopyInResponse, *pgproto3.CopyBothResponse, *pgproto3.CopyOutResponse:
			return x.lost(ctx, errors.New("the server began to copy"))
		case *pgproto3.ReadyForQuery:
			return failed
		default:
			each(m)
		}
	}
}

// lost gives up the connection; the next run makes another.
func (x *execution) lost(ctx context.Context, err error) error {
	closing, done := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
	defer done()
	_ = x.pc.Close(closing)
	if ctx.Err() != nil {
		return fmt.Errorf("the server did not answer the request to cancel: %w", ctx.Err())
	}
	return Diagnose(err, x.s.url)
}

func (x *execution) message(m pgproto3.BackendMessage, stop context.CancelCauseFunc) {
	switch m := m.(type) {
	case *pgproto3.DataRow:
		x.row(m.Values, stop)
	case *pgproto3.PortalSuspended:
		x.r.More = true
	case *pgproto3.CommandComplete:
		x.r.Tag = string(m.CommandTag)
		x.r.Affected = affected(x.r.Tag)
	}
}

func (x *execution) row(values [][]byte, stop context.CancelCauseFunc) {
	switch {
	case x.opt.Sink != nil:
		if x.r.More { // the sink has failed; the remaining rows are only read
			return
		}
		if err := x.opt.Sink.Row(values); err != nil {
			x.r.More = true
			stop(err)
		}
	case x.opt.MaxRows >= 0 && len(x.r.Rows) >= x.opt.MaxRows:
		x.r.More = true
	default:
		x.r.Rows = append(x.r.Rows, say.Each(values, func(v []byte) Cell { return resultCell(v, x.opt.MaxCell) }))
	}
}

func resultCell(v []byte, limit int) Cell {
	if v == nil {
		return Cell{Null: true}
	}
	c := Cell{Bytes: int64(len(v))}
	if limit >= 0 && len(v) > limit {
		c.Truncated = true
		for limit > 0 && !utf8.RuneStart(v[limit]) {
			limit--
		}
		v = v[:limit]
	}
	c.Text = string(v)
	return c
}

// affected reads the number of rows written from a command tag such as "INSERT 0 3".
func affected(tag string) int64 {
	words := strings.Fields(tag)
	if len(words) < 2 {
		return 0
	}
	switch words[0] {
	case "INSERT", "UPDATE", "DELETE", "MERGE":
		n, _ := strconv.ParseInt(words[len(words)-1], 10, 64)
		return n
	}
	return 0
}

const typesSQL = `SELECT t.oid, format_type(t.oid, -1), t.typtype, t.typcategory FROM pg_type t WHERE t.oid = ANY ($1::oid[])`

// describe names the types of the result's columns, and asks for those not seen before. Its query is a named statement,
// so that the one just parsed is kept; through a pooler there are none.
func (x *execution) describe(ctx context.Context, fields []pgproto3.FieldDescription) error {
	if err := x.know(ctx, say.Each(fields, func(f pgproto3.FieldDescription) uint32 { return f.DataTypeOID })); err != nil {
		return err
	}
	for _, f := range fields {
		t := x.s.types[f.DataTypeOID]
		if t.kind == "" {
			t.kind = otherKind
		}
		x.r.Columns = append(x.r.Columns, PageColumn{Name: string(f.Name), Type: t.name, Kind: t.kind, Origin: Origin{f.TableOID, f.TableAttributeNumber}})
	}
	return nil
}

// know asks for types that the session has not met before.
func (x *execution) know(ctx context.Context, types []uint32) error {
	var unknown []string
	for _, oid := range types {
		if _, ok := x.s.types[oid]; !ok {
			unknown = append(unknown, strconv.FormatUint(uint64(oid), 10))
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	a := keptAsk(typesSQL, func(r textRow) {
		x.s.types[r.oid(0)] = columnType{r.str(1), columnKind(r.oid(0), r.str(2), r.str(3))}
	}, "{"+strings.Join(unknown, ",")+"}")
	if err := exchange(ctx, x.pc, a); err != nil {
		return err
	}
	return a.err
}

// locate finds the place of the error in the whole text; the server counts characters of the statement.
func (r *Result) locate(text string) {
	e, ok := AsServerError(r.Err)
	if !ok || e.Position <= 0 {
		return
	}
	p := PositionAt(text, r.Statement.Offset+OffsetOf(r.Statement.Text, int(e.Position)))
	r.At = &p
}
