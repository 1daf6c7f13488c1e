package backend

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/queries"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/seedfile"
	"github.com/livepeer/naap-dev/internal/watch"
)

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

// rowFiles returns the environment with the files that tables and rows are made from, as they are now: the Prisma file
// and the seeds, which stay fixed in this environment.
func (b *environment) rowFiles(ctx context.Context) (*devenv.Env, []*seedfile.File, FileState, error) {
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
func (b *environment) sameRowFiles(ctx context.Context, file FileState, verb, done string) error {
	_, _, now, err := b.rowFiles(ctx)
	if err != nil {
		return fmt.Errorf("nothing was %s: %w", done, err)
	}
	return file.stale(now, verb)
}

func (b *environment) Queries(ctx context.Context) ([]queries.Query, error) {
	return queries.List(ctx, b.env.Workspace().Root)
}

func (b *environment) SaveQuery(ctx context.Context, name, text string, was *string) (queries.Query, error) {
	return queries.Save(ctx, b.env.Workspace().Root, name, text, was)
}

func (b *environment) WatchFiles(ctx context.Context, emit func(watch.Change) bool) error {
	return watch.Files(ctx, b.env.Workspace(), emit)
}
