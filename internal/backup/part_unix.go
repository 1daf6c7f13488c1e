//go:build !windows

package backup

import (
	"errors"
	"os"
	"syscall"
)

// hold marks a file as being written, until release; held is false where another process is checking it at this moment,
// and may remove it. A file system without locks has no marks, and abandoned files stay. It opens a handle of its own,
// because closing the one that is written to reports whether everything was written.
func hold(path string) (release func(), held bool) {
	f, err := os.Open(path)
	if err != nil {
		return func() {}, false
	}
	return func() { f.Close() }, !errors.Is(lock(f), syscall.EWOULDBLOCK)
}

// removeAbandoned removes a file that no process holds, and reports whether it did. It holds the file itself meanwhile,
// so that a process that has just created it does not go on with it.
func removeAbandoned(path string) bool {
	f, err := os.OpenFile(path, os.O_RDWR|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return false
	}
	defer f.Close()
	info, err := f.Stat()
	return err == nil && info.Mode().IsRegular() && lock(f) == nil && stands(f) && os.Remove(path) == nil
}

func lock(f *os.File) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var locked error
	err = raw.Control(func(fd uintptr) { locked = syscall.Flock(int(fd), syscall.LOCK_EX|syscall.LOCK_NB) })
	if err != nil {
		return err
	}
	return locked
}
