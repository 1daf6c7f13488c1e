package pgtest

import (
	"os"

	"golang.org/x/sys/unix"
)

// shm is memory that can be written to as files. A database is made there in 30 ms, on a busy disk in 400 ms.
const shm = "/dev/shm"

// enoughMemory is what has to be free in shm, in bytes; a container often has 64 MB in all.
const enoughMemory = 2 << 30

// tempDir returns where servers live: $TMPDIR where that is set, memory where there is enough, else the usual folder.
func tempDir() string {
	if os.Getenv("TMPDIR") != "" {
		return os.TempDir()
	}
	var fs unix.Statfs_t
	if unix.Statfs(shm, &fs) != nil || fs.Type != unix.TMPFS_MAGIC || uint64(fs.Bavail)*uint64(fs.Bsize) < enoughMemory {
		return os.TempDir()
	}
	if unix.Access(shm, unix.W_OK|unix.X_OK) != nil {
		return os.TempDir()
	}
	return shm
}
