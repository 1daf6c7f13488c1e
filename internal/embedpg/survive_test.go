//go:build unix

package embedpg

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// child runs Ensure in a process of its own: this test binary, running TestMain with the wish in its environment.
func child(t *testing.T, e *Engine, spec Spec) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), "EMBEDPG_CHILD_DIR="+e.Dir(), "EMBEDPG_CHILD_PORT="+strconv.Itoa(spec.Port), "EMBEDPG_CHILD_BIN="+e.search.Bin)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // a session that ends with it, as a terminal's does
	return cmd
}

func TestMain(m *testing.M) {
	if dir := os.Getenv("EMBEDPG_CHILD_DIR"); dir != "" {
		port, _ := strconv.Atoi(os.Getenv("EMBEDPG_CHILD_PORT"))
		e, err := New(Options{Dir: dir, Search: Search{Bin: os.Getenv("EMBEDPG_CHILD_BIN")}})
		if err == nil {
			_, err = e.Ensure(context.Background(), testSpecAt(port), probe, progress.Discard)
		}
		if err != nil {
			fmt.Println(remedy.Text(err))
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestTheServerOutlivesNaapAndItsTerminal(t *testing.T) {
	e, spec := newTestEngine(t, filepath.Join(openDir(t), "pg")), testSpec(t)
	naap := child(t, e, spec)
	if out, err := naap.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	syscall.Kill(-naap.Process.Pid, syscall.SIGHUP) // what a terminal that closes sends to its session
	pid := serverPID(t, e)
	if at := ensure(t, e, spec); at.Started || serverPID(t, e) != pid {
		t.Errorf("the server did not survive: %+v", at)
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Skip("no /proc here")
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	if session := strings.Fields(rest)[3]; session != strconv.Itoa(pid) {
		t.Errorf("its session is %s, not its own", session)
	}
}

func TestWhereverNaapIsKilledTheNextOneSucceeds(t *testing.T) {
	moments := 6
	if testing.Short() {
		moments = 3
	}
	e, spec := newTestEngine(t, filepath.Join(openDir(t), "pg")), testSpec(t)
	whole := timeOfEnsure(t, e, spec)
	for i := range moments {
		at := whole * time.Duration(i+1) / time.Duration(moments+1)
		if err := e.DeleteData(context.Background(), progress.Discard); err != nil {
			t.Fatal(err)
		}
		naap := child(t, e, spec)
		if err := naap.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(at)
		naap.Process.Kill()
		naap.Wait()
		if got := query(t, ensure(t, e, spec).Port, "SELECT current_database()"); got != "naap" {
			t.Errorf("killed after %v: the database is %q", at, got)
		}
		if left, _ := filepath.Glob(filepath.Join(e.Dir(), ".*-*")); len(left) > 0 {
			t.Errorf("killed after %v: %v is left", at, left)
		}
	}
}

// timeOfEnsure is how long a naap of its own takes for a first start.
func timeOfEnsure(t *testing.T, e *Engine, spec Spec) time.Duration {
	t.Helper()
	began := time.Now()
	if out, err := child(t, e, spec).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return time.Since(began)
}
