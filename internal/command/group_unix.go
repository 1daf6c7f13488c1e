//go:build unix

package command

import (
	"os/exec"
	"syscall"
)

// ownGroup starts a command in a process group of its own, all of which is interrupted when the context ends: a package
// manager is the parent of a shell, which is the parent of what works on the database. The returned function ends the
// processes that are left.
func ownGroup(c *exec.Cmd) (end func()) {
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGINT) }
	return func() {
		if c.Process != nil {
			_ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL)
		}
	}
}
