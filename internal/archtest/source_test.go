package archtest

import (
	"bufio"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
)

const module = "github.com/livepeer/naap-dev"

// source is one Go file of the module, for whatever system.
type source struct {
	path    string // from the module's root, with slashes
	room    string // the room it belongs to, such as "internal/prisma"; "." for the module's root
	test    bool
	imports []imported
	tree    *ast.File
	files   *token.FileSet
	lines   int
}

type imported struct {
	path string
	line int
}

// readHouse parses every Go file once.
var readHouse = sync.OnceValues(func() ([]source, error) {
	root, err := moduleRoot()
	if err != nil {
		return nil, err
	}
	var all []source
	err = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if path != root && (strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || name == "testdata" || name == "node_modules") {
				return filepath.SkipDir
			}
			return nil
		}
		if filepath.Ext(name) != ".go" {
			return nil
		}
		s, err := parse(root, path)
		if err == nil {
			all = append(all, s)
		}
		return err
	})
	return all, err
})

func house(t *testing.T) []source {
	t.Helper()
	all, err := readHouse()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func moduleRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", os.ErrNotExist
		}
		dir = filepath.Dir(dir)
	}
}

func parse(root, path string) (source, error) {
	rel, err := filepath.Rel(root, path)
	if err != nil {
		return source{}, err
	}
	s := source{path: filepath.ToSlash(rel), test: strings.HasSuffix(path, "_test.go"), files: token.NewFileSet()}
	s.room = roomOf(s.path[:max(0, strings.LastIndex(s.path, "/"))])
	if s.tree, err = parser.ParseFile(s.files, path, nil, parser.ParseComments|parser.SkipObjectResolution); err != nil {
		return s, err
	}
	for _, spec := range s.tree.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return s, err
		}
		s.imports = append(s.imports, imported{name, s.files.Position(spec.Pos()).Line})
	}
	s.lines = s.files.Position(s.tree.FileEnd).Line
	return s, nil
}

// roomOf returns the room that a folder belongs to: a folder inside a room is part of it.
func roomOf(dir string) string {
	parts := strings.Split(dir, "/")
	switch {
	case dir == "":
		return "."
	case parts[0] == "internal" || parts[0] == "cmd":
		return strings.Join(parts[:min(2, len(parts))], "/")
	}
	return parts[0]
}

// generated reports whether a file says at its top that a program wrote it.
func (s source) generated() bool { return ast.IsGenerated(s.tree) }

// words calls f with each line of the file.
func (s source) words(t *testing.T, f func(line int, text string)) {
	t.Helper()
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(filepath.Join(root, filepath.FromSlash(s.path)))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	scan := bufio.NewScanner(file)
	scan.Buffer(nil, 1<<20)
	for n := 1; scan.Scan(); n++ {
		f(n, scan.Text())
	}
	if scan.Err() != nil {
		t.Fatal(scan.Err())
	}
}
