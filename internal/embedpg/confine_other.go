//go:build !linux || !(amd64 || arm64)

package embedpg

import "os/exec"

// CanConfine reports that no server can be confined here.
func CanConfine() bool { return false }

func startConfined(cmd *exec.Cmd, _ Binaries, _ string) error { return cmd.Start() }

func isConfined(int) bool { return false }
