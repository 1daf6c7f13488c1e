package devenv

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"github.com/livepeer/naap-dev/internal/remedy"
)

// holdLockIn names the folder whose lock the test binary, run again, takes and keeps.
const holdLockIn = "DEVENV_TEST_HOLD_LOCK_IN"

// TestHoldsTheLockForAnotherTest is the other process of the tests below: it holds the lock until it is killed.
func TestHoldsTheLockForAnotherTest(t *testing.T) {
	dir := os.Getenv(holdLockIn)
	if dir == "" {
		t.Skip("only the other process of this file's tests runs this")
	}
	if _, err := lock(t.Context(), dir, "up", false); err != nil {
		t.Fatal(err)
	}
	fmt.Println("held")
	_, _ = io.Copy(io.Discard, os.Stdin) // until the process ends that asked for it
}

// otherHolder starts a process that holds the lock of dir.
func otherHolder(t *testing.T, dir string) *exec.Cmd {
	t.Helper()
	return otherProcess(t, "TestHoldsTheLockForAnotherTest", holdLockIn+"="+dir)
}

// otherProcess runs a test of this package in a process of its own, and returns once that says that it holds a lock.
func otherProcess(t *testing.T, test, env string) *exec.Cmd {
	t.Helper()
	c := exec.Command(os.Args[0], "-test.run", "^"+test+"$", "-test.v")
	c.Env = append(os.Environ(), env)
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill(); _ = c.Wait() })
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if strings.HasSuffix(lines.Text(), "held") {
			return c
		}
	}
	t.Fatal("the other process did not take the lock")
	return nil
}

func TestBusyNamesTheHolder(t *testing.T) {
	dir := t.TempDir()
	other := otherHolder(t, dir)
	_, err := lock(t.Context(), dir, "push", false)
	if remedy.Exit(err) != remedy.ExitBusy {
		t.Fatalf("the error is %v, want exit status %d", err, remedy.ExitBusy)
	}
	want := fmt.Sprintf("pid %d: its verb is up", other.Process.Pid)
	if text := remedy.Text(err); !strings.Contains(text, want) || !strings.Contains(text, "--wait") {
		t.Errorf("the error does not say %q and --wait:\n%s", want, text)
	}
	for _, c := range [][2]string{{"push", "naap dev push --wait"}, {"migrate deploy", "naap migrate deploy --wait"}} {
		local, there := remedy.Text(busy(filepath.Join(dir, "lock"), c[0])), remedy.Text(busyTarget(c[0], "busy"))
		if !strings.Contains(local, c[1]) || !strings.Contains(there, c[1]) {
			t.Errorf("%s: want %q in\n%s\n%s", c[0], c[1], local, there)
		}
	}
}

func TestTheLockOfAKilledProcessIsNone(t *testing.T) {
	dir := t.TempDir()
	other := otherHolder(t, dir)
	if err := other.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = other.Wait()
	release, err := lock(t.Context(), dir, "up", false)
	if err != nil {
		t.Fatal(remedy.Text(err))
	}
	release()
}

func TestWaitingGetsTheLockWhenItIsFree(t *testing.T) {
	dir := t.TempDir()
	release, err := lock(t.Context(), dir, "up", false)
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan error, 1)
	go func() {
		second, err := lock(t.Context(), dir, "push", true)
		if err == nil {
			second()
		}
		got <- err
	}()
	select {
	case err := <-got:
		t.Fatalf("the second did not wait for the first: %v", err)
	case <-time.After(200 * time.Millisecond):
	}
	release()
	if err := <-got; err != nil {
		t.Error(err)
	}
}

func TestWaitingForTheLockEndsWithItsContext(t *testing.T) {
	dir := t.TempDir()
	release, err := lock(t.Context(), dir, "up", false)
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := lock(ctx, dir, "push", true); err == nil {
		t.Error("got a lock that another holds")
	}
}

func TestAStateFolderThatCannotBeMadeSaysHowToChooseAnother(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := lock(t.Context(), filepath.Join(file, "state"), "up", false)
	if remedy.Code(err) != "state.folder" || !strings.Contains(remedy.Text(err), "XDG_STATE_HOME=") {
		t.Errorf("the error is\n%v", remedy.Text(err))
	}
}

func TestAHolderThatHasJustGotTheLockIsNamed(t *testing.T) {
	defer func(was time.Duration) { nameWithin = was }(nameWithin)
	nameWithin = time.Minute // on a busy machine the holder takes longer
	path := filepath.Join(t.TempDir(), "lock")
	held := flock.New(path)
	if got, err := held.TryLock(); !got || err != nil {
		t.Fatal(got, err)
	}
	defer held.Close()
	go func() {
		time.Sleep(30 * time.Millisecond)
		writeHolder(path, "up")
	}()
	if _, err := lock(t.Context(), filepath.Dir(path), "push", false); !strings.Contains(err.Error(), fmt.Sprintf("(pid %d)", os.Getpid())) {
		t.Errorf("busy without saying who is: %v", err)
	}
}
