package workspace

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/livepeer/naap-dev/internal/remedy"
)

// tree unpacks testdata/NAME.txtar into a fresh folder.
func tree(t *testing.T, name string) string {
	t.Helper()
	archive, err := txtar.ParseFile(filepath.Join("testdata", name+".txtar"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, f := range archive.Files {
		write(t, filepath.Join(dir, f.Name), string(f.Data))
	}
	return dir
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// find calls Find with an environment of its own.
func find(t *testing.T, dir string, flags map[string]string, env ...string) (*Workspace, error) {
	t.Helper()
	return Find(context.Background(), dir, Options{Env: append([]string{"HOME=" + t.TempDir()}, env...), Flags: flags})
}

func mustFind(t *testing.T, dir string, flags map[string]string, env ...string) *Workspace {
	t.Helper()
	w, err := find(t, dir, flags, env...)
	if err != nil {
		t.Fatal(remedy.Text(err))
	}
	return w
}

func equal[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}
