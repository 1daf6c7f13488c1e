//go:build unix

package postgres

import (
	"io/fs"
	"os"

	"github.com/livepeer/naap-dev/internal/files"
)

// ownedByUsOrRoot reports whether a file is this user's or the system's.
func ownedByUsOrRoot(info fs.FileInfo) bool {
	uid, ok := files.OwnerID(info)
	return ok && (uid == os.Geteuid() || uid == 0)
}

// sameOwner reports whether two files have one owner.
func sameOwner(a, b fs.FileInfo) bool {
	x, ok := files.OwnerID(a)
	y, yes := files.OwnerID(b)
	return ok && yes && x == y
}
