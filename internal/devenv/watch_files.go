package devenv

import (
	"context"
	"crypto/sha256"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/fsnotify/fsnotify"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/schemaplan"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// saves watches the folders that contain a workspace's files, and not the files: an editor that saves by renaming
// replaces them.
type saves struct {
	*fsnotify.Watcher
	path  string          // of the Prisma file or folder
	trees []string        // folders in which every file matters: the Prisma folder, the seeds
	names map[string]bool // files that matter wherever they are
	last  [sha256.Size]byte
}

func newSaves() (*saves, error) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, remedy.New("watch.unavailable", remedy.ExitFailed, "files can't be watched on this machine").Wrap(err).
			WithFix("raise the limit: sudo sysctl fs.inotify.max_user_instances=512")
	}
	return &saves{Watcher: w, names: map[string]bool{}}, nil
}

// seen remembers the content that was dealt with. Content that the database did not accept is tried again when it is
// saved again: the obstacle may be gone.
func (w *saves) seen(digest [sha256.Size]byte, of Watched) {
	w.last = [sha256.Size]byte{}
	if (of.Err == nil || strings.HasPrefix(remedy.Code(of.Err), "schema.")) && !of.blocked() {
		w.last = digest
	}
}

// blocked reports whether a step was held back because it cannot run on what is there.
func (x Watched) blocked() bool {
	return x.Plan != nil && slices.ContainsFunc(x.Plan.HeldBack, func(s *schemaplan.Step) bool { return s.Blocked != nil })
}

// follow watches the folders of the workspace's files, of the targets of their links, and all folders within a Prisma
// folder. What follow watched before stays watched.
func (w *saves) follow(ws *workspace.Workspace) error {
	w.path, w.trees = ws.SchemaPath, w.trees[:0]
	for _, path := range ws.Inputs() {
		for _, p := range links(path) {
			w.names[p] = true
			if err := w.watch(filepath.Dir(p)); err != nil {
				return err
			}
		}
		if isDir(path) {
			w.trees = append(w.trees, path)
			if err := w.tree(path); err != nil {
				return err
			}
		}
	}
	return nil
}

// tree watches a folder and all those in it that are searched for files. Each is watched before it is read, so that
// folders created in between are not missed.
func (w *saves) tree(dir string) error {
	bounds, err := files.NewTree(dir, files.TreeEntries)
	if err != nil {
		return err
	}
	return w.branch(bounds, dir)
}

func (w *saves) branch(bounds *files.Tree, dir string) error {
	if err := w.watch(dir); err != nil {
		return err
	}
	inside, err := bounds.List(context.Background(), dir)
	if err != nil {
		return err
	}
	for _, entry := range inside {
		if entry.IsDir() && entry.Name() != "node_modules" {
			if err := w.branch(bounds, filepath.Join(dir, entry.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// watch watches a folder; one that is missing is skipped.
func (w *saves) watch(dir string) error {
	if err := w.Add(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return remedy.New("watch.folder", remedy.ExitFailed, "the folder can't be watched").WithSeen(dir).Wrap(err)
	}
	return nil
}

// concerns reports whether an event is about a file that matters; new folders among these are watched from now on.
func (w *saves) concerns(ev fsnotify.Event) bool {
	if ev.Op == fsnotify.Chmod {
		return false
	}
	// The models may move to a folder beside the one file.
	if ev.Has(fsnotify.Create) && isDir(ev.Name) && filepath.Dir(ev.Name) == filepath.Dir(w.path) {
		_ = w.tree(ev.Name) // it may be gone again
		return true
	}
	if w.names[ev.Name] {
		return true
	}
	for _, tree := range w.trees {
		if rel, err := filepath.Rel(tree, ev.Name); err == nil && filepath.IsLocal(rel) {
			if ev.Has(fsnotify.Create) && isDir(ev.Name) {
				_ = w.tree(ev.Name) // it may be gone again
			}
			return true
		}
	}
	return filepath.Ext(ev.Name) == ".prisma"
}

// links returns a path and the targets of its links, each in turn.
func links(path string) []string {
	out := []string{path}
	for range 40 { // as the kernel, which does not follow more
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
