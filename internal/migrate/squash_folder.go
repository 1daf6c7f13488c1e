package migrate

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

// A squash takes several moves, and may be killed between any two. Until its script is written, which comes last, the
// new folder has none: neither naap nor Prisma runs anything there (P3015). The last migration moves first, so that what
// is left is always a beginning of the history. The next squash moves everything back.

// Write carries the plan out in the folder. within is a folder that nothing is written outside of.
func (p *Squash) Write(within string) error {
	in, err := files.OpenInside(within)
	if err != nil {
		return fmt.Errorf("open the workspace: %w", err)
	}
	defer in.Close()
	dir := filepath.Join(p.folder.Dir, p.Name)
	for _, name := range []string{dir, filepath.Join(dir, replacedFolder)} {
		if err := in.MakeFolder(name); err != nil {
			return p.broken(err)
		}
	}
	for _, r := range slices.Backward(p.Replaces) {
		if r.In != "" {
			continue
		}
		if err := in.Move(filepath.Join(p.folder.Dir, r.Name), filepath.Join(dir, replacedFolder, r.Name)); err != nil {
			return p.broken(err)
		}
	}
	if err := in.Create(filepath.Join(dir, scriptName), []byte(p.SQL)); err != nil {
		return p.broken(err)
	}
	return nil
}

func (p *Squash) broken(err error) error {
	if errors.Is(err, fs.ErrExist) {
		return changedMeanwhile(p.Dir)
	}
	return fmt.Errorf("squash into %s (naap migrate squash moves back what was moved): %w", visible.String(p.Name), err)
}

// Unchanged returns the error for a folder that is not the one that the plan was made for.
func (p *Squash) Unchanged(now *Folder) error {
	same := func(a, b Migration) bool { return a.Name == b.Name && a.Script == b.Script }
	if !slices.EqualFunc(p.folder.Migrations, now.Migrations, same) {
		return changedMeanwhile(p.Dir)
	}
	return nil
}

func changedMeanwhile(dir string) error {
	return remedy.New("migrate.changed", remedy.ExitBusy, "the migrations in %s have changed since the plan was made", visible.String(dir)).
		WithHelp(remedy.Again("migrate squash"))
}

// TakeBackSquash moves the folders back that a squash had moved before it was broken off.
func (f *Folder) TakeBackSquash(within, name string) error {
	m, ok := f.Named(name)
	if !ok || !m.unfinished {
		return changedMeanwhile(f.Name)
	}
	in, err := files.OpenInside(within)
	if err != nil {
		return fmt.Errorf("open the workspace: %w", err)
	}
	defer in.Close()
	dir := filepath.Join(f.Dir, name)
	for _, old := range m.kept {
		err := in.Move(filepath.Join(dir, replacedFolder, old.Name), filepath.Join(f.Dir, old.Name))
		if errors.Is(err, fs.ErrExist) {
			return remedy.New("migrate.squash", remedy.ExitRefused, "%s is there twice, since a squash was broken off", visible.String(old.Name)).
				WithSeen(visible.String(path.Join(f.Name, old.Name)), visible.String(path.Join(f.Name, name, replacedFolder, old.Name))).
				WithFix("remove the one of the two that is wrong, or the second one where they are the same")
		}
		if err != nil {
			return fmt.Errorf("move %s back: %w", visible.String(old.Name), err)
		}
	}
	for _, empty := range []string{filepath.Join(dir, replacedFolder), dir} {
		if err := in.RemoveFolder(empty); err != nil {
			return fmt.Errorf("remove what a squash had begun: %w", err)
		}
	}
	return nil
}

// brokenOff returns the error for a migration without a script that a squash was about to write.
func brokenOff(m Migration) error {
	return remedy.New("migrate.script", remedy.ExitFailed, "a squash into %s was broken off (for Prisma, its script is missing: P3015)", visible.String(m.Name)).
		WithSeen(say.Count(len(m.kept), "migration") + " had been moved into its folder").
		WithHelp(remedy.Naap("migrate squash").Note("moves them back first"))
}
