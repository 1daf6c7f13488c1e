package workspace

import (
	"context"
	"slices"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// composeReader reads the files that a compose file draws in: of a limited size, and a limited number of them.
type composeReader struct {
	ctx   context.Context // of the load
	paths []string        // what was read
}

// composeLimit is for a compose file; YAML takes about fifty times its size in memory.
const composeLimit files.Limit = 1 << 20

// mostComposeFiles limits how many files a compose file may bring in. Docker's own examples bring in a handful.
const mostComposeFiles = 200

func (r *composeReader) read(path string) ([]byte, error) {
	text, err := files.Read(r.ctx, path, composeLimit)
	if err != nil || slices.Contains(r.paths, path) {
		return text, err
	}
	if r.paths = append(r.paths, path); len(r.paths) > mostComposeFiles {
		return nil, remedy.New("compose.invalid", remedy.ExitFailed, "the compose file draws in more files than %d", mostComposeFiles).
			WithSeen(visible.String(path)).WithFix("name the database's own compose file: compose.files = [\"…\"]    (a line for naap.toml)")
	}
	return text, nil
}

// readable returns the error for a file that compose-go must not read, or nil.
func readable(ctx context.Context, path string) error {
	err := files.Check(ctx, path, composeLimit)
	if e, refused := files.Refused(err); refused {
		return e
	}
	return ctx.Err()
}
