package program

import (
	"context"
	"errors"
	"os"
	"os/exec"
)

// Become runs a command with this process's streams and returns its exit status; Windows cannot replace a process. The
// console sends an interrupt to both, and the command decides what it means.
func Become(ctx context.Context, cmd *exec.Cmd) (status int, err error) {
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	err = cmd.Run()
	var exit *exec.ExitError
	if ctx.Err() == nil && errors.As(err, &exit) {
		return exit.ExitCode(), nil
	}
	return 0, err
}
