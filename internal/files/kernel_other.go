//go:build !linux

package files

import "os"

// Only Linux shows the kernel's data as files.
func isKernels(string) bool         { return false }
func isKernelsFile(f *os.File) bool { return false }
