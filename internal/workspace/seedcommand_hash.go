package workspace

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/livepeer/naap-dev/internal/files"
)

// Hash returns a digest of a command and of the files that it watches, or that its text names, so that a changed script
// is a changed seed.
func (c SeedCommand) Hash(ctx context.Context, w *Workspace) string {
	h := sha256.New()
	fmt.Fprintln(h, c.command)
	if len(c.Watch) > 0 {
		for _, name := range w.matching(ctx, c.Watch) {
			fmt.Fprintf(h, "%s\x00", name)
			addFile(ctx, h, filepath.Join(w.base(), filepath.FromSlash(name)))
		}
		return hex.EncodeToString(h.Sum(nil))
	}
	for _, word := range strings.Fields(c.command) {
		if text, err := files.Read(ctx, filepath.Join(c.Dir, strings.Trim(word, `"'`)), files.Source); err == nil {
			h.Write(text)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// addFile adds a file's content to a digest; of one that is too large to be read, its size and when it was written.
func addFile(ctx context.Context, h hash.Hash, path string) {
	text, err := files.Read(ctx, path, files.Source)
	if err == nil {
		fmt.Fprintf(h, "%d:", len(text))
		h.Write(text)
		return
	}
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
		fmt.Fprintf(h, "%d bytes at %d", info.Size(), info.ModTime().UnixNano())
	}
}

// mostWatched limits how many files and folders are looked at for one command's patterns.
const mostWatched = 20_000

// leftOutOfWatch are folders that are not searched unless a pattern begins with them: what they have is made of the rest.
var leftOutOfWatch = []string{"node_modules", ".git", ".next", ".turbo", "dist"}

// matching returns the files of the workspace that match any of the patterns, sorted. Links to folders are not followed.
func (w *Workspace) matching(ctx context.Context, patterns []string) []string {
	var found []string
	for _, pattern := range patterns {
		base, _ := doublestar.SplitPattern(pattern)
		start := filepath.Join(w.base(), filepath.FromSlash(base))
		tree, err := files.NewTree(start, mostWatched)
		if err != nil {
			continue
		}
		walk(ctx, tree, start, base, func(name string) {
			if ok, _ := doublestar.Match(pattern, name); ok {
				found = append(found, name)
			}
		})
		if exists(filepath.Join(w.base(), filepath.FromSlash(pattern))) && !isFolder(start) {
			found = append(found, pattern)
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// walk calls f with the name of each file below a folder, as far as the tree's limits let it.
func walk(ctx context.Context, tree *files.Tree, dir, name string, f func(name string)) {
	entries, err := tree.List(ctx, dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		below := path.Join(name, e.Name())
		switch {
		case e.IsDir() && !slices.Contains(leftOutOfWatch, e.Name()):
			walk(ctx, tree, filepath.Join(dir, e.Name()), below, f)
		case e.Type().IsRegular() || e.Type()&fs.ModeSymlink != 0:
			f(below)
		}
	}
}

func exists(path string) bool {
	if files.MayOpen(path) != nil {
		return false
	}
	_, err := os.Stat(path)
	return err == nil
}
