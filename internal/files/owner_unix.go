//go:build unix

package files

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// OwnerID returns the uid of a file's owner; ok is false where the file system does not say.
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

// Guarded returns an error, with the code file.owner, if another user could put a file in the place of one of naap's
// own, because they own a folder above it or anyone may write there: sshd's rule for what it reads in a home
// (StrictModes in sshd_config(5)). In a folder with the sticky bit, such as /tmp, only the owner can replace what is
// there. A group's write permission is accepted: on many systems each user has a group of their own, which has it. The
// file need not exist, but its folder must.
func Guarded(path string) error {
	abs, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	dir := filepath.Dir(abs)
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return err
	}
	for _, from := range []string{dir, real} { // another link can be put into the folder of a link
		for at := from; ; at = filepath.Dir(at) {
			if err := guardedFolder(path, at); err != nil {
				return err
			}
			if filepath.Dir(at) == at {
				break
			}
		}
	}
	return nil
}

func guardedFolder(path, dir string) error {
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	why := ""
	switch uid, ok := OwnerID(info); {
	case ok && uid != 0 && !IsPerson(uid) && !isUnmapped(uid):
		why = "the user " + strconv.Itoa(uid) + " owns " + visible.String(dir)
	case info.IsDir() && info.Mode().Perm()&0o002 != 0 && info.Mode()&os.ModeSticky == 0:
		why = "anyone can write in " + visible.String(dir)
	default:
		return nil
	}
	return remedy.New("file.owner", remedy.ExitRefused, "another user could put a file of theirs in the place of %s: %s", visible.String(path), why).
		WithFix("export XDG_STATE_HOME=/a/folder/of/yours")
}

// isUnmapped reports whether a uid stands for all those for which this process's user namespace has no number,
// including root, as in an unprivileged container.
func isUnmapped(uid int) bool {
	const overflow = 65534
	text, err := os.ReadFile("/proc/self/uid_map")
	if err != nil || uid != overflow {
		return false
	}
	for line := range strings.Lines(string(text)) {
		var inside, outside, count int
		if n, _ := fmt.Sscan(line, &inside, &outside, &count); n == 3 && inside <= overflow && overflow < inside+count {
			return false
		}
	}
	return true
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
	if err == nil || was.Uid == is.Uid { // a user cannot give a file to a group that they are not in; the file is still their own
		return nil
	}
	return remedy.New("file.permission", remedy.ExitFailed, "%s is not written: it belongs to another user, and would be yours then", visible.String(path)).
		WithSeen("its owner is the user " + strconv.Itoa(int(was.Uid))).
		WithFix("sudo chown " + strconv.Itoa(os.Getuid()) + " " + remedy.ShellWord(visible.String(path)))
}
