package postgres

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/pgtest"
)

// complaints returns the lines of a server's log, from an offset on, whose level is not LOG.
func complaints(log string, from int) []string {
	var out []string
	for line := range strings.Lines(log[from:]) {
		if !strings.Contains(line, " LOG: ") && strings.Contains(line, ":  ") {
			out = append(out, strings.TrimSpace(line))
		}
	}
	return out
}

// TestLookUpsThatAreGivenUpLeaveNoLineInTheLog gives up many look-ups at any moment, as a fast cursor does, for a
// superuser and for another user. A pool that is not quiet shows that they would leave lines.
func TestLookUpsThatAreGivenUpLeaveNoLineInTheLog(t *testing.T) {
	server := pgtest.Server(t)
	url := server.NewDatabase(t)
	pgtest.Exec(t, url, `CREATE TABLE slow (id int PRIMARY KEY, n int); INSERT INTO slow SELECT g, g FROM generate_series(1, 200000) g;
		CREATE TABLE secret (id int); INSERT INTO secret VALUES (1); CREATE TABLE locked (id int PRIMARY KEY); INSERT INTO locked VALUES (1);
		DROP ROLE IF EXISTS plain; CREATE ROLE plain LOGIN PASSWORD 'plain'; GRANT SELECT ON slow, locked TO plain`)
	plain := strings.Replace(url, userOf(t, url), "plain:plain", 1)
	for _, c := range []struct {
		name, url string
		quiet     bool
	}{{"superuser", url, true}, {"another user", plain, true}, {"not quiet", url, false}} {
		t.Run(c.name, func(t *testing.T) {
			db, err := Open(t.Context(), c.url, Options{MaxConns: 8, Quiet: c.quiet})
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if _, err := db.Snapshot(t.Context(), SnapshotOptions{}); err != nil {
				t.Fatal(err)
			}
			from := len(server.Log())
			var wg sync.WaitGroup
			for i := range 60 {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i%20)*2*time.Millisecond)
				wg.Go(func() {
					defer cancel()
					switch {
					case i == 30 && c.name == "superuser": // it takes longer than it is allowed
						_, _ = db.Page(ctx, PageRequest{Table: TableRef{"public", "locked"}, Raw: "pg_sleep(3600) IS NULL"})
					case i%3 == 0:
						_, _ = db.Page(ctx, PageRequest{Table: TableRef{"public", "slow"}, Raw: "n % 7 = 8", CountTo: 1000})
					case i%3 == 1:
						_, _ = db.Detail(ctx, TableRef{"public", "slow"})
					default:
						_, _ = db.Snapshot(ctx, SnapshotOptions{})
					}
				})
				time.Sleep(5 * time.Millisecond)
			}
			wg.Wait()
			if !c.quiet {
				giveUpWhileItRuns(t, db)
			}
			// A look-up that goes on has its connection until it ends: once all connections are back, all of them have ended.
			conns := db.AcquireAllIdle(t.Context())
			for db.Stat().AcquiredConns() > int32(len(conns)) {
				time.Sleep(10 * time.Millisecond)
			}
			for _, conn := range conns {
				conn.Release()
			}
			if n := len(complaints(server.Log(), from)); (n == 0) != c.quiet {
				t.Errorf("%d lines: %q", n, complaints(server.Log(), from))
			}
			var level string
			if err := db.QueryRow(t.Context(), "SHOW log_min_messages").Scan(&level); err != nil || level == "log" {
				t.Errorf("afterwards it is %s, %v", level, err)
			}
		})
	}
}

// giveUpWhileItRuns gives up a look-up that the server is at work on: of those that are given up after a few
// milliseconds, a busy machine may not have sent one yet.
func giveUpWhileItRuns(t *testing.T, db *DB) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = db.Page(ctx, PageRequest{Table: TableRef{"public", "locked"}, Raw: "pg_sleep(3600) IS NULL"})
	}()
	eventually(t, "the look-up runs", func() (runs bool) {
		if err := db.QueryRow(ctx, "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event = 'PgSleep'").Scan(&runs); err != nil {
			t.Fatal(err)
		}
		return runs
	})
	cancel()
	<-done
}

func TestAFailureOfAVerbOfTheAppIsInTheLog(t *testing.T) {
	server := pgtest.Server(t)
	db, err := Open(t.Context(), server.NewDatabase(t), Options{Quiet: true})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Snapshot(t.Context(), SnapshotOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := db.Quietly(t.Context(), func(q Querier) error { _, err := q.Exec(t.Context(), "SELECT hushed"); return err }); err == nil {
		t.Fatal("no error")
	}
	_, _ = db.Exec(t.Context(), "SELECT audible")
	for deadline := time.Now().Add(20 * time.Second); !strings.Contains(server.Log(), "audible"); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it is not there")
		}
	}
	if strings.Contains(server.Log(), "hushed") {
		t.Error("what was to be hushed is there")
	}
}

// userOf returns the user of a URL.
func userOf(t *testing.T, url string) string {
	t.Helper()
	_, rest, _ := strings.Cut(url, "://")
	login, _, ok := strings.Cut(rest, "@")
	if !ok {
		t.Fatalf("%s has no login", url)
	}
	return login
}
