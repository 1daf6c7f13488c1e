//go:build unix

package program

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/livepeer/naap-dev/internal/files"
)

func endings(bool) []string { return []string{""} }

func executable(info os.FileInfo) bool { return info.Mode().IsRegular() && info.Mode()&0o111 != 0 }

// exposed returns why users other than this one and root could change a program, or "" where they could not.
func exposed(file string) string {
	info, err := os.Stat(file)
	if err != nil {
		return "it cannot be looked at"
	}
	if info.Mode()&0o002 != 0 {
		return "anyone may write to " + file
	}
	return foreign(file, info)
}

// exposedFolder returns why others could put a program of theirs into a folder: it is theirs, or they may write to it
// or replace a folder on the way to it. A group with write permission, such as Debian's staff in /usr/local and
// Homebrew's admin, was given that by root.
func exposedFolder(dir string) string {
	for at := dir; ; at = filepath.Dir(at) {
		info, err := os.Stat(at)
		if err != nil {
			return "its folder cannot be looked at"
		}
		// In a folder with the sticky bit, such as /tmp, what is there belongs to its owner.
		if info.Mode()&0o002 != 0 && (at == dir || info.Mode()&os.ModeSticky == 0) {
			return "anyone may write to " + at
		}
		if why := foreign(at, info); why != "" {
			return why
		}
		if at == filepath.Dir(at) {
			return ""
		}
	}
}

// foreign returns why the owner of a file cannot be trusted, if that is neither the user nor root.
func foreign(path string, info os.FileInfo) string {
	uid, ok := files.OwnerID(info)
	if !ok || own(uid) {
		return ""
	}
	return fmt.Sprintf("%s belongs to another user (uid %d)", path, uid)
}

// own reports whether a uid is the user's or root's. In a user namespace, such as bubblewrap's and those of rootless
// containers, the system's own files have the uid of nobody.
func own(uid int) bool { return uid == 0 || files.IsPerson(uid) || unmapped(uid) }
