package program

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/livepeer/naap-dev/internal/visible"
)

// Finder finds programs. Here returns one.
type Finder struct {
	Path    string   // the PATH to search
	Environ []string // KEY=VALUE: the environment, of which programs see parts
	closed  []root   // folders that no program comes from, including everything in them
	here    []root   // folders that no program comes from
}

// root is a folder that programs are not taken from, with the reason.
type root struct {
	path string
	info os.FileInfo
	why  string
}

// Here returns the finder of this process, working in the workspaces of dirs. No program comes from those, nor from the
// working directory, nor from any repository that one of them is in. A folder that contains the user's home is their
// own, and is not closed: dotfiles are kept in repositories too.
func Here(dirs ...string) Finder {
	f := Finder{Path: os.Getenv("PATH"), Environ: os.Environ()}
	cwd, err := os.Getwd()
	if err == nil {
		f.here = appendRoot(f.here, cwd, "it is the working directory")
		f.closeRepositories(cwd)
	}
	for _, dir := range dirs {
		if abs, err := filepath.Abs(dir); err == nil && dir != "" {
			f.here = appendRoot(f.here, abs, "it is the workspace")
			f.close(abs, "it is inside the workspace")
			f.closeRepositories(abs)
		}
	}
	return f
}

// IsZero reports whether the finder is the zero Finder.
func (f Finder) IsZero() bool { return f.Path == "" && f.Environ == nil }

func appendRoot(list []root, dir, why string) []root {
	info, err := os.Stat(dir)
	if err != nil {
		return list
	}
	return append(list, root{dir, info, why})
}

// close closes a folder unless it contains the user's home.
func (f *Finder) close(dir, why string) {
	home, err := os.UserHomeDir()
	if err != nil {
		home = dir // as if it were: with no home to leave open, only the folder itself is closed
	}
	if real, err := filepath.EvalSymlinks(home); err == nil {
		home = real
	}
	for _, r := range appendRoot(nil, dir, why) {
		if dir != filepath.Dir(dir) && !within(home, r.info) {
			f.closed = append(f.closed, r)
		}
	}
}

// closeRepositories closes each repository that a folder is in: a submodule's own and those around it.
func (f *Finder) closeRepositories(dir string) {
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	for ; ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			f.close(dir, "it is inside the repository "+dir)
		}
		if dir == filepath.Dir(dir) {
			return
		}
	}
}

// within reports whether a path is the folder, or is in it, whatever names lead there.
func within(path string, folder os.FileInfo) bool {
	for {
		if info, err := os.Stat(path); err == nil && os.SameFile(info, folder) {
			return true
		}
		parent := filepath.Dir(path)
		if parent == path {
			return false
		}
		path = parent
	}
}

// notFound is the error for a program that is missing, or is only where naap does not take it from.
type notFound struct {
	Name   string
	Passed []string // where one was skipped, and why, a line each, safe to show
}

func (e *notFound) Error() string {
	text := "there is no " + visible.String(e.Name) + " on the PATH"
	if len(e.Passed) > 0 {
		text += " that naap may run: " + strings.Join(e.Passed, "; ")
	}
	return text
}

// Unwrap returns exec.ErrNotFound.
func (e *notFound) Unwrap() error { return exec.ErrNotFound }

// Passed returns the programs that a search skipped, a line each with the reason, where err is the search's error.
func Passed(err error) []string {
	var e *notFound
	if errors.As(err, &e) {
		return e.Passed
	}
	return nil
}

// Find returns the absolute path of a program. Of the error for one that is missing, Passed tells what was skipped.
func (f Finder) Find(p Program) (string, error) {
	folders := p.folders
	if folders == nil {
		folders = filepath.SplitList(f.Path)
	}
	missed := &notFound{Name: p.Name}
	if p.Name == "" || p.Name != filepath.Base(p.Name) || p.Name == "." || p.Name == ".." {
		return "", missed // a path is not the name of a program
	}
	for _, dir := range folders {
		file, why := f.lookIn(dir, p)
		if file != "" && why == "" {
			return file, nil
		}
		if file != "" {
			missed.Passed = append(missed.Passed, visible.String(file)+": "+why)
		}
	}
	return "", missed
}

// lookIn yields the program in a folder, "" where there is none, and why it must not be run.
func (f Finder) lookIn(dir string, p Program) (file, why string) {
	for _, ending := range endings(p.batch) {
		file = filepath.Join(dir, p.Name+ending)
		if info, err := os.Stat(file); err == nil && executable(info) {
			return file, f.Objection(file)
		}
	}
	return "", ""
}

// Folders returns the folders of the PATH that programs may come from, in order, as they are written there.
func (f Finder) Folders() []string { return f.folders(f.Path) }

func (f Finder) folders(list string) []string {
	var out []string
	for _, dir := range filepath.SplitList(list) {
		if f.objectionToFolder(dir) == "" {
			out = append(out, dir)
		}
	}
	return out
}

// Objection returns why a program must not be started, or "" where it may be. Both its location and where links lead
// from there count.
func (f Finder) Objection(file string) string {
	if why := f.objectionToFolder(filepath.Dir(file)); why != "" {
		return why
	}
	real, err := filepath.EvalSymlinks(file)
	if err != nil {
		return fmt.Sprintf("it cannot be looked at: %v", errors.Unwrap(err))
	}
	if why := f.objectionToFolder(filepath.Dir(real)); why != "" {
		return why
	}
	return exposed(real)
}

func (f Finder) objectionToFolder(dir string) string {
	if !filepath.IsAbs(dir) {
		return "its folder of the PATH is relative"
	}
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return "its folder cannot be looked at"
	}
	info, err := os.Stat(real)
	if err != nil || !info.IsDir() {
		return "its folder cannot be looked at"
	}
	for _, r := range f.here {
		if os.SameFile(r.info, info) {
			return r.why
		}
	}
	for _, r := range f.closed {
		if within(dir, r.info) || within(real, r.info) {
			return r.why
		}
	}
	return exposedFolder(real)
}

// Along finds a program as a shell in the folder dir would, along a PATH that is not this process's own: for a command
// that the user has allowed, wherever its program is. Its error is one of Find.
func Along(path, dir, name string) (string, error) {
	folders := filepath.SplitList(path)
	if strings.ContainsRune(name, filepath.Separator) || strings.Contains(name, "/") {
		folders = []string{""}
	}
	for _, folder := range folders {
		for _, ending := range append(endings(true), "") {
			file := filepath.Join(folder, name+ending)
			if !filepath.IsAbs(file) {
				file = filepath.Join(dir, file)
			}
			if info, err := os.Stat(file); err == nil && executable(info) {
				return file, nil
			}
		}
	}
	return "", &notFound{Name: name}
}
