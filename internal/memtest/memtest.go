// Package memtest gives the servers of tests a place for their files in memory. A disk that several tests write to at
// once is what they would wait for most of the time.
package memtest

import (
	"os"
	"os/exec"
	"sync"
	"testing"
)

// Place returns the folder for servers: $TMPDIR where that is set, memory where there is enough, otherwise the usual
// folder.
func Place() string {
	if dir := memory(); dir != "" && os.Getenv("TMPDIR") == "" {
		return dir
	}
	return os.TempDir()
}

// Dir returns a new folder that every user of the machine may enter, with a path short enough for a socket. It is
// removed when the test ends, or when the process does, however that ends; servers with their data in it are killed then.
func Dir(t testing.TB) string {
	t.Helper()
	base, err := Base()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp(base, "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// keeperScript reads the end of a pipe that only the test process holds, when that process is gone. A server is known by
// its working directory: tests write what they like into lock files.
const keeperScript = `
read -r _
find "$1" -name postmaster.pid 2>/dev/null | while read -r lock; do
  read -r pid <"$lock"
  [ "$(readlink "/proc/$pid/cwd")" = "${lock%/*}" ] && kill -QUIT "$pid"
done
rm -rf "$1"`

// Base returns the folder in which Dir makes this process's folders. It stays until the process ends.
var Base = sync.OnceValues(func() (string, error) {
	base, err := os.MkdirTemp(Place(), "naap-test-")
	if err != nil {
		return "", err
	}
	if err := os.Chmod(base, 0o755); err != nil {
		return "", err
	}
	shell, err := exec.LookPath("sh")
	if err != nil {
		return base, nil // on Windows
	}
	keeper := exec.Command(shell, "-c", keeperScript, "memtest", base)
	keeper.Dir = "/"
	if _, err := keeper.StdinPipe(); err != nil {
		return "", err
	}
	if err := keeper.Start(); err != nil {
		return "", err
	}
	go func() { _ = keeper.Wait() }() // which keeps the pipe open
	return base, nil
})
