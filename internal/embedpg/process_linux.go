package embedpg

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

// servesData reports whether the process is a PostgreSQL server whose data directory is dir. A server works in its data
// directory, which tells it from another process that has got the pid of a dead server.
func servesData(pid int, dir string) bool {
	name, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", pid))
	if err != nil || !strings.HasPrefix(string(name), "postgres") {
		return false
	}
	at, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
	if err != nil {
		return false
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	return at == dir
}

// outputOfBound is cmd.CombinedOutput for a program that is of no use once naap is gone: it is killed then.
func outputOfBound(cmd *exec.Cmd) ([]byte, error) {
	// The kernel watches the thread that started the program, not the process.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	return cmd.CombinedOutput()
}
