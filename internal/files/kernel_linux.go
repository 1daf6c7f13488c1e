package files

import (
	"math"
	"os"
	"slices"
	"syscall"
)

// The kernel's own file systems, by their numbers in linux/magic.h. Their files claim to be regular ones, and some
// never end, wait until something happens, or do something when they are read: /proc/kmsg does all three.
var kernelSystems = []int64{
	0x9fa0,               // proc
	0x62656572,           // sysfs
	0x64626720,           // debugfs
	0x74726163,           // tracefs
	0x73636673,           // securityfs
	0x62656570,           // configfs
	0xcafe4a11,           // bpf
	0x27e0eb, 0x63677270, // cgroup, of either version
	0x6165676c, // pstore
	0xde5e81e4, // efivarfs
}

// isKernels reports whether a path leads into one of the kernel's own file systems.
func isKernels(path string) bool {
	var s syscall.Statfs_t
	return syscall.Statfs(path, &s) == nil && slices.Contains(kernelSystems, int64(s.Type)&math.MaxUint32)
}

// isKernelsFile is isKernels for an open file.
func isKernelsFile(f *os.File) bool {
	var s syscall.Statfs_t
	return syscall.Fstatfs(int(f.Fd()), &s) == nil && slices.Contains(kernelSystems, int64(s.Type)&math.MaxUint32)
}
