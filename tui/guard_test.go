package tui

import (
	"os"
	"path/filepath"
	"testing"
)

func TestACrashFileOutsideOfTheStateFolderIsForItsOwnerAlone(t *testing.T) {
	shared := t.TempDir()
	if err := os.Chmod(shared, 0o777|os.ModeSticky); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", shared)
	name, err := writeCrash("", "reason", []byte("stack"))
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Dir(name))
	if err != nil || filepath.Dir(name) == shared || info.Mode().Perm() != 0o700 {
		t.Errorf("%s is in a folder of mode %v (%v)", name, info.Mode(), err)
	}
	if text, err := os.ReadFile(name); err != nil || len(text) == 0 {
		t.Errorf("it holds %q (%v)", text, err)
	}
}
