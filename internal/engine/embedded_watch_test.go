//go:build unix

package engine

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// TestTheServersProcessIsWatched stands a sleeping program in for the server: the lock file names it.
func TestTheServersProcessIsWatched(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the kernel of " + runtime.GOOS + " is not asked")
	}
	lock := filepath.Join(t.TempDir(), "postmaster.pid")
	w := serverWatch{lock: lock}
	defer w.close()
	if got := w.look(); got != (serverProcess{}) {
		t.Fatalf("without a lock file there is %v", got)
	}
	c := exec.Command("sleep", "60")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill() })
	pid := c.Process.Pid
	if err := os.WriteFile(lock, []byte(strconv.Itoa(pid)+"\n/data\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	was := serverProcess{}
	becomes := func(what string, want serverProcess) {
		t.Helper()
		for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
			if now := w.look(); now == want {
				if e := now.event(was); e.Kind != what {
					t.Fatalf("from %v to %v is %q, want %q", was, now, e.Kind, what)
				}
				was = now
				return
			} else if time.Now().After(deadline) {
				t.Fatalf("%s: it is %v, want %v", what, now, want)
			}
		}
	}
	becomes("start", serverProcess{pid: pid})
	_ = c.Process.Signal(syscall.SIGSTOP)
	becomes("pause", serverProcess{pid: pid, paused: true})
	_ = c.Process.Signal(syscall.SIGCONT)
	becomes("unpause", serverProcess{pid: pid})
	_ = c.Process.Kill()
	becomes("die", serverProcess{})
	_ = c.Wait()
}

func TestTheServersShareOfTheProcessorIsMeasuredBetweenTwoLooks(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the kernel of " + runtime.GOOS + " is not asked")
	}
	var s embedded
	now := time.Now()
	if got := s.share(os.Getpid(), now); got != -1 {
		t.Errorf("the first measurement is %v, want −1", got)
	}
	worked := func() time.Duration {
		var used syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
			t.Fatal(err)
		}
		return time.Duration(used.Utime.Nano() + used.Stime.Nano())
	}
	for began := worked(); worked()-began < 150*time.Millisecond; { // the clock says nothing on a busy machine
		_ = strconv.Itoa(int(began))
	}
	if got := s.share(os.Getpid(), now.Add(time.Second)); got < 0.1 || got > 10 {
		t.Errorf("0.15 s of work in a second is a share of %v", got)
	}
}
