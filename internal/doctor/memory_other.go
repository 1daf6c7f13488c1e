//go:build !linux

package doctor

// memory does not look where Docker runs in a virtual machine.
func memory() (total, available int64, ok bool) { return 0, 0, false }
