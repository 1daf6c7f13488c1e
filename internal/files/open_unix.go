//go:build unix

package files

import "syscall"

// openFlags open a file without waiting for a pipe's writer or a device, and without making a terminal the process's
// controlling one.
const openFlags = syscall.O_NONBLOCK | syscall.O_NOCTTY

// folderFlags open a folder, and nothing else.
const folderFlags = syscall.O_DIRECTORY | openFlags
