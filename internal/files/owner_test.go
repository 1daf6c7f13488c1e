//go:build unix

package files

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/usertest"
)

func TestAFileThatAnotherUserCouldExchangeIsNotGuarded(t *testing.T) {
	stranger := usertest.Other(t)
	for name, c := range map[string]struct {
		mode  os.FileMode // of the folder above
		owned bool        // by the stranger
		link  bool        // it is reached by a link in that folder
		want  string
	}{
		"one's own":                         {0o755, false, false, ""},
		"one's own, that a group may write": {0o775, false, false, ""},
		"everybody's":                       {0o777, false, false, "file.owner"},
		"everybody's, sticky":               {0o777 | os.ModeSticky, false, false, ""},
		"a stranger's":                      {0o755, true, false, "file.owner"},
		"a stranger's, sticky":              {0o777 | os.ModeSticky, true, false, "file.owner"},
		"a link in a stranger's":            {0o755, true, true, "file.owner"},
		"a link in everybody's":             {0o777, false, true, "file.owner"},
	} {
		above := filepath.Join(t.TempDir(), "above")
		mine := filepath.Join(above, "mine")
		if err := os.Mkdir(above, 0o755); err != nil {
			t.Fatal(err)
		}
		err := os.Mkdir(mine, 0o700)
		if c.link {
			err = os.Rename(mine, filepath.Join(t.TempDir(), "mine"))
			if err == nil {
				err = os.Symlink(t.TempDir(), mine)
			}
		}
		if err == nil {
			err = os.Chmod(above, c.mode)
		}
		if err == nil && c.owned {
			err = os.Lchown(above, stranger.UID, stranger.GID)
		}
		if err != nil {
			t.Fatal(err)
		}
		if got := Guarded(filepath.Join(mine, "state.json")); c.want == "" && got != nil || c.want != "" && remedy.Code(got) != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
