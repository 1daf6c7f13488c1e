package workspace

import (
	"os"
	"path/filepath"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// treeOf is the folder that a workspace's files lie in: the git repository that root is in, or root where that is in none.
// A repository of the home folder, as some keep their settings in, or of a folder above is not taken: everything of the
// person's would lie in it.
func treeOf(root string) string {
	r, ok := RepositoryOf(root)
	if !ok {
		return root
	}
	if home, err := os.UserHomeDir(); err != nil || home == "" || leadsTo(r.Root, home) != "" {
		return r.Root
	}
	return root
}

// leadsTo is where a path really leads, with its links followed, where that is not below the folder tree; else "". A path
// that leads nowhere is taken as it is written.
func leadsTo(tree, path string) string {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		real = filepath.Clean(path)
	}
	if whole, err := filepath.EvalSymlinks(tree); err == nil {
		tree = whole
	}
	if _, inside := files.Below(tree, real); inside {
		return ""
	}
	return real
}

// Outside is where a path that the workspace's files name really leads, if that is not in the workspace's tree; else "".
func (w *Workspace) Outside(path string) string {
	if w.Root == "" || !filepath.IsAbs(path) { // what is in the program
		return ""
	}
	return leadsTo(treeOf(w.Root), path)
}

// Withhold is an error about the text of a file, without anything of that text where the file lies outside of the
// workspace's tree: a repository may have its schema be a link to a key, and its message would show it. setting is the
// one that names the file, "" for none: what the person gave by flag or variable is theirs to see.
func (w *Workspace) Withhold(err error, setting string, paths ...string) error {
	if setting != "" && w.Settings.Origin(setting).IsPerson() {
		return err
	}
	if _, refused := files.Refused(err); refused {
		return err // by what the file is, and none of it was read
	}
	for _, path := range paths {
		if real := w.Outside(path); err != nil && real != "" {
			return withheld(err, w.name(path), real)
		}
	}
	return err
}

func withheld(err error, name, real string) error {
	code, exit := remedy.Code(err), remedy.Exit(err)
	if code == "internal" {
		code = "file.outside"
	}
	e := remedy.New(code, exit, "%s cannot be used, and is outside of the workspace: what is wrong in it is not shown", visible.String(name))
	if real != name {
		e.WithSeen("it leads to " + visible.String(real))
	}
	return e.WithFix("put the file itself into the workspace, or look into it: less " + remedy.ShellWord(visible.String(real))).Behind(err)
}
