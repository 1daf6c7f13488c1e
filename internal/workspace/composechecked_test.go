package workspace

import (
	"context"
	"os"
	"path/filepath"
	"testing"
)

func TestComposeFilesAreCheckedAgainWhenTheyOrTheirVariablesChange(t *testing.T) {
	root, cache := t.TempDir(), t.TempDir()
	file := filepath.Join(root, "compose.yml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	good := "services:\n  db:\n    image: postgres:16\n    container_name: naap-db\n    ports: [\"${DB_PORT:-5432}:5432\"]\n"
	src := composeSource{root: root, cache: cache, env: environment{"DB_PORT": "5501"}, files: []string{file}}
	port := func(want int) {
		t.Helper()
		c, err := loadCompose(context.Background(), src, "", "naap-db")
		if err != nil {
			t.Fatal(err)
		}
		if c.Port != want {
			t.Errorf("port %d, want %d", c.Port, want)
		}
	}
	passed := func(want bool) {
		t.Helper()
		options, err := src.options(t.Context(), src.files)
		if err != nil {
			t.Fatal(err)
		}
		if got := src.mark(t.Context(), src.files, options.Environment).passed(t.Context()); got != want {
			t.Errorf("passed before: %t, want %t", got, want)
		}
	}
	write(good)
	passed(false)
	port(5501)
	passed(true)
	port(5501)
	src.env = environment{"DB_PORT": "5502"}
	passed(false)
	port(5502)
	passed(true)

	write(good + "    imagee: oops\n")
	passed(false)
	if _, err := loadCompose(context.Background(), src, "", "naap-db"); err == nil {
		t.Error("a misspelt key passed")
	}
	passed(false)
	write(good + "    extends: {file: other.yml, service: db}\n")
	if m := src.mark(t.Context(), src.files, nil); m.path != "" {
		t.Error("what another file says is not looked at, yet the outcome is remembered")
	}
}
