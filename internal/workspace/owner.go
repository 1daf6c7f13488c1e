package workspace

import (
	"context"
	"fmt"
	"os/user"
	"path/filepath"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
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

// search finds the workspace's root; where there is none, the workspace has none. The nearest folder above with one of
// naap's own marks counts, unless the folder is in a repository inside of that one: a Prisma schema in the repository
// counts before what is outside of it, and one below before the built-in workspace.
func (w *Workspace) search(ctx context.Context) error {
	repository, inside := RepositoryOf(w.Dir)
	if err := w.upward(ctx, "", markIn); err != nil {
		return err
	}
	root, foundBy := w.Root, w.FoundBy
	if _, same := files.Below(repository.Root, root); root != "" && (!inside || same) {
		return nil
	}
	w.Root, w.FoundBy = "", ""
	if err := w.upward(ctx, repository.Root, prismaMarkIn); err != nil {
		return err
	}
	if w.Root == "" && root != "" {
		w.Root, w.FoundBy = root, foundBy
		return nil
	}
	if w.Root == "" {
		return w.downward(ctx)
	}
	return w.widen(ctx, repository.Root)
}

// upward walks from the folder where the search began to the first folder with a mark, at most up to the folder top
// ("" for the root of the disk), and keeps it. A marked folder of another user is refused, except one above a folder of
// the user's own: that is skipped with a warning, because anyone may put a naap.toml into /tmp.
func (w *Workspace) upward(ctx context.Context, top string, markIn func(context.Context, string) string) error {
	for dir := w.Dir; ; dir = filepath.Dir(dir) {
		if mark := markIn(ctx, dir); mark != "" {
			err := w.mayRead(dir, append(pathTo(dir, mark), settingsFiles(dir, databaseFolders...)...)...)
			if err == nil {
				w.Root, w.FoundBy = dir, mark
				return nil
			}
			if owner, ownErr := trust.OwnerOf(w.Dir); dir == w.Dir || ownErr != nil || !owner.Mine {
				return err
			}
			w.Warnings = append(w.Warnings, visible.String(fmt.Sprintf("%s is not read: %v", filepath.Join(dir, filepath.FromSlash(mark)), err)))
		}
		if dir == top || filepath.Dir(dir) == dir {
			return nil
		}
	}
}

// widen moves the root up to the folder of whose packages the one that was found is one: from packages/db to the
// repository that it is in.
func (w *Workspace) widen(ctx context.Context, top string) error {
	found := say.Each(candidatesIn(ctx, w.Root), func(c candidate) string { return c.path })
	for dir := w.Root; dir != top && filepath.Dir(dir) != dir; {
		dir = filepath.Dir(dir)
		for _, c := range candidatesIn(ctx, dir) {
			if slices.Contains(found, c.path) && w.mayRead(dir, append(pathTo(dir, c.mark), settingsFiles(dir, databaseFolders...)...)...) == nil {
				w.Root, w.FoundBy = dir, c.mark
			}
		}
	}
	return nil
}

// downward looks for a Prisma schema below: in the repository that the folder is in, or in a folder that the user named.
func (w *Workspace) downward(ctx context.Context) error {
	base := treeOf(w.Dir)
	if !isTop(base) && !w.options.Named {
		return nil
	}
	list := candidatesBelow(ctx, base)
	if len(list) == 0 {
		return nil
	}
	if err := w.mayRead(base, append(pathTo(base, list[0].mark), settingsFiles(base, databaseFolders...)...)...); err != nil {
		return err
	}
	w.Root, w.FoundBy = base, list[0].mark
	return nil
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
