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

// here returns this workspace as a database's ledger knows it.
func (e *Env) here(ctx context.Context) ledger.Here { return identityOf(ctx, e.ws) }

// hereMeanwhile is here, found out while the database is asked for the other side of the comparison.
func (e *Env) hereMeanwhile(ctx context.Context) func() ledger.Here {
	found := make(chan ledger.Here, 1)
	go func() { found <- e.here(ctx) }()
	return func() ledger.Here { return <-found }
}

// identityOf returns what identifies a workspace: its repository, if it is in a checkout of one, and its Prisma file.
func identityOf(ctx context.Context, ws *workspace.Workspace) ledger.Here {
	h := ledger.Here{FirstCommit: func() string { return "" }, Had: func(string) bool { return false }}
	h.Host, h.Machine = thisMachine()
	if ws.Root == "" {
		h.Builtin = true
		return h
	}
	h.Root = resolved(ws.Root)
	mark := filepath.Join(h.Root, filepath.FromSlash(ws.FoundBy))
	if ws.SchemaOnDisk() {
		mark = resolved(ws.SchemaPath)
	}
	base := h.Root
	if r, ok := workspace.RepositoryOf(filepath.Dir(mark)); ok {
		base, h.Remotes = r.Root, r.Remotes
		h.FirstCommit = sync.OnceValue(func() string { return r.FirstCommit(ctx) })
	}
	h.Schema = slashed(base, mark)
	// If the folder's own files say which Prisma file it is, they may have named another one before. A Prisma file chosen
	// from outside is an additional one, unless the folder's own is gone.
	ownChoice := !ws.Settings.Origin("schema").IsPerson()
	h.Had = func(path string) bool {
		if ws.IsBuiltin() {
			return false // the program's own tables do not replace a Prisma file that is gone
		}
		_, err := os.Stat(filepath.Join(base, filepath.FromSlash(path)))
		return ownChoice || os.IsNotExist(err)
	}
	return h
}

// resolved returns a path without symbolic links, so that two ways to a folder compare equal.
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

// thisMachine returns this machine's name, and what identifies it: its id, or its name without the network's part,
// which changes when a laptop moves.
func thisMachine() (host, machine string) {
	host, _ = os.Hostname()
	id, _ := os.ReadFile("/etc/machine-id") // it does not exist outside of Linux, nor in most containers
	first, _, _ := strings.Cut(host, ".")
	return host, cmp.Or(strings.TrimSpace(string(id)), first)
}
