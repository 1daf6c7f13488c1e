//go:build unix

package program

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"syscall"
)

// Become replaces this process with a command, which has its streams, its terminal and its signals from then on: whoever
// waits for this process waits for the command. It returns only where that fails. A script without an interpreter's name
// is the shell's, as it is where a shell starts it.
func Become(_ context.Context, cmd *exec.Cmd) (status int, err error) {
	here, err := os.Getwd()
	if err != nil {
		return 0, err
	}
	if err := os.Chdir(cmd.Dir); err != nil {
		return 0, err
	}
	err = syscall.Exec(cmd.Path, cmd.Args, Last(cmd.Env)) // #nosec G204 -- the user typed the command
	if errors.Is(err, syscall.ENOEXEC) {
		err = syscall.Exec("/bin/sh", append([]string{"sh", cmd.Path}, cmd.Args[1:]...), Last(cmd.Env)) // #nosec G204 -- the user typed the command
	}
	return 0, errors.Join(err, os.Chdir(here))
}
