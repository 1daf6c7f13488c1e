//go:build unix && !linux

package program

func unmapped(int) bool { return false }
