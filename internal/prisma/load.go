package prisma

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Load reads and checks a schema from a file, or from every *.prisma file in a folder and the folders in it, in
// alphabetical order of their paths. Names in findings are relative to the folder, or the file's own name. The error is
// a *Diagnostics where the schema is wrong, and another where it cannot be read.
func Load(name string) (*Schema, error) {
	sources, err := ReadSources(name)
	if err != nil {
		return nil, err
	}
	return Parse(sources...)
}

// ReadSources reads the files that Load reads, without parsing them.
func ReadSources(name string) ([]Source, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("read the schema: %w", err)
	}
	if !info.IsDir() {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read the schema: %w", err)
		}
		return []Source{{Name: filepath.Base(name), Text: string(text)}}, nil
	}
	return readFolder(os.DirFS(name), name)
}

func readFolder(folder fs.FS, name string) ([]Source, error) {
	var sources []Source
	err := fs.WalkDir(folder, ".", func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || file != "." && strings.HasPrefix(d.Name(), ".")):
			return fs.SkipDir
		case d.IsDir() || path.Ext(file) != ".prisma":
			return nil
		}
		text, err := fs.ReadFile(folder, file)
		if err != nil {
			return err
		}
		sources = append(sources, Source{Name: file, Text: string(text)})
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read the schema: %w", err)
	}
	if len(sources) == 0 {
		return nil, fmt.Errorf("read the schema: %s has no *.prisma file", name)
	}
	slices.SortFunc(sources, func(a, b Source) int { return strings.Compare(a.Name, b.Name) })
	return sources, nil
}
