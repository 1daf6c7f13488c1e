package watch

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/visible"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// Change says which files of the workspace have changed.
type Change struct {
	At    time.Time
	Names []string // for messages, safe to show
}

// Files emits a change when a file that the workspace is made from, or a migration, has changed, until ctx ends or emit returns false.
// Where the system does not report changes, it looks at the files every two seconds.
func Files(ctx context.Context, ws *workspace.Workspace, emit func(Change) bool) error {
	if len(ws.Inputs()) == 0 {
		<-ctx.Done() // what is part of the program does not change
		return ctx.Err()
	}
	saves, unwatched := NewSaves(ws)
	if unwatched == nil {
		defer saves.Close()
		saves.followMigrations(ws)
	}
	was := fingerprints(ctx, ws)
	for {
		if err := nextLook(ctx, saves); err != nil {
			return err
		}
		if now, err := ws.Again(ctx); err == nil {
			ws = now
			if saves != nil {
				_ = saves.Follow(ws) // a folder that cannot be watched is looked at when something else happens
				saves.followMigrations(ws)
			}
		}
		now := fingerprints(ctx, ws)
		if names := changed(ws, was, now); len(names) > 0 && !emit(Change{At: time.Now(), Names: names}) {
			return nil
		}
		was = now
	}
}

// fileLook is how often files that cannot be watched are looked at.
const fileLook = 2 * time.Second

// nextLook waits until the files are to be looked at again; saves is nil where they cannot be watched.
func nextLook(ctx context.Context, saves *Saves) error {
	if saves != nil {
		_, err := saves.Next(ctx)
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(fileLook):
		return nil
	}
}

// fingerprints identifies the states of a workspace's files: by the contents of small ones, by size and time of the
// others.
func fingerprints(ctx context.Context, ws *workspace.Workspace) map[string]string {
	out := map[string]string{}
	within := func(dir string) {
		_ = fs.WalkDir(files.Folder(ctx, dir, files.SQL), ".", func(name string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				path := filepath.Join(dir, filepath.FromSlash(name))
				out[path] = fingerprint(ctx, path)
			}
			return nil
		})
	}
	for _, path := range ws.Inputs() {
		if isDir(path) {
			if path == ws.Seeds.Path {
				within(path)
			}
			continue // the files of the Prisma folder are inputs themselves
		}
		out[path] = fingerprint(ctx, path)
	}
	if dir, _, err := ws.MigrationsDir(); err == nil && dir != "" {
		within(dir) // nothing where it does not exist
	}
	return out
}

func fingerprint(ctx context.Context, path string) string {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return ""
	case !info.Mode().IsRegular() || info.Size() > int64(files.Source):
		return fmt.Sprintf("%d %s", info.Size(), info.ModTime())
	}
	text, err := files.Read(ctx, path, files.Source)
	if err != nil {
		return err.Error()
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// changed returns the files whose fingerprints differ, by the names that messages use.
func changed(ws *workspace.Workspace, was, now map[string]string) []string {
	var names []string
	note := func(path string) {
		name := path
		if rel, err := filepath.Rel(ws.Root, path); err == nil && ws.Root != "" && filepath.IsLocal(rel) {
			name = filepath.ToSlash(rel)
		}
		if name = visible.String(name); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	for path, id := range now {
		if before, known := was[path]; before != id || !known && id != "" {
			note(path)
		}
	}
	for path, id := range was {
		if _, still := now[path]; !still && id != "" {
			note(path)
		}
	}
	slices.Sort(names)
	return names
}
