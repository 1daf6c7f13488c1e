package memtest

import "golang.org/x/sys/unix"

// shm is memory that can be written to as files. Creating a database takes 30 ms there, and 400 ms on a busy disk.
const shm = "/dev/shm"

// enoughMemory is how much must be free in shm, in bytes; a container often has 64 MB in all.
const enoughMemory = 2 << 30

// memory returns a folder in memory, or "" where there is not enough of it.
func memory() string {
	var fs unix.Statfs_t
	if unix.Statfs(shm, &fs) != nil || fs.Type != unix.TMPFS_MAGIC || uint64(fs.Bavail)*uint64(fs.Bsize) < enoughMemory {
		return ""
	}
	if unix.Access(shm, unix.W_OK|unix.X_OK) != nil {
		return ""
	}
	return shm
}
