//go:build unix

package embedpg

import (
	"context"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/livepeer/naap-dev/internal/memtest"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
)

func TestTheServerListensOnLoopbackOnly(t *testing.T) {
	ss, err := exec.LookPath("ss")
	if err != nil {
		t.Skip("there is no ss here")
	}
	e, spec := newTestEngine(t, filepath.Join(memtest.Dir(t), "pg")), testSpec(t)
	ensure(t, e, spec)
	out, err := exec.Command(ss, "-Hltn", "sport", "=", ":"+strconv.Itoa(spec.Port)).Output()
	if err != nil {
		t.Fatal(err)
	}
	var addresses []string
	for line := range strings.Lines(string(out)) {
		addresses = append(addresses, strings.Fields(line)[3])
	}
	if want := "127.0.0.1:" + strconv.Itoa(spec.Port); len(addresses) != 1 || addresses[0] != want {
		t.Errorf("it listens on %v, want %s", addresses, want)
	}
}

func TestThePasswordIsInNoFileArgumentStepOrError(t *testing.T) {
	dir := filepath.Join(memtest.Dir(t), "pg")
	e, spec := newTestEngine(t, dir), testSpec(t)
	var mu sync.Mutex
	var said strings.Builder
	hear := func(s progress.Step) {
		mu.Lock()
		defer mu.Unlock()
		fmt.Fprintln(&said, s.Name, s.Title, s.Detail)
	}
	if _, err := e.Ensure(context.Background(), spec, probe, hear); err != nil {
		t.Fatal(err)
	}
	if _, err := postgres.Connect(context.Background(), testURL(spec.Port, "naap", "wrong"), postgres.Options{}); !postgres.HasCode(err, "28P01") {
		t.Errorf("a wrong password gives %v", err)
	}
	pid := serverPID(t, e)
	for _, file := range []string{"cmdline", "environ"} {
		text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/%s", pid, file))
		said.Write(text)
	}
	if _, err := e.Stop(context.Background(), hear); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(e.at.data(), "postgresql.auto.conf"), []byte("shared_buffers = plenty\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := e.Ensure(context.Background(), spec, probe, hear)
	said.WriteString(remedy.Text(err))
	filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			text, _ := os.ReadFile(path)
			said.Write(text)
		}
		return nil
	})
	if !strings.Contains(said.String(), "database system is ready") {
		t.Error("the log was not among what was searched")
	}
	if strings.Contains(said.String(), testPassword) {
		t.Error("the password is somewhere in files, arguments, steps or errors")
	}
}

func TestTheSocketIsPrivateAndWantsThePasswordToo(t *testing.T) {
	e, spec := newTestEngine(t, filepath.Join(memtest.Dir(t), "pg")), testSpec(t)
	spec.Unconfined = true // a confined server has no socket
	ensure(t, e, spec)
	info, err := os.Stat(e.at.sockets())
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o700 {
		t.Errorf("the socket's folder has the mode %v", info.Mode())
	}
	socket := "postgresql:///naap?user=postgres&host=" + url.QueryEscape(e.at.sockets()) + "&port=" + strconv.Itoa(spec.Port)
	_, err = postgres.Connect(context.Background(), socket, postgres.Options{})
	if err == nil || !strings.Contains(err.Error(), "password") {
		t.Errorf("without a password: %v", err)
	}
	conn, err := postgres.Connect(context.Background(), socket+"&password="+url.QueryEscape(testPassword), postgres.Options{})
	if err != nil {
		t.Fatal(err)
	}
	conn.Close(context.Background())
}

func TestALongPathGoesWithoutASocket(t *testing.T) {
	dir := filepath.Join(memtest.Dir(t), strings.Repeat("long", 30), "pg")
	e, spec := newTestEngine(t, dir), testSpec(t)
	if at := ensure(t, e, spec); !at.Started {
		t.Errorf("%+v", at)
	}
	if got := query(t, spec.Port, "SHOW unix_socket_directories"); got != "" {
		t.Errorf("its sockets are in %q", got)
	}
}

func TestRootsServerRunsUnderAnotherUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root needs another user")
	}
	e, spec := newTestEngine(t, filepath.Join(memtest.Dir(t), "pg")), testSpec(t)
	ensure(t, e, spec)
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", serverPID(t, e)))
	if err != nil {
		t.Skip("no /proc here")
	}
	want := fmt.Sprintf("Uid:\t%d\t%d\t%d\t%d\n", e.account.UID, e.account.UID, e.account.UID, e.account.UID)
	if e.account.UID == 0 || !strings.Contains(string(status), want) {
		t.Errorf("account %+v, process %s", e.account, status)
	}
}

func TestRootsDataGoesWhereTheServerCanReachIt(t *testing.T) {
	account := Account{Name: "someone", UID: 12345, GID: 12345}
	closed := filepath.Join(t.TempDir(), "closed")
	if err := os.Mkdir(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	a, err := stateDir(filepath.Join(closed, "naap", "a", "postgresql"), account)
	if err != nil {
		t.Fatal(err)
	}
	b, err := stateDir(filepath.Join(closed, "naap", "b", "postgresql"), account)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(a, rootState+"/a-") || !strings.HasPrefix(b, rootState+"/b-") {
		t.Errorf("the folders are %s and %s", a, b)
	}
	if got, err := stateDir(closed, Account{}); err != nil || got != closed {
		t.Errorf("for an ordinary user it is %s, %v", got, err)
	}
}
