// Package watch notices when the files that a workspace is made from are saved.
package watch

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// settle is how long files must be left alone before they are read: editors write in bursts, and rename.
const settle = 25 * time.Millisecond

// Saves watches the folders that contain a workspace's files, and not the files: an editor that saves by renaming
// replaces them.
type Saves struct {
	watcher *fsnotify.Watcher
	path    string          // of the Prisma file or folder
	trees   []string        // folders in which every file matters: the Prisma folder, the seeds
	names   map[string]bool // files that matter wherever they are
}

// NewSaves begins to watch a workspace's files.
func NewSaves(ws *workspace.Workspace) (*Saves, error) {
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, remedy.New("watch.unavailable", remedy.ExitFailed, "files can't be watched on this machine").Wrap(err).
			WithFix("raise the limit: sudo sysctl fs.inotify.max_user_instances=512")
	}
	s := &Saves{watcher: w, names: map[string]bool{}}
	if err := s.Follow(ws); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Close ends the watching.
func (w *Saves) Close() { _ = w.watcher.Close() }

// Next waits until a file that matters was saved, and all of them have been left alone for a moment. It returns when the
// last one was saved.
func (w *Saves) Next(ctx context.Context) (saved time.Time, err error) {
	settled := time.NewTimer(time.Hour)
	settled.Stop()
	for {
		select {
		case <-ctx.Done():
			return saved, ctx.Err()
		case err := <-w.watcher.Errors:
			if !errors.Is(err, fsnotify.ErrEventOverflow) { // there were more changes than the system keeps
				return saved, err
			}
		case ev := <-w.watcher.Events:
			if !w.concerns(ev) {
				continue
			}
		case <-settled.C:
			return saved, nil
		}
		saved = time.Now()
		settled.Reset(settle)
	}
}

// Follow watches the folders of the workspace's files, of the targets of their links, and all folders within a Prisma
// folder. What Follow watched before stays watched.
func (w *Saves) Follow(ws *workspace.Workspace) error {
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

// followMigrations watches the folder of migrations as well, which is no part of what is pushed.
func (w *Saves) followMigrations(ws *workspace.Workspace) {
	dir, _, err := ws.MigrationsDir()
	if err != nil || dir == "" {
		return
	}
	w.trees = append(w.trees, dir)
	_ = w.watch(filepath.Dir(dir)) // a folder that cannot be watched is looked at when something else happens
	_ = w.tree(dir)
}

// tree watches a folder and all those in it that are searched for files. Each is watched before it is read, so that
// folders created in between are not missed.
func (w *Saves) tree(dir string) error {
	bounds, err := files.NewTree(dir, files.TreeEntries)
	if err != nil {
		return err
	}
	return w.branch(bounds, dir)
}

func (w *Saves) branch(bounds *files.Tree, dir string) error {
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
func (w *Saves) watch(dir string) error {
	if err := w.watcher.Add(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return remedy.New("watch.folder", remedy.ExitFailed, "the folder can't be watched").WithSeen(dir).Wrap(err)
	}
	return nil
}

// concerns reports whether an event is about a file that matters; new folders among these are watched from now on.
func (w *Saves) concerns(ev fsnotify.Event) bool {
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
