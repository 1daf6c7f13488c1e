package files

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
)

// MakeFolder makes a folder that must not exist yet (fs.ErrExist), in one that does.
func (in *Inside) MakeFolder(name string) error {
	rel, err := in.place(name)
	if err != nil {
		return err
	}
	return in.explain(in.root.Mkdir(rel, 0o777), name) // less what the user's umask takes away
}

// Move gives a file or a folder another name, which must not exist yet (fs.ErrExist), without following a link at its
// end. Nothing is copied: it fails between two file systems.
func (in *Inside) Move(from, to string) error {
	old, err := in.entry(from)
	if err != nil {
		return err
	}
	fresh, err := in.entry(to)
	if err != nil {
		return err
	}
	switch _, err := in.root.Lstat(fresh); {
	case err == nil:
		return &fs.PathError{Op: "move", Path: to, Err: fs.ErrExist}
	case !errors.Is(err, fs.ErrNotExist):
		return in.explain(err, to)
	}
	return in.explain(in.root.Rename(old, fresh), from)
}

// RemoveFolder removes a folder that is empty.
func (in *Inside) RemoveFolder(name string) error {
	rel, err := in.entry(name)
	if err != nil {
		return err
	}
	info, err := in.root.Lstat(rel)
	if err == nil && !info.IsDir() {
		err = wrongKind(filepath.Join(in.dir, name), info.Mode())
	}
	if err == nil {
		err = in.root.Remove(rel)
	}
	return in.explain(err, name)
}

// entry returns the place of a name in its folder, whose links are followed; one at its end is not.
func (in *Inside) entry(name string) (string, error) {
	dir, err := in.place(filepath.Dir(name))
	base := filepath.Base(name)
	if err == nil && (strings.EqualFold(base, ".git") || !filepath.IsLocal(base)) {
		err = outside(name, filepath.Join(in.real, dir, base), in.dir)
	}
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, base), nil
}
