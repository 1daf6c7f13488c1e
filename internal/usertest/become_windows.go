package usertest

import "os/exec"

// become does nothing: Others has skipped the test.
func become(*exec.Cmd, *Account) {}
