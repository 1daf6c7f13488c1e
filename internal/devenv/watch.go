package devenv

import (
	"context"
	"crypto/sha256"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/schemaplan"
)

// settle is how long the Prisma file must be left alone before it is read: editors write in bursts, and rename.
const settle = 25 * time.Millisecond

// Watched is what came of one save.
type Watched struct {
	At       time.Time
	Err      error            // why nothing was pushed: a mistake in the file, or the server's word
	Plan     *schemaplan.Plan // what was pushed, with what is held back; nil on an error before that
	Applied  int              // statements
	Took     time.Duration    // from the save to the commit
	Recheck  bool             // the first look, before any save
	Deletion bool             // the file is gone; its tables stay
}

// WatchOptions choose what Watch may do.
type WatchOptions struct {
	AllowExternal bool // change a server that naap did not start
}

// Watch pushes what adds, each time the Prisma file is saved, and tells on each save what came of it, until ctx ends.
// What destroys or cannot run is held back and shown. It looks once before the first save.
func (e *Env) Watch(ctx context.Context, opt WatchOptions, tell func(Watched), report progress.Report) error {
	if !e.schemaOnDisk() {
		return remedy.New("watch.builtin", remedy.ExitUsage, "the built-in schema can't change: there is nothing to watch").
			WithFix("run it in a workspace with a Prisma file:", "naap -C DIR dev watch")
	}
	if err := e.mayPush(PushOptions{AllowExternal: opt.AllowExternal}); err != nil {
		return err
	}
	w, err := fsnotify.NewWatcher()
	if err != nil {
		return remedy.New("watch.unavailable", remedy.ExitFailed, "files can't be watched on this machine").Wrap(err).
			WithFix("raise the limit: sudo sysctl fs.inotify.max_user_instances=512")
	}
	defer w.Close()
	if err := e.watchFolders(w); err != nil {
		return err
	}
	last := e.pushSaved(ctx, time.Now(), report)
	last.Recheck = true
	tell(last)
	return e.followSaves(ctx, w, tell, report)
}

func (e *Env) schemaOnDisk() bool { return len(e.ws.SchemaFiles) > 0 && e.ws.SchemaFiles[0].OnDisk() }

// watchFolders watches folders, not files: an editor that saves by rename replaces the file.
func (e *Env) watchFolders(w *fsnotify.Watcher) error {
	folders := map[string]bool{filepath.Dir(e.ws.SchemaPath): true}
	for _, f := range e.ws.SchemaFiles {
		folders[filepath.Dir(f.Path)] = true
	}
	if isDir(e.ws.SchemaPath) {
		err := filepath.WalkDir(e.ws.SchemaPath, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() {
				folders[path] = true
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	for dir := range folders {
		if err := w.Add(dir); err != nil {
			return remedy.New("watch.folder", remedy.ExitFailed, "the folder can't be watched").WithSeen(dir).Wrap(err)
		}
	}
	return nil
}

func (e *Env) followSaves(ctx context.Context, w *fsnotify.Watcher, tell func(Watched), report progress.Report) error {
	seen := e.digest()
	timer := time.NewTimer(time.Hour)
	timer.Stop()
	var saved time.Time
	for {
		select {
		case <-ctx.Done():
			return nil
		case err, ok := <-w.Errors:
			if !ok {
				return nil
			}
			if !errors.Is(err, fsnotify.ErrEventOverflow) {
				return err
			}
			saved = time.Now()
			timer.Reset(settle)
		case ev, ok := <-w.Events:
			if !ok {
				return nil
			}
			if !e.concerns(w, ev) {
				continue
			}
			saved = time.Now()
			timer.Reset(settle)
		case <-timer.C:
			if err := e.ws.Reload(); err != nil {
				// Between an editor's remove and its rename there is no file: the next event brings it.
				tell(Watched{At: saved, Err: err, Deletion: errors.Is(err, fs.ErrNotExist)})
				continue
			}
			now := e.digest()
			if now == seen {
				continue
			}
			seen = now
			tell(e.pushSaved(ctx, saved, report))
		}
	}
}

// concerns tells whether an event is about a Prisma file; a new folder among them is watched from now on.
func (e *Env) concerns(w *fsnotify.Watcher, ev fsnotify.Event) bool {
	if ev.Op == fsnotify.Chmod {
		return false
	}
	if ev.Has(fsnotify.Create) && isDir(ev.Name) && isDir(e.ws.SchemaPath) {
		_ = w.Add(ev.Name)
		return true
	}
	return filepath.Ext(ev.Name) == ".prisma" || ev.Name == e.ws.SchemaPath
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func (e *Env) digest() [sha256.Size]byte {
	h := sha256.New()
	for _, f := range e.ws.SchemaFiles {
		h.Write([]byte(f.Name + "\x00" + f.Text + "\x00"))
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// pushSaved pushes what adds of the file as it is now.
func (e *Env) pushSaved(ctx context.Context, saved time.Time, report progress.Report) Watched {
	out := Watched{At: saved}
	plan, err := e.Diff(ctx, PushOptions{})
	if err != nil {
		out.Err = err
		return out
	}
	out.Plan = plan.Additive()
	if !out.Plan.Empty() {
		result, err := e.Push(ctx, out.Plan, PushOptions{AllowExternal: true, wait: true}, report)
		if err != nil {
			out.Err = err
			return out
		}
		out.Applied = result.Statements
	}
	out.Took = time.Since(saved)
	return out
}
