//go:build unix

package trust

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"strconv"
	"syscall"

	"github.com/livepeer/naap-dev/internal/files"
)

// noFollow makes opening refuse a link in a file's place, and not wait for a pipe.
const noFollow = syscall.O_NOFOLLOW | syscall.O_NONBLOCK

func ownerOf(path string) (Owner, error) {
	var owner Owner
	for _, look := range []func(string) (os.FileInfo, error){os.Lstat, os.Stat} {
		info, err := look(path)
		if err != nil {
			return Owner{}, err
		}
		uid, ok := files.OwnerID(info)
		if !ok {
			return Owner{}, errors.New("the file system does not say who owns it")
		}
		if owner = ownerUID(uid); !owner.Mine {
			break
		}
	}
	return owner, nil
}

func ownerUID(uid int) Owner {
	o := Owner{Name: "uid " + strconv.Itoa(uid), Self: uid == os.Geteuid(), Mine: files.IsPerson(uid)}
	if o.Mine {
		return o // the name is not needed, and looking it up takes long where accounts are on a network
	}
	if u, err := user.LookupId(strconv.Itoa(uid)); err == nil {
		o.Name = u.Username
	}
	return o
}

// ownFile returns why a file may have been written by another user, or nil.
func ownFile(_ string, info fs.FileInfo) error {
	uid, ok := files.OwnerID(info)
	switch {
	case !info.Mode().IsRegular():
		return errors.New("it is not a regular file")
	case !ok || uid != os.Geteuid():
		return fmt.Errorf("it belongs to %s", ownerUID(uid).Name)
	case info.Mode().Perm()&0o022 != 0:
		return fmt.Errorf("others can write it: its mode is %04o", info.Mode().Perm())
	}
	return nil
}
