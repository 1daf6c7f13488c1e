package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// listener answers every connection with f.
func listener(t *testing.T, f func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { defer c.Close(); f(c) }()
		}
	}()
	return l.Addr().String()
}

func TestDiagnoseTellsTheCauseOfAFailedConnection(t *testing.T) {
	url := pgtest.NewDatabase(t)
	good, err := dburl.ParseTarget(url)
	if err != nil {
		t.Fatal(err)
	}
	change := func(f func(*dburl.Target)) string {
		x := good
		f(&x)
		return x.URL()
	}
	silent := listener(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	closing := listener(t, func(c net.Conn) {})
	web := listener(t, func(c net.Conn) {
		_, _ = c.Read(make([]byte, 512))
		fmt.Fprint(c, "HTTP/1.1 400 Bad Request\r\n\r\n")
		_, _ = io.Copy(io.Discard, c)
	})
	unused, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := unused.Addr().String()
	unused.Close()

	for _, c := range []struct{ code, url string }{
		{"database.auth", change(func(x *dburl.Target) { x.Password = "wr0ng" })},
		{"database.missing", change(func(x *dburl.Target) { x.Database = "no such database" })},
		{"database.refused", "postgres://u:s3cret@" + nobody + "/d"},
		{"database.timeout", "postgres://u:s3cret@" + silent + "/d?sslmode=disable"},
		{"database.foreign", "postgres://u:s3cret@" + closing + "/d?sslmode=disable"},
		{"database.foreign", "postgres://u:s3cret@" + web + "/d?sslmode=disable"},
		{"database.host", "postgres://u:s3cret@no-such-host.invalid/d"},
		{"database.socket", "postgres://u:s3cret@%2Fnowhere/d"},
		{"database.tls", change(func(x *dburl.Target) { x.Params = map[string][]string{"sslmode": {"require"}} })},
		{"database.method", change(func(x *dburl.Target) { x.Params = map[string][]string{"require_auth": {"none"}} })},
		{"database.readonly", change(func(x *dburl.Target) { x.Params = map[string][]string{"target_session_attrs": {"standby"}} })},
		{"url.malformed", "postgres://u:s3cret@h:port/d"},
	} {
		var opt Options
		if c.code == "database.timeout" { // the others answer, on a busy machine late
			opt.ConnectTimeout = 300 * time.Millisecond
		}
		_, err := reach(t.Context(), c.url, opt)
		if got := remedy.Code(err); got != c.code {
			t.Errorf("%s: %s, want %s: %v", dburl.MaskURL(c.url), got, c.code, err)
		}
		text := remedy.Text(err)
		if strings.Contains(text, "s3cret") || strings.Contains(text, "wr0ng") {
			t.Errorf("%s: the error holds the password: %s", c.code, text)
		}
		if e, ok := remedy.Of(err); !ok || (len(e.Fix) == 0 && len(e.Seen) == 0) {
			t.Errorf("%s: no evidence and no remedy: %s", c.code, text)
		}
	}
	if info, err := reach(t.Context(), url, Options{}); err != nil || info.Version.Major() < 14 {
		t.Errorf("a server that is there: %+v, %v", info, err)
	}
}

func TestDiagnoseTellsAFullServer(t *testing.T) {
	url := pgtest.NewDatabase(t)
	pgtest.Exec(t, url, `DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'naap_one') THEN
		CREATE ROLE naap_one LOGIN PASSWORD 'one' CONNECTION LIMIT 0; END IF; END $$`)
	_, err := reach(t.Context(), withUser(t, url, "naap_one", "one"), Options{})
	if remedy.Code(err) != "database.full" || remedy.Exit(err) != remedy.ExitNoServer {
		t.Errorf("%v", err)
	}
}

func TestDiagnoseLeavesOtherErrorsAlone(t *testing.T) {
	db, url := openURL(t, "")
	_, err := db.Exec(context.Background(), "SELECT 1/0")
	if got := Diagnose(err, url); got != err || !HasCode(got, "22012") {
		t.Errorf("a query's error became %v", got)
	}
	mine := remedy.New("port.taken", 1, "taken")
	if got := Diagnose(mine, url); !errors.Is(got, mine) {
		t.Errorf("a remedy became %v", got)
	}
	if Diagnose(nil, url) != nil {
		t.Error("no error became one")
	}
}

func TestDiagnoseTellsAServerThatComesOrGoes(t *testing.T) {
	for code, want := range map[string]string{"57P03": "database.starting", "57P01": "database.stopping", "28000": "database.auth", "08P01": "database.unreachable"} {
		err := Diagnose(fmt.Errorf("connect: %w", &ServerError{Code: code, Severity: "FATAL", Message: "it says"}), "postgres://u:s3cret@h/d")
		if remedy.Code(err) != want || !strings.Contains(remedy.Text(err), "it says") {
			t.Errorf("%s: %v, want %s", code, err, want)
		}
	}
}

func TestASnapshotGivesUpOnAServerThatStopsAnswering(t *testing.T) {
	url := pgtest.NewDatabase(t)
	target, err := dburl.ParseTarget(url)
	if err != nil {
		t.Fatal(err)
	}
	frozen := make(chan struct{})
	proxy := listener(t, func(c net.Conn) { forward(c, target.Hosts[0].String(), frozen) })
	db, err := Open(t.Context(), url, Options{CancelWait: 200 * time.Millisecond, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, proxy)
	}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	snapshot(t, db, SnapshotOptions{})
	close(frozen)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	_, err = db.Snapshot(ctx, SnapshotOptions{})
	if remedy.Code(Diagnose(err, url)) != "database.timeout" {
		t.Errorf("%v", err)
	}
}

// forward passes bytes both ways until frozen is closed; then it holds the connection and says nothing.
func forward(c net.Conn, to string, frozen chan struct{}) {
	s, err := net.Dial("tcp", to)
	if err != nil {
		return
	}
	defer s.Close()
	pass := func(dst, src net.Conn, done chan struct{}) {
		defer close(done)
		buf := make([]byte, 64<<10)
		for {
			n, err := src.Read(buf)
			select {
			case <-frozen:
				_, _ = io.Copy(io.Discard, src)
				return
			default:
			}
			if err != nil {
				dst.Close()
				return
			}
			if _, err := dst.Write(buf[:n]); err != nil {
				return
			}
		}
	}
	up, down := make(chan struct{}), make(chan struct{})
	go pass(s, c, up)
	go pass(c, s, down)
	<-up
	s.Close()
	<-down
}
