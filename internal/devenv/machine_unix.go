//go:build unix

package devenv

import (
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// othersRead reports whether a file is another user's, or one that others may read.
func othersRead(info os.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return info.Mode().Perm()&0o077 != 0 || ok && int(st.Uid) != os.Geteuid()
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
