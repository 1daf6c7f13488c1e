package pgtest

import (
	"os"

	"golang.org/x/sys/unix"
)

// shm is memory that can be written to as files. Creating a database takes 30 ms there, and 400 ms on a busy disk.
const shm = "/dev/shm"

// enoughMemory is how much must be free in shm, in bytes; a container often has 64 MB in all.
const enoughMemory = 2 << 30

// tempDir returns the folder for servers: $TMPDIR where that is set, memory where there is enough, otherwise the usual
// folder.
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
