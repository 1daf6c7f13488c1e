//go:build unix

package devenv

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestOtherPeopleOfTheMachineAreKnownByTheirAccountsAndHomes(t *testing.T) {
	was, wasHomes := accountsFile, homes
	defer func() { accountsFile, homes = was, wasHomes }()
	accountsFile = filepath.Join(t.TempDir(), "passwd")
	homes = nil
	write := func(text string) {
		if err := os.WriteFile(accountsFile, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"a laptop":       {"root:x:0:0::/root:/bin/bash\nsync:x:4:65534::/bin:/bin/sync\npostgres:x:101:1::/v:/bin/bash\nnobody:x:65534:65534::/:/usr/sbin/nologin\n", nil},
		"another person": {"ann:x:1001:1::/home/ann:/bin/zsh\nbob:x:1002:1::/home/bob:/usr/sbin/nologin\n", []string{"ann"}},
		"not a list":     {"\x00\xff:::::::::", nil},
	} {
		write(c.text)
		if got := otherAccounts(); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}
