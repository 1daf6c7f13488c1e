//go:build unix

package doctor

import (
	"context"
	"fmt"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/livepeer/naap-dev/internal/files"
)

// accountsFile, groupsFile and homes are where accounts are listed; they are variables so that tests can have a machine
// of their own.
var (
	accountsFile = "/etc/passwd"
	groupsFile   = "/etc/group"
	homes        = []string{"/home", "/Users"}
)

// accountsLimit is for each of these files.
const accountsLimit files.Limit = 64 << 20

// firstPerson and lastPerson bound the uids of people's accounts (login.defs of Debian, Fedora and their kin; nobody is
// beyond). macOS begins at 501, and its file does not list people: there they are known by their homes.
const (
	firstPerson = 1000
	lastPerson  = 60000
)

// otherAccounts returns the people beside naap's user who can log in to this machine: those in its own list, and those
// who have a home here, as accounts of a directory service do once they have logged in.
func otherAccounts() []string {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	found := map[int]string{}
	text, _ := files.Read(ctx, accountsFile, accountsLimit)
	for f := range records(text, 7) {
		if !isLogin(f[6]) {
			continue
		}
		if uid, err := strconv.Atoi(f[2]); err == nil && uid >= firstPerson && uid <= lastPerson {
			found[uid] = f[0]
		}
	}
	known := len(text) > 0
	for _, dir := range homes {
		entries, err := files.List(ctx, dir, 1000)
		if err != nil {
			continue
		}
		for _, entry := range entries {
			info, err := os.Lstat(filepath.Join(dir, entry.Name()))
			if err != nil || !info.IsDir() {
				continue
			}
			s, ok := info.Sys().(*syscall.Stat_t)
			if !ok || s.Uid < 501 || found[int(s.Uid)] != "" || known && isListed(string(text), int(s.Uid)) {
				continue
			}
			found[int(s.Uid)] = entry.Name()
		}
	}
	delete(found, os.Getuid())
	var names []string
	for _, name := range found {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// records returns the fields of each line that has that many, of a list of accounts or groups.
func records(list []byte, fields int) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		for line := range strings.Lines(string(list)) {
			if f := strings.Split(strings.TrimSpace(line), ":"); len(f) >= fields && !yield(f) {
				return
			}
		}
	}
}

// isListed reports whether the machine's own list has a uid; the list then says whether it may log in.
func isListed(list string, uid int) bool {
	return strings.Contains(list, ":"+strconv.Itoa(uid)+":")
}

// isLogin reports whether a shell lets its account log in.
func isLogin(shell string) bool {
	switch filepath.Base(shell) {
	case "nologin", "false", "true", "sync", "halt", "shutdown":
		return false
	}
	return true
}

// openHome returns the home folder if others may enter or list it: entering is enough for someone who knows a path.
// This includes the folder's group, unless it is the user's alone. A folder above it that is closed to others closes it
// too.
func openHome() openness {
	dir, err := os.UserHomeDir()
	if err != nil || !filepath.IsAbs(dir) {
		return openness{}
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return openness{}
	}
	info, err := os.Stat(dir)
	if err != nil || !info.IsDir() {
		return openness{}
	}
	mode := info.Mode().Perm()
	open := openness{dir, fmt.Sprintf("open to everybody (its mode is %04o)", mode), "o-rwx"}
	shared := mode&0o050 != 0 && sharedGroup(info)
	switch {
	case mode&0o005 != 0 && shared:
		open.close = "go-rwx"
	case mode&0o005 != 0:
	case shared:
		open.how, open.close = fmt.Sprintf("open to its group, which others are in (its mode is %04o)", mode), "g-rwx"
	default:
		return openness{}
	}
	for at := filepath.Dir(dir); ; at = filepath.Dir(at) {
		info, err := os.Stat(at)
		if err != nil || info.Mode().Perm()&0o001 == 0 && (!shared || info.Mode().Perm()&0o010 == 0) {
			return openness{}
		}
		if at == filepath.Dir(at) {
			return open
		}
	}
}

// sharedGroup reports whether a folder's group has members other than its owner. The group that Linux makes for each
// user has the user's name or number; for any other, such as macOS's group for all users, the lists here need not know
// the members.
func sharedGroup(info os.FileInfo) bool {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	owner := ""
	accounts, _ := files.Read(ctx, accountsFile, accountsLimit)
	for f := range records(accounts, 7) {
		switch {
		case f[2] == strconv.Itoa(int(s.Uid)):
			owner = f[0]
		case f[3] == strconv.Itoa(int(s.Gid)):
			return true
		}
	}
	own := s.Gid == s.Uid
	groups, _ := files.Read(ctx, groupsFile, accountsLimit)
	for f := range records(groups, 4) {
		if f[2] != strconv.Itoa(int(s.Gid)) {
			continue
		}
		own = own || f[0] == owner
		for member := range strings.SplitSeq(f[3], ",") {
			if member != "" && member != owner {
				return true
			}
		}
	}
	return !own
}
