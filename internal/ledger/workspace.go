package ledger

import (
	"cmp"
	"slices"
	"strings"
)

// Workspace is what identifies a workspace, on this machine and on others.
type Workspace struct {
	Builtin bool     // the one inside the program, which is the same everywhere
	Schema  string   // the Prisma file or folder, relative to the repository, or to Root where there is none
	Remotes []string // where its git repository is kept: "github.com/livepeer/naap"
	Commit  string   // the repository's first commit; "" where unknown
	Root    string   // its folder when it last wrote the entry
	Machine string   // that folder's machine, as this naap identifies it
	Host    string   // the machine's name, for the user
}

// Here is the workspace that naap runs in, which can be asked for what its entry does not say.
type Here struct {
	Workspace
	FirstCommit func() string          // asked only where nothing else decides: it walks the repository's history
	Had         func(path string) bool // reports whether the workspace may have had this Prisma file before its present one
}

// Is reports whether this workspace is the recorded one: the same Prisma file of the same repository, in whichever
// checkout and on whichever machine or, outside of a repository, the same file in the same folder.
func (h Here) Is(noted Workspace) bool {
	if h.Builtin || noted.Builtin {
		return h.Builtin && noted.Builtin
	}
	samePlace := h.Root == noted.Root && h.Machine == noted.Machine
	if !samePath(h.Schema, noted.Schema) && !(samePlace && h.Had(noted.Schema)) {
		return false
	}
	kept := len(h.Remotes) > 0 && len(noted.Remotes) > 0 // both have a remote
	if kept && slices.ContainsFunc(h.Remotes, func(r string) bool { return slices.Contains(noted.Remotes, r) }) {
		return true
	}
	if noted.Commit != "" {
		if first := h.FirstCommit(); first != "" {
			// Two repositories with the same first commit but different remotes are two: a project and its fork.
			return first == noted.Commit && (samePlace || !kept)
		}
	}
	return samePlace
}

// samePath reports whether two paths name one Prisma schema: a file, or the folder that contains it.
func samePath(a, b string) bool {
	return a == b || strings.HasPrefix(a, b+"/") || strings.HasPrefix(b, a+"/")
}

// Merged returns this workspace together with what only the entry knows, so that its other checkouts stay known.
func (h Here) Merged(noted Workspace) Workspace {
	w := h.Workspace
	w.Commit = cmp.Or(w.Commit, noted.Commit)
	w.Remotes = slices.Concat(w.Remotes, noted.Remotes)
	slices.Sort(w.Remotes)
	w.Remotes = slices.Compact(w.Remotes)
	return w
}

// Equal reports whether two descriptions of a workspace are the same.
func (w Workspace) Equal(o Workspace) bool {
	return w.Builtin == o.Builtin && w.Schema == o.Schema && slices.Equal(w.Remotes, o.Remotes) && w.Commit == o.Commit &&
		w.Root == o.Root && w.Machine == o.Machine && w.Host == o.Host
}

// String returns the workspace's name for messages.
func (w Workspace) String() string {
	if w.Builtin {
		return "the built-in workspace"
	}
	text := w.Root
	if w.Schema != "" {
		text += " (" + w.Schema + ")"
	}
	if w.Host != "" {
		text += " on " + w.Host
	}
	if len(w.Remotes) > 0 {
		text += ", a checkout of " + w.Remotes[0]
	}
	return text
}
