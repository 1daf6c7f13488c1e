//go:build linux && (amd64 || arm64)

package embedpg

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/livepeer/naap-dev/internal/memtest"
)

// The mark that a cluster is to be synced, and a link where tablespaces are, can be put by whoever logs in as a superuser.
func TestSyncingTheClusterOpensNothingOutside(t *testing.T) {
	needConfinement(t)
	for _, unconfined := range []bool{true, false} {
		dir := memtest.Dir(t)
		e, spec := newTestEngine(t, filepath.Join(dir, "pg")), testSpec(t)
		spec.Unconfined = unconfined
		ensure(t, e, spec)
		awaitSync(t, e)
		outside := filepath.Join(dir, "outside")
		if err := os.Mkdir(outside, 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(outside, "file"), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		watch, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(watch)
		if _, err := unix.InotifyAddWatch(watch, outside, unix.IN_OPEN); err != nil {
			t.Fatal(err)
		}
		query(t, spec.Port, "COPY (SELECT 1) TO PROGRAM 'cat > naap.unsynced; ln -s ''"+outside+"'' pg_tblspc/1'")
		ensure(t, e, spec)
		awaitSync(t, e)
		n, _ := unix.Read(watch, make([]byte, 4096))
		if opened := n > 0; opened != unconfined {
			t.Errorf("unconfined %t: what is outside was opened: %t", unconfined, opened)
		}
	}
}

// awaitSync waits until nothing syncs the cluster.
func awaitSync(t *testing.T, e *Engine) {
	t.Helper()
	for range 1200 {
		running := false
		all, _ := filepath.Glob("/proc/[0-9]*/cmdline")
		for _, file := range all {
			line, _ := os.ReadFile(file)
			running = running || strings.Contains(string(line), "--sync-only") && strings.Contains(string(line), e.at.data())
		}
		if !running {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("the sync does not end")
}
