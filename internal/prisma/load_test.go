package prisma

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func writeFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestLoadReadsAFolderOfFilesInOrder(t *testing.T) {
	dir := writeFiles(t, map[string]string{
		"schema.prisma":          plainDatasource,
		"models/user.prisma":     "model User {\n  id    Int    @id\n  posts Post[]\n}\n",
		"models/b/post.prisma":   "model Post {\n  id   Int  @id\n  user User @relation(fields: [id], references: [id])\n}\n",
		"notes.txt":              "model Nothing {",
		"node_modules/x.prisma":  "model Nothing {",
		".hidden/x.prisma":       "model Nothing {",
		"models/user.prisma.bak": "model Nothing {",
	})
	s, err := Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, x := range s.Sources {
		names = append(names, x.Name)
	}
	if want := []string{"models/b/post.prisma", "models/user.prisma", "schema.prisma"}; !slices.Equal(names, want) {
		t.Errorf("got %v, want %v", names, want)
	}
	if len(s.Models) != 2 || s.Models[0].Name != "Post" {
		t.Errorf("got %d models", len(s.Models))
	}
}

func TestLoadReadsOneFileUnderItsName(t *testing.T) {
	dir := writeFiles(t, map[string]string{"a/schema.prisma": "model User {\n  id Itn @id\n}\n"})
	_, err := Load(filepath.Join(dir, "a", "schema.prisma"))
	var d *Diagnostics
	if !errors.As(err, &d) || d.List[0].Span.Start.String() != "schema.prisma:2:6" {
		t.Errorf("got %v", err)
	}
}

func TestLoadSaysWhatIsMissing(t *testing.T) {
	dir := t.TempDir()
	if _, err := Load(filepath.Join(dir, "nope.prisma")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	if _, err := Load(dir); err == nil || !strings.Contains(err.Error(), "no *.prisma file") {
		t.Errorf("got %v", err)
	}
}
