//go:build unix

package embedpg

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/memtest"
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
			_, err = e.Ensure(context.Background(), testSpecAt(port), probe, tellOrEnd)
		}
		if err != nil {
			fmt.Println(remedy.Text(err))
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// tellOrEnd prints a child's steps, and ends the child, as by SIGKILL from outside, at the one that EMBEDPG_CHILD_END names.
func tellOrEnd(s progress.Step) {
	step := s.Name + " " + string(s.Status)
	fmt.Println("STEP " + step)
	if os.Getenv("EMBEDPG_CHILD_END") == step {
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
	}
}

func TestTheServerOutlivesNaapAndItsTerminal(t *testing.T) {
	e, spec := newTestEngine(t, filepath.Join(memtest.Dir(t), "pg")), testSpec(t)
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
	e, spec := newTestEngine(t, filepath.Join(memtest.Dir(t), "pg")), testSpec(t)
	for _, step := range append(stepsOfEnsure(t, e, spec), initdbWorks) {
		if _, err := e.DeleteData(context.Background(), progress.Discard); err != nil {
			t.Fatal(err)
		}
		out, killed := killedAt(t, e, spec, step)
		if !killed {
			t.Fatalf("it was not killed at %q:\n%s", step, out)
		}
		if got := query(t, ensure(t, e, spec).Port, "SELECT current_database()"); got != "naap" {
			t.Errorf("killed at %q: the database is %q", step, got)
		}
		if left, _ := filepath.Glob(filepath.Join(e.Dir(), ".*-*")); len(left) > 0 {
			t.Errorf("killed at %q: %v is left", step, left)
		}
	}
}

// initdbWorks is a point that no step tells: there is half a cluster.
const initdbWorks = "initdb at work"

// killedAt starts a naap that is killed at a point.
func killedAt(t *testing.T, e *Engine, spec Spec, point string) (out string, killed bool) {
	t.Helper()
	var b bytes.Buffer
	naap := child(t, e, spec)
	naap.Env = append(naap.Env, "EMBEDPG_CHILD_END="+point)
	naap.Stdout = &b
	if err := naap.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { naap.Wait(); close(ended) }()
	for point == initdbWorks {
		if half, _ := filepath.Glob(filepath.Join(e.Dir(), ".*-*", "*", "PG_VERSION")); len(half) > 0 {
			naap.Process.Kill()
			break
		}
		select {
		case <-ended:
			return b.String(), false
		case <-time.After(time.Millisecond):
		}
	}
	<-ended
	status, ok := naap.ProcessState.Sys().(syscall.WaitStatus)
	return b.String(), ok && status.Signaled()
}

// stepsOfEnsure are the steps of a first start by a naap of its own, each once.
func stepsOfEnsure(t *testing.T, e *Engine, spec Spec) (steps []string) {
	t.Helper()
	out, err := child(t, e, spec).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for line := range strings.Lines(string(out)) {
		if step, ok := strings.CutPrefix(strings.TrimSpace(line), "STEP "); ok && !strings.HasPrefix(step, "binaries ") && !slices.Contains(steps, step) {
			steps = append(steps, step)
		}
	}
	if t.Logf("steps: %q", steps); len(steps) < 3 {
		t.Fatal("too few to be killed at")
	}
	return steps
}
