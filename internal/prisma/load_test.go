package prisma

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/files"
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

// load reads and checks the files of a place, named relative to it as the workspace names its own.
func load(ctx context.Context, place string) (*Schema, error) {
	list, err := Files(ctx, place, "")
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s has no *.prisma file", place)
	}
	var sources []Source
	for _, file := range list {
		text, err := files.Read(ctx, file, files.Schema)
		if err != nil {
			return nil, err
		}
		name, err := filepath.Rel(place, file)
		if err != nil || name == "." {
			name = filepath.Base(file)
		}
		sources = append(sources, Source{Name: filepath.ToSlash(name), Text: string(text)})
	}
	return Parse(sources...)
}

func TestLoadReadsAFolderOfFilesInOrder(t *testing.T) {
	dir := writeFiles(t, map[string]string{
		"schema.prisma":          plainDatasource,
		"models/user.prisma":     "model User {\n  id    Int    @id\n  posts Post[]\n}\n",
		"models/b/post.prisma":   "model Post {\n  id   Int  @id\n  user User @relation(fields: [id], references: [id])\n}\n",
		"notes.txt":              "model Nothing {",
		"node_modules/x.prisma":  "model Nothing {",
		".hidden/x.prisma":       "",
		"migrations/x.prisma":    "",
		"models/.#user.prisma":   "model Nothing {",
		"models/user.prisma.bak": "model Nothing {",
	})
	s, err := load(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, x := range s.Sources {
		names = append(names, x.Name)
	}
	if want := []string{".hidden/x.prisma", "migrations/x.prisma", "models/b/post.prisma", "models/user.prisma", "schema.prisma"}; !slices.Equal(names, want) {
		t.Errorf("got %v, want %v", names, want)
	}
	if len(s.Models) != 2 || s.Models[0].Name != "Post" {
		t.Errorf("got %d models", len(s.Models))
	}
}

// Real Prisma follows links too, but does not survive one that leads to a folder above it.
func TestLoadFollowsLinksAndReadsEachFileOnce(t *testing.T) {
	elsewhere := writeFiles(t, map[string]string{"far/post.prisma": "model Post {\n  id Int @id\n}\n", "plain.txt": "model No {"})
	dir := writeFiles(t, map[string]string{
		"schema.prisma": plainDatasource,
		"b/user.prisma": "model User {\n  id Int @id\n}\n",
	})
	for name, target := range map[string]string{
		"far":            filepath.Join(elsewhere, "far"),
		"far-again":      filepath.Join(elsewhere, "far"),
		"a-user.prisma":  filepath.Join("b", "user.prisma"),
		"post":           filepath.Join(elsewhere, "far", "post.prisma"),
		"b/round":        "..",
		"text.prisma":    filepath.Join(elsewhere, "plain.txt"),
		"b/itself.again": ".",
	} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Skip(err)
		}
	}
	s, err := load(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, x := range s.Sources {
		names = append(names, x.Name)
	}
	if want := []string{"b/user.prisma", "far/post.prisma", "schema.prisma"}; !slices.Equal(names, want) {
		t.Errorf("got %v, want %v", names, want)
	}
	if s, err = load(t.Context(), filepath.Join(dir, "b", "round")); err != nil || len(s.Models) != 2 {
		t.Errorf("by way of a link it is %v, %v", s, err)
	}
}

func TestWhatALinkOrAFolderHidesIsAnError(t *testing.T) {
	for name, spoil := range map[string]func(dir string) error{
		"a link to no file":   func(dir string) error { return os.Symlink("gone.prisma", filepath.Join(dir, "user.prisma")) },
		"a link to no folder": func(dir string) error { return os.Symlink("../gone", filepath.Join(dir, "models")) },
		"a link to itself":    func(dir string) error { return os.Symlink("round.prisma", filepath.Join(dir, "round.prisma")) },
		"a file that is shut": func(dir string) error { return os.WriteFile(filepath.Join(dir, "x.prisma"), nil, 0) },
	} {
		dir := writeFiles(t, map[string]string{"schema.prisma": plainDatasource})
		if err := spoil(dir); err != nil {
			t.Skip(err)
		}
		if name == "a file that is shut" && os.Geteuid() == 0 {
			continue // may read everything
		}
		if _, err := load(t.Context(), dir); err == nil {
			t.Errorf("%s is passed over", name)
		}
	}
}

func TestLoadReadsOneFileUnderItsName(t *testing.T) {
	dir := writeFiles(t, map[string]string{"a/schema.prisma": "model User {\n  id Itn @id\n}\n"})
	_, err := load(t.Context(), filepath.Join(dir, "a", "schema.prisma"))
	var d *Diagnostics
	if !errors.As(err, &d) || d.List[0].Span.Start.String() != "schema.prisma:2:6" {
		t.Errorf("got %v", err)
	}
}

func TestLoadSaysWhatIsMissing(t *testing.T) {
	dir := t.TempDir()
	if _, err := load(t.Context(), filepath.Join(dir, "nope.prisma")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	if _, err := load(t.Context(), dir); err == nil || !strings.Contains(err.Error(), "no *.prisma file") {
		t.Errorf("got %v", err)
	}
}
