//go:build !unix

package files

import (
	"io/fs"
	"os"
)

// Guarded is nil: on Windows, what another user may do in a folder is for its access list to say.
func Guarded(string) error { return nil }

// keepOwner does nothing: on Windows, a new file's owner follows from its folder.
func keepOwner(*os.File, fs.FileInfo, string) error { return nil }
