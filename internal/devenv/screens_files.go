package devenv

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
	"github.com/livepeer/naap-dev/internal/watch"
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
	f := FileState{Name: visible.String(filepath.ToSlash(e.ws.SchemaName())), ID: e.ws.SchemaID()}
	if e.ws.SchemaOnDisk() {
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
// false.
func (s *Screens) WatchFiles(ctx context.Context, emit func(watch.Change) bool) error {
	return watch.Files(ctx, s.env.ws, emit)
}
