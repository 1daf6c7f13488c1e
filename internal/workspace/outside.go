package workspace

import (
	"os"
	"path/filepath"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/trust"
	"github.com/livepeer/naap-dev/internal/visible"
)

// treeOf returns the folder that contains a workspace's files: the git repository that root is in, or root where there
// is none. A repository in the home folder, as some keep their settings in, or in a folder above it does not count:
// everything of the user's would be in it.
func treeOf(root string) string {
	r, ok := RepositoryOf(root)
	if !ok {
		return root
	}
	if owner, err := trust.OwnerOf(filepath.Join(r.Root, ".git")); err == nil && !owner.Mine {
		return root // anyone may put one into a shared folder above
	}
	if home, err := os.UserHomeDir(); err != nil || home == "" || leadsTo(r.Root, home) != "" {
		return r.Root
	}
	return root
}

// leadsTo returns where a path really leads, with its links followed as far as anything exists, if that is not below
// the folder tree, and otherwise "".
func leadsTo(tree, path string) string {
	real, err := files.Leading(path)
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

// outside returns where a path that the workspace's files name really leads, if that is not in the workspace's tree,
// and otherwise "".
func (w *Workspace) outside(path string) string {
	if w.Root == "" || !filepath.IsAbs(path) { // inside the program
		return ""
	}
	return leadsTo(treeOf(w.Root), path)
}

// Tree returns the folder that contains the workspace's files: its git repository's, or its own.
func (w *Workspace) Tree() string { return treeOf(w.Root) }

// mayLookAt refuses a place outside of the workspace's tree that a file of the repository names, before anything there
// is read. What the user set is theirs to choose. A file in the tree may be a link to one outside, whose contents are
// not shown; a folder may not. setBy is who names it, or "" for a usual place.
func (w *Workspace) mayLookAt(path, setting, setBy string) error {
	if w.Root == "" || path == "" || w.Settings.Origin(setting).IsPerson() {
		return nil
	}
	real := w.outside(path)
	if real == "" || w.isWrittenInside(path) && !isFolder(path) {
		return nil
	}
	e := remedy.New("file.outside", remedy.ExitRefused, "%s is outside of the workspace, and is not looked at", visible.String(w.name(path)))
	if setBy != "" {
		e.WithSeen("set by " + visible.String(setBy))
	}
	if real != filepath.Clean(path) {
		e.WithSeen("it leads to " + visible.String(real))
	}
	k, _ := keyNamed(setting)
	return e.WithFix("put it into the workspace").
		WithHelp(remedy.Line("or name it yourself: ", remedy.Words(k.env()+"="+remedy.ShellWord(visible.String(path))+" ").Yes(), remedy.Again("")))
}

// isWrittenInside reports whether a path is below the workspace's tree by its name, wherever links lead.
func (w *Workspace) isWrittenInside(path string) bool {
	_, inRoot := files.Below(w.Root, path)
	_, inTree := files.Below(treeOf(w.Root), path)
	return inRoot || inTree
}

// Withhold returns an error about a file's text, without any of the text where the file is outside of the workspace's
// tree: a repository may have its schema be a link to a key, and the message would show it. setting is the one that
// names the file, or "" for none: what the user gave by flag or variable is theirs to see.
func (w *Workspace) Withhold(err error, setting string, paths ...string) error {
	if setting != "" && w.Settings.Origin(setting).IsPerson() {
		return err
	}
	if _, refused := files.Refused(err); refused {
		return err // this says what the file is, and none of it was read
	}
	for _, path := range paths {
		if real := w.outside(path); err != nil && real != "" {
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
