//go:build !linux

package embedpg

import "os/exec"

// outputOfBound is cmd.CombinedOutput: only Linux ends a program with its parent. Elsewhere it ends by itself, and what
// it made is removed by the next naap.
func outputOfBound(cmd *exec.Cmd) ([]byte, error) { return cmd.CombinedOutput() }
