package trust

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// Store is the folder that keeps what was allowed, with a file for each workspace. It need not exist yet.
type Store struct{ dir string }

// In returns the store below the user's state folder, which is workspace.Folders.State.
func In(state string) Store { return Store{filepath.Join(state, "trust")} }

// Grant is an Item that was allowed, as it was then.
type Grant struct {
	Kind    Kind      `json:"kind"`
	Subject string    `json:"subject"`
	Where   string    `json:"where,omitempty"`
	Text    string    `json:"text"`
	At      time.Time `json:"at"`
}

// Item returns what was allowed.
func (g Grant) Item() Item { return Item{g.Kind, g.Subject, g.Where, g.Text} }

// page is a file of the store.
type page struct {
	Version   int     `json:"version"`
	Workspace string  `json:"workspace"`
	Allowed   []Grant `json:"allowed"`
}

// maxPage limits what is read of a file, in bytes: it holds the texts of one workspace's commands.
const maxPage = 16 << 20

// Read returns what was allowed for a workspace, given its absolute folder; none where there is no file.
//
// A file that another user owns or could write is not read: the error has the code trust.store, and nothing counts as
// allowed then.
func (s Store) Read(workspace string) ([]Grant, error) {
	p, err := s.read(s.path(workspace))
	if err != nil {
		return nil, err
	}
	if p.Version != 0 && p.Workspace != canonical(workspace) {
		return nil, unusable(s.path(workspace), "it speaks of another workspace: "+visible.String(p.Workspace))
	}
	return p.Allowed, nil
}

// Allow records that items are allowed for a workspace. It replaces what was allowed before for the same kind and
// subject. It is safe for concurrent use: no call loses what another wrote.
func (s Store) Allow(ctx context.Context, workspace string, items ...Item) error {
	return s.change(ctx, workspace, func(was []Grant) []Grant {
		for _, i := range items {
			was = slices.DeleteFunc(was, func(g Grant) bool { return g.Kind == i.Kind && g.Subject == i.Subject })
			was = append(was, Grant{i.Kind, i.Subject, i.Where, i.Text, time.Now().UTC().Truncate(time.Second)})
		}
		return was
	})
}

// Forget takes back the chosen part of what was allowed for a workspace, and returns it.
func (s Store) Forget(ctx context.Context, workspace string, chosen func(Grant) bool) ([]Grant, error) {
	var gone []Grant
	err := s.change(ctx, workspace, func(was []Grant) []Grant {
		return slices.DeleteFunc(was, func(g Grant) bool {
			if chosen(g) {
				gone = append(gone, g)
				return true
			}
			return false
		})
	})
	return gone, err
}

// Workspaces returns the folders for which something is allowed, in order. Files that Read would not read are left out.
func (s Store) Workspaces() ([]string, error) {
	entries, err := os.ReadDir(s.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, unusable(s.dir, err.Error())
	}
	var all []string
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".json") || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		if p, err := s.read(filepath.Join(s.dir, e.Name())); err == nil && len(p.Allowed) > 0 {
			all = append(all, p.Workspace)
		}
	}
	slices.Sort(all)
	return all, nil
}

// path returns the path of a workspace's file. Its name is a digest, because the folder's path may be longer than a
// file name can be.
func (s Store) path(workspace string) string {
	sum := sha256.Sum256([]byte(canonical(workspace)))
	return filepath.Join(s.dir, hex.EncodeToString(sum[:16])+".json")
}

// canonical returns a folder's path without links: a checkout has one answer, however it is reached.
func canonical(folder string) string {
	if real, err := filepath.EvalSymlinks(folder); err == nil {
		folder = real
	}
	return filepath.Clean(folder)
}

func (s Store) read(path string) (page, error) {
	f, err := openOwn(path)
	if errors.Is(err, fs.ErrNotExist) {
		return page{}, nil
	}
	if err != nil {
		return page{}, unusable(path, err.Error())
	}
	defer f.Close()
	if err := files.Guarded(path); err != nil {
		return page{}, unguarded(path, err)
	}
	text, err := io.ReadAll(io.LimitReader(f, maxPage+1))
	if err == nil && len(text) > maxPage {
		err = errors.New("it is larger than 16 MB")
	}
	var p page
	if err == nil {
		err = json.Unmarshal(text, &p)
	}
	if err == nil && p.Version != 1 {
		err = fmt.Errorf("it is of version %d, and this naap knows version 1", p.Version)
	}
	if err != nil {
		return page{}, unusable(path, err.Error())
	}
	return p, nil
}

// openOwn opens a file that only this user can have written.
func openOwn(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|noFollow, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil {
		err = ownFile(path, info)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func unusable(path, why string) error {
	return notRead(path, why).WithHelp(remedy.Words("move it away; what it allowed will be asked for again"))
}

// unguarded returns the error for a folder in which another file would be no safer.
func unguarded(path string, err error) error {
	e := notRead(path, err.Error())
	if r, ok := remedy.Of(err); ok {
		e.WithHelp(r.Fix...)
	}
	return e
}

func notRead(path, why string) *remedy.Error {
	return remedy.New("trust.store", remedy.ExitFailed, "what you allowed before cannot be read").
		WithSeen(visible.String(path), visible.String(why))
}

// change reads, changes and replaces a workspace's file under the store's lock, atomically: a kill leaves the old one
// or the new one.
func (s Store) change(ctx context.Context, workspace string, f func([]Grant) []Grant) error {
	release, err := s.lock(ctx)
	if err != nil {
		return err
	}
	defer release()
	was, err := s.Read(workspace)
	if err != nil {
		return err
	}
	path, now := s.path(workspace), f(slices.Clone(was))
	if len(now) == 0 {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return unwritable(path, err)
		}
		return nil
	}
	text, err := json.MarshalIndent(page{1, canonical(workspace), now}, "", "  ")
	if err != nil {
		return err
	}
	if err := files.Keep(path, append(text, '\n')); err != nil {
		return unwritable(path, err)
	}
	return nil
}

// lock creates the folder and takes the store's lock, which is released when its process dies.
func (s Store) lock(ctx context.Context) (release func(), err error) {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, unwritable(s.dir, err)
	}
	// A file created in another user's folder, as by root with that user's HOME, could no longer be read by that user.
	if owner, err := OwnerOf(s.dir); err != nil || !owner.Self {
		return nil, unwritable(s.dir, fmt.Errorf("the folder belongs to %s", owner.Name))
	}
	if err := files.Guarded(filepath.Join(s.dir, "lock")); err != nil {
		return nil, unwritable(s.dir, err)
	}
	l := flock.New(filepath.Join(s.dir, "lock"), flock.SetPermissions(0o600), flock.SetFlag(os.O_CREATE|os.O_RDWR))
	if _, err := l.TryLockContext(ctx, 5*time.Millisecond); err != nil {
		return nil, unwritable(s.dir, err)
	}
	return func() { _ = l.Unlock() }, nil
}

func unwritable(path string, err error) error {
	return remedy.New("trust.store", remedy.ExitFailed, "what you allow cannot be kept").Wrap(err).
		WithSeen(visible.String(path)).WithFix("export XDG_STATE_HOME=/a/folder/of/yours")
}
