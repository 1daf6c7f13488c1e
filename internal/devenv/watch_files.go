package devenv

import (
	"crypto/sha256"
	"os"
	"path/filepath"
	"strings"

	"github.com/fsnotify/fsnotify"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// saves watches the folders that the Prisma file lies in, and not the file: an editor that saves by rename replaces it.
type saves struct {
	*fsnotify.Watcher
	path  string          // of the Prisma file or folder
	names map[string]bool // of files that matter whatever they are called
	last  [sha256.Size]byte
}

func newSaves(path string) (*saves, error) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, remedy.New("watch.unavailable", remedy.ExitFailed, "files can't be watched on this machine").Wrap(err).
			WithFix("raise the limit: sudo sysctl fs.inotify.max_user_instances=512")
	}
	return &saves{Watcher: w, path: path, names: map[string]bool{}}, nil
}

// seen remembers the content that was dealt with. One that the database did not take is tried again when it is saved
// again: what was in its way may be gone.
func (w *saves) seen(digest [sha256.Size]byte, err error) {
	w.last = [sha256.Size]byte{}
	if err == nil || strings.HasPrefix(remedy.Code(err), "schema.") {
		w.last = digest
	}
}

// follow watches the folders of the files, of what they are links to, and within a folder of files all of them.
func (w *saves) follow(path string, files []workspace.File) error {
	w.path = path
	paths := []string{w.path}
	for _, f := range files {
		paths = append(paths, f.Path)
	}
	for _, path := range paths {
		for _, p := range links(path) {
			w.names[p] = true
			if err := w.watch(filepath.Dir(p)); err != nil {
				return err
			}
		}
	}
	if isDir(w.path) {
		return w.tree(w.path)
	}
	return nil
}

// tree watches a folder and all those in it that Prisma files are looked for in. Each is watched before it is looked into, so that none is missed that is made
// meanwhile.
func (w *saves) tree(dir string) error {
	if err := w.watch(dir); err != nil {
		return err
	}
	inside, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range inside {
		if entry.IsDir() && entry.Name() != "node_modules" {
			if err := w.tree(filepath.Join(dir, entry.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *saves) watch(dir string) error {
	if err := w.Add(dir); err != nil {
		return remedy.New("watch.folder", remedy.ExitFailed, "the folder can't be watched").WithSeen(dir).Wrap(err)
	}
	return nil
}

// concerns tells whether an event is about a Prisma file; new folders among them are watched from now on.
func (w *saves) concerns(ev fsnotify.Event) bool {
	if ev.Op == fsnotify.Chmod {
		return false
	}
	// A folder beside the one file may be where its models move to.
	if ev.Has(fsnotify.Create) && isDir(ev.Name) && (isDir(w.path) || filepath.Dir(ev.Name) == filepath.Dir(w.path)) {
		_ = w.tree(ev.Name) // it may be gone again
		return true
	}
	return filepath.Ext(ev.Name) == ".prisma" || w.names[ev.Name]
}

// links are a path and what it is a link to, each in turn.
func links(path string) []string {
	out := []string{path}
	for range 40 { // as the kernel, which follows no more
		target, err := os.Readlink(path)
		if err != nil {
			break
		}
		if !filepath.IsAbs(target) {
			dir, err := filepath.EvalSymlinks(filepath.Dir(path))
			if err != nil {
				break
			}
			target = filepath.Join(dir, target)
		}
		path = target
		out = append(out, path)
	}
	return out
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
