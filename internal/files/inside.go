package files

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// Inside is a folder that is read and written without leaving it, wherever the links in it lead: a repository can have
// its schema be a link to the .bashrc of whoever clones it. A link that stays inside works, as those of pnpm do, and so
// does a folder that is itself reached by a link. os.Root opens each part of a path separately, so a link that is put
// there after the check is refused too.
type Inside struct {
	dir  string // absolute, as it was given
	real string // with all its links followed
	root *os.Root
}

// OpenInside opens the folder dir.
func OpenInside(dir string) (*Inside, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	real, err := filepath.EvalSymlinks(abs)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(real)
	if err != nil {
		return nil, err
	}
	return &Inside{dir: abs, real: real, root: root}, nil
}

// Close closes the folder.
func (in *Inside) Close() error { return in.root.Close() }

// Read returns the content of a regular file inside, like the function Read.
func (in *Inside) Read(ctx context.Context, name string, limit Limit) ([]byte, error) {
	rel, err := in.place(name)
	if err != nil {
		return nil, err
	}
	return Await(ctx, func() ([]byte, error) {
		f, info, err := in.open(rel)
		if err != nil {
			return nil, in.explain(err, name)
		}
		defer f.Close()
		if info.Size() > int64(limit) {
			return nil, tooLarge(filepath.Join(in.dir, name), info.Size(), limit)
		}
		return readAll(ctx, f, filepath.Join(in.dir, name), info.Size(), limit)
	})
}

func (in *Inside) open(rel string) (*os.File, fs.FileInfo, error) {
	info, err := in.root.Stat(rel)
	if err == nil && !info.Mode().IsRegular() {
		err = wrongKind(filepath.Join(in.real, rel), info.Mode())
	}
	if err != nil {
		return nil, nil, err
	}
	f, err := in.root.OpenFile(rel, os.O_RDONLY|openFlags, 0)
	if err != nil {
		return nil, nil, err
	}
	if info, err = f.Stat(); err == nil && !info.Mode().IsRegular() {
		err = wrongKind(filepath.Join(in.real, rel), info.Mode())
	}
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return f, info, nil
}

// MayReplace returns the error with which Replace would refuse a file, or nil.
func (in *Inside) MayReplace(name string) error {
	rel, err := in.place(name)
	if err != nil {
		return err
	}
	_, err = in.replaceable(rel, name)
	return in.explain(err, name)
}

// Replace gives a file new content atomically, so that a reader sees the old text or the new, and creates missing
// folders. A link stays a link: what it leads to is replaced. The file keeps its permissions and its owner; other names
// of it (hard links) keep the old content. Refused are a place outside, with the code file.outside, what is not a
// regular file, with file.kind, and a file that may not be written or whose owner could not be kept, with
// file.permission.
func (in *Inside) Replace(name string, data []byte) error {
	rel, err := in.place(name)
	if err != nil {
		return err
	}
	old, err := in.replaceable(rel, name)
	if err != nil {
		return in.explain(err, name)
	}
	if err := in.root.MkdirAll(filepath.Dir(rel), 0o755); err != nil {
		return in.explain(err, name)
	}
	return in.explain(in.swap(rel, data, old), name)
}

// replaceable returns what is there now, or nil.
func (in *Inside) replaceable(rel, name string) (fs.FileInfo, error) {
	info, err := in.root.Lstat(rel)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, wrongKind(filepath.Join(in.dir, name), info.Mode())
	}
	f, err := in.root.OpenFile(rel, os.O_WRONLY|openFlags, 0) // a rename would not check whether it may be written
	if err == nil {
		f.Close()
	}
	if errors.Is(err, fs.ErrPermission) || err == nil && info.Mode().Perm()&0o222 == 0 {
		return nil, readOnly(filepath.Join(in.dir, name), info.Mode())
	}
	return info, err
}

func readOnly(path string, mode fs.FileMode) error {
	return remedy.New("file.permission", remedy.ExitFailed, "%s may not be written", visible.String(path)).
		WithSeen("its permissions are " + mode.Perm().String()).
		WithFix("chmod u+w " + remedy.ShellWord(visible.String(path)))
}

// swap writes a file with an unpredictable name, and moves it into place.
func (in *Inside) swap(rel string, data []byte, old fs.FileInfo) error {
	mode := fs.FileMode(0o666) // a new file gets what the user's umask allows
	if old != nil {
		mode = 0o600
	}
	made, f, err := in.temporary(filepath.Dir(rel), mode)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil && old != nil {
		err = keepOwner(f, old, filepath.Join(in.dir, rel))
	}
	if err == nil && old != nil {
		err = f.Chmod(old.Mode().Perm())
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = in.root.Rename(made, rel)
	}
	if err != nil {
		_ = in.root.Remove(made)
	}
	return err
}

// temporary creates a new file with an unpredictable name in a folder.
func (in *Inside) temporary(dir string, mode fs.FileMode) (string, *os.File, error) {
	var random [12]byte
	if _, err := rand.Read(random[:]); err != nil {
		return "", nil, err
	}
	name := filepath.Join(dir, ".naap-"+hex.EncodeToString(random[:]))
	f, err := in.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	return name, f, err
}

// place returns a name relative to the real folder, with its links followed, or the refusal of one that leads out of
// it.
func (in *Inside) place(name string) (string, error) {
	path := name
	if !filepath.IsAbs(path) {
		path = filepath.Join(in.dir, filepath.FromSlash(name))
	}
	real, err := Leading(path)
	if err != nil {
		return "", err
	}
	rel, ok := Below(in.real, real)
	if !ok {
		return "", outside(path, real, in.dir)
	}
	parts := strings.Split(filepath.ToSlash(rel), "/")
	if slices.ContainsFunc(parts, func(part string) bool { return strings.EqualFold(part, ".git") }) {
		return "", outside(path, real, in.dir)
	}
	return rel, nil
}

// Below returns where a path is in a folder, which may be the folder itself; ok is false where it is not in it. It
// compares only the names and follows no link.
func Below(dir, path string) (rel string, ok bool) {
	rel, err := filepath.Rel(dir, path)
	return rel, err == nil && filepath.IsLocal(rel)
}

// Leading returns where a path leads with all its links followed, even if what is at its end does not exist yet.
func Leading(path string) (string, error) {
	if err := MayOpen(path); err != nil {
		return "", err
	}
	return follow(path, 0)
}

// follow is Leading after that many links.
func follow(path string, links int) (string, error) {
	real, err := filepath.EvalSymlinks(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return real, err
	}
	if links > 40 { // as on Linux
		return "", err
	}
	if to, linkErr := os.Readlink(path); linkErr == nil {
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(path), to)
		}
		return follow(to, links+1)
	}
	parent := filepath.Dir(path)
	if parent == path {
		return "", err
	}
	real, err = follow(parent, links+1)
	return filepath.Join(real, filepath.Base(path)), err
}

func outside(path, real, dir string) *remedy.Error {
	return remedy.New("file.outside", remedy.ExitRefused, "%s is not written: it leads out of %s", visible.String(path), visible.String(dir)).
		WithSeen("it leads to " + visible.String(real)).
		WithFix("put a file in the link's place, or change " + remedy.ShellWord(visible.String(real)) + " by hand")
}

// explain turns the system's error that a path leaves the folder into one for people: a link was put there since place
// looked.
func (in *Inside) explain(err error, name string) error {
	if err == nil {
		return nil
	}
	if _, refused := Refused(err); refused {
		return err
	}
	if _, again := in.place(name); again != nil {
		return again
	}
	return fmt.Errorf("%s: %w", visible.String(name), err)
}

// Leads returns where a path leads that the user named and that is in the folder dir, if a link in that folder leads
// out of it, with a refusal, to which the caller adds how to name that place instead: the user need not know whose link
// it is. A path that is not in the folder is the user's own, wherever it leads.
func Leads(dir, path string) (real string, refused *remedy.Error) {
	in, err := OpenInside(dir)
	if dir == "" || err != nil {
		return "", nil // there is no such folder to leave
	}
	defer in.Close()
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", nil // the caller fails at it too
	}
	for _, base := range []string{in.dir, in.real} {
		if _, below := Below(base, abs); !below {
			continue
		}
		real, err := follow(abs, 0)
		if _, below := Below(in.real, real); err == nil && !below {
			e := outside(path, real, dir)
			e.Fix = nil
			return real, e
		}
	}
	return "", nil
}
