// Package postgres talks to a PostgreSQL server: connections, health, the catalogue, counts, rows, cancelling. It is
// the only package that imports pgx; the names below let others use rows and transactions without importing it.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/livepeer/naap-dev/internal/sqltext"
)

// The driver's types that other packages see.
type (
	Row         = pgx.Row
	Rows        = pgx.Rows
	Tx          = pgx.Tx
	Conn        = pgx.Conn
	Batch       = pgx.Batch
	ServerError = pgconn.PgError // what the server said: Code, Message, Detail, Hint, Where, Position …
)

// ErrNoRows is what Row.Scan returns for an empty result.
var ErrNoRows = pgx.ErrNoRows

// Querier is what a pool, a connection and a transaction have in common.
type Querier interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	SendBatch(ctx context.Context, b *Batch) pgx.BatchResults
}

// Options are the settings of a DB.
type Options struct {
	Application    string               // application_name; "naap" if empty
	MaxConns       int32                // 4 if zero
	ConnectTimeout time.Duration        // for one attempt; 5 s if zero
	Parameters     map[string]string    // run-time parameters of each session, such as lock_timeout
	OnNotice       func(*pgconn.Notice) // the server's notices, or nil

	// Pooled says that the connection leads to a transaction pooler; the URL takes precedence where it says so itself
	// (?pgbouncer=true). See IsPooled.
	Pooled bool

	MayBePooled bool // for a Session: it finds out whether its connection is Pooled
	Reader      bool // the URL is a Reader's
	AsksPowers  bool // for a Session: it finds out what its role may do although it is locked; see Session.Powers

	// CancelWait is how long the server may take to answer the request to cancel a query before its connection is given
	// up; 2 s if zero. A caller that watches a server waits less, to notice soon that it no longer answers.
	CancelWait time.Duration

	// Quiet is for a pool whose look-ups are often given up, as by a cursor that moves on: these leave no line in the
	// server's log. A look-up that is given up is left to end by itself, for a while; a superuser's is kept out of the log
	// as well.
	Quiet bool

	// Password is called before each connection of a pool for the password in force, which may have changed since the pool
	// was opened; if it returns "", the URL's is used. It may be nil.
	Password func(ctx context.Context) string

	// Dial, if not nil, replaces the net package's Dial: for a tunnel, or to count round trips.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// DB is a pool of connections to one database. Cancelling a context cancels the query on the server and keeps the
// connection.
type DB struct {
	*pgxpool.Pool
	config *pgxpool.Config
	quiet  bool
}

// Open returns a pool for a connection URL or keyword string; it connects on first use, so that it only fails for a
// malformed URL. Parameters that only Prisma understands (?schema=…) are ignored. Its errors do not contain passwords.
func Open(ctx context.Context, url string, opt Options) (*DB, error) {
	cfg, err := poolConfig(url)
	if err != nil {
		return nil, err
	}
	cfg.MaxConns = 4
	if opt.MaxConns > 0 {
		cfg.MaxConns = opt.MaxConns
	}
	configure(cfg.ConnConfig, opt.at(url))
	cfg.ShouldPing = shouldPing
	if opt.Password != nil {
		cfg.BeforeConnect = func(ctx context.Context, c *pgx.ConnConfig) error {
			if now := opt.Password(ctx); now != "" {
				c.Password = now
			}
			return nil
		}
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, err
	}
	return &DB{Pool: pool, config: cfg, quiet: opt.Quiet}, nil
}

// Close closes the pool's connections. It waits a second at most: for a server that no longer answers, the pool would
// wait fifteen.
func (db *DB) Close() {
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		db.Pool.Close()
	}()
	select {
	case <-closed:
	case <-time.After(time.Second):
	}
}

// Connect opens one connection outside any pool.
func Connect(ctx context.Context, url string, opt Options) (*Conn, error) {
	cfg, err := driverConfig(url)
	if err != nil {
		return nil, err
	}
	configure(cfg, opt.at(url))
	return pgx.ConnectConfig(ctx, cfg)
}

// at returns the options with what the URL itself says.
func (o Options) at(url string) Options {
	if pooled, said := PooledByURL(url); said {
		o.Pooled = pooled
	}
	return o
}

func configure(cfg *pgx.ConnConfig, opt Options) {
	cfg.ConnectTimeout = 5 * time.Second
	if opt.ConnectTimeout > 0 {
		cfg.ConnectTimeout = opt.ConnectTimeout
	}
	// A database with another encoding has that as the default, in which queries of the simple protocol cannot be written.
	cfg.RuntimeParams["client_encoding"] = "UTF8"
	cfg.RuntimeParams["application_name"] = "naap"
	if opt.Application != "" {
		cfg.RuntimeParams["application_name"] = opt.Application
	}
	for k, v := range opt.Parameters {
		cfg.RuntimeParams[k] = v
	}
	// Nearly every statement of a verb is run once. Preparing it first, as pgx does otherwise, would be one round trip more,
	// and so it would be for a batch.
	cfg.DefaultQueryExecMode = pgx.QueryExecModeExec
	if opt.Pooled {
		poolable(cfg)
	}
	if opt.Reader {
		remember(cfg, readerKey)
	}
	if opt.OnNotice != nil {
		cfg.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) { opt.OnNotice(n) }
	}
	if opt.Dial != nil {
		cfg.DialFunc = opt.Dial
	}
	wait := 2 * time.Second
	if opt.CancelWait > 0 {
		wait = opt.CancelWait
	}
	// Without this pgx closes the connection when a context ends, and the query goes on in the server; with it the query
	// is cancelled there (57014) and the connection lives. The deadline is for a server that no longer answers.
	cfg.BuildContextWatcherHandler = func(conn *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: conn, DeadlineDelay: wait}
	}
}

// InTx runs f in one transaction: committed if f returns nil, rolled back otherwise, also if f panics. See Commit.
func (db *DB) InTx(ctx context.Context, f func(Tx) error) error {
	tx, err := db.Begin(ctx)
	if err != nil {
		return err
	}
	defer Rollback(ctx, tx)
	if err := f(tx); err != nil {
		return err
	}
	return Commit(ctx, tx)
}

// BeginLasting begins a transaction that may be idle for as long as it takes, whatever the server's limit is. The limit is
// lifted in the message that begins it: on a busy machine the server would not wait for a second one.
func BeginLasting(ctx context.Context, q interface {
	BeginTx(context.Context, pgx.TxOptions) (Tx, error)
}) (Tx, error) {
	return q.BeginTx(ctx, pgx.TxOptions{BeginQuery: "BEGIN; SET LOCAL idle_in_transaction_session_timeout = 0"})
}

// Ending returns a context for cleaning up after ctx may have ended: it lives for a few seconds, since a server that no
// longer answers would otherwise block the caller for ever.
func Ending(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
}

// Rollback ends a transaction that is not to be committed, even after ctx has ended; after a commit it does nothing. If
// the server does not answer, the connection is closed, which rolls back as well.
func Rollback(ctx context.Context, tx Tx) {
	ctx, cancel := Ending(ctx)
	defer cancel()
	_ = tx.Rollback(ctx)
}

// Close closes a connection, and waits a second at most for the server to notice.
func Close(conn *Conn) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = conn.Close(ctx)
}

// Ident returns a quoted identifier, or several joined by dots.
func Ident(parts ...string) string { return sqltext.Ident(parts...) }

// Literal returns a string quoted for a statement that takes no parameters, valid with either setting of
// standard_conforming_strings.
func Literal(s string) string { return sqltext.Literal(s) }

// AsServerError returns the server's error in err's chain.
func AsServerError(err error) (*ServerError, bool) {
	var e *pgconn.PgError
	ok := errors.As(err, &e)
	return e, ok
}

// SQLSTATEs that are looked for in more than one place.
const (
	Forbidden        = "42501" // the role lacks a right
	lockNotAvailable = "55P03"
	queryCanceled    = "57014"
	undefinedTable   = "42P01"
)

// HasCode reports whether err is the server's error with that SQLSTATE, such as "55P03".
func HasCode(err error, sqlstate string) bool {
	e, ok := AsServerError(err)
	return ok && e.Code == sqlstate
}

// Version is a server's version: 160014 is 16.14.
type Version int

// Major returns the first number of a version.
func (v Version) Major() int { return int(v) / 10000 }

// String returns the version as it is usually written.
func (v Version) String() string { return fmt.Sprintf("%d.%d", v.Major(), int(v)%10000) }

// ServerVersion asks the server for its version.
func ServerVersion(ctx context.Context, q Querier) (Version, error) {
	var text string
	if err := q.QueryRow(ctx, "SELECT current_setting('server_version_num')").Scan(&text); err != nil {
		return 0, fmt.Errorf("ask for the server's version: %w", err)
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("read the server's version %q: %w", text, err)
	}
	return Version(n), nil
}
