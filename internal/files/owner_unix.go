//go:build unix

package files

import (
	"io/fs"
	"os"
	"strconv"
	"syscall"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// keepOwner gives a new file the owner and the group of the one that it replaces.
func keepOwner(f *os.File, old fs.FileInfo, path string) error {
	was, ok := old.Sys().(*syscall.Stat_t)
	now, err := f.Stat()
	if err != nil || !ok {
		return err
	}
	is, ok := now.Sys().(*syscall.Stat_t)
	if !ok || was.Uid == is.Uid && was.Gid == is.Gid {
		return nil
	}
	err = f.Chown(int(was.Uid), int(was.Gid))
	if err == nil || was.Uid == is.Uid { // a group that one is not in cannot be given; the file is one's own all the same
		return nil
	}
	return remedy.New("file.permission", remedy.ExitFailed, "%s is not written: it belongs to another user, and would be yours then", visible.String(path)).
		WithSeen("its owner is the user " + strconv.Itoa(int(was.Uid))).
		WithFix("sudo chown " + strconv.Itoa(os.Getuid()) + " " + remedy.ShellWord(visible.String(path)))
}
