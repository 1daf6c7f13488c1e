//go:build unix

package embedpg

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/memtest"
	"github.com/livepeer/naap-dev/internal/porttest"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/program"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/server"
)

func TestEnsureMakesThenAdoptsThenStarts(t *testing.T) {
	e, spec := newTestEngine(t, filepath.Join(memtest.Dir(t), "pg")), testSpec(t)
	first := ensure(t, e, spec)
	if !first.Created || !first.Started || first.Host != "127.0.0.1" || first.Port != spec.Port || !strings.HasPrefix(first.Version, "16.") {
		t.Errorf("the first time: %+v", first)
	}
	if !strings.HasPrefix(first.Identity, "naap:test:") {
		t.Errorf("the server is called %q", first.Identity)
	}
	query(t, spec.Port, "CREATE TABLE kept AS SELECT 42 AS x")
	pid := serverPID(t, e)
	second := ensure(t, e, spec)
	if second.Created || second.Started || second.Identity != first.Identity || second.Version != first.Version || serverPID(t, e) != pid {
		t.Errorf("the second time: %+v, pid %d then %d", second, pid, serverPID(t, e))
	}
	for range 2 { // the second time it is stopped already
		if _, err := e.Stop(context.Background(), progress.Discard); err != nil {
			t.Fatal(err)
		}
	}
	third := ensure(t, e, spec)
	if third.Created || !third.Started || third.Identity != first.Identity {
		t.Errorf("the third time: %+v", third)
	}
	if got := query(t, spec.Port, "SELECT x FROM kept"); got != "42" {
		t.Errorf("the table holds %q", got)
	}
}

func TestAServerHasRoomForTheLocksOfManyTablesUnlessTheUserChoseOtherwise(t *testing.T) {
	e, spec := newTestEngine(t, filepath.Join(memtest.Dir(t), "pg")), testSpec(t)
	ensure(t, e, spec)
	for _, c := range []struct{ change, want string }{
		{"SELECT", "1024"}, {"ALTER SYSTEM SET max_locks_per_transaction = 200", "200"}, {"ALTER SYSTEM RESET max_locks_per_transaction", "1024"},
	} {
		query(t, spec.Port, c.change)
		if _, err := e.Stop(context.Background(), progress.Discard); err != nil {
			t.Fatal(err)
		}
		ensure(t, e, spec)
		if got := query(t, spec.Port, "SHOW max_locks_per_transaction"); got != c.want {
			t.Errorf("after %s it is %s, want %s", c.change, got, c.want)
		}
	}
}

func TestTheClusterIsLikeTheImages(t *testing.T) {
	e, spec := newTestEngine(t, filepath.Join(memtest.Dir(t), "pg")), testSpec(t)
	spec.Database = `na"ap; x`
	var got string
	ask := func(ctx context.Context, at server.Endpoint) error {
		conn, err := postgres.Connect(ctx, testURL(at.Port, spec.Database, testPassword), postgres.Options{})
		if err != nil {
			return err
		}
		defer conn.Close(ctx)
		return conn.QueryRow(ctx, `SELECT concat_ws(' ', current_setting('server_encoding'), current_setting('TimeZone'),
			(SELECT rolsuper FROM pg_roles WHERE rolname = current_user), datcollate)
			FROM pg_database WHERE datname = current_database()`).Scan(&got)
	}
	if _, err := e.Ensure(context.Background(), spec, ask, progress.Discard); err != nil {
		t.Fatal(remedy.Text(err))
	}
	locale, ok := strings.CutPrefix(got, "UTF8 UTC t ")
	if !ok || !slices.Contains(locales(runtime.GOOS), locale) {
		t.Errorf("encoding, time zone, superuser, locale: %s", got)
	}
}

func TestAKilledServerIsStartedAgain(t *testing.T) {
	e, spec := newTestEngine(t, filepath.Join(memtest.Dir(t), "pg")), testSpec(t)
	ensure(t, e, spec)
	query(t, spec.Port, "CREATE TABLE kept AS SELECT 1 AS x")
	// A backend that is busy notices the end of its server late, and until then holds the shared memory.
	busy, err := postgres.Connect(context.Background(), testURL(spec.Port, "naap", testPassword), postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close(context.Background())
	go busy.Exec(context.Background(), "SELECT count(*) FROM generate_series(1, 5000000)")
	time.Sleep(50 * time.Millisecond)
	if err := syscall.Kill(serverPID(t, e), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	at := ensure(t, e, spec)
	if !at.Started || at.Created {
		t.Errorf("after the kill: %+v", at)
	}
	if got := query(t, spec.Port, "SELECT x FROM kept"); got != "1" {
		t.Errorf("the table holds %q", got)
	}
}

func TestATakenPortIsRefusedWithItsOwnerBeforeAnythingIsMade(t *testing.T) {
	dir := filepath.Join(memtest.Dir(t), "pg")
	e, spec := newTestEngine(t, dir), testSpec(t)
	l, err := net.Listen("tcp", net.JoinHostPort("0.0.0.0", strconv.Itoa(spec.Port)))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	r := refused(t, e, spec, "port.taken")
	text := remedy.Text(r)
	if !strings.Contains(text, "pid "+strconv.Itoa(os.Getpid())) || !strings.Contains(text, "naap dev up --port ") || r.Exit != remedy.ExitNoServer {
		t.Errorf("exit %d, %s", r.Exit, text)
	}
	if !missing(filepath.Join(dir, "data")) {
		t.Error("a cluster was made all the same")
	}
}

func TestAServerMovesToAPinnedPortAndElseStays(t *testing.T) {
	e, spec := newTestEngine(t, filepath.Join(memtest.Dir(t), "pg")), testSpec(t)
	first := ensure(t, e, spec)
	other := spec
	other.Port, other.PortPinned = porttest.Free(), false
	if at := ensure(t, e, other); at.Port != first.Port || at.Started {
		t.Errorf("nobody asked for another port: %+v", at)
	}
	other.PortPinned = true
	if at := ensure(t, e, other); at.Port != other.Port || !at.Started {
		t.Errorf("another port was asked for: %+v", at)
	}
	if _, err := e.Stop(context.Background(), progress.Discard); err != nil {
		t.Fatal(err)
	}
	spec.PortPinned = false
	if at := ensure(t, e, spec); at.Port != other.Port {
		t.Errorf("it was last on %d: %+v", other.Port, at)
	}
}

func TestALockFileOfAnotherProcessIsTakenOver(t *testing.T) {
	e, spec := newTestEngine(t, filepath.Join(memtest.Dir(t), "pg")), testSpec(t)
	ensure(t, e, spec)
	lockFile, err := os.ReadFile(e.at.pidFile())
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(lockFile), "\n")
	const gone = 1 << 22 // above every pid
	for _, pid := range []int{os.Getppid(), gone} {
		if _, err := e.Stop(context.Background(), progress.Discard); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(e.at.pidFile(), []byte(strconv.Itoa(pid)+"\n"+rest), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := e.account.Own(e.at.pidFile()); err != nil {
			t.Fatal(err)
		}
		if s, err := e.Describe(); err != nil || s.Server != nil || s.StalePID != pid {
			t.Errorf("pid %d is taken for a server: %+v, %v", pid, s.Server, err)
		}
		if at := ensure(t, e, spec); !at.Started {
			t.Errorf("with the pid %d: %+v", pid, at)
		}
	}
}

func TestABrokenDataDirectoryIsRefusedAndLeftAlone(t *testing.T) {
	dir := filepath.Join(memtest.Dir(t), "pg")
	e, spec := newTestEngine(t, dir), testSpec(t)
	if err := os.MkdirAll(filepath.Join(dir, "data", "base"), 0o755); err != nil {
		t.Fatal(err)
	}
	r := refused(t, e, spec, "data.damaged")
	if text := remedy.Text(r); !strings.Contains(text, "PG_VERSION") || !strings.Contains(text, "mv ") {
		t.Error(text)
	}
	if missing(filepath.Join(dir, "data", "base")) {
		t.Error("something of it was removed")
	}
}

func TestDataOfAnotherMajorIsRefusedByNameBeforeAStart(t *testing.T) {
	e, spec := newTestEngine(t, filepath.Join(memtest.Dir(t), "pg")), testSpec(t)
	ensure(t, e, spec)
	if _, err := e.Stop(context.Background(), progress.Discard); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(e.at.data(), "PG_VERSION"), []byte("12\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	logged := logLength(t, e)
	if text := remedy.Text(refused(t, e, spec, "postgres.setting")); !strings.Contains(text, "PostgreSQL 12") {
		t.Error(text)
	}
	e.search = Search{Programs: program.Finder{Path: "/nowhere"}, Roots: []string{}, Cache: memtest.Dir(t)}
	if text := remedy.Text(refused(t, e, spec, "postgres.missing")); !strings.Contains(text, "PostgreSQL 12") || !strings.Contains(text, ".postgresql12") {
		t.Error(text)
	}
	if logLength(t, e) != logged {
		t.Error("a server was started on it")
	}
}

// logLength is how much was logged: a start that failed would have logged.
func logLength(t *testing.T, e *Engine) int64 {
	t.Helper()
	info, err := os.Stat(e.at.logFile())
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

func TestTwoAtOnceMakeOneServer(t *testing.T) {
	dir, spec := filepath.Join(memtest.Dir(t), "pg"), testSpec(t)
	var group sync.WaitGroup
	var mu sync.Mutex
	created, started := 0, 0
	for range 4 {
		e := newTestEngine(t, dir)
		group.Go(func() {
			at, err := e.Ensure(context.Background(), spec, probe, progress.Discard)
			if err != nil {
				t.Error(remedy.Text(err))
			}
			mu.Lock()
			defer mu.Unlock()
			if at.Created {
				created++
			}
			if at.Started {
				started++
			}
		})
	}
	group.Wait()
	if created != 1 || started != 1 {
		t.Errorf("%d made a cluster, %d started a server", created, started)
	}
}

func TestAServerThatDiesIsReportedWithItsCause(t *testing.T) {
	e, spec := newTestEngine(t, filepath.Join(memtest.Dir(t), "pg")), testSpec(t)
	ensure(t, e, spec)
	if _, err := e.Stop(context.Background(), progress.Discard); err != nil {
		t.Fatal(err)
	}
	settings := filepath.Join(e.at.data(), "postgresql.auto.conf")
	set := func(text string) {
		if err := os.WriteFile(settings, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	set("shared_buffers = plenty\n")
	r := refused(t, e, spec, "postgres.configuration")
	if text := remedy.Text(r); !strings.Contains(text, "plenty") || !strings.Contains(text, "exit status 1") {
		t.Error(text)
	}
	set("shared_buffers = '7TB'\nhuge_pages = off\n")
	refused(t, e, spec, "postgres.memory")
	set("")
	if err := os.Chmod(e.at.data(), 0o777); err != nil {
		t.Fatal(err)
	}
	refused(t, e, spec, "data.permission")
	if err := os.Chmod(e.at.data(), 0o700); err != nil {
		t.Fatal(err)
	}
	control := filepath.Join(e.at.data(), "global", "pg_control")
	whole, err := os.ReadFile(control)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(control, append(make([]byte, 0, len(whole)), append([]byte("garbage "), whole[8:]...)...), 0o600); err != nil {
		t.Fatal(err)
	}
	refused(t, e, spec, "data.corrupted")
	if err := os.WriteFile(control, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	ensure(t, e, spec) // no cause of an earlier failure is held against it
}

func TestAServerThatIsKilledWhileWeWaitIsReportedAtOnce(t *testing.T) {
	e, spec := newTestEngine(t, filepath.Join(memtest.Dir(t), "pg")), testSpec(t)
	spec.ReadyTimeout = time.Hour
	var once sync.Once
	never := func(ctx context.Context, at server.Endpoint) error {
		if s, _ := e.at.readServer(); s != nil && s.Status == "ready" {
			once.Do(func() { syscall.Kill(s.PID, syscall.SIGKILL) })
		}
		return errors.New("not yet")
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_, err := e.Ensure(ctx, spec, never, progress.Discard)
	if text := remedy.Text(err); remedy.Code(err) != "postgres.died" || !strings.Contains(text, "signal 9") || !strings.Contains(text, "database system is ready") {
		t.Error(text)
	}
}

func TestAProbeThatIsNeverContentEndsTheWait(t *testing.T) {
	e, spec := newTestEngine(t, filepath.Join(memtest.Dir(t), "pg")), testSpec(t)
	spec.ReadyTimeout = 100 * time.Millisecond
	_, err := e.Ensure(context.Background(), spec, func(context.Context, server.Endpoint) error { return errors.New("no luck") }, progress.Discard)
	if remedy.Code(err) != "postgres.unready" || !strings.Contains(err.Error(), "no luck") {
		t.Error(err)
	}
	final := remedy.New("server.password", remedy.ExitNoServer, "wrong password")
	_, err = e.Ensure(context.Background(), testSpecAt(spec.Port), func(context.Context, server.Endpoint) error { return final }, progress.Discard)
	if !errors.Is(err, final) {
		t.Error(err)
	}
}

func testSpecAt(port int) Spec {
	return Spec{Wanted: server.Wanted{Instance: "test", Port: port, PortPinned: true, Password: testPassword}}
}

func TestDeleteDataStopsTheServerAndRemovesIt(t *testing.T) {
	e, spec := newTestEngine(t, filepath.Join(memtest.Dir(t), "pg")), testSpec(t)
	first := ensure(t, e, spec)
	pid := serverPID(t, e)
	if _, err := e.DeleteData(context.Background(), progress.Discard); err != nil {
		t.Fatal(err)
	}
	if servesData(pid, e.at.data()) {
		t.Error("the server still runs")
	}
	if !missing(e.Dir()) {
		left, _ := filepath.Glob(filepath.Join(e.Dir(), "*"))
		t.Errorf("its folder is there still, with %v", left)
	}
	if _, err := e.DeleteData(context.Background(), progress.Discard); err != nil {
		t.Errorf("a second time: %v", err)
	}
	if at := ensure(t, e, spec); !at.Created || at.Identity == first.Identity {
		t.Errorf("afterwards: %+v", at)
	}
}

func TestPlanShowsWhatEnsureWouldDoAndDoesNothing(t *testing.T) {
	dir := filepath.Join(memtest.Dir(t), "pg")
	e, spec := newTestEngine(t, dir), testSpec(t)
	p, err := e.Plan(spec)
	if err != nil {
		t.Fatal(err)
	}
	want := "make a PostgreSQL cluster in " + dir + "/data\nstart PostgreSQL on 127.0.0.1:" + strconv.Itoa(spec.Port)
	if p != want {
		t.Errorf("got %q, want %q", p, want)
	}
	if !missing(dir) {
		t.Error("the folder was made")
	}
}
