package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"hash/fnv"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// ask is one query of an exchange. Parameters and results are text, as psql reads and prints them; a nil parameter is
// NULL. Each is its own transaction unless the exchange begins one, so that a failure does not affect the others.
type ask struct {
	sql  string
	args [][]byte
	each func(textRow) // called for every row; the row is valid until it returns
	kept bool          // the same sql is asked often: it is prepared once for each connection, which saves parsing and planning; not through a pooler

	name   string
	err    error // what the server said, after the exchange
	tag    pgconn.CommandTag
	fields []pgconn.FieldDescription
}

// newAsk returns an ask whose parameters are strings.
func newAsk(sql string, each func(textRow), args ...string) *ask {
	a := &ask{sql: sql, each: each}
	for _, v := range args {
		a.args = append(a.args, []byte(v))
	}
	return a
}

// keptAsk is like newAsk, for a query that is asked often.
func keptAsk(sql string, each func(textRow), args ...string) *ask {
	a := newAsk(sql, each, args...)
	a.kept = true
	return a
}

// preparedKey is the key under which a connection remembers what is prepared on it.
const preparedKey = "naap prepared"

func prepared(pc *pgconn.PgConn) map[string]bool {
	m, _ := pc.CustomData()[preparedKey].(map[string]bool)
	if m == nil {
		m = map[string]bool{}
		pc.CustomData()[preparedKey] = m
	}
	return m
}

func (a *ask) send(p *pgconn.Pipeline, have map[string]bool, keeps bool) {
	if !a.kept || !keeps {
		p.SendQueryParams(a.sql, a.args, nil, nil, nil)
	} else {
		a.name = statementName(a.sql)
		if !have[a.name] {
			p.SendPrepare(a.name, a.sql, nil) // answered in the same exchange
		}
		p.SendQueryPrepared(a.name, a.args, nil, nil)
	}
	p.SendPipelineSync()
}

func statementName(sql string) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(sql))
	return "naap_" + strconv.FormatUint(h.Sum64(), 36)
}

// exchange sends all asks at once and reads their answers: one round trip, however many there are. The server's error
// for an ask is in its err; the returned error is the connection's, or the context's.
func exchange(ctx context.Context, pc *pgconn.PgConn, asks ...*ask) error {
	if ctx.Value(hushed{}) != nil {
		asks = hush(pc, asks)
	}
	p := pc.StartPipeline(ctx)
	have := prepared(pc)
	for _, a := range asks {
		a.send(p, have, !pooled(pc))
	}
	if err := p.Flush(); err != nil {
		return err
	}
	// Each ask is answered by its result or its error, and each sync by one more message.
	for i := 0; i < len(asks); {
		got, err := p.GetResults()
		switch got := got.(type) {
		case *pgconn.PipelineSync:
			i++
			continue
		case *pgconn.StatementDescription:
			have[asks[i].name] = true
			continue
		case *pgconn.ResultReader:
			err = asks[i].read(got)
		}
		if err == nil && got == nil {
			err = errors.New("the server stopped answering in the middle of an exchange")
		}
		if err == nil {
			continue
		}
		var fromServer *pgconn.PgError
		if !errors.As(err, &fromServer) || fromServer.Severity == "FATAL" || pc.IsClosed() {
			_ = p.Close()
			return err
		}
		asks[i].err = err
	}
	if err := p.Close(); err != nil {
		var fromServer *pgconn.PgError
		if !errors.As(err, &fromServer) {
			return err
		}
	}
	return ctx.Err()
}

func (a *ask) read(rr *pgconn.ResultReader) error {
	a.fields = append(a.fields[:0], rr.FieldDescriptions()...)
	for rr.NextRow() {
		if a.each != nil {
			a.each(textRow(rr.Values()))
		}
	}
	var err error
	a.tag, err = rr.Close()
	return err
}

// firstError returns the first error that the server gave for any of the asks.
func firstError(asks ...*ask) error {
	for _, a := range asks {
		if a.err != nil {
			return a.err
		}
	}
	return nil
}

// textRow is one row of values in text; nil is NULL. Its methods return the zero value for NULL.
type textRow [][]byte

func (r textRow) null(i int) bool  { return r[i] == nil }
func (r textRow) str(i int) string { return string(r[i]) }
func (r textRow) bool(i int) bool  { return len(r[i]) > 0 && r[i][0] == 't' }

func (r textRow) int(i int) int64 {
	n, _ := strconv.ParseInt(string(r[i]), 10, 64)
	return n
}

func (r textRow) uint(i int) uint64 {
	n, _ := strconv.ParseUint(string(r[i]), 10, 64)
	return n
}

func (r textRow) oid(i int) uint32 { return uint32(r.uint(i)) }

func (r textRow) float(i int) float64 {
	f, _ := strconv.ParseFloat(string(r[i]), 64)
	return f
}

// seconds reads a number of seconds as a duration.
func (r textRow) seconds(i int) time.Duration {
	return time.Duration(r.float(i) * float64(time.Second))
}

// epoch reads seconds since 1970; zero for NULL.
func (r textRow) epoch(i int) time.Time {
	if r.null(i) {
		return time.Time{}
	}
	return time.UnixMicro(int64(r.float(i) * 1e6))
}

// list reads a JSON array of strings, which avoids the rules of PostgreSQL's own array text.
func (r textRow) list(i int) []string {
	var out []string
	if len(r[i]) > 0 {
		_ = json.Unmarshal(r[i], &out)
	}
	return out
}

// pairs reads a JSON array of pairs of strings.
func (r textRow) pairs(i int) [][2]string {
	var out [][2]string
	if len(r[i]) > 0 {
		_ = json.Unmarshal(r[i], &out)
	}
	return out
}

// numbers reads a JSON array of numbers.
func (r textRow) numbers(i int) []int {
	var out []int
	if len(r[i]) > 0 {
		_ = json.Unmarshal(r[i], &out)
	}
	return out
}

// retried is a context key: a caller that sets it repeats what failed for a lost connection, and needs no ping before.
type retried struct{}

// shouldPing is the pool's own rule, to ping a connection that was idle for a second, except for callers that retry by
// themselves: for them it would be one more round trip each time.
func shouldPing(ctx context.Context, p pgxpool.ShouldPingParams) bool {
	return ctx.Value(retried{}) == nil && p.IdleDuration > time.Second
}

// reading runs f on a pooled connection. If the connection turns out to be lost, as after a restart of the server, the
// pool's idle connections are dropped and f runs once more on a new one: f must only read. When ctx ends, f may go on
// for a while in a quiet pool, and its results are not used: see DB.readOnce.
func (db *DB) reading(ctx context.Context, f func(context.Context, *pgconn.PgConn) error) error {
	ctx = context.WithValue(ctx, retried{}, true)
	lost, err := db.readOnce(ctx, f)
	if lost && ctx.Err() == nil {
		db.Pool.Reset()
		_, err = db.readOnce(ctx, f)
	}
	return err
}

func (db *DB) readOnce(ctx context.Context, f func(context.Context, *pgconn.PgConn) error) (lost bool, err error) {
	conn, err := db.Pool.Acquire(ctx)
	if err != nil {
		return false, err
	}
	pc := conn.Conn().PgConn()
	run := func(ctx context.Context) (lost bool, err error) {
		defer conn.Release()
		err = f(ctx, pc)
		return err != nil && pc.IsClosed(), err
	}
	switch {
	case !db.quiet:
		return run(ctx)
	case mayHush(pc):
		return leaveToEnd(context.WithValue(ctx, hushed{}, true), hushedEnds, run)
	}
	return leaveToEnd(ctx, loudEnds, run)
}

// readOnly runs asks in one read-only transaction of one round trip, and rolls it back. With REPEATABLE READ all of
// them see the same moment.
func (db *DB) readOnly(ctx context.Context, asks ...*ask) error {
	return db.reading(ctx, func(ctx context.Context, pc *pgconn.PgConn) error {
		return readOnlyExchange(ctx, pc, asks...)
	})
}

func readOnlyExchange(ctx context.Context, pc *pgconn.PgConn, asks ...*ask) error {
	all := make([]*ask, 0, len(asks)+2)
	all = append(all, newAsk("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", nil))
	all = append(all, asks...)
	all = append(all, newAsk("ROLLBACK", nil))
	all = append(all, letGo(pc)...)
	if err := exchange(ctx, pc, all...); err != nil {
		return err
	}
	return firstError(all...)
}

// letGo asks for the release of what does not end with a transaction: advisory locks taken by a function, which would
// keep others waiting as long as the connection lives. Behind a pooler, the server session may hold another client's.
func letGo(pc *pgconn.PgConn) []*ask {
	if pooled(pc) {
		return nil
	}
	return []*ask{newAsk("SELECT pg_catalog.pg_advisory_unlock_all()", nil)}
}
