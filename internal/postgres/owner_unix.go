//go:build unix

package postgres

import (
	"io/fs"
	"os"

	"github.com/livepeer/naap-dev/internal/files"
)

// ownedByUsOrRoot reports whether a file belongs to this user or to root.
func ownedByUsOrRoot(info fs.FileInfo) bool {
	uid, ok := files.OwnerID(info)
	return ok && (uid == os.Geteuid() || uid == 0)
}

// sameOwner reports whether two files have the same owner.
func sameOwner(a, b fs.FileInfo) bool {
	x, ok := files.OwnerID(a)
	y, yes := files.OwnerID(b)
	return ok && yes && x == y
}
