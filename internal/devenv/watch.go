package devenv

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/schemaplan"
	"github.com/livepeer/naap-dev/internal/watch"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// Watched is the outcome of one save.
type Watched struct {
	At       time.Time
	Err      error            // why nothing was pushed: a mistake in the file, or the server's error
	Plan     *schemaplan.Plan // what adds, with what is held back; nil on an error before that. With an error it was not pushed
	Applied  int              // statements
	Took     time.Duration    // from the save to the commit
	Recheck  bool             // whether it is the first look, before any save
	Deletion bool             // the file is gone; its tables stay
	Clients  []StatusClient   // the generated clients, where the file could be read
	// Generated is the command by which the clients were generated, and GenerateErr why they were not, where that was asked
	// for.
	Generated   string
	GenerateErr error
	Hint        string   // what a push means in a workspace with migrations, or ""
	After       error    // of a command after the push, which was done
	LeftOut     []string // commands after it that were not run, with the reason, a line each
}

// WatchOptions says what Watch may do.
type WatchOptions struct {
	AllowExternal bool // change a server that naap did not start
	Generate      bool // generate the clients that are stale or missing after a save
}

// Watch pushes what adds, each time the Prisma file is saved, and calls tell with the outcome of each save, until ctx
// ends. What destroys or cannot run is held back and shown. It also looks once before the first save.
func (e *Env) Watch(ctx context.Context, opt WatchOptions, tell func(Watched), report progress.Report) error {
	if !e.ws.SchemaOnDisk() {
		return remedy.New("watch.builtin", remedy.ExitUsage, "the built-in schema can't change: there is nothing to watch").
			WithFix("run it in a workspace with a Prisma file:", "naap -C DIR dev watch")
	}
	if err := e.mayPush(PushOptions{AllowExternal: opt.AllowExternal}); err != nil {
		return err
	}
	if opt.Generate {
		if _, err := e.Generator(ctx); err != nil {
			return err
		}
	}
	// A database that does not answer yet is reported with each save; another workspace's does not become this one's.
	if db, err := e.Connect(ctx); err == nil {
		if err := e.mayWrite(ctx, db, writing{}); remedy.Code(err) == "workspace.other" {
			return err
		}
	}
	saves, err := watch.NewSaves(e.ws)
	if err != nil {
		return err
	}
	defer saves.Close()
	w := watching{saves: saves, tell: tell, report: report, generate: opt.Generate}
	// There is no event for what was saved between the first reading of the files and now.
	if now, err := e.Again(ctx); err != nil {
		tell(unreadable(time.Now(), err))
	} else {
		last := now.pushSaved(ctx, time.Now(), report)
		last.Recheck = true
		now.afterSaved(ctx, &last, w)
		tell(last)
		w.seen(now.ws.SchemaID(), last)
	}
	for {
		saved, err := saves.Next(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if err == nil {
			err = e.saved(ctx, &w, saved)
		}
		if err != nil {
			return err
		}
	}
}

// watching is a Watch under way.
type watching struct {
	saves  *watch.Saves
	tell   func(Watched)
	report progress.Report

	generate bool
	last     string // the schema that was dealt with
}

// seen remembers the content that was dealt with. Content that the database did not accept is tried again when it is
// saved again: the obstacle may be gone.
func (w *watching) seen(schema string, of Watched) {
	w.last = ""
	if (of.Err == nil || strings.HasPrefix(remedy.Code(of.Err), "schema.")) && !of.blocked() {
		w.last = schema
	}
}

// blocked reports whether a step was held back because it cannot run on what is there.
func (x Watched) blocked() bool {
	return x.Plan != nil && slices.ContainsFunc(x.Plan.HeldBack, func(s *schemaplan.Step) bool { return s.Blocked != nil })
}

// saved reads all the files again, the settings and compose file too, and pushes what adds if they have changed.
func (e *Env) saved(ctx context.Context, w *watching, at time.Time) error {
	now, err := e.Again(ctx)
	if err != nil {
		w.last = "" // the same schema is looked at again once the files can be read
		w.tell(unreadable(at, err))
		return nil
	}
	if err := w.saves.Follow(now.ws); err != nil {
		return err
	}
	schema := now.ws.SchemaID()
	if schema == w.last {
		return nil
	}
	out := now.pushSaved(ctx, at, w.report)
	now.afterSaved(ctx, &out, *w)
	w.seen(schema, out)
	w.tell(out)
	return nil
}

// unreadable returns the outcome of a save that left no file to read: an editor may remove the file before it renames
// the new one, and the next event brings it.
func unreadable(saved time.Time, err error) Watched {
	return Watched{At: saved, Err: err, Deletion: workspace.IsGone(err)}
}

// pushSaved pushes what the file, as it is now, adds.
func (e *Env) pushSaved(ctx context.Context, saved time.Time, report progress.Report) Watched {
	out := Watched{At: saved}
	plan, err := e.Diff(ctx, PushOptions{})
	if err != nil {
		out.Err = err
		return out
	}
	out.Plan, out.Hint = plan.Additive(), e.PushHint(ctx, plan)
	if !out.Plan.Empty() {
		db, err := e.Connect(ctx)
		if err == nil {
			err = e.migrationsFirst(ctx, db, plan)
		}
		if err != nil {
			out.Err = err
			return out
		}
		result, err := e.pushSavedPlan(ctx, out.Plan, report)
		if err != nil {
			out.Err = err
			return out
		}
		out.Applied = result.Statements
	}
	out.Took = time.Since(saved)
	return out
}

func (e *Env) pushSavedPlan(ctx context.Context, plan *schemaplan.Plan, report progress.Report) (*schemaplan.Result, error) {
	opt := PushOptions{AllowExternal: true, wait: true}
	if err := cmp.Or(e.mayPush(opt), e.mayPushBeside(ctx, false)); err != nil {
		return nil, err
	}
	return e.lockedPush(ctx, plan, opt, progress.Clock(report))
}

// afterSaved does what comes after a push of what was saved, if nothing went wrong: clients that need it are generated,
// where that was asked for, and then the workspace's commands run, which may need them. Then it looks at the clients.
func (e *Env) afterSaved(ctx context.Context, out *Watched, w watching) {
	if out.Plan == nil {
		return
	}
	out.Clients = e.StatusClients(ctx)
	if out.Err != nil {
		return
	}
	old := func(c StatusClient) bool { return c.Generate != "" }
	if w.generate && slices.ContainsFunc(out.Clients, old) {
		out.Generated, out.GenerateErr = e.generateNow(ctx, w.report)
	}
	switch {
	case out.Applied == 0:
	case out.GenerateErr != nil:
		out.GenerateErr = e.hooksWait(out.GenerateErr)
	default:
		out.LeftOut, out.After = e.heldHooks(), e.runHooks(ctx, progress.Clock(w.report))
	}
	out.Clients = e.StatusClients(ctx)
}

// generateNow generates the clients with the Prisma that is there now, and returns the command.
func (e *Env) generateNow(ctx context.Context, report progress.Report) (string, error) {
	g, err := e.Generator(ctx)
	if err == nil {
		err = e.Generate(ctx, g, report)
	}
	if err != nil {
		return "", err
	}
	return g.Command, nil
}
