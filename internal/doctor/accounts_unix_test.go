//go:build unix

package doctor

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/remedy"
)

// onMachine puts the user on a machine with these accounts and groups, and no other homes.
func onMachine(t *testing.T, accounts, groups string) {
	t.Helper()
	wasAccounts, wasGroups, wasHomes := accountsFile, groupsFile, homes
	t.Cleanup(func() { accountsFile, groupsFile, homes = wasAccounts, wasGroups, wasHomes })
	dir := t.TempDir()
	accountsFile, groupsFile, homes = filepath.Join(dir, "passwd"), filepath.Join(dir, "group"), nil
	if err := errors.Join(os.WriteFile(accountsFile, []byte(accounts), 0o600), os.WriteFile(groupsFile, []byte(groups), 0o600)); err != nil {
		t.Fatal(err)
	}
}

func TestOtherPeopleOfTheMachineAreKnownByTheirAccountsAndHomes(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"a laptop":       {"root:x:0:0::/root:/bin/bash\nsync:x:4:65534::/bin:/bin/sync\npostgres:x:101:1::/v:/bin/bash\nnobody:x:65534:65534::/:/usr/sbin/nologin\n", nil},
		"another person": {"ann:x:1001:1::/home/ann:/bin/zsh\nbob:x:1002:1::/home/bob:/usr/sbin/nologin\n", []string{"ann"}},
		"not a list":     {"\x00\xff:::::::::", nil},
	} {
		onMachine(t, c.text, "")
		if got := otherAccounts(); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// aHome makes a home for the user, below a folder of its own, and returns its line among the accounts as well.
func aHome(t *testing.T) (above, home, account string) {
	t.Helper()
	above, err := os.MkdirTemp("/tmp", "naap-home-") // t.TempDir is closed to others
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(above) })
	home = filepath.Join(above, "home")
	if err := os.Mkdir(home, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("HOME", home)
	return above, home, fmt.Sprintf("me:x:%d:%d::%s:/bin/sh\n", os.Getuid(), os.Getgid(), home)
}

func TestAHomeThatIsOpenToOthersIsSaidWhereThePasswordIsPublic(t *testing.T) {
	root, dir, me := aHome(t)
	group := fmt.Sprintf(":x:%d:", os.Getgid())
	for name, c := range map[string]struct {
		above, mode    os.FileMode
		people, groups string
		says, not      string
		ends           string
	}{
		"closed":                      {0o755, 0o700, me, "me" + group, "", "", ""},
		"open to all, of one person":  {0o755, 0o755, me, "me" + group, "your home folder " + dir + " is open to everybody (its mode is 0755)", "has an account", "naap dev password --random && chmod o-rwx " + dir},
		"to be entered only":          {0o711, 0o711, me, "me" + group, "open to everybody (its mode is 0711)", "has an account", "chmod o-rwx"},
		"below a closed folder":       {0o700, 0o755, me, "me" + group, "", "", ""},
		"of the person's own group":   {0o755, 0o750, me, "me" + group, "", "", ""},
		"of a group with another":     {0o755, 0o750, me, "me" + group + "me,www-data\n", "open to its group", "has an account", "chmod g-rwx"},
		"and another person":          {0o755, 0o755, me + "ann:x:1234:1234::/:/bin/sh\n", "me" + group, "(ann) and can, with the public password, read and change this database; your home folder", "programs of other", "chmod o-rwx"},
		"another person, home closed": {0o755, 0o700, me + "ann:x:1234:1234::/:/bin/sh\n", "me" + group, "(ann) and can", "home folder", "dev password --random"},
	} {
		onMachine(t, c.people, c.groups)
		if err := errors.Join(os.Chmod(root, c.above), os.Chmod(dir, c.mode)); err != nil {
			t.Fatal(err)
		}
		x := ExposureHere(false)
		got := x.InALine(remedy.Target{})
		if (x.Line == "") != (c.says == "") || !strings.Contains(x.Line, c.says) || c.not != "" && strings.Contains(x.Line, c.not) || !strings.Contains(got, c.ends) {
			t.Errorf("%s: %s", name, got)
		}
	}
	for _, c := range []struct {
		public, external bool
		want             remedy.Severity
	}{{true, false, remedy.Warning}, {false, false, remedy.Fine}, {true, true, remedy.Fine}} {
		onMachine(t, me+"ann:x:1234:1234::/:/bin/sh\n", "me"+group)
		l := begin(newPatient(t, nil, c.public, c.external))
		l.has = running
		l.make(t.Context(), passwordCheck)
		said(t, l, "password", c.want)
	}
}

func TestAGroupOfThePersonsOwnIsKnownByItsNameToo(t *testing.T) {
	root, dir, me := aHome(t)
	if err := errors.Join(os.Chmod(root, 0o755), os.Chown(dir, -1, 4242), os.Chmod(dir, 0o750)); err != nil {
		t.Skip("the tests may not give a folder to another group: ", err)
	}
	for groups, says := range map[string]string{"me:x:4242:\n": "", "staff:x:4242:\n": "open to its group", "": "open to its group"} {
		onMachine(t, me, groups)
		if x := ExposureHere(false); (x.Line == "") != (says == "") || !strings.Contains(x.Line, says) {
			t.Errorf("with the groups %q: %s", groups, x.Line)
		}
	}
}
