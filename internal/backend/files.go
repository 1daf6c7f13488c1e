package backend

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/seedfile"
	"github.com/livepeer/naap-dev/internal/visible"
	"github.com/livepeer/naap-dev/internal/watch"
)

// FileState says which state of the Prisma file an answer is about: files change while a screen shows what they said.
type FileState struct {
	Name string    // for messages, safe to show: "packages/database/prisma/schema.prisma"; "" where there is none
	AsOf time.Time // when it was read; zero for one inside the program, which does not change
	ID   string    // identifies its contents, and whatever else the answer was made from
}

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

// fileState returns the state of the Prisma file in an environment.
func fileState(env *devenv.Env, read time.Time) FileState {
	ws := env.Workspace()
	if len(ws.SchemaFiles) == 0 {
		return FileState{}
	}
	f := FileState{Name: visible.String(filepath.ToSlash(ws.SchemaName())), ID: ws.SchemaID()}
	if ws.SchemaOnDisk() {
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

// with returns a state that covers seed files as well.
func (f FileState) with(seeds []*seedfile.File) FileState {
	h := sha256.New()
	_, _ = io.WriteString(h, f.ID)
	for _, file := range seeds {
		_, _ = io.WriteString(h, "\x00"+file.Path+"\x00"+file.Text)
	}
	f.ID = hex.EncodeToString(h.Sum(nil))
	return f
}

// rowFiles returns the environment with the files that tables and rows are made from, as they are now: the Prisma file
// and the seeds, which stay fixed in this environment.
func (b *Backend) rowFiles(ctx context.Context) (*devenv.Env, []*seedfile.File, FileState, error) {
	read := time.Now()
	env, err := b.reread(ctx)
	if err != nil {
		return nil, nil, FileState{}, err
	}
	seeds, err := env.PinSeeds(ctx)
	return env, seeds, fileState(env, read).with(seeds), err
}

// sameRowFiles returns the error for a plan whose files have changed since it was made, or cannot be read now. verb is what
// the plan was to do, and done the same as a participle.
func (b *Backend) sameRowFiles(ctx context.Context, file FileState, verb, done string) error {
	_, _, now, err := b.rowFiles(ctx)
	if err != nil {
		return fmt.Errorf("nothing was %s: %w", done, err)
	}
	return file.stale(now, verb)
}

// WatchFiles emits a change when a file that the workspace is made from has changed, until ctx ends or emit returns
// false.
func (b *Backend) WatchFiles(ctx context.Context, emit func(watch.Change) bool) error {
	return watch.Files(ctx, b.env.Workspace(), emit)
}
