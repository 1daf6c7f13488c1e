// Package scripttest gives tests programs of their own to find and start: shell scripts that stand in the place of git, npm
// or a helper of docker's.
package scripttest

import (
	"os"
	"path/filepath"
	"testing"
)

// Write makes a program of the body of a shell script, and the folders above it. It returns the path.
func Write(t testing.TB, path, body string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+body+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}
