package embedpg

import "golang.org/x/sys/unix"

const (
	auditArch = unix.AUDIT_ARCH_AARCH64
	lastCall  = 0x3fffffff
)

// refusedHere are the refused calls that only this architecture has: none.
var refusedHere []uint32
