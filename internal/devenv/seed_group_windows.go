package devenv

import "os/exec"

// ownGroup leaves a command as it is: when the context ends it is killed, since Windows knows no interrupt for another
// process.
func ownGroup(*exec.Cmd) (end func()) { return func() {} }
