//go:build unix

package trust

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/usertest"
)

func TestWhoseAFileIs(t *testing.T) {
	dir := t.TempDir()
	mine := filepath.Join(dir, "mine")
	must(t, os.WriteFile(mine, nil, 0o600))
	if o, err := OwnerOf(mine); err != nil || !o.Mine || !o.Self {
		t.Fatalf("my own file is %+v, %v", o, err)
	}
	if _, err := OwnerOf(filepath.Join(dir, "none")); !os.IsNotExist(err) {
		t.Errorf("a missing file: %v", err)
	}
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	other, link, theirLink := filepath.Join(dir, "other"), filepath.Join(dir, "link"), filepath.Join(dir, "their-link")
	must(t, os.WriteFile(other, nil, 0o600))
	must(t, os.Chown(other, 65534, 65534))
	must(t, os.Symlink(other, link))
	must(t, os.Symlink(mine, theirLink))
	must(t, os.Lchown(theirLink, 65534, 65534))
	for _, path := range []string{other, link, theirLink} {
		if o, err := OwnerOf(path); err != nil || o.Mine || o.Self {
			t.Errorf("%s is %+v, %v", filepath.Base(path), o, err)
		}
	}
	// As in git, root through sudo also accepts what belongs to the user who called sudo, and nothing else.
	t.Setenv("SUDO_UID", "65534")
	if o, _ := OwnerOf(other); !o.Mine || o.Self {
		t.Errorf("through sudo it is %+v", o)
	}
	for _, uid := range []string{"65533", "", "x", "-1"} {
		t.Setenv("SUDO_UID", uid)
		if o, _ := OwnerOf(other); o.Mine {
			t.Errorf("SUDO_UID=%q makes it mine", uid)
		}
	}
}

// A folder above the user's own can be replaced by its owner, with another store in it.
func TestAStoreBelowAStrangersFolderIsNeitherReadNorWritten(t *testing.T) {
	stranger := usertest.Other(t)
	above, ws := filepath.Join(t.TempDir(), "above"), t.TempDir()
	if err := os.MkdirAll(above, 0o755); err != nil {
		t.Fatal(err)
	}
	s := In(filepath.Join(above, "state"))
	if err := s.Allow(t.Context(), ws, seed); err != nil {
		t.Fatal(err)
	}
	if err := os.Lchown(above, stranger.UID, stranger.GID); err != nil {
		t.Fatal(err)
	}
	j, err := NewJudge(s, ws, Given{})
	if remedy.Code(err) != "trust.store" || j.Of(seed).Allowed {
		t.Errorf("it is read: %v", err)
	}
	if text := remedy.Text(err); !strings.Contains(text, "export XDG_STATE_HOME=") || strings.Contains(text, "move it away") {
		t.Errorf("what is to help is\n%s", text)
	}
	if err := s.Allow(t.Context(), ws, seed); remedy.Code(err) != "trust.store" {
		t.Errorf("it is written: %v", err)
	}
}
