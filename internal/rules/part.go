package rules

import (
	"context"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/livepeer/naap-dev/internal/files"
)

// part is the files that a check of some files reads: these, and what the rules compare them with. It is nil where that
// is the whole tree.
type part struct {
	files      []string // those asked for that exist, sorted
	companions []string // what they are compared with, sorted
}

// partOf returns what has to be read to find what concerns the files that are asked for. What every file is compared
// with, or what is compared with files that only a walk finds, takes the whole tree: the schema and the script that
// creates the schemas, settings, packages, compose files and Dockerfiles, and folders.
func (o Options) partOf(ctx context.Context, changed map[string]bool) *part {
	names := o.Only
	if changed != nil {
		names = nil
		for name := range changed {
			if touches(Finding{Place: Place{Path: name}}, o.Only) {
				names = append(names, name)
			}
		}
	} else if len(names) == 0 {
		return nil
	}
	p := &part{}
	for _, name := range names {
		info, err := os.Stat(filepath.Join(o.Root, filepath.FromSlash(name)))
		gone := err != nil
		if o.concernsAll(name, gone) || !gone && info.IsDir() && changed == nil {
			return nil
		}
		if !gone && info.Mode().IsRegular() {
			p.files = append(p.files, name)
		}
	}
	slices.Sort(p.files)
	p.companions = o.companions(ctx, p.files)
	return p
}

// concernsAll reports whether what is wrong because of a file may show in any other, so that all have to be read.
func (o Options) concernsAll(name string, gone bool) bool {
	if name == "." || path.Base(name) == settingsFile || o.isMeasure(name) || o.isInit(name) {
		return true
	}
	switch kindOf(name) {
	case manifestFile, composeFile, dockerFile:
		return true
	}
	return gone && isClientFile(name)
}

// companions returns the files that the rules compare the given ones with: the package of each, compose files beside or
// above it, and the database package's index.
func (o Options) companions(ctx context.Context, names []string) []string {
	folders := map[string]bool{".": true}
	for _, name := range names {
		for dir := path.Dir(name); !folders[dir] && dir != "/"; dir = path.Dir(dir) {
			folders[dir] = true
		}
	}
	var found []string
	for dir := range folders {
		entries, err := files.List(ctx, filepath.Join(o.Root, filepath.FromSlash(dir)), mostFiles)
		if err != nil {
			continue // it is said where the files are read
		}
		for _, e := range entries {
			name := path.Join(dir, e.Name())
			if e.Type().IsRegular() && (e.Name() == "package.json" || isCompose.Get().MatchString(innerName(name)) && kindOf(name) == composeFile) {
				found = append(found, name)
			}
		}
	}
	for _, name := range []string{"package.json", "src/index.ts", "index.ts"} {
		found = append(found, path.Join(o.databaseDir(), name))
	}
	slices.Sort(found)
	return slices.DeleteFunc(slices.Compact(found), func(name string) bool {
		_, asked := slices.BinarySearch(names, name)
		return asked
	})
}

// walkPart reads the files of a part instead of walking the tree.
func (w *walker) walkPart(p *part) error {
	group, ctx := errgroup.WithContext(w.ctx)
	w.ctx = ctx
	group.Go(w.readFiles)
	group.Go(func() error {
		defer close(w.paths)
		var batch []string
		for _, name := range slices.Concat(p.files, p.companions) {
			if w.mayRead(name) {
				batch = append(batch, name)
			}
		}
		if err := w.send(batch); err != nil {
			return err
		}
		for _, name := range w.links {
			if err := w.link(name); err != nil {
				return err
			}
		}
		return w.measures()
	})
	return group.Wait()
}

// mayRead reports whether a file that is asked for is one that a walk would read, and notes what a walk would note.
func (w *walker) mayRead(name string) bool {
	generated := false
	for dir := path.Dir(name); dir != "." && dir != "/"; dir = path.Dir(dir) {
		if isSkipped(dir) {
			w.leftOut(name, "folders named "+path.Base(dir)+" hold what is installed or built")
			return false
		}
		generated = generated || generatedFolders[path.Base(dir)]
	}
	info, err := os.Lstat(filepath.Join(w.root, filepath.FromSlash(name)))
	switch {
	case err != nil:
		return false
	case generated:
		w.generated(name)
		w.count(1)
		return false
	case info.Mode()&os.ModeSymlink != 0:
		w.links = append(w.links, name)
		return false
	}
	w.noteFolder(name)
	if kindOf(name) == other {
		w.count(1)
		return false
	}
	return w.throughFolders(name)
}

// throughFolders reports whether no folder above a file is a link: what is behind one is checked where it is, or is not
// the repository's.
func (w *walker) throughFolders(name string) bool {
	for dir := path.Dir(name); dir != "." && dir != "/"; dir = path.Dir(dir) {
		at := filepath.Join(w.root, filepath.FromSlash(dir))
		info, err := os.Lstat(at)
		if err == nil && info.Mode()&os.ModeSymlink == 0 {
			continue
		}
		real, err := filepath.EvalSymlinks(filepath.Join(w.root, filepath.FromSlash(name)))
		if err != nil {
			return false
		}
		if _, inside := w.inside(real); !inside {
			w.leftOut(name, "it leads out of the workspace")
			return false
		}
		break
	}
	return !strings.HasPrefix(name, "../")
}
