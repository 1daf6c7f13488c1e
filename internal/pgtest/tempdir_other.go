//go:build !linux

package pgtest

import "os"

// tempDir is where servers live.
func tempDir() string { return os.TempDir() }
