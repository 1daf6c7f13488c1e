//go:build unix

package engine

import (
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// DiskFree is the space that a user may still take where a folder is, or would be.
func DiskFree(dir string) (bytes int64, ok bool) {
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
