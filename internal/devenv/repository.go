package devenv

import (
	"path/filepath"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// codeRoot returns the folder that holds everything of the workspace's code: its repository where it is in one, since
// packages are often installed above the workspace.
func (e *Env) codeRoot() string {
	if r, ok := workspace.RepositoryOf(e.ws.Root); ok {
		return r.Root
	}
	return e.ws.Root
}

// InRepository returns the path of a file of the workspace in its repository, with forward slashes.
func (e *Env) InRepository(name string) string {
	if filepath.IsAbs(name) || e.ws.Root == "" {
		return name
	}
	rel, inside := files.Below(e.codeRoot(), filepath.Join(e.ws.Root, filepath.FromSlash(name)))
	if !inside {
		return name
	}
	return filepath.ToSlash(rel)
}
