//go:build !linux

package files

import "os"

// Only Linux shows what is in the kernel as files.
func isKernels(string) bool         { return false }
func isKernelsFile(f *os.File) bool { return false }
