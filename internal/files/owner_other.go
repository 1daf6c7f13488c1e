//go:build !unix

package files

import (
	"io/fs"
	"os"
)

// keepOwner does nothing: on Windows, a new file's owner follows from its folder.
func keepOwner(*os.File, fs.FileInfo, string) error { return nil }
