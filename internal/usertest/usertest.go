// Package usertest gives tests other accounts of this machine: programs run under another uid, as those of a second
// user of a shared machine do.
package usertest

import (
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
)

// Account is an account of this machine other than the one that runs the tests, with a home of its own that is removed
// when the test ends.
type Account struct {
	Name     string
	UID, GID int
	Home     string // closed to everyone else

	t testing.TB
}

// accounts are accounts that every Unix has and that own little. Those that root's server may run as (postgres, nobody)
// are left out: they may do anything with it.
var accounts = []string{"daemon", "games", "mail", "news", "uucp", "lp", "bin"}

// Other returns another account. Where the tests may not act as one, because they do not run as root, the test is
// skipped, or fails with NAAP_TEST_OTHER_USER=required.
func Other(t testing.TB) *Account {
	t.Helper()
	return Others(t, 1)[0]
}

// Others returns several accounts, each different from the others and from that of the tests: for a test with a user
// who is not root, and a stranger. It skips as Other does.
func Others(t testing.TB, number int) []*Account {
	t.Helper()
	if os.Geteuid() != 0 {
		without(t, "the tests don't run as root")
	}
	var found []*Account
	for _, name := range accounts {
		if len(found) == number {
			break
		}
		if a := lookup(t, name); a != nil {
			found = append(found, a)
		}
	}
	if len(found) < number {
		without(t, "the machine has too few of the accounts that tests use")
	}
	return found
}

func without(t testing.TB, reason string) {
	t.Helper()
	if os.Getenv("NAAP_TEST_OTHER_USER") == "required" {
		t.Fatalf("another user is required: %s", reason)
	}
	t.Skipf("no program can be run as another user: %s; NAAP_TEST_OTHER_USER=required makes this a failure", reason)
}

func lookup(t testing.TB, name string) *Account {
	t.Helper()
	if runtime.GOOS == "windows" {
		return nil
	}
	u, err := user.Lookup(name)
	if err != nil {
		return nil
	}
	uid, err1 := strconv.Atoi(u.Uid)
	gid, err2 := strconv.Atoi(u.Gid)
	if err1 != nil || err2 != nil || uid == 0 {
		return nil
	}
	a := &Account{Name: name, UID: uid, GID: gid, t: t}
	a.Home = a.Dir("home")
	return a
}

// Dir creates a folder owned by the account, closed to everyone else, in the usual temporary folder: t.TempDir is in
// one that others may not enter. It is removed when the test ends.
func (a *Account) Dir(name string) string {
	a.t.Helper()
	dir, err := os.MkdirTemp("/tmp", "naap-"+a.Name+"-"+name+"-") // not $TMPDIR, which may be closed to others
	if err != nil {
		a.t.Fatal(err)
	}
	a.t.Cleanup(func() { os.RemoveAll(dir) })
	a.Own(dir)
	return dir
}

// Own gives a file, or a folder with everything in it, to the account.
func (a *Account) Own(path string) {
	a.t.Helper()
	err := filepath.WalkDir(path, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, a.UID, a.GID)
	})
	if err != nil {
		a.t.Fatal(err)
	}
}

// Program copies a program to where the account may run it, since go's own folders are closed to others, and returns
// the copy's path.
func (a *Account) Program(path string) string {
	a.t.Helper()
	copied := filepath.Join(a.Dir("bin"), filepath.Base(path))
	// A file that this process had open for writing may still be open in a child that another test is just starting, and
	// then no one can run it ("text file busy").
	if out, err := exec.Command("cp", path, copied).CombinedOutput(); err != nil {
		a.t.Fatalf("%v: %s", err, out)
	}
	if err := os.Chmod(copied, 0o755); err != nil {
		a.t.Fatal(err)
	}
	return copied
}

// Command returns a command that the account runs in its home, with an environment that has nothing of the test's.
func (a *Account) Command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Dir = a.Home
	cmd.Env = []string{
		"HOME=" + a.Home, "USER=" + a.Name, "LOGNAME=" + a.Name, "PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8",
	}
	become(cmd, a)
	return cmd
}

// Again returns a command of this test process's program, run by the account for the one named test. The environment is
// added to the account's; by one of its variables the test sees that it is the second run.
func (a *Account) Again(test string, environment ...string) *exec.Cmd {
	a.t.Helper()
	self, err := os.Executable()
	if err != nil {
		a.t.Fatal(err)
	}
	cmd := a.Command(a.Program(self), "-test.run=^"+test+"$", "-test.v")
	cmd.Env = append(cmd.Env, environment...)
	return cmd
}
