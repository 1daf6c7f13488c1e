//go:build unix

package embedpg

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/loopback"
	"github.com/livepeer/naap-dev/internal/porttest"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/server"
)

// testSearch finds PostgreSQL as naap does, in the user's own cache, so that it is fetched once.
func testSearch(t *testing.T) Search {
	t.Helper()
	user, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	cache, err := CacheDir(filepath.Join(user, "naap"))
	if err != nil {
		t.Fatal(err)
	}
	return Search{Cache: cache}
}

// found is where PostgreSQL 16 is, looked for once.
var found = sync.OnceValues(func() (string, error) {
	user, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	cache, err := CacheDir(filepath.Join(user, "naap"))
	if err != nil {
		return "", err
	}
	b, err := Locate(context.Background(), Search{Cache: cache}, progress.Discard)
	return b.Dir, err
})

// newTestEngine is an engine in a folder, whose server is gone when the test ends.
func newTestEngine(t *testing.T, dir string) *Engine {
	t.Helper()
	bin, err := found()
	if err != nil {
		t.Fatal(err)
	}
	e, err := New(Options{Dir: dir, Search: Search{Bin: bin}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Stop(context.Background(), progress.Discard) })
	return e
}

// patience is how long a test waits for what takes a second, on a machine that is busy with other things.
const patience = 3 * time.Minute

const testPassword = "s3cret of the /tests"

// testSpec is a server on a port that was free a moment ago.
func testSpec(t *testing.T) Spec {
	t.Helper()
	return Spec{Wanted: server.Wanted{Instance: "test", Port: porttest.Free(), PortPinned: true, Password: testPassword}, ReadyTimeout: patience}
}

func testURL(port int, database, password string) string {
	u := url.URL{
		Scheme: "postgresql", User: url.UserPassword("postgres", password),
		Host: net.JoinHostPort(loopback.Host, strconv.Itoa(port)), Path: "/" + database, RawQuery: "sslmode=disable",
	}
	return u.String()
}

// probe asks as the verbs do: over TCP, with the password, for the server's name.
func probe(ctx context.Context, at server.Endpoint) error {
	conn, err := postgres.Connect(ctx, testURL(at.Port, "naap", testPassword), postgres.Options{})
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	var name string
	if err := conn.QueryRow(ctx, "SHOW cluster_name").Scan(&name); err != nil {
		return err
	}
	if name != at.Identity {
		return remedy.New("server.foreign", remedy.ExitNoServer, "the server is %q, expected %q", name, at.Identity)
	}
	return nil
}

// ensure makes the server run, or fails the test.
func ensure(t *testing.T, e *Engine, spec Spec) server.Endpoint {
	t.Helper()
	at, err := e.Ensure(context.Background(), spec, probe, progress.Discard)
	if err != nil {
		t.Fatal(remedy.Text(err))
	}
	return at
}

// refused is the remedy with which Ensure fails.
func refused(t *testing.T, e *Engine, spec Spec, code string) *remedy.Error {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	_, err := e.Ensure(ctx, spec, probe, progress.Discard)
	r, ok := remedy.Of(err)
	if !ok || r.Code != code {
		t.Fatalf("got %q (%v), want %s", remedy.Code(err), err, code)
	}
	return r
}

func query(t *testing.T, port int, sql string) (answer string) {
	t.Helper()
	ctx := context.Background()
	conn, err := postgres.Connect(ctx, testURL(port, "naap", testPassword), postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, sql)
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		values, err := rows.Values()
		if err != nil {
			t.Fatal(err)
		}
		answer += fmt.Sprint(values...)
	}
	if rows.Err() != nil {
		t.Fatal(rows.Err())
	}
	return answer
}

func serverPID(t *testing.T, e *Engine) int {
	t.Helper()
	s, err := e.Describe()
	if err != nil {
		t.Fatal(err)
	}
	if s.Server == nil {
		t.Fatal("no server runs")
	}
	return s.Server.PID
}
