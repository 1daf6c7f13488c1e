package postgres

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/remedy"
)

func TestAPoolerIsFoundOut(t *testing.T) {
	direct := pgtest.NewDatabase(t)
	for url, want := range map[string]bool{direct: false, pgtest.Pooler(t, direct): true} {
		conn, err := Connect(t.Context(), url, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got, err := IsPooled(t.Context(), conn); err != nil || got != want {
			t.Errorf("%s: %v, %v", dburl.MaskURL(url), got, err)
		}
		Close(conn)
	}
	for raw, want := range map[string][2]bool{
		"postgresql://h/d": {}, "postgresql://h/d?pgbouncer=true": {true, true}, "postgresql://h/d?schema=x&pgbouncer=false": {false, true},
		"postgresql://h/d?pgbouncer=perhaps": {},
	} {
		if pooled, said := PooledByURL(raw); pooled != want[0] || said != want[1] {
			t.Errorf("%s: %v, %v", raw, pooled, said)
		}
	}
}

// TestManyReadThroughAPooler has more clients than the pooler has sessions, each with queries that otherwise are
// prepared.
func TestManyReadThroughAPooler(t *testing.T) {
	direct := pgtest.NewDatabase(t)
	pgtest.Exec(t, direct, precious)
	url := pgtest.Pooler(t, direct)
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			db, err := Open(t.Context(), url, Options{Pooled: true, MaxConns: 2})
			if err != nil {
				t.Error(err)
				return
			}
			defer db.Close()
			for i := range 20 {
				var n int
				if err := db.QueryRow(t.Context(), "SELECT count(*) FROM t WHERE id <> ALL ($1)", []int{-i}).Scan(&n); err != nil || n != 5 {
					t.Errorf("%d, %v", n, err)
				}
				if c, err := db.Count(t.Context(), TableRef{"public", "t"}); err != nil || c.N != 5 {
					t.Errorf("%+v, %v", c, err)
				}
				if _, err := db.Snapshot(t.Context(), SnapshotOptions{}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

func TestASessionThroughAPoolerIsReadOnlyAndLeavesNothing(t *testing.T) {
	direct := pgtest.NewDatabase(t)
	pgtest.Exec(t, direct, precious)
	url := pgtest.Pooler(t, direct)
	var sessions []*Session
	for range 4 {
		s, err := OpenSession(t.Context(), url, Options{MayBePooled: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close(t.Context()) })
		sessions = append(sessions, s)
	}
	for round := range 5 {
		for i, s := range sessions {
			out := run(t, s, fmt.Sprintf("SELECT %d AS r, 'x'::text, count(*) FROM t; SELECT now(), '{}'::jsonb", round))
			if out.Err() != nil || out.Results[0].Rows[0][2].Text != "5" {
				t.Fatalf("session %d: %+v", i, out)
			}
			for _, write := range []string{
				"DELETE FROM t", "SELECT nextval('s')", "SELECT set_config('transaction_read_only', 'off', false); DELETE FROM t",
				"SET TRANSACTION READ WRITE; DELETE FROM t", "SELECT set_config('default_transaction_read_only', 'off', false)",
			} {
				if out := run(t, s, write); strings.Contains(write, "DELETE") && out.Err() == nil {
					t.Errorf("%s was run", write)
				}
			}
			for _, trace := range []string{"SET search_path = nowhere", "LISTEN x", "PREPARE p AS SELECT 1", "DISCARD ALL", "RESET ALL"} {
				if out := run(t, s, trace); remedy.Code(out.Err()) != "sql.session" {
					t.Errorf("%s: %v", trace, out.Err())
				}
			}
			if out := run(t, s, "SET LOCAL search_path = public; SELECT count(*) FROM t"); out.Err() != nil {
				t.Error(out.Err())
			}
		}
	}
	writer := sessions[0]
	writer.Unlock()
	if out := run(t, writer, "INSERT INTO t VALUES (77, 7)"); !out.Pending || out.Err() != nil {
		t.Fatalf("%+v", out)
	}
	if err := writer.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, s := range sessions[1:] {
		if out := run(t, s, "SELECT count(*), current_setting('default_transaction_read_only'), current_setting('search_path') FROM t"); out.Err() != nil ||
			rowTexts(out.Results[0].Rows)[0] != `6|off|"$user", public` {
			t.Errorf("%v, %v", rowTexts(out.Results[0].Rows), out.Err())
		}
	}
}

// TestASessionTakesTheHostThatWrites has two hosts, the first of which is read-only, as a standby is.
func TestASessionTakesTheHostThatWrites(t *testing.T) {
	reads := pgtest.Server(t, pgtest.Setting("default_transaction_read_only", "on"))
	writes := pgtest.URL(t)
	one, err1 := dburl.ParseTarget(reads.URL())
	other, err2 := dburl.ParseTarget(writes)
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	both := other
	both.Hosts = append(one.Hosts, other.Hosts...)
	both.Params.Set("target_session_attrs", "read-write")
	s, err := OpenSession(t.Context(), both.URL(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close(t.Context())
	if out := run(t, s, "SHOW port"); out.Err() != nil || out.Results[0].Rows[0][0].Text != fmt.Sprint(other.Hosts[0].Port) {
		t.Errorf("%+v", out)
	}
	if out := run(t, s, "CREATE TABLE x ()"); !HasCode(out.Err(), "25006") {
		t.Errorf("it writes: %v", out.Err())
	}
}
