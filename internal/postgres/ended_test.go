package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/remedy"
)

func TestTheEndOfASessionIsKnownByWhatTheServerSays(t *testing.T) {
	url := pgtest.NewDatabase(t)
	own := func(sql string) error {
		conn, err := Connect(t.Context(), url, Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer Close(conn)
		for _, statement := range Split(sql) {
			if _, err = conn.Exec(t.Context(), statement.Text); err != nil {
				break
			}
		}
		if err == nil {
			_, err = conn.Exec(t.Context(), "SELECT 1")
		}
		return err
	}
	for sql, want := range map[string]End{
		"SELECT 1":   NotEnded,
		"SELECT 1/0": NotEnded,
		"SELECT pg_cancel_backend(pg_backend_pid()), pg_sleep(60)":        Cancelled,
		"SELECT pg_terminate_backend(pg_backend_pid()), pg_sleep(60)":     Terminated,
		"SET statement_timeout = 1; SELECT pg_sleep(60)":                  StatementTime,
		"DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '55P03'; END $$": LockTime,
		"DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '53100'; END $$": OutOfSpace,
	} {
		err := own(sql)
		wrapped := remedy.New("seed.failed", remedy.ExitFailed, "the seed failed").Wrap(fmt.Errorf("run it: %w", err))
		if err == nil {
			wrapped = nil
		}
		if got := EndOf(err); got != want || wrapped != nil && EndOf(wrapped) != want {
			t.Errorf("%s: %d, want %d (%v)", sql, got, want, err)
		}
	}
	_, err := Connect(t.Context(), "postgresql://127.0.0.1:1/x", Options{})
	if got := EndOf(err); got != NoConnection {
		t.Errorf("nobody listens: %d", got)
	}
	for text, want := range map[string]End{
		"pg_dump: error: query failed: server closed the connection unexpectedly":                   LostConnection,
		"pg_restore: error: connection to server at \"127.0.0.1\", port 5432 failed: FATAL: x":      NoConnection,
		"pg_dump: error: query failed: FATAL:  terminating connection due to administrator command": Terminated,
	} {
		if got := EndOf(errors.New(text)); got != want {
			t.Errorf("%s: %d", text, got)
		}
	}
}

// lossy is a connection that breaks when COMMIT is sent: before the server receives it, or after.
type lossy struct {
	net.Conn
	after bool
}

func (c *lossy) Write(p []byte) (int, error) {
	if !bytes.Contains(p, []byte("commit\x00")) {
		return c.Conn.Write(p)
	}
	if c.after {
		_, _ = c.Conn.Write(p)
		// The answer comes once the commit is done, and is lost.
		_, _ = c.Conn.Read(make([]byte, 1))
	}
	_ = c.Close()
	return 0, errors.New("broken")
}

func TestACommitWhoseAnswerIsLostIsAskedFor(t *testing.T) {
	url := pgtest.NewDatabase(t)
	pgtest.Exec(t, url, "CREATE TABLE t ()")
	for after, want := range map[bool]Fate{false: fateAborted, true: FateCommitted} {
		db, err := Open(t.Context(), url, Options{Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := new(net.Dialer).DialContext(ctx, network, address)
			return &lossy{conn, after}, err
		}})
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		ctx, j := WithJournal(t.Context())
		err = db.InTx(ctx, func(tx Tx) error { _, err := tx.Exec(ctx, "INSERT INTO t DEFAULT VALUES"); return err })
		if err == nil || len(j.Doubtful()) != 1 || j.Committed() != 0 {
			t.Fatalf("%v, %d, %v", err, j.Committed(), j.Doubtful())
		}
		xid := j.Doubtful()[0]
		fate, err := FateOf(t.Context(), url, xid)
		if err != nil || fate != want {
			t.Errorf("lost after the server had it: %v; %q, %v", after, fate, err)
		}
		if j.Settle(xid, fate == FateCommitted); len(j.Doubtful()) != 0 || (j.Committed() == 1) != after {
			t.Errorf("%d, %v", j.Committed(), j.Doubtful())
		}
	}
	if fate, err := FateOf(t.Context(), url, "4000000000"); err != nil || fate != fateAborted {
		t.Errorf("a transaction that a crash took: %q, %v", fate, err)
	}
}

func TestAJournalCountsWhatIsCommittedAndNothingElse(t *testing.T) {
	url := pgtest.NewDatabase(t)
	pgtest.Exec(t, url, "CREATE TABLE t (i int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED)")
	db, err := Open(t.Context(), url, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	ctx, j := WithJournal(t.Context())
	for _, c := range []struct {
		sql       string
		committed int
	}{{"SELECT 1", 0}, {"INSERT INTO t VALUES (1)", 1}, {"INSERT INTO t VALUES (1)", 1}, {"SELECT 1/0", 1}} {
		_ = db.InTx(ctx, func(tx Tx) error { _, err := tx.Exec(ctx, c.sql); return err })
		if j.Committed() != c.committed || len(j.Doubtful()) != 0 {
			t.Errorf("%s: %d committed, in doubt: %v", c.sql, j.Committed(), j.Doubtful())
		}
	}
}
