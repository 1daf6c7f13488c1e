package devenv

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/schemaplan"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// settle is how long the Prisma file must be left alone before it is read: editors write in bursts, and rename.
const settle = 25 * time.Millisecond

// Watched is the outcome of one save.
type Watched struct {
	At       time.Time
	Err      error            // why nothing was pushed: a mistake in the file, or the server's error
	Plan     *schemaplan.Plan // what adds, with what is held back; nil on an error before that. With an error it was not pushed
	Applied  int              // statements
	Took     time.Duration    // from the save to the commit
	Recheck  bool             // whether it is the first look, before any save
	Deletion bool             // the file is gone; its tables stay
}

// WatchOptions says what Watch may do.
type WatchOptions struct {
	AllowExternal bool // change a server that naap did not start
}

// Watch pushes what adds, each time the Prisma file is saved, and calls tell with the outcome of each save, until ctx
// ends. What destroys or cannot run is held back and shown. It also looks once before the first save.
func (e *Env) Watch(ctx context.Context, opt WatchOptions, tell func(Watched), report progress.Report) error {
	if !e.schemaOnDisk() {
		return remedy.New("watch.builtin", remedy.ExitUsage, "the built-in schema can't change: there is nothing to watch").
			WithFix("run it in a workspace with a Prisma file:", "naap -C DIR dev watch")
	}
	if err := e.mayPush(PushOptions{AllowExternal: opt.AllowExternal}); err != nil {
		return err
	}
	// A database that does not answer yet is reported with each save; another workspace's does not become this one's.
	if db, err := e.Connect(ctx); err == nil {
		if err := e.mayWrite(ctx, db, writing{}); remedy.Code(err) == "workspace.other" {
			return err
		}
	}
	w, err := newSaves()
	if err != nil {
		return err
	}
	defer w.Close()
	if err := w.follow(e.ws); err != nil {
		return err
	}
	// There is no event for what was saved between the first reading of the files and now.
	if now, err := e.Again(ctx); err != nil {
		tell(unreadable(time.Now(), err))
	} else {
		last := now.pushSaved(ctx, time.Now(), report)
		last.Recheck = true
		tell(last)
		w.seen(now.digest(), last)
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
			if err := e.saved(ctx, w, saved, tell, report); err != nil {
				return err
			}
		}
	}
}

// saved reads all the files again, the settings and compose file too, and pushes what adds if they have changed.
func (e *Env) saved(ctx context.Context, w *saves, at time.Time, tell func(Watched), report progress.Report) error {
	now, err := e.Again(ctx)
	if err != nil {
		w.last = [sha256.Size]byte{} // the same schema is looked at again once the files can be read
		tell(unreadable(at, err))
		return nil
	}
	if err := w.follow(now.ws); err != nil {
		return err
	}
	digest := now.digest()
	if digest == w.last {
		return nil
	}
	out := now.pushSaved(ctx, at, report)
	w.seen(digest, out)
	tell(out)
	return nil
}

// unreadable returns the outcome of a save that left no file to read: an editor may remove the file before it renames
// the new one, and the next event brings it.
func unreadable(saved time.Time, err error) Watched {
	return Watched{At: saved, Err: err, Deletion: workspace.IsGone(err)}
}

func (e *Env) digest() [sha256.Size]byte {
	h := sha256.New()
	for _, f := range e.ws.SchemaFiles {
		h.Write([]byte(f.Name + "\x00" + f.Text + "\x00"))
	}
	fmt.Fprint(h, e.ws.External, e.ws.SchemaDoubt)
	return [sha256.Size]byte(h.Sum(nil))
}

// pushSaved pushes what the file, as it is now, adds.
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
