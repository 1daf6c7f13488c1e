//go:build unix

package embedpg

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// serverUsers are the users under which root's server runs, the first that exists.
var serverUsers = []string{"postgres", "_postgres", "nobody"}

// ServerAccount returns the user for the server: the zero Account unless naap is root.
func ServerAccount() (Account, error) {
	if os.Geteuid() != 0 {
		return Account{}, nil
	}
	return findAccount(serverUsers, user.Lookup)
}

func findAccount(names []string, lookup func(string) (*user.User, error)) (Account, error) {
	for _, name := range names {
		u, err := lookup(name)
		if err != nil {
			continue
		}
		// 32 bits, since macOS gives nobody the uid -2, which it writes as 4294967294.
		uid, err1 := strconv.ParseInt(u.Uid, 10, 64)
		gid, err2 := strconv.ParseInt(u.Gid, 10, 64)
		if err1 == nil && err2 == nil && uid != 0 {
			return Account{Name: name, UID: uint32(uid), GID: uint32(gid)}, nil
		}
	}
	return Account{}, fmt.Errorf("none of the users %v exists", names)
}

// Apply makes a command run under the account, and detached from naap's terminal and process group.
func (a Account) Apply(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if !a.IsZero() {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: a.UID, Gid: a.GID, Groups: []uint32{a.GID}}
	}
}

// Own gives a file, or a folder with all that is in it, to the account.
func (a Account) Own(path string) error {
	if a.IsZero() {
		return nil
	}
	return filepath.WalkDir(path, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, int(a.UID), int(a.GID))
	})
}

// create makes a new file of the account in a folder that the account may write to, following no link there.
func (a Account) create(path string, data []byte) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	if !a.IsZero() {
		err = errors.Join(err, file.Chown(int(a.UID), int(a.GID)))
	}
	return errors.Join(err, file.Close())
}

// rewrite replaces the content of a file in such a folder, following no link there.
func rewrite(path string, data []byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_TRUNC|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return err
	}
	_, err = file.Write(data)
	return errors.Join(err, file.Close())
}

// reaches reports whether the account may enter path's folder and all those above; the error names the one it may not.
func (a Account) reaches(path string) error {
	if a.IsZero() {
		return nil
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return err
	}
	for at := path; ; at = filepath.Dir(at) {
		if info, err := os.Stat(at); err == nil && info.IsDir() && !a.enters(info) {
			return fmt.Errorf("the user %s may not enter %s", a.Name, at)
		}
		if at == filepath.Dir(at) {
			return nil
		}
	}
}

func (a Account) enters(dir fs.FileInfo) bool {
	mode := dir.Mode().Perm()
	if s, ok := dir.Sys().(*syscall.Stat_t); ok {
		switch {
		case s.Uid == a.UID:
			return mode&0o100 != 0
		case s.Gid == a.GID:
			return mode&0o010 != 0
		}
	}
	return mode&0o001 != 0
}
