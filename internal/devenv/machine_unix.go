//go:build unix

package devenv

import (
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"

	"github.com/livepeer/naap-dev/internal/files"
)

// othersRead reports whether a file is another user's, or one that others may read.
func othersRead(info os.FileInfo) bool {
	uid, ok := files.OwnerID(info)
	return info.Mode().Perm()&0o077 != 0 || ok && uid != os.Geteuid()
}

// diskFree is the space that a user may still take where a folder is, or would be.
func diskFree(dir string) (bytes int64, ok bool) {
	for {
		if _, err := os.Stat(dir); err == nil {
			break
		}
		up := filepath.Dir(dir)
		if up == dir {
			return 0, false
		}
		dir = up
	}
	var st unix.Statfs_t
	if unix.Statfs(dir, &st) != nil {
		return 0, false
	}
	return int64(st.Bavail) * int64(st.Bsize), true
}
