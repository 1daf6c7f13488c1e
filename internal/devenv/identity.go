package devenv

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/livepeer/naap-dev/internal/ledger"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// here is this workspace as the ledger of a database knows it.
func (e *Env) here(ctx context.Context) ledger.Here { return identityOf(ctx, e.ws) }

// identityOf is what a workspace is known by: its repository, where it is in a checkout of one, and its Prisma file.
func identityOf(ctx context.Context, ws *workspace.Workspace) ledger.Here {
	h := ledger.Here{FirstCommit: func() string { return "" }, Had: func(string) bool { return false }}
	h.Host, h.Machine = thisMachine()
	if ws.Root == "" {
		h.Builtin = true
		return h
	}
	h.Root = resolved(ws.Root)
	mark := filepath.Join(h.Root, filepath.FromSlash(ws.FoundBy))
	if len(ws.SchemaFiles) > 0 && ws.SchemaFiles[0].OnDisk() {
		mark = resolved(ws.SchemaPath)
	}
	base := h.Root
	if r, ok := workspace.RepositoryOf(filepath.Dir(mark)); ok {
		base, h.Remotes = r.Root, r.Remotes
		h.FirstCommit = sync.OnceValue(func() string { return r.FirstCommit(ctx) })
	}
	h.Schema = slashed(base, mark)
	// Where the folder's own files say which Prisma file it is, they may have said otherwise before. One that was chosen
	// from outside is another beside it, unless that is gone.
	ownChoice := !ws.Settings.Origin("schema").IsPerson()
	h.Had = func(path string) bool {
		if ws.IsBuiltin() {
			return false // a Prisma file that is gone is not one that the program's own tables took the place of
		}
		_, err := os.Stat(filepath.Join(base, filepath.FromSlash(path)))
		return ownChoice || os.IsNotExist(err)
	}
	return h
}

// resolved is a path without links, so that two ways to a folder are one.
func resolved(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	return path
}

func slashed(base, path string) string {
	if rel, err := filepath.Rel(base, path); err == nil {
		return filepath.ToSlash(rel)
	}
	return path
}

// thisMachine is what this machine is called, and what it knows itself by: its id, or its name without the network's
// part, which changes as a laptop is carried about.
func thisMachine() (host, machine string) {
	host, _ = os.Hostname()
	id, _ := os.ReadFile("/etc/machine-id") // there is none outside of Linux, and in most containers
	first, _, _ := strings.Cut(host, ".")
	return host, cmp.Or(strings.TrimSpace(string(id)), first)
}
