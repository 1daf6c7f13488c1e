package embedpg

import "golang.org/x/sys/unix"

const (
	auditArch = unix.AUDIT_ARCH_X86_64
	lastCall  = 0x3fffffff // those of the x32 interface have the bit above
)

// refusedHere are the refused calls that only this architecture has.
var refusedHere = []uint32{unix.SYS_CHMOD, unix.SYS_CHOWN, unix.SYS_LCHOWN}
