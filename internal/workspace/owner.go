package workspace

import (
	"context"
	"fmt"
	"os/user"
	"path/filepath"
	"strings"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/trust"
	"github.com/livepeer/naap-dev/internal/visible"
)

// Foreign is the cause of a refusal to read a workspace that another user owns, wholly or in part: whoever can write
// its files decides what runs as the user. The rule is git's (CVE-2022-24765).
type Foreign struct {
	Root string     // the workspace's folder, for which the item can be allowed
	Item trust.Item // what would have to be allowed
}

func (f *Foreign) Error() string { return f.Item.Where + " is another user's" }

// search walks upward to the first folder with a mark and keeps it; where there is none, the workspace has no root. A
// marked folder of another user is refused, except one above a folder of the user's own: that is skipped with a
// warning, because anyone may put a naap.toml into /tmp.
func (w *Workspace) search(ctx context.Context) error {
	for dir := w.Dir; ; dir = filepath.Dir(dir) {
		if mark := markIn(ctx, dir); mark != "" {
			err := w.mayRead(dir, append(pathTo(dir, mark), settingsFiles(dir)...)...)
			if err == nil {
				w.Root, w.FoundBy = dir, mark
				return nil
			}
			if owner, ownErr := trust.OwnerOf(w.Dir); dir == w.Dir || ownErr != nil || !owner.Mine {
				return err
			}
			w.Warnings = append(w.Warnings, visible.String(fmt.Sprintf("%s is not read: %v", filepath.Join(dir, filepath.FromSlash(mark)), err)))
		}
		if filepath.Dir(dir) == dir {
			return nil
		}
	}
}

// pathTo returns a folder, and each part of the path from it to a file below.
func pathTo(dir, name string) []string {
	paths := []string{dir}
	for part := range strings.SplitSeq(name, "/") {
		dir = filepath.Join(dir, part)
		paths = append(paths, dir)
	}
	return paths
}

// mayRead returns the error for the first path that another user owns, unless the user has allowed that for the folder.
// Missing paths have no owner.
func (w *Workspace) mayRead(root string, paths ...string) error {
	for _, path := range paths {
		owner, err := trust.OwnerOf(path)
		if err != nil || owner.Mine {
			continue
		}
		// By the owner rather than the file: a user who trusts someone's folder is not asked for each file in it.
		f := &Foreign{root, trust.Item{Kind: trust.Folder, Subject: "the user " + owner.Name, Where: path, Text: "files of " + owner.Name + " in " + root}}
		judge, _ := trust.NewJudge(trust.In(w.Folders.State), root, w.Given) // an unreadable store allows nothing
		if !judge.Of(f.Item).Allowed {
			return foreign(f, owner)
		}
	}
	return nil
}

// mayReadMore is mayRead for the files that the settings name, once they are known.
func (w *Workspace) mayReadMore() error {
	if w.Root == "" {
		return nil
	}
	var paths []string
	for _, path := range w.Inputs() {
		if w.name(path) != path { // whoever wrote the workspace did not put files outside of it there
			paths = append(paths, path)
		}
	}
	return w.mayRead(w.Root, paths...)
}

func foreign(f *Foreign, owner trust.Owner) error {
	me := "you"
	if u, err := user.Current(); err == nil {
		me = u.Username
	}
	return remedy.New("workspace.owner", remedy.ExitRefused, "%s belongs to %s, and what it says would run as %s",
		visible.String(f.Item.Where), visible.String(owner.Name), visible.String(me)).
		Behind(f).WithHelp(remedy.Naap("dev trust", "folder").Note("if you know whose it is"),
		remedy.Line("or, without a terminal: ", remedy.Words(trust.Variable+"="+remedy.ShellWord(f.Root)+" ").Yes(), remedy.Again("")))
}

func markIn(ctx context.Context, dir string) string {
	if settingsIn(dir) != "" {
		return SettingsFileName
	}
	for _, mark := range []string{schemaMark, "packages/database/prisma/schema", "packages/database/prisma"} {
		if isSchema(ctx, dir, filepath.Join(dir, filepath.FromSlash(mark))) {
			return mark
		}
	}
	for _, name := range []string{"compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"} {
		if hasDatabaseContainer(ctx, filepath.Join(dir, name)) {
			return name
		}
	}
	return ""
}
