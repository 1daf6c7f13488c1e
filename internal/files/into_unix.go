//go:build unix

package files

import (
	"io/fs"
	"os"
	"slices"
	"syscall"
)

// ReadInto appends the content of a regular file to buf, which grows where necessary, up to one byte more than limit. A
// link is not followed, and what is not a file is refused with the code file.kind. It is for thousands of small files:
// it calls the system directly, since os.Open offers each file to the poller, which accepts no regular file, and that
// would be a third of all calls.
func ReadInto(buf []byte, path string, limit Limit) ([]byte, error) {
	const flags = syscall.O_RDONLY | syscall.O_CLOEXEC | syscall.O_NOFOLLOW | openFlags
	fd, err := retry(func() (int, error) { return syscall.Open(path, flags, 0) })
	if err != nil {
		return buf, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	defer syscall.Close(fd)
	var stat syscall.Stat_t
	if err := syscall.Fstat(fd, &stat); err != nil {
		return buf, &fs.PathError{Op: "stat", Path: path, Err: err}
	}
	if stat.Mode&syscall.S_IFMT != syscall.S_IFREG {
		info, err := os.Lstat(path)
		if err != nil {
			return buf, err
		}
		return buf, wrongKind(path, info.Mode())
	}
	begin := len(buf)
	for len(buf)-begin <= int(limit) {
		if cap(buf)-len(buf) < 512 {
			buf = slices.Grow(buf, max(64<<10, cap(buf)))
		}
		room := cap(buf) - len(buf)
		n, err := retry(func() (int, error) { return syscall.Read(fd, buf[len(buf):cap(buf)]) })
		if err != nil {
			return buf, &fs.PathError{Op: "read", Path: path, Err: err}
		}
		buf = buf[:len(buf)+n]
		if n < room { // a regular file returns less than was asked for only at its end
			return buf, nil
		}
	}
	return buf[:min(len(buf), begin+int(limit)+1)], nil
}

// retry calls f again if a signal interrupted it.
func retry(f func() (int, error)) (int, error) {
	for {
		n, err := f()
		if err != syscall.EINTR {
			return n, err
		}
	}
}
