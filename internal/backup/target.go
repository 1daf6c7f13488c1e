package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
)

// Stdout means standard output where a backup's file is named.
const Stdout = "-"

// target is where a backup goes.
type target struct {
	path   string // as it was given
	real   string // of a file: where it is or will be, links followed
	stream bool   // it is written to directly, not replaced
	mode   fs.FileMode
}

// aim decides what a backup's name refers to. Links are followed: a link stays, and what it leads to is written.
func aim(path string, opt Options) (*target, error) {
	if path == Stdout {
		return stdout(path, opt)
	}
	t := &target{path: path}
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) && path != "" && !strings.HasSuffix(path, "/") {
		t.real, err = follow(path)
		return t, err
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, remedy.New("backup.file", remedy.ExitFailed, "the file cannot be made").Wrap(err).
			WithFix("name a folder that is there and may be written")
	}
	if path == "" {
		return nil, remedy.New("backup.file", remedy.ExitUsage, "a backup needs the name of a file").WithHelp(remedy.Again("dev backup", "naap.dump"))
	}
	if err != nil || info.IsDir() {
		e := remedy.New("backup.folder", remedy.ExitUsage, "a backup is a file, and this is a folder").WithSeen(path)
		if err != nil { // a pipe, a socket or a device only by its name
			e.WithFix("mkdir -p " + remedy.ShellWord(path))
		}
		return nil, e.WithHelp(remedy.Again("dev backup", filepath.Join(path, "naap.dump")))
	}
	if own, err := os.Stdout.Stat(); err == nil && os.SameFile(own, info) && (opt.Stdout != nil || !info.Mode().IsRegular()) {
		return stdout(path, opt) // by a name such as /dev/stdout
	}
	t.mode = info.Mode()
	if !info.Mode().IsRegular() {
		t.stream = true
		if t.mode.Type() == fs.ModeDevice && !opt.Force {
			return nil, remedy.New("backup.exists", remedy.ExitRefused, "it is a disk, and what is on it would be overwritten").
				WithSeen(path).WithHelp(remedy.Again("dev backup", path, "--force"))
		}
		return t, nil
	}
	if !opt.Force {
		return nil, taken(path, info)
	}
	t.real, err = filepath.EvalSymlinks(path)
	return t, err
}

func stdout(path string, opt Options) (*target, error) {
	if opt.Stdout == nil {
		return nil, remedy.New("backup.stdout", remedy.ExitUsage, "standard output cannot take the backup: it is a terminal, or has the answer of --json").
			WithHelp(remedy.Line(remedy.Again("dev backup", Stdout), " > naap.dump"), remedy.Again("dev backup", "naap.dump"))
	}
	return &target{path: Stdout, stream: true}, nil
}

// follow returns where a file with that name would be created: at the end of links that lead to nothing yet.
func follow(path string) (string, error) {
	const links = 40 // as on Linux
	for range links {
		to, err := os.Readlink(path)
		if err != nil {
			return path, nil
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(filepath.Dir(path), to)
		}
		path = to
	}
	return "", remedy.New("backup.file", remedy.ExitFailed, "the file cannot be made: its links lead in a circle").WithSeen(path)
}

func taken(path string, info fs.FileInfo) error {
	e := remedy.New("backup.exists", remedy.ExitRefused, "there is a file of that name already")
	if info != nil {
		e.WithSeen(fmt.Sprintf("%s: %s, written at %s", path, say.Bytes(info.Size()), say.Moment(info.ModTime())))
	}
	return e.WithHelp(remedy.Words("name another file"), remedy.Again("dev backup", path, "--force").Note("replaces it"))
}

// open opens what is written to. A pipe waits for its reader.
func (t *target) open(ctx context.Context, opt Options) (io.WriteCloser, error) {
	if t.path == Stdout {
		return nopCloser{opt.Stdout}, nil
	}
	type opened struct {
		w   io.WriteCloser
		err error
	}
	done := make(chan opened, 1)
	go func() {
		if t.mode.Type() == fs.ModeSocket {
			c, err := net.Dial("unix", t.path)
			done <- opened{c, err}
			return
		}
		f, err := os.OpenFile(t.path, os.O_WRONLY, 0)
		done <- opened{f, err}
	}()
	select {
	case o := <-done:
		if o.err != nil {
			return nil, remedy.New("backup.file", remedy.ExitFailed, "it cannot be written to").Wrap(o.err).WithSeen(t.path).
				WithFix("name a file, or what can be written to")
		}
		return o.w, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

type nopCloser struct{ io.Writer }

func (nopCloser) Close() error { return nil }

// place gives a finished file its name. Whatever has appeared there in the meantime is not replaced, unless it is a
// file and that was allowed.
func (t *target) place(made string, opt Options) error {
	err := os.Link(made, t.real)
	if err != nil && !errors.Is(err, fs.ErrExist) && !exists(t.real) {
		err = claim(t.real) // a file system without links
		if err == nil {
			return named(os.Rename(made, t.real))
		}
	}
	if err == nil {
		return nil
	}
	if !errors.Is(err, fs.ErrExist) && !exists(t.real) {
		return named(err)
	}
	info, err := os.Lstat(t.real)
	switch {
	case err != nil:
		return named(err)
	case !opt.Force || !info.Mode().IsRegular():
		return taken(t.path, info)
	}
	return named(os.Rename(made, t.real))
}

// claim creates an empty file if there is none, as the one that may be replaced.
func claim(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

func named(err error) error {
	if err == nil {
		return nil
	}
	return remedy.New("backup.file", remedy.ExitFailed, "the backup cannot be given its name; no file was made").Wrap(err).
		WithFix("name a folder that is there and may be written")
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}
