//go:build unix

package usertest

import (
	"os/exec"
	"syscall"
)

// become makes a command run as the account, without the groups of the test's user.
func become(cmd *exec.Cmd, a *Account) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(a.UID), Gid: uint32(a.GID)}}
}
