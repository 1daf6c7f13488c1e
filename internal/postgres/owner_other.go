//go:build !unix

package postgres

import "io/fs"

// Windows keeps a user's folder from the others, and libpq looks at no owner there.
func ownedByUsOrRoot(fs.FileInfo) bool { return true }

func sameOwner(_, _ fs.FileInfo) bool { return true }
