//go:build !unix

package files

import (
	"io/fs"
	"os"
)

// Guarded returns nil: on Windows, a folder's access list decides what another user may do in it.
func Guarded(string) error { return nil }

// keepOwner does nothing: on Windows, the folder determines a new file's owner.
func keepOwner(*os.File, fs.FileInfo, string) error { return nil }
