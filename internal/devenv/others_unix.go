//go:build unix

package devenv

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/livepeer/naap-dev/internal/files"
)

// accountsFile and homes are where accounts are seen; variables so that tests can have a machine of their own.
var (
	accountsFile = "/etc/passwd"
	homes        = []string{"/home", "/Users"}
)

// firstPerson and lastPerson are the uids that people get (login.defs of Debian, Fedora and their kin; nobody is beyond).
// macOS begins at 501, and lists no people in its file: they are known by their homes there.
const (
	firstPerson = 1000
	lastPerson  = 60000
)

// otherAccounts are the people beside naap's user who can log in to this machine: those of its own list, and those who have
// a home here, as accounts of a directory service do once they were here.
func otherAccounts() []string {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	found := map[int]string{}
	text, _ := files.Read(ctx, accountsFile, files.State)
	for line := range strings.Lines(string(text)) {
		f := strings.Split(strings.TrimSpace(line), ":")
		if len(f) < 7 || !isLogin(f[6]) {
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

// isListed reports whether the machine's own list has a uid, whose right to log in it then says.
func isListed(list string, uid int) bool {
	return strings.Contains(list, ":"+strconv.Itoa(uid)+":")
}

// isLogin reports whether a shell lets its account in.
func isLogin(shell string) bool {
	switch filepath.Base(shell) {
	case "nologin", "false", "true", "sync", "halt", "shutdown":
		return false
	}
	return true
}
