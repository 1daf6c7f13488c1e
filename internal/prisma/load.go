package prisma

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/files"
)

// Files returns the files that make up a schema: the file itself, or the *.prisma files of a folder and its subfolders,
// in alphabetical order. Like Prisma, it follows links and looks into folders of any name but node_modules, which holds
// copies of schemas. A file that can be reached in several ways is read once. What cannot be read, including a broken
// link, is an error: models that are not seen would be taken for dropped. So is a folder beyond the bounds of
// files.Tree. Where a repository names the place, a folder that is not in the folder within, or that a link leads to
// from there, is refused before it is searched; "" allows any.
func Files(ctx context.Context, place, within string) ([]string, error) {
	if err := files.MayOpen(place); err != nil {
		return nil, err
	}
	info, err := os.Stat(place)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{place}, nil
	}
	tree, err := files.NewTree(place, files.TreeEntries)
	if err != nil {
		return nil, err
	}
	if within != "" {
		if within, err = filepath.EvalSymlinks(within); err != nil {
			return nil, err
		}
	}
	f := finder{tree: tree, within: within, seen: map[string]string{}}
	if err := f.folder(ctx, place); err != nil {
		return nil, err
	}
	var list []string
	for _, file := range f.seen {
		if file != "" {
			list = append(list, file)
		}
	}
	slices.Sort(list)
	return list, nil
}

// finder collects the files of a folder by their real paths, with "" for a folder: links may form a cycle.
type finder struct {
	tree   *files.Tree
	within string // a real folder that must not be left; "" for none
	seen   map[string]string
}

func (f *finder) folder(ctx context.Context, dir string) error {
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return err
	}
	if _, seen := f.seen[real]; seen {
		return nil
	}
	if _, inside := files.Below(f.within, real); f.within != "" && !inside {
		return files.NotSearched(dir, real, f.within)
	}
	f.seen[real] = ""
	entries, err := f.tree.List(ctx, dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := f.entry(ctx, filepath.Join(dir, e.Name()), e); err != nil {
			return err
		}
	}
	return nil
}

func (f *finder) entry(ctx context.Context, path string, e fs.DirEntry) error {
	isSchema := filepath.Ext(path) == ".prisma"
	if e.Name() == "node_modules" || strings.HasPrefix(e.Name(), ".#") { // Emacs locks files with the second
		return nil
	}
	isLink := e.Type()&fs.ModeSymlink != 0
	if !isLink && !e.IsDir() && !isSchema {
		return nil
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return err
	case info.IsDir() && isLink:
		if _, err := files.NewTree(path, files.TreeEntries); err != nil { // it leads to the root of the disk
			return err
		}
		return f.folder(ctx, path)
	case info.IsDir():
		return f.folder(ctx, path)
	case !info.Mode().IsRegular() && !isSchema:
		return nil
	case !info.Mode().IsRegular():
		return files.Check(ctx, path, files.Schema)
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	if filepath.Ext(real) != ".prisma" { // what counts is what the link leads to
		return nil
	}
	if known := f.seen[real]; known == "" || !isLink && real != known {
		f.seen[real] = path
	}
	return nil
}
