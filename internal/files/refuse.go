package files

import (
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

// Refused reports whether an error says that a path must not be read or written: its message is already for the user,
// and a caller adds where the path comes from.
func Refused(err error) (*remedy.Error, bool) {
	e, ok := remedy.Of(err)
	return e, ok && strings.HasPrefix(e.Code, "file.")
}

// Explain returns the error for a caller that could not read or write: a refusal as it is, with what the caller has
// seen, or otherwise the caller's own around err.
func Explain(err error, otherwise *remedy.Error) error {
	if e, ok := Refused(err); ok {
		return e.WithSeen(otherwise.Seen...)
	}
	return otherwise.Wrap(err)
}

// wrongKind refuses what is not a regular file.
func wrongKind(path string, mode fs.FileMode) error {
	return leads(remedy.New("file.kind", remedy.ExitFailed, "%s is %s, and naap reads files", visible.String(path), kindWord(mode)), path).
		WithFix("put a file in its place, or name another")
}

// wrongPlace refuses what is in one of the kernel's own file systems.
func wrongPlace(path string) error {
	return leads(remedy.New("file.kind", remedy.ExitFailed, "%s is in a file system of the kernel's, and naap reads files", visible.String(path)), path).
		WithFix("put a file in its place, or name another")
}

// NotSearched refuses a folder outside of the folder within that the user did not name.
func NotSearched(path, real, within string) error {
	return remedy.New("file.outside", remedy.ExitRefused, "%s is not searched: it leads out of %s", visible.String(path), visible.String(within)).
		WithSeen("it leads to " + visible.String(real)).WithFix("put a folder in the link's place")
}

// kindWord names what is not a regular file.
func kindWord(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a folder"
	case mode&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeCharDevice != 0:
		return "a device"
	case mode&fs.ModeDevice != 0:
		return "a disk"
	}
	return "not a regular file"
}

// tooLarge refuses a file because of its size; a negative one means that there was no end within the limit.
func tooLarge(path string, size int64, limit Limit) error {
	holds := "more"
	if size >= 0 {
		holds = say.Bytes(size)
	}
	return leads(remedy.New("file.size", remedy.ExitFailed, "%s is too large: naap reads at most %s of it, and it has %s",
		visible.String(path), say.Bytes(int64(limit)), holds), path).
		WithFix("put the file that was meant in its place, or name another")
}

// leads adds where a path leads, if that is another place.
func leads(e *remedy.Error, path string) *remedy.Error {
	real, err := filepath.EvalSymlinks(path)
	if abs, absErr := filepath.Abs(path); err == nil && absErr == nil && real != filepath.Clean(path) && real != abs {
		e.WithSeen(visible.String(path) + " leads to " + visible.String(real))
	}
	return e
}
