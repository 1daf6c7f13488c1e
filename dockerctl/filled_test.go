package dockerctl

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/livepeer/naap-dev/internal/memtest"
	"github.com/livepeer/naap-dev/internal/progress"
)

// firstStart is what the first start of newSpec's server leaves in a volume, kept for the tests of this process: it
// takes most of the time that a new server takes.
var firstStart struct {
	sync.Mutex
	tried bool
	data  string // a folder, or "" where there is none
}

// filled makes spec's volume as naap does, with what the first start of a server leaves in it, for a test of something
// else than that. Where there is something already, the server is not newSpec's, or this process may not write to the
// engine's volumes, it does nothing, and the first start has everything to do.
func filled(t *testing.T, e *Engine, spec Spec) {
	t.Helper()
	usual := newSpec(t, e)
	if isFolder(spec.Volume) || spec.User != usual.User || spec.Password != usual.Password || spec.Database != usual.Database ||
		string(spec.Init.Content) != string(usual.Init.Content) {
		return
	}
	firstStart.Lock()
	defer firstStart.Unlock()
	if !firstStart.tried && os.Geteuid() == 0 { // the engine's volumes are closed to others
		firstStart.tried = true
		ensure(t, e, usual)
		_, err := e.Stop(t.Context(), usual.Container, progress.Discard)
		must(t, err)
		base, err := memtest.Base()
		must(t, err)
		made, kept := mountpoint(t, e, usual.Volume), filepath.Join(base, "first-start")
		if _, err := os.ReadDir(made); err == nil { // the engine is on this machine
			copyAll(t, made, kept)
			firstStart.data = kept
		}
	}
	if firstStart.data == "" {
		return
	}
	state, err := e.Observe(t.Context(), spec)
	must(t, err)
	p := decide(*state, spec)
	if p.Action != toCreate || state.Volume != nil {
		return
	}
	must(t, e.createVolume(t.Context(), p.spec, p.Volume, p.Image, *p.image))
	copyAll(t, firstStart.data, mountpoint(t, e, spec.Volume))
}

// mountpoint is where the engine has a volume's data, in its own file system.
func mountpoint(t *testing.T, e *Engine, volume string) string {
	t.Helper()
	v, err := e.cli.VolumeInspect(t.Context(), volume)
	must(t, err)
	return v.Mountpoint
}

// copyAll copies what is in a folder, and who owns it, into another one.
func copyAll(t *testing.T, from, to string) {
	t.Helper()
	must(t, os.MkdirAll(to, 0o700))
	if out, err := exec.Command("cp", "-R", "-p", from+"/.", to).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}
