package workspace

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// randomPassword is the value of the setting that makes the role's password random, known to nobody. In a compose file,
// it is an ordinary password.
const randomPassword = "random"

// KeptPassword is what the state folder keeps about an instance's role, in a file that only its owner may read. A
// change is recorded before and after it is made, so that a kill in between leaves both passwords there.
type KeptPassword struct {
	User     string `json:"user"`
	Password string `json:"password,omitempty"` // empty where the setting's password is in force
	Next     string `json:"next,omitempty"`     // the one that the role is about to get, or empty
}

// passwordFile returns the path where an instance's password is kept.
func (f Folders) passwordFile(instance string) string {
	return filepath.Join(f.Instance(instance), "password.json")
}

// ReadPassword returns what is kept for an instance, or the zero value where nothing is.
func (f Folders) ReadPassword(ctx context.Context, instance string) (KeptPassword, error) {
	var k KeptPassword
	path := f.passwordFile(instance)
	text, err := files.Read(ctx, path, files.Small)
	if errors.Is(err, fs.ErrNotExist) {
		return k, nil
	}
	fix := remedy.Lines("where its file is damaged: remove it, and give the role's password once: NAAP_PASSWORD")
	if err == nil {
		err = files.Guarded(path)
		if r, ok := remedy.Of(err); ok {
			fix = r.Fix
		}
	}
	if err == nil {
		err = json.Unmarshal(text, &k)
	}
	if err != nil {
		return KeptPassword{}, remedy.New("settings.kept", remedy.ExitFailed, "the password that naap keeps for instance %q can't be read", instance).Wrap(err).
			WithSeen(visible.String(path)).WithHelp(fix...)
	}
	return k, nil
}

// WritePassword keeps k for an instance, atomically; it is on disk when WritePassword returns. The zero value removes
// what is kept.
func (f Folders) WritePassword(instance string, k KeptPassword) error {
	path := f.passwordFile(instance)
	if k.Password == "" && k.Next == "" {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	text, err := json.MarshalIndent(k, "", "  ") // #nosec G117 -- this file is where it is kept, and only its owner can read it
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	if err := files.Guarded(path); err != nil {
		return err
	}
	return files.Keep(path, append(text, '\n'))
}

// settlePassword puts the kept password into force. One given by a flag or a variable wins; a server that naap did not
// start has none.
func (w *Workspace) settlePassword(ctx context.Context) error {
	set := &w.Settings
	origin := set.origins["password"]
	if set.IsExternal() || origin.IsPerson() && !set.PasswordIs.Random {
		return nil
	}
	kept, err := w.Folders.ReadPassword(ctx, set.Instance)
	if err != nil || kept.User != set.User {
		return err
	}
	set.PasswordIs.Next = kept.Next
	if kept.Password != "" {
		set.Password, set.PasswordIs.Kept = kept.Password, true
		set.origins["password"] = Origin{FromFile, visible.String(w.Folders.passwordFile(set.Instance))}
	}
	return nil
}

// knowRandom distinguishes the word that asks for a random password from a password. plain is the password without it.
func (s *Settings) knowRandom(plain string) {
	if s.Password == randomPassword && s.origins["password"].Layer > FromCompose {
		s.Password, s.PasswordIs.Random = plain, true
	}
	s.PasswordIs.Plain = s.Password
}
