//go:build unix

package pgtest

import (
	"context"
	"net/url"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// value returns the result of a query in the database that the URL names.
func value(t *testing.T, url, query string) (answer string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if err := conn.QueryRow(ctx, query).Scan(&answer); err != nil {
		t.Fatal(err)
	}
	return answer
}

func TestADatabaseIsFreshAndOnVersion16(t *testing.T) {
	a, b := NewDatabase(t), NewDatabase(t)
	Exec(t, a, "CREATE TABLE t (x int); INSERT INTO t VALUES (1)")
	if got := value(t, a, "SELECT current_setting('server_version_num')"); !strings.HasPrefix(got, "16") {
		t.Errorf("the server's version is %s", got)
	}
	if got := value(t, b, "SELECT count(*)::text FROM pg_tables WHERE schemaname = 'public'"); got != "0" {
		t.Errorf("another new database holds %s tables", got)
	}
}

func TestADatabaseCanBeACopy(t *testing.T) {
	a := NewDatabase(t)
	Exec(t, a, "CREATE TABLE t AS SELECT 7::text AS x")
	u, _ := url.Parse(a)
	if got := value(t, NewDatabase(t, Template(strings.TrimPrefix(u.Path, "/"))), "SELECT x FROM t"); got != "7" {
		t.Errorf("the copy holds %s", got)
	}
}

func TestDatabasesWithTheSameAreMadeOnceAndCopied(t *testing.T) {
	const with = "CREATE TABLE t AS SELECT clock_timestamp()::text AS made; CREATE TABLE s ()"
	a, b := NewDatabase(t, With(with)), NewDatabase(t, With(with))
	Exec(t, a, "DROP TABLE s")
	if value(t, a, "SELECT made FROM t") != value(t, b, "SELECT made FROM t") || value(t, b, "SELECT to_regclass('s')::text") != "s" {
		t.Error("they are no copies, or share what one of them does")
	}
}

func TestTheServerWantsThePasswordAndListensOnLoopback(t *testing.T) {
	u, _ := url.Parse(NewDatabase(t))
	if os.Getenv("NAAP_TEST_POSTGRES_URL") != "" {
		t.Skip("the server was given")
	}
	if got := value(t, u.String(), "SHOW listen_addresses"); got != "127.0.0.1" {
		t.Errorf("it listens on %s", got)
	}
	u.User = url.UserPassword("postgres", "wrong")
	if err := tryExec(u.String(), "SELECT 1"); err == nil || !strings.Contains(err.Error(), "28P01") {
		t.Errorf("a wrong password gives %v", err)
	}
}

func TestAServerCanBeStoppedKilledAndStarted(t *testing.T) {
	s := Server(t, Setting("max_connections", "7"))
	Exec(t, s.URL(), "CREATE TABLE kept (x int)")
	for _, end := range []func(testing.TB){s.Stop, s.Kill} {
		end(t)
		if err := tryExec(s.URL(), "SELECT 1"); err == nil {
			t.Fatal("the server answers though it was ended")
		}
		s.Start(t)
		if got := value(t, s.URL(), "SELECT count(*)::text || ' ' || current_setting('max_connections') FROM kept"); got != "0 7" {
			t.Errorf("after a start: %s", got)
		}
	}
}

// TestAKilledServerStartsOnceItsSessionsAreGone has a session that takes a while to notice.
func TestAKilledServerStartsOnceItsSessionsAreGone(t *testing.T) {
	s := Server(t)
	busy := make(chan struct{})
	go func() {
		defer close(busy)
		_ = tryExec(s.URL(), "DO $$ DECLARE end_ timestamptz := clock_timestamp() + '2s'; BEGIN WHILE clock_timestamp() < end_ LOOP END LOOP; END $$") // however it ends
	}()
	for value(t, s.URL(), "SELECT count(*)::text FROM pg_stat_activity WHERE query LIKE 'DO %'") != "1" {
		time.Sleep(5 * time.Millisecond)
	}
	s.Kill(t)
	s.Start(t)
	<-busy
	if !strings.Contains(s.Log(), stillHeld) {
		t.Error("the session was not in the way")
	}
}

// TestNothingIsLeftOfAKilledTestProcess runs this test again in a process of its own, which then dies without a chance
// to clean up.
func TestNothingIsLeftOfAKilledTestProcess(t *testing.T) {
	if os.Getenv("PGTEST_VICTIM") != "" {
		s := Server(t)
		os.Stdout.WriteString("HOME " + s.home + "\n")
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
	}
	victim := osexec.Command(os.Args[0], "-test.run=^TestNothingIsLeftOfAKilledTestProcess$")
	victim.Env = append(os.Environ(), "PGTEST_VICTIM=1")
	out, _ := victim.Output()
	home, ok := strings.CutPrefix(strings.TrimSpace(string(out)), "HOME ")
	if !ok || !strings.Contains(filepath.Base(home), "naap-pgtest-") {
		t.Fatalf("the process said %q", out)
	}
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(home); os.IsNotExist(err) {
			return
		}
	}
	t.Errorf("%s is still there", home)
}
