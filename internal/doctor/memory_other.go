//go:build !linux

package doctor

// memory is not looked at where Docker runs in a machine of its own.
func memory() (total, available int64, ok bool) { return 0, 0, false }
