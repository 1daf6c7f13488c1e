package pgtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/livepeer/naap-dev/internal/embedpg"
	"github.com/livepeer/naap-dev/internal/memtest"
	"github.com/livepeer/naap-dev/internal/porttest"
)

// Password is the password of the superuser postgres.
const Password = "pgtest secret/1"

// Instance is a separate server, for a test that stops, kills or configures it.
type Instance struct {
	Dir  string // the data directory
	Port int

	home     string // the folder of the data directory, the log and the socket
	binaries embedpg.Binaries
	account  embedpg.Account
	settings map[string]string
	keeper   *osexec.Cmd // the shell that is the server's parent
	orders   io.WriteCloser
}

// Server starts a server for this test alone; it is stopped and removed when the test ends.
func Server(t testing.TB, opts ...Option) *Instance {
	t.Helper()
	s, err := newInstance(collect(opts).settings)
	if err != nil {
		t.Fatalf("make a PostgreSQL for the test: %v", err)
	}
	t.Cleanup(func() {
		s.halt("QUIT")
		os.RemoveAll(s.home)
	})
	s.Start(t)
	return s
}

// URL returns the connection URL of the database postgres, as the superuser.
func (s *Instance) URL() string {
	u := url.URL{
		Scheme: "postgresql", User: url.UserPassword("postgres", Password),
		Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(s.Port)), Path: "/postgres", RawQuery: "sslmode=disable",
	}
	return u.String()
}

// NewDatabase returns the connection URL of a new, empty database of this server.
func (s *Instance) NewDatabase(t testing.TB, opts ...Option) string {
	t.Helper()
	return newDatabase(t, s.URL(), opts)
}

// Start starts the server, on the same port as before, and waits until it answers.
func (s *Instance) Start(t testing.TB) {
	t.Helper()
	if err := s.start(); err != nil {
		t.Fatalf("start the test's PostgreSQL: %v", err)
	}
}

// Stop shuts the server down cleanly, ending its connections; it waits until the server is gone.
func (s *Instance) Stop(t testing.TB) {
	t.Helper()
	s.halt("INT")
}

// Kill ends the server as a crash does; it waits until the server is gone.
func (s *Instance) Kill(t testing.TB) {
	t.Helper()
	s.halt("KILL")
}

// Log returns what the server has logged so far.
func (s *Instance) Log() string {
	data, _ := os.ReadFile(filepath.Join(s.home, "log"))
	return string(data)
}

func newInstance(settings map[string]string) (*Instance, error) {
	b, err := binaries()
	if err != nil {
		return nil, err
	}
	account, err := embedpg.ServerAccount()
	if err != nil {
		return nil, err
	}
	home, err := os.MkdirTemp(memtest.Place(), "naap-pgtest-")
	if err != nil {
		return nil, err
	}
	s := &Instance{Dir: filepath.Join(home, "data"), home: home, Port: porttest.Free(), binaries: b, account: account, settings: settings}
	if err := s.fill(); err != nil {
		os.RemoveAll(home)
		return nil, err
	}
	return s, nil
}

// fill copies the cached cluster, and gives it to the server's user.
func (s *Instance) fill() error {
	template, err := cluster(s.binaries, s.account)
	if err != nil {
		return err
	}
	if err := copyTree(template, s.Dir); err != nil {
		return fmt.Errorf("copy the cluster: %w", err)
	}
	return s.account.Own(s.home)
}

// defaults make a server that starts fast and loses everything in a power cut. UTC and C.UTF-8 are the image's.
var defaults = map[string]string{
	"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "wal_level": "minimal", "max_wal_senders": "0",
	"autovacuum_naptime": "1h", "shared_buffers": "64MB", "max_connections": "60", "log_min_messages": "warning",
	"listen_addresses": "127.0.0.1", "unix_socket_directories": "", "timezone": "UTC", "log_timezone": "UTC",
	"dynamic_shared_memory_type": "mmap", // files of the data directory: what a killed server leaves is removed with it
}

// keeperScript is the server's parent process. It waits for the name of a signal on its standard input, a pipe that
// only the test process holds: when that process is gone, however it ended, the shell reads the end of the pipe, kills
// the server and removes its folder.
const keeperScript = `
home=$1; shift
"$@" </dev/null &
server=$!
if read -r signal; then
  kill -"$signal" $server; wait $server
else
  kill -QUIT $server; wait $server; rm -rf "$home"
fi`

// stillHeld is in the log of a server that cannot start because the sessions of a killed one have not noticed yet.
const stillHeld = "FATAL:  pre-existing shared memory block"

func (s *Instance) start() error {
	if s.keeper != nil {
		return errors.New("it runs already")
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		logged := len(s.Log())
		if err := s.launch(); err != nil {
			return err
		}
		err := s.wait(logged)
		if err == nil {
			return nil
		}
		log := s.Log()
		s.halt("KILL")
		if !strings.Contains(log[logged:], stillHeld) || time.Now().After(deadline) {
			return fmt.Errorf("%w\n%s", err, log)
		}
	}
}

func (s *Instance) launch() error {
	args := []string{"-c", keeperScript, "pgtest", s.home, s.binaries.Postgres(), "-D", s.Dir, "-p", strconv.Itoa(s.Port)}
	for _, settings := range []map[string]string{defaults, s.settings} {
		for name, value := range settings {
			args = append(args, "-c", name+"="+value)
		}
	}
	log, err := os.OpenFile(filepath.Join(s.home, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	keeper := osexec.Command("/bin/sh", args...)
	keeper.Dir = s.home
	keeper.Stdout, keeper.Stderr = log, log // not the test's, which `go test` would wait for
	s.account.Apply(keeper)
	if s.orders, err = keeper.StdinPipe(); err != nil {
		return err
	}
	if err := keeper.Start(); err != nil {
		return err
	}
	s.keeper = keeper
	return nil
}

// wait returns when SQL answers. The server's messages are in the log from logged on.
func (s *Instance) wait(logged int) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, s.URL())
		if err == nil {
			return conn.Close(ctx)
		}
		said := s.Log()[logged:]
		for _, fatal := range []string{"FATAL:  could not", "FATAL:  data directory", stillHeld} {
			if strings.Contains(said, fatal) {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// halt sends the server a signal and waits until it is gone.
func (s *Instance) halt(signal string) {
	if s.keeper == nil {
		return
	}
	fmt.Fprintln(s.orders, signal)
	s.keeper.Wait()
	s.orders.Close()
	s.keeper = nil
}
