package embedpg

import (
	"os/exec"
	"runtime"
	"syscall"
)

// outputOfBound is cmd.CombinedOutput for a program that is of no use once naap is gone: it is killed then.
func outputOfBound(cmd *exec.Cmd) ([]byte, error) {
	// The kernel watches the thread that started the program, not the process.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	return cmd.CombinedOutput()
}
