//go:build !linux

package pgtest

import "os"

// tempDir returns where servers live.
func tempDir() string { return os.TempDir() }
