//go:build unix

package postgres

import (
	"io/fs"
	"os"
	"syscall"
)

// ownedByUsOrRoot reports whether a file is this user's or the system's.
func ownedByUsOrRoot(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && (int(stat.Uid) == os.Geteuid() || stat.Uid == 0)
}

// sameOwner reports whether two files have one owner.
func sameOwner(a, b fs.FileInfo) bool {
	x, ok := a.Sys().(*syscall.Stat_t)
	y, yes := b.Sys().(*syscall.Stat_t)
	return ok && yes && x.Uid == y.Uid
}
