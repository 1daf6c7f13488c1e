//go:build unix

package embedpg

import (
	"errors"
	"os/exec"
	"syscall"
)

// interruptInsteadOfKill lets a cancelled program clean up after itself; exec.Cmd's WaitDelay ends it if it doesn't.
func interruptInsteadOfKill(cmd *exec.Cmd) {
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
}

// alive reports whether there is a process with that pid, whoever's it is.
func alive(pid int) bool {
	err := syscall.Kill(pid, 0)
	return err == nil || errors.Is(err, syscall.EPERM)
}

// The server's shutdown modes are signals (https://www.postgresql.org/docs/16/server-shutdown.html).
func stopFast(pid int) error      { return syscall.Kill(pid, syscall.SIGINT) }
func stopImmediate(pid int) error { return syscall.Kill(pid, syscall.SIGQUIT) }
