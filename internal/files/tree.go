package files

import (
	"cmp"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

const (
	// TreeEntries is how many files and folders a walk visits at most, where a few are looked for among them: a folder
	// of Prisma files or of seeds. A repository's node_modules, which walks leave out, has about as many.
	TreeEntries = 100_000
	// treeDepth is how deep a walk goes. On Linux and macOS, paths end at about a thousand one-letter folders.
	treeDepth = 64
)

// Tree bounds a walk through a folder and its subfolders.
type Tree struct {
	dir     string
	entries int // that may still be visited
	depth   int
	most    int
}

// NewTree begins a walk through dir that visits at most this many entries. The root of a disk is refused with the code
// file.tree: it is never the intended folder, and it contains the kernel's own folders.
func NewTree(dir string, entries int) (*Tree, error) {
	if err := MayOpen(dir); err != nil {
		return nil, err
	}
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return nil, err
	}
	if real, err = filepath.Abs(real); err != nil {
		return nil, err
	}
	if filepath.Dir(real) == real {
		return nil, leads(remedy.New("file.tree", remedy.ExitFailed, "%s is the root of the disk, and naap does not search it", visible.String(dir)), dir).
			WithFix("name the folder that was meant")
	}
	if isKernels(real) {
		return nil, leads(remedy.New("file.tree", remedy.ExitFailed, "%s is in a file system of the kernel's, and naap does not search it", visible.String(dir)), dir).
			WithFix("name the folder that was meant")
	}
	return &Tree{dir: filepath.Clean(dir), entries: entries, most: entries, depth: treeDepth}, nil
}

// List returns the entries of a folder of the tree, sorted by name. They count towards the tree's limits, beyond which
// the walk is refused with the code file.tree.
func (t *Tree) List(ctx context.Context, dir string) ([]fs.DirEntry, error) {
	if rel, err := filepath.Rel(t.dir, dir); err == nil && strings.Count(filepath.ToSlash(rel), "/") >= t.depth {
		return nil, remedy.New("file.tree", remedy.ExitFailed, "the folders in %s are more than %d deep", visible.String(t.dir), t.depth).
			WithSeen(visible.String(dir)).WithFix("name the folder that was meant")
	}
	list, more, err := entriesOf(ctx, dir, t.entries)
	if t.entries -= len(list); err == nil && more {
		return nil, remedy.New("file.tree", remedy.ExitFailed, "%s holds more than %d files and folders, and is not searched any further", visible.String(t.dir), t.most).
			WithSeen(visible.String(dir)).WithFix("name the folder that was meant")
	}
	return list, err
}

// List returns the entries of a folder, sorted by name, or an error with the code file.tree if there are more than
// most.
func List(ctx context.Context, dir string, most int) ([]fs.DirEntry, error) {
	return (&Tree{dir: dir, entries: most, most: most, depth: 1}).List(ctx, dir)
}

// entriesOf reads up to most entries of a folder, a batch at a time: a folder can have more than memory holds.
func entriesOf(ctx context.Context, dir string, most int) (list []fs.DirEntry, more bool, err error) {
	type listing struct {
		list []fs.DirEntry
		more bool
	}
	got, err := Await(ctx, func() (l listing, err error) {
		if err := MayOpen(dir); err != nil {
			return l, err
		}
		if info, err := os.Stat(dir); err == nil && !info.IsDir() {
			return l, wrongFolder(dir, info.Mode())
		}
		f, err := os.OpenFile(dir, os.O_RDONLY|folderFlags, 0)
		if err != nil {
			return l, err
		}
		defer f.Close()
		for ctx.Err() == nil {
			part, err := f.ReadDir(1024)
			if l.list = append(l.list, part...); len(l.list) > most {
				l.list, l.more = l.list[:most], true
				return l, nil
			}
			if errors.Is(err, io.EOF) {
				return l, nil
			}
			if err != nil {
				return l, err
			}
		}
		return l, ctx.Err()
	})
	slices.SortFunc(got.list, func(a, b fs.DirEntry) int { return cmp.Compare(a.Name(), b.Name()) })
	return got.list, got.more, err
}

func wrongFolder(path string, mode fs.FileMode) error {
	word := "a file"
	if !mode.IsRegular() {
		word = kindWord(mode)
	}
	return leads(remedy.New("file.kind", remedy.ExitFailed, "%s is %s, and a folder is needed", visible.String(path), word), path).
		WithFix("name a folder")
}

// Folder returns a folder's content as a file system for fs.ReadFile and fs.WalkDir, which are bounded as Read and Tree
// are: no file in it has more than limit bytes. It ends with ctx.
func Folder(ctx context.Context, dir string, limit Limit) fs.FS {
	tree, err := NewTree(dir, TreeEntries)
	return folder{ctx: ctx, dir: dir, limit: limit, tree: tree, err: err}
}

type folder struct {
	ctx   context.Context // the caller's: fs.FS has none
	dir   string
	limit Limit
	tree  *Tree // of everything that is listed
	err   error // why nothing is listed
}

func (f folder) place(op, name string) (string, error) {
	if !fs.ValidPath(name) {
		return "", &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	return filepath.Join(f.dir, filepath.FromSlash(name)), nil
}

// Open opens a regular file or a folder.
func (f folder) Open(name string) (fs.File, error) {
	at, err := f.place("open", name)
	if err != nil {
		return nil, err
	}
	if info, err := os.Stat(at); err == nil && info.IsDir() {
		return os.OpenFile(at, os.O_RDONLY|folderFlags, 0)
	}
	return Open(f.ctx, at)
}

func (f folder) ReadFile(name string) ([]byte, error) {
	at, err := f.place("read", name)
	if err != nil {
		return nil, err
	}
	return Read(f.ctx, at, f.limit)
}

func (f folder) ReadDir(name string) ([]fs.DirEntry, error) {
	at, err := f.place("readdir", name)
	if err != nil {
		return nil, err
	}
	if f.err != nil {
		return nil, f.err
	}
	return f.tree.List(f.ctx, at)
}

func (f folder) Stat(name string) (fs.FileInfo, error) {
	at, err := f.place("stat", name)
	if err != nil {
		return nil, err
	}
	return os.Stat(at)
}
