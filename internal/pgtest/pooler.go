package pgtest

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	osexec "os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/porttest"
)

// Pooler returns a PgBouncer that pools transactions in front of the database that the URL names, and the URL that
// leads through it. It has two connections to the server, so that one client's transactions soon meet what another
// left. Without PgBouncer the test is skipped, or fails with NAAP_TEST_PGBOUNCER=required.
func Pooler(t testing.TB, direct string) string {
	t.Helper()
	program, err := osexec.LookPath("pgbouncer")
	if err != nil {
		if os.Getenv("NAAP_TEST_PGBOUNCER") == "required" {
			t.Fatal("NAAP_TEST_PGBOUNCER=required, and there is no pgbouncer on the PATH")
		}
		t.Skip("there is no pgbouncer on the PATH; NAAP_TEST_PGBOUNCER=required makes this a failure")
	}
	u, err := url.Parse(direct)
	if err != nil {
		t.Fatal(err)
	}
	port := porttest.Free()
	dir, err := os.MkdirTemp("", "pgb")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	password, _ := u.User.Password()
	config := filepath.Join(dir, "pgbouncer.ini")
	text := fmt.Sprintf(`[databases]
* = host=%s port=%s user=%s password='%s'
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 2
server_tls_sslmode = disable
`, u.Hostname(), u.Port(), u.User.Username(), password, port)
	args := []string{"-q", config}
	if os.Getuid() == 0 { // it refuses to run as root
		args = []string{"-q", "-u", "nobody", config}
	}
	if err := errors.Join(os.Chmod(dir, 0o755), os.WriteFile(config, []byte(text), 0o644)); err != nil {
		t.Fatal(err)
	}
	c := osexec.Command(program, args...)
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	address := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	for range 500 {
		if conn, err := net.Dial("tcp", address); err == nil {
			conn.Close()
			u.Host = address
			return u.String()
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("pgbouncer does not listen")
	return ""
}
