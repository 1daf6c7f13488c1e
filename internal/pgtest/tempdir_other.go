//go:build !linux

package pgtest

import "os"

// tempDir returns the folder for servers.
func tempDir() string { return os.TempDir() }
