package sharedtest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// layout creates a module with one package beside an optional collection, and returns the package's folder.
func layout(t *testing.T, withShared bool) (pkg, shared string) {
	t.Helper()
	root := t.TempDir()
	pkg = filepath.Join(root, "module", "internal", "thing")
	shared = filepath.Join(root, "shared")
	if err := os.MkdirAll(pkg, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, "module", "go.mod"), []byte("module x\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if withShared {
		if err := os.Mkdir(shared, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return pkg, shared
}

func TestTheFolderBesideTheModuleIsFound(t *testing.T) {
	pkg, shared := layout(t, true)
	got, reason := find("", func() (string, error) { return pkg, nil })
	if got != shared || reason != "" {
		t.Errorf("found %q (%s), want %q", got, reason, shared)
	}
}

func TestTheSettingWinsOverTheFolderBeside(t *testing.T) {
	pkg, _ := layout(t, true)
	other := t.TempDir()
	got, reason := find(other, func() (string, error) { return pkg, nil })
	if got != other || reason != "" {
		t.Errorf("found %q (%s), want %q", got, reason, other)
	}
}

func TestAMissingFolderGivesAReason(t *testing.T) {
	pkg, _ := layout(t, false)
	if got, reason := find("", func() (string, error) { return pkg, nil }); got != "" || !strings.Contains(reason, "shared") {
		t.Errorf("found %q, reason %q", got, reason)
	}
	if got, reason := find(filepath.Join(pkg, "gone"), os.Getwd); got != "" || !strings.Contains(reason, "NAAP_SHARED") {
		t.Errorf("found %q, reason %q", got, reason)
	}
}
