//go:build unix

package memtest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestNothingIsLeftOfAKilledTestProcess runs this test again in a process of its own, which starts what stands for a
// server, and then dies without a chance to clean up.
func TestNothingIsLeftOfAKilledTestProcess(t *testing.T) {
	if os.Getenv("MEMTEST_VICTIM") != "" {
		dir, other := Dir(t), Dir(t)
		server := exec.Command("sleep", "300")
		server.Dir = dir
		if err := server.Start(); err != nil {
			t.Fatal(err)
		}
		lock(t, dir, server.Process.Pid)
		lock(t, other, os.Getppid()) // which is not a server
		fmt.Printf("KEPT %s %d\n", filepath.Dir(dir), server.Process.Pid)
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
	}
	victim := exec.Command(os.Args[0], "-test.run=^TestNothingIsLeftOfAKilledTestProcess$")
	victim.Env = append(os.Environ(), "MEMTEST_VICTIM=1")
	out, _ := victim.Output()
	var base string
	var pid int
	if _, err := fmt.Sscanf(string(out), "KEPT %s %d\n", &base, &pid); err != nil || !strings.HasPrefix(filepath.Base(base), "naap-test-") {
		t.Fatalf("the process said %q", out)
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		_, err := os.Stat(base)
		if os.IsNotExist(err) && !runs(pid) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s is there: %v, the server runs: %v", base, err == nil, runs(pid))
		}
	}
}

func lock(t *testing.T, dir string, pid int) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "postmaster.pid"), []byte(strconv.Itoa(pid)+"\n"+dir+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// runs reports whether a process runs, and is not only waiting for its parent to ask how it ended.
func runs(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	_, state, _ := strings.Cut(string(stat), ") ")
	return err == nil && !strings.HasPrefix(state, "Z")
}
