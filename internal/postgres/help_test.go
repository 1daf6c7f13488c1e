package postgres

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/livepeer/naap-dev/internal/pgtest"
)

// open returns a pool on a new database in which the statements have been run.
func open(t testing.TB, setup string, change ...func(*Options)) *DB {
	t.Helper()
	db, _ := openURL(t, setup, change...)
	return db
}

func openURL(t testing.TB, setup string, change ...func(*Options)) (*DB, string) {
	t.Helper()
	url := pgtest.NewDatabase(t)
	if setup != "" {
		pgtest.Exec(t, url, setup)
	}
	var opt Options
	for _, c := range change {
		c(&opt)
	}
	db, err := Open(t.Context(), url, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	return db, url
}

func mustExec(t testing.TB, db *DB, sql string) {
	t.Helper()
	if _, err := db.Pool.Exec(context.Background(), sql, pgx.QueryExecModeSimpleProtocol); err != nil {
		t.Fatalf("%.200s: %v", sql, err)
	}
}

// wire counts round trips on the connections that it dials: a write after a read begins one.
type wire struct {
	trips atomic.Int64
}

func (w *wire) option(o *Options) {
	o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		c, err := (&net.Dialer{}).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &countedConn{Conn: c, wire: w, hasRead: true}, nil
	}
}

// during returns how many round trips f takes.
func (w *wire) during(f func()) int {
	before := w.trips.Load()
	f()
	return int(w.trips.Load() - before)
}

type countedConn struct {
	net.Conn
	wire    *wire
	mu      sync.Mutex
	hasRead bool
}

func (c *countedConn) Write(b []byte) (int, error) {
	c.mu.Lock()
	if c.hasRead {
		c.wire.trips.Add(1)
		c.hasRead = false
	}
	c.mu.Unlock()
	return c.Conn.Write(b)
}

func (c *countedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.mu.Lock()
	c.hasRead = c.hasRead || n > 0
	c.mu.Unlock()
	return n, err
}

// eventually waits until ask returns true, and fails the test if it never does.
func eventually(t testing.TB, what string, ask func() bool) {
	t.Helper()
	for range 2400 { // a minute
		if ask() {
			return
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Fatalf("never: %s", what)
}
