package devenv

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// reread returns the environment with the workspace's files as they are now. The terminal app stays open for days, so
// verbs and screens read files when they are asked.
func (s *Screens) reread(ctx context.Context) (*Env, error) { return s.env.Again(ctx) }

// OfFiles reports whether an error says that the workspace's files cannot be read, or that what they mean is not known.
// Facts returns such an error as its DriftErr.
func OfFiles(err error) bool {
	code := remedy.Code(err)
	group, _, _ := strings.Cut(code, ".")
	switch code {
	case "schema.none": // the files have no mistake: they have no tables
		return false
	case "workspace.schema", "workspace.init", "workspace.moved", "workspace.target", "workspace.dir":
		return true
	}
	return group == "schema" || group == "settings" || group == "compose"
}

// fileState returns the state of the Prisma file in this environment.
func (e *Env) fileState(read time.Time) FileState {
	if len(e.ws.SchemaFiles) == 0 {
		return FileState{}
	}
	digest := e.digest()
	f := FileState{Name: visible.String(filepath.ToSlash(e.ws.SchemaName())), ID: hex.EncodeToString(digest[:])}
	if e.schemaOnDisk() {
		f.AsOf = read
	}
	return f
}

// stale returns the error for a plan whose files have changed since it was made, else nil.
func (f FileState) stale(now FileState, verb string) error {
	if f.ID == now.ID {
		return nil
	}
	name := f.Name
	if verb != "push" || name == "" {
		name = "the schema or a seed file"
	}
	e := remedy.New("plan.stale", remedy.ExitRefused, "%s has changed since; nothing was done", path.Base(name))
	if !f.AsOf.IsZero() {
		e.WithSeen("the plan is of the files as of " + f.AsOf.Format("15:04:05"))
	}
	return e.WithFix("look at what it would do now, and " + verb + " again")
}

// withSeeds returns a state that covers the environment's seed files as well.
func (e *Env) withSeeds(ctx context.Context, f FileState) (FileState, error) {
	files, err := e.seedFiles(ctx)
	if err != nil {
		return f, err
	}
	h := sha256.New()
	_, _ = io.WriteString(h, f.ID)
	for _, file := range files {
		_, _ = io.WriteString(h, "\x00"+file.Path+"\x00"+file.Text)
	}
	f.ID = hex.EncodeToString(h.Sum(nil))
	return f, nil
}

// pinSeeds fixes the environment's seed files as they are now, whatever happens to the files.
func (e *Env) pinSeeds(ctx context.Context) error {
	files, err := e.seedFiles(ctx)
	if err == nil {
		e.pinned = &files
	}
	return err
}

// WatchFiles emits a change when a file that the workspace is made from has changed, until ctx ends or emit returns
// false. Where the system does not report changes, it looks at the files every two seconds.
func (s *Screens) WatchFiles(ctx context.Context, emit func(FileChange) bool) error {
	ws := s.env.ws
	if len(ws.Inputs()) == 0 {
		<-ctx.Done() // what is part of the program does not change
		return ctx.Err()
	}
	events, look := (chan fsnotify.Event)(nil), fileLook
	w, err := newSaves()
	if err == nil {
		defer w.Close()
		err = w.follow(ws)
	}
	if err == nil {
		events, look = w.Events, time.Hour
	}
	was := fingerprints(ctx, ws)
	ticks := time.NewTicker(look)
	defer ticks.Stop()
	settled := time.NewTimer(time.Hour)
	settled.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case ev, ok := <-events:
			if !ok {
				return errors.New("the files are no longer watched")
			}
			if w.concerns(ev) {
				settled.Reset(settle)
			}
			continue
		case <-settled.C:
		case <-ticks.C:
		}
		if now, err := ws.Again(ctx); err == nil {
			ws = now
			if events != nil {
				_ = w.follow(ws) // a folder that cannot be watched is looked at when something else happens
			}
		}
		now := fingerprints(ctx, ws)
		if names := changed(ws, was, now); len(names) > 0 && !emit(FileChange{At: time.Now(), Names: names}) {
			return nil
		}
		was = now
	}
}

// fileLook is how often files that cannot be watched are looked at.
const fileLook = 2 * time.Second

// fingerprints identifies the states of a workspace's files: by the contents of small ones, by size and time of the
// others.
func fingerprints(ctx context.Context, ws *workspace.Workspace) map[string]string {
	out := map[string]string{}
	note := func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			path := filepath.Join(ws.Seeds.Path, filepath.FromSlash(name))
			out[path] = fingerprint(ctx, path)
		}
		return nil
	}
	for _, path := range ws.Inputs() {
		if isDir(path) {
			if path == ws.Seeds.Path {
				_ = fs.WalkDir(files.Folder(ctx, path, files.SQL), ".", note)
			}
			continue // the files of the Prisma folder are inputs themselves
		}
		out[path] = fingerprint(ctx, path)
	}
	return out
}

func fingerprint(ctx context.Context, path string) string {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return ""
	case !info.Mode().IsRegular() || info.Size() > int64(files.Source):
		return fmt.Sprintf("%d %s", info.Size(), info.ModTime())
	}
	text, err := files.Read(ctx, path, files.Source)
	if err != nil {
		return err.Error()
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// changed returns the files whose fingerprints differ, by the names that messages use.
func changed(ws *workspace.Workspace, was, now map[string]string) []string {
	var names []string
	note := func(path string) {
		name := path
		if rel, err := filepath.Rel(ws.Root, path); err == nil && ws.Root != "" && filepath.IsLocal(rel) {
			name = filepath.ToSlash(rel)
		}
		if name = visible.String(name); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for path, id := range now {
		if before, known := was[path]; before != id || !known && id != "" {
			note(path)
		}
	}
	for path, id := range was {
		if _, still := now[path]; !still && id != "" {
			note(path)
		}
	}
	slices.Sort(names)
	return names
}
