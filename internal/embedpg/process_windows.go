package embedpg

import (
	"errors"
	"os/exec"
)

// interruptInsteadOfKill changes nothing: Windows has no signal for it.
func interruptInsteadOfKill(*exec.Cmd) {}

// New refuses to make an Engine on Windows, so that the following are never asked.
func alive(int) bool              { return false }
func stopFast(int) error          { return errors.ErrUnsupported }
func stopImmediate(int) error     { return errors.ErrUnsupported }
func servesData(int, string) bool { return false }

func outputOfBound(cmd *exec.Cmd) ([]byte, error) { return cmd.CombinedOutput() }
