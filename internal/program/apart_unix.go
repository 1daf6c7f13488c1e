//go:build unix

package program

import (
	"os/exec"
	"syscall"
)

// apart starts a program in a process group of its own: a terminal's ctrl+c then reaches only naap, which ends the
// program and knows why it ended.
func apart(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }
