//go:build !unix

package postgres

import "io/fs"

// Windows keeps other users out of a user's folder, and libpq does not check the owner there.
func ownedByUsOrRoot(fs.FileInfo) bool { return true }

func sameOwner(_, _ fs.FileInfo) bool { return true }
