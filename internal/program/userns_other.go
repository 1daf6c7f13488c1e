//go:build unix && !linux

package program

func unmapped(uint32) bool { return false }
