package devenv

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// Instance is an instance that this home knows: one that was started from it, and whose data was not deleted.
type Instance struct {
	Name    string
	Current bool         // the one of the environment that was asked
	Engine  string       // as it was last started: "docker", "embedded", "external"
	State   engine.State // "" where that cannot be told
	Detail  string       // more about the state, or why it cannot be told
	Port    int          // where it was last published; 0 for an external one
	Root    string       // the folder of the workspace that it was last started for; "" for the built-in one
	Bytes   int64        // of its databases while it runs, else of its data's files; −1 where that is not known
	Made    time.Time    // zero where that is not known
	Started time.Time    // zero while it does not run
	Other   error        // why naap cannot go there: its workspace is gone, or has mistakes; nil where it can
}

// instanceLook is how long looking at one instance may take.
const instanceLook = 5 * time.Second

// Instances returns the instances that this home knows, by name, each with how it is doing.
func (e *Env) Instances(ctx context.Context) ([]Instance, error) {
	entries, err := files.List(ctx, filepath.Dir(e.StateDir()), files.TreeEntries)
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	var all []Instance
	current := e.ws.Settings.Instance
	for _, entry := range entries {
		if rec := readRecord(e.ws.Folders.Instance(entry.Name())); rec.Engine != "" || entry.Name() == current {
			all = append(all, Instance{Name: entry.Name(), Engine: rec.Engine, Port: rec.Port, Root: rec.Root})
		}
	}
	if !slices.ContainsFunc(all, func(i Instance) bool { return i.Name == current }) {
		all = append(all, Instance{Name: current})
	}
	var looks sync.WaitGroup
	for i := range all {
		looks.Go(func() { e.lookAt(ctx, &all[i]) })
	}
	looks.Wait()
	slices.SortFunc(all, func(a, b Instance) int { return cmp.Compare(a.Name, b.Name) })
	return all, ctx.Err()
}

// lookAt completes what is known of an instance.
func (e *Env) lookAt(ctx context.Context, i *Instance) {
	ctx, cancel := context.WithTimeout(ctx, instanceLook)
	defer cancel()
	i.Bytes, i.Made = -1, oldest(ctx, e.ws.Folders.Instance(i.Name))
	env := e
	if i.Current = i.Name == e.ws.Settings.Instance; !i.Current {
		if env, i.Other = e.Elsewhere(ctx, *i, e.opt.Target); i.Other != nil {
			i.Detail = visible.String(i.Other.Error())
			return
		}
		defer env.Close()
	} else if i.Root = e.ws.Root; i.Engine == "" && e.Kind() != nil {
		i.Engine = e.Kind().Name
	}
	look, _, err := env.look(ctx)
	if err != nil {
		i.Detail = visible.String(err.Error())
		return
	}
	i.State, i.Detail = look.State, visible.String(look.Detail)
	if look.Paused {
		i.State, i.Detail = engine.Unhealthy, "paused"
	}
	if !env.IsExternal() {
		i.Port = cmp.Or(look.Port, i.Port)
	}
	if look.Process != nil {
		i.Made = earlier(i.Made, written(filepath.Join(look.Process.Data, "PG_VERSION"))) // initdb's
	}
	switch {
	case i.State == engine.Running:
		i.Bytes, i.Started = env.measured(ctx)
	case look.Process != nil:
		i.Bytes = bytesBelow(ctx, look.Process.Data)
	}
}

// measured returns how large the server's databases are, and when it was started.
func (e *Env) measured(ctx context.Context) (bytes int64, started time.Time) {
	db, err := e.Connect(ctx)
	if err != nil {
		return -1, time.Time{}
	}
	bytes, started, err = postgres.Measure(ctx, db)
	if err != nil {
		return -1, time.Time{}
	}
	return bytes, started
}

// Elsewhere returns the environment of another instance that this home knows, with the workspace that it was last
// started for. Its files are read, and nothing of them is run. What was allowed for this one's does not hold there.
func (e *Env) Elsewhere(ctx context.Context, i Instance, target remedy.Target) (*Env, error) {
	if _, err := os.Stat(i.Root); i.Root != "" && err != nil {
		return nil, remedy.New("instance.workspace", remedy.ExitFailed, "the folder of the workspace of instance %q cannot be opened", i.Name).
			WithSeen(visible.String(i.Root)).WithHelp(remedy.Naap("dev down", "--name", i.Name).Note("in another folder, stops its server; its data stays")).Behind(err)
	}
	ws, err := e.ws.Elsewhere(ctx, i.Root, i.Name)
	if err != nil {
		return nil, ofAnother(err)
	}
	kind := engine.Named(i.Engine)
	if external := kind != nil && kind.Lacks.Stop != ""; external != ws.Settings.IsExternal() {
		r := remedy.New("instance.server", remedy.ExitFailed, "the settings of %s name another server than that of instance %q", visible.String(ws.Describe()), i.Name)
		if external {
			r = remedy.New("instance.server", remedy.ExitFailed, "the server of instance %q was named on a command line or in the environment, and its URL is not kept", i.Name)
		}
		return nil, r.WithHelp(remedy.Naap("dev status"))
	}
	now := New(ws, Options{Wait: e.opt.Wait, Target: target, Version: e.opt.Version})
	now.cancelWait = e.cancelWait
	return now, nil
}

// ofAnother returns the error of another workspace's files under a code of its own: that this one's are in order says
// nothing about it.
func ofAnother(err error) error {
	e, ok := remedy.Of(err)
	if !ok {
		return err
	}
	there := *e
	there.Code = "instance.files"
	return &there
}

// oldest returns when the oldest of an instance's files was last written: those that are made with it are not written
// again.
func oldest(ctx context.Context, dir string) (first time.Time) {
	entries, _ := files.List(ctx, dir, files.TreeEntries)
	for _, entry := range entries {
		first = earlier(first, written(filepath.Join(dir, entry.Name())))
	}
	return first
}

// written returns when a file was last written; zero where that is not known.
func written(path string) time.Time {
	info, err := os.Lstat(path)
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

// earlier returns the earlier of two moments, neither of which need be known.
func earlier(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// bytesBelow returns how large the files of a folder are; −1 where that is not known.
func bytesBelow(ctx context.Context, dir string) int64 {
	tree, err := files.NewTree(dir, files.TreeEntries)
	if err != nil {
		return -1
	}
	total, left := int64(0), []string{dir}
	for len(left) > 0 {
		at := left[0]
		entries, err := tree.List(ctx, at)
		if err != nil {
			return -1
		}
		left = left[1:]
		for _, entry := range entries {
			if entry.IsDir() {
				left = append(left, filepath.Join(at, entry.Name()))
			} else if info, err := entry.Info(); err == nil && info.Mode().IsRegular() {
				total += info.Size()
			}
		}
	}
	return total
}
