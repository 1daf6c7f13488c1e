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

// OwnerID is the uid of a file's owner; ok is false where the file system does not say.
func OwnerID(info fs.FileInfo) (uid int, ok bool) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return int(stat.Uid), true
}

// IsPerson reports whether a uid is that of the user who runs naap, or of the one who became root through sudo, which
// sets the variable: git's rule for a repository's owner (safe.directory in git-config(1)).
func IsPerson(uid int) bool {
	if uid == os.Geteuid() {
		return true
	}
	n, err := strconv.Atoi(os.Getenv("SUDO_UID"))
	return os.Geteuid() == 0 && err == nil && n == uid
}

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
