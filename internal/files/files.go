// Package files opens what a repository or the user names. A file is read up to a limit and only if it is a regular
// one; a folder is listed up to a number of entries; what is written stays inside the folder that it belongs to. A path
// in a repository may be a link to a device, a pipe that nothing writes to, or a file system that no longer answers:
// none of these holds up a caller whose context has ended, and none fills the memory.
package files

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
)

// Limit is the most that is read of a file, in bytes.
type Limit int64

// The limits are far above what people write, and far below what would fill a laptop's memory once each kind of file is
// parsed.
const (
	Small    Limit = 64 << 10  // a line or a few: .git, a pid file, a mark in the cache
	Settings Limit = 1 << 20   // naap.toml, package.json, prisma.config, .env, .gitignore, git's config, counts of rows
	Source   Limit = 4 << 20   // a file that check looks at: nobody writes a longer one
	Schema   Limit = 16 << 20  // a Prisma file: the longest known one has 0.4 MB
	SQL      Limit = 512 << 20 // a seed file, an init script or the statements of dev sql, all of which is sent as one text
)

// Read returns the content of a regular file. A file of another kind is refused with the code file.kind before it is
// opened, and one of more than limit bytes with file.size, whether it is that large already or grows while it is read.
// Other errors are the system's. When ctx ends, Read returns its error at once, even if the file system does not
// answer.
func Read(ctx context.Context, path string, limit Limit) ([]byte, error) {
	return Await(ctx, func() ([]byte, error) {
		f, info, err := open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		if info.Size() > int64(limit) {
			return nil, tooLarge(path, info.Size(), limit)
		}
		return readAll(ctx, f, path, info.Size(), limit)
	})
}

// ReadNow is Read without a context: for one of naap's own files, or where the folder has already answered.
func ReadNow(path string, limit Limit) ([]byte, error) {
	return Read(context.Background(), path, limit)
}

// Check returns the error that Read would return for a file, without reading it: for a library that reads it itself.
func Check(ctx context.Context, path string, limit Limit) error {
	if err := MayOpen(path); err != nil {
		return err
	}
	info, err := Await(ctx, func() (fs.FileInfo, error) { return os.Stat(path) })
	switch {
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		return wrongKind(path, info.Mode())
	case isKernels(path):
		return wrongPlace(path)
	case info.Size() > int64(limit):
		return tooLarge(path, info.Size(), limit)
	}
	return nil
}

// Open opens a regular file of any size, for a caller that reads it piece by piece. A file of another kind is refused
// with the code file.kind.
func Open(ctx context.Context, path string) (*os.File, error) {
	return Await(ctx, func() (*os.File, error) {
		f, _, err := open(path)
		return f, err
	})
}

// ReadNamed returns the content of a file that the user named on the command line, which may be a pipe, such as a
// shell's <(…), or a terminal. It is bounded and ends with ctx as Read does.
func ReadNamed(ctx context.Context, path string, limit Limit) ([]byte, error) {
	return Await(ctx, func() ([]byte, error) {
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		switch kind := info.Mode().Type(); {
		case kind == 0 && info.Size() > int64(limit):
			return nil, tooLarge(path, info.Size(), limit)
		case kind == 0 && isKernels(path):
			return nil, wrongPlace(path)
		case kind&fs.ModeCharDevice != 0:
			limit = min(limit, Settings) // what is typed on a terminal; other devices never end
		case kind != 0 && kind != fs.ModeNamedPipe:
			return nil, wrongKind(path, info.Mode())
		}
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		return readAll(ctx, f, path, 0, limit)
	})
}

// ReadFrom reads a stream to its end, as Read does a file; name is what messages call it.
func ReadFrom(ctx context.Context, r io.Reader, name string, limit Limit) ([]byte, error) {
	return Await(ctx, func() ([]byte, error) { return readAll(ctx, r, name, 0, limit) })
}

// Await returns what f returns, or the error of ctx as soon as that ends. f is then left running: nothing can end a
// read from a file system that does not answer, and the process is about to end.
func Await[T any](ctx context.Context, f func() (T, error)) (T, error) {
	var none T
	if err := ctx.Err(); err != nil {
		return none, err
	}
	if ctx.Done() == nil {
		return f()
	}
	type answer struct {
		value T
		err   error
	}
	done := make(chan answer, 1)
	go func() {
		v, err := f()
		done <- answer{v, err}
	}()
	select {
	case a := <-done:
		return a.value, a.err
	case <-ctx.Done():
		return none, ctx.Err()
	}
}

// open opens a regular file. It checks the path first, since merely opening a file makes some devices do something and
// waits for a pipe's writer, and then checks what it has opened, which may have replaced the file in between.
func open(path string) (*os.File, fs.FileInfo, error) {
	if err := MayOpen(path); err != nil {
		return nil, nil, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, nil, wrongKind(path, info.Mode())
	}
	if isKernels(path) {
		return nil, nil, wrongPlace(path)
	}
	f, err := os.OpenFile(path, os.O_RDONLY|openFlags, 0)
	if err != nil {
		return nil, nil, err
	}
	info, err = f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = wrongKind(path, info.Mode())
	} else if err == nil && isKernelsFile(f) {
		err = wrongPlace(path)
	}
	if err != nil {
		f.Close()
		return nil, nil, err
	}
	return f, info, nil
}

// chunk is how much is read between two checks of the context.
const chunk = 1 << 20

// readAll reads to the end, or to one byte more than the limit. expected is how much is likely to come: the system's
// own files have a size of 0 and content.
func readAll(ctx context.Context, r io.Reader, name string, expected int64, limit Limit) ([]byte, error) {
	var parts [][]byte // the full ones
	size := 0
	part := make([]byte, 0, min(expected, int64(limit))+512)
	for {
		if len(part) == cap(part) {
			parts, part = append(parts, part), make([]byte, 0, min(chunk, max(4096, 2*cap(part))))
		}
		n, err := r.Read(part[len(part):min(cap(part), len(part)+chunk)])
		part, size = part[:len(part)+n], size+n
		switch {
		case size > int(limit):
			return nil, tooLarge(name, -1, limit)
		case errors.Is(err, io.EOF) && parts == nil:
			return part, nil
		case errors.Is(err, io.EOF):
			return bytes.Join(append(parts, part), nil), nil
		case err != nil:
			return nil, err
		case ctx.Err() != nil:
			return nil, ctx.Err()
		}
	}
}
