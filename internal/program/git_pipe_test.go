//go:build unix

package program

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

func TestGitDoesNotWaitForAPipeInItsFolder(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("no git on this machine")
	}
	for _, name := range []string{"config", "HEAD", "index", "packed-refs", "info/exclude"} {
		p := trap{dir: newPlace(t).home}
		p.git(t, "init", "-q", ".")
		at := filepath.Join(p.dir, ".git", name)
		if err := os.RemoveAll(at); err != nil {
			t.Fatal(err)
		}
		if err := syscall.Mkfifo(at, 0o644); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		_, err := Here(p.dir).Git(ctx, p.dir, "status", "--porcelain")
		cancel()
		if said := (*GitError)(nil); !errors.As(err, &said) {
			t.Errorf("%s: it ends with %v", name, err)
		}
	}
}
