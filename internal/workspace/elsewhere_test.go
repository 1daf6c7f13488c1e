package workspace

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestAnotherInstanceIsFoundAsIfNaapHadBeenStartedThere(t *testing.T) {
	home, here, there := t.TempDir(), t.TempDir(), t.TempDir()
	for dir, settings := range map[string]string{here: "port = 6001\n", there: "port = 6002\ninstance = \"theirs\"\ndatabase = \"named\"\n"} {
		if err := os.WriteFile(filepath.Join(dir, "naap.toml"), []byte(settings), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	env := []string{"HOME=" + home, "XDG_STATE_HOME=" + home, "NAAP_INSTANCE=mine", "NAAP_PORT=7000", "NAAP_LOCK_TIMEOUT=7s", "NAAP_SEED_FOLDER=/elsewhere"}
	w, err := Find(t.Context(), here, Options{Env: env, Flags: map[string]string{"engine": "docker"}})
	if err != nil || w.Settings.Instance != "mine" || w.Settings.Port != 7000 || w.Settings.Engine != "docker" {
		t.Fatalf("%+v, %v", w, err)
	}
	if got := w.OnlyHere(); !slices.Equal(got, []string{"NAAP_PORT", "NAAP_SEED_FOLDER"}) {
		t.Errorf("only here hold %q", got)
	}
	other, err := w.Elsewhere(t.Context(), there, "second")
	if err != nil {
		t.Fatal(err)
	}
	set := other.Settings
	if set.Instance != "second" || set.Port != 6002 || set.Engine != "auto" || set.Database != "named" || set.LockTimeout.String() != "7s" || set.Seed.Folder != "" || other.Folders != w.Folders {
		t.Errorf("settings %+v", set)
	}
	if again, err := other.Again(t.Context()); err != nil || !again.SameTarget(other) {
		t.Errorf("read again: %v", err)
	}
	builtin, err := w.Elsewhere(t.Context(), "", "plain")
	if err != nil || !builtin.IsBuiltin() || builtin.Root != "" || builtin.Settings.Instance != "plain" || builtin.Settings.Port != 5432 {
		t.Errorf("%+v, %v", builtin, err)
	}
	if _, err := w.Elsewhere(t.Context(), filepath.Join(there, "gone"), "second"); err == nil {
		t.Error("a folder that is gone is found")
	}
}
