package prisma

import (
	"fmt"
	"io/fs"
	"os"
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
	files, err := Files(name)
	if err != nil {
		return nil, fmt.Errorf("read the schema: %w", err)
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("read the schema: %s has no *.prisma file", name)
	}
	var sources []Source
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read the schema: %w", err)
		}
		called, err := filepath.Rel(name, file)
		if err != nil || called == "." {
			called = filepath.Base(file)
		}
		sources = append(sources, Source{Name: filepath.ToSlash(called), Text: string(text)})
	}
	return sources, nil
}

// Files are the files that make up a schema: the file itself, or the *.prisma files of a folder and of the folders in
// it, in alphabetical order. As Prisma does, it follows links and looks into folders of any name but node_modules, which
// holds copies of schemas. A file that is reached by several ways is read once. What cannot be read, a link to nothing
// included, is an error: models that are not seen would be taken for dropped.
func Files(place string) ([]string, error) {
	info, err := os.Stat(place)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{place}, nil
	}
	f := finder{seen: map[string]string{}}
	if err := f.folder(place); err != nil {
		return nil, err
	}
	var files []string
	for _, file := range f.seen {
		if file != "" {
			files = append(files, file)
		}
	}
	slices.Sort(files)
	return files, nil
}

// finder collects the files of a folder by their real paths, with "" for a folder: links may lead round in a circle.
type finder struct{ seen map[string]string }

func (f *finder) folder(dir string) error {
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return err
	}
	if _, seen := f.seen[real]; seen {
		return nil
	}
	f.seen[real] = ""
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := f.entry(filepath.Join(dir, e.Name()), e); err != nil {
			return err
		}
	}
	return nil
}

func (f *finder) entry(path string, e fs.DirEntry) error {
	isSchema := filepath.Ext(path) == ".prisma"
	if e.Name() == "node_modules" || strings.HasPrefix(e.Name(), ".#") { // the second is how Emacs locks a file
		return nil
	}
	isLink := e.Type()&fs.ModeSymlink != 0
	if !isLink && !e.IsDir() && !isSchema {
		return nil
	}
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return err
	case info.IsDir():
		return f.folder(path)
	case !info.Mode().IsRegular():
		return nil
	}
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	if filepath.Ext(real) != ".prisma" { // what counts is what the link leads to
		return nil
	}
	if known := f.seen[real]; known == "" || !isLink && real != known {
		f.seen[real] = path
	}
	return nil
}
