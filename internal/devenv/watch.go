package devenv

import (
	"context"
	"crypto/sha256"
	"errors"
	"io/fs"
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
	Plan     *schemaplan.Plan // what adds, with what is held back; nil on an error before that. With an error it was not pushed
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
	w, err := newSaves(e.ws.SchemaPath)
	if err != nil {
		return err
	}
	defer w.Close()
	if err := w.follow(e.ws.SchemaPath, e.ws.SchemaFiles); err != nil {
		return err
	}
	// What was saved between the first reading of the file and now is no event.
	if err := e.ws.Reload(); err != nil {
		tell(e.unreadable(time.Now(), err))
	} else {
		last := e.pushSaved(ctx, time.Now(), report)
		last.Recheck = true
		tell(last)
		w.seen(e.digest(), last.Err)
	}
	return e.followSaves(ctx, w, tell, report)
}

func (e *Env) schemaOnDisk() bool { return len(e.ws.SchemaFiles) > 0 && e.ws.SchemaFiles[0].OnDisk() }

func (e *Env) followSaves(ctx context.Context, w *saves, tell func(Watched), report progress.Report) error {
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
			if !w.concerns(ev) {
				continue
			}
			saved = time.Now()
			timer.Reset(settle)
		case <-timer.C:
			if err := e.ws.Reload(); err != nil {
				tell(e.unreadable(saved, err))
				continue
			}
			if err := w.follow(e.ws.SchemaPath, e.ws.SchemaFiles); err != nil {
				return err
			}
			now := e.digest()
			if now == w.last {
				continue
			}
			out := e.pushSaved(ctx, saved, report)
			w.seen(now, out.Err)
			tell(out)
		}
	}
}

// unreadable is a save after which there is nothing to read: between an editor's remove and its rename there is no file,
// and the next event brings it.
func (e *Env) unreadable(saved time.Time, err error) Watched {
	return Watched{At: saved, Err: err, Deletion: errors.Is(err, fs.ErrNotExist)}
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
