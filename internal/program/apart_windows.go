package program

import (
	"os/exec"
	"syscall"
)

// apart starts a program in a process group of its own, which a console's ctrl+c does not reach.
func apart(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}
