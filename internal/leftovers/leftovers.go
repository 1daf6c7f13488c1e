// Package leftovers lets a test run remove what an earlier one left behind that was killed or ran out of time:
// containers, volumes, networks, embedded servers with their data, folders. A process notes what it is about to make; the
// next process whose test makes such things removes what processes noted that no longer run.
package leftovers

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"github.com/livepeer/naap-dev/internal/embedpg"
	"github.com/livepeer/naap-dev/internal/progress"
)

// What can be noted.
const (
	Container = "container" // by its name; its anonymous volumes go too
	Volume    = "volume"    // Docker's, by its name
	Network   = "network"   // Docker's, by its name: an engine has addresses for some thirty
	Engine    = "engine"    // a Docker engine of a test's own, by its folder, which has the name of its bridge
	Embedded  = "embedded"  // an embedded server, by the folder that its engine was created with
	Folder    = "folder"    // by its absolute path
)

// held is the lock of this process's notes. It is held until the process ends, however that is.
var held struct {
	sync.Mutex
	lock *flock.Flock
}

// Note records that this process is about to make something that has to be removed again. The first note of a process
// removes what others left behind. A process that removes its own things need not take its notes back.
func Note(kind, name string) error {
	held.Lock()
	defer held.Unlock()
	if held.lock == nil {
		dir, err := notesDir()
		if err == nil {
			err = errors.Join(os.MkdirAll(dir, 0o700), sweep(dir))
		}
		if err != nil {
			return err
		}
		if held.lock, err = open(dir); err != nil {
			return err
		}
	}
	f, err := os.OpenFile(notesOf(held.lock.Path()), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(f, "%s %s\n", kind, name)
	return errors.Join(err, f.Close())
}

// notesDir returns the folder of all processes' notes.
func notesDir() (string, error) {
	cache, err := os.UserCacheDir()
	return filepath.Join(cache, "naap", "tests"), err
}

const lockEnd = ".lock"

// notesOf returns the file of the notes that belong to a lock.
func notesOf(lock string) string { return strings.TrimSuffix(lock, lockEnd) + ".notes" }

// open creates the lock of new notes and holds it. Between its creation and its locking, another process may consider
// it abandoned, and remove it.
func open(dir string) (*flock.Flock, error) {
	for {
		f, err := os.CreateTemp(dir, "*"+lockEnd)
		if err != nil {
			return nil, err
		}
		f.Close()
		lock := flock.New(f.Name())
		if ours, err := lock.TryLock(); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		} else if !ours {
			continue
		}
		if _, err := os.Stat(f.Name()); err == nil {
			return lock, nil
		}
		lock.Close()
	}
}

// sweep removes what processes noted that no longer run.
func sweep(dir string) error {
	locks, err := filepath.Glob(filepath.Join(dir, "*"+lockEnd))
	if err != nil {
		return err
	}
	for _, path := range locks {
		lock := flock.New(path)
		if ours, err := lock.TryLock(); err != nil || !ours {
			continue // its process is running
		}
		text, err := os.ReadFile(notesOf(path))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return errors.Join(err, lock.Close())
		}
		for line := range strings.Lines(string(text)) {
			if kind, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " "); ok {
				remove(kind, name)
			}
		}
		_ = os.Remove(notesOf(path))
		_ = os.Remove(path)
		_ = lock.Close()
	}
	return nil
}

// remove removes a thing, if it is still there: most were removed by the process that made them.
func remove(kind, name string) {
	switch kind {
	case Container:
		if slices.Contains(containers(), name) {
			_ = exec.Command("docker", "rm", "-f", "-v", name).Run()
		}
	case Volume:
		if slices.Contains(volumes(), name) {
			_ = exec.Command("docker", "volume", "rm", "-f", name).Run()
		}
	case Network:
		if slices.Contains(networks(), name) {
			_ = exec.Command("docker", "network", "rm", name).Run()
		}
	case Engine:
		removeEngine(name)
	case Embedded:
		if e, err := embedpg.New(embedpg.Options{Dir: name}); err == nil {
			_, _ = e.DeleteData(context.Background(), progress.Discard)
		}
	case Folder:
		_ = os.RemoveAll(name)
	}
}

// removeEngine ends the engine whose process's number is in the folder's file pid, in order, so that its containers end
// too, and removes the folder, and the bridge that is called as it is.
func removeEngine(dir string) {
	text, _ := os.ReadFile(filepath.Join(dir, "pid"))
	proc := filepath.Join("/proc", strings.TrimSpace(string(text)))
	runs := func() bool {
		line, err := os.ReadFile(filepath.Join(proc, "cmdline"))
		return err == nil && len(text) > 0 && strings.Contains(string(line), dir+"/")
	}
	if runs() {
		_ = exec.Command("kill", "-TERM", filepath.Base(proc)).Run() // once: asked again, it leaves its containers
	}
	for tries := 0; runs() && tries < 300; tries++ {
		time.Sleep(100 * time.Millisecond)
	}
	if bridge := filepath.Base(dir); exec.Command("ip", "link", "show", bridge).Run() == nil {
		_ = exec.Command("ip", "link", "delete", bridge).Run()
	}
	_ = os.RemoveAll(dir)
}

// containers, volumes and networks return the names of the existing ones, looked up once.
var (
	containers = sync.OnceValue(func() []string { return listed("ps", "-a", "--format", "{{.Names}}") })
	volumes    = sync.OnceValue(func() []string { return listed("volume", "ls", "-q") })
	networks   = sync.OnceValue(func() []string { return listed("network", "ls", "--format", "{{.Name}}") })
)

func listed(args ...string) []string {
	out, _ := exec.Command("docker", args...).Output() // without Docker there are none
	return strings.Fields(string(out))
}
