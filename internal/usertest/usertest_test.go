package usertest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAnotherUserIsReallyAnother(t *testing.T) {
	if os.Getenv("USERTEST_OTHER") != "" {
		_, err := os.ReadFile(os.Getenv("USERTEST_SECRET"))
		fmt.Printf("UID %d IN %s READS %v\n", os.Getuid(), os.Getenv("HOME"), err == nil)
		return
	}
	secret := filepath.Join("/tmp", filepath.Base(t.TempDir())+".secret")
	if err := os.WriteFile(secret, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	defer os.Remove(secret)
	t.Setenv("USERTEST_LEAK", "leaked")
	for _, a := range Others(t, 2) {
		out, err := a.Again(t.Name(), "USERTEST_OTHER=1", "USERTEST_SECRET="+secret).CombinedOutput()
		if want := fmt.Sprintf("UID %d IN %s READS false\n", a.UID, a.Home); err != nil || !strings.Contains(string(out), want) {
			t.Errorf("run as %s: %v\n%swithout %q", a.Name, err, out, want)
		}
		if out, err := a.Command("/bin/sh", "-c", "id -u; id -G; pwd; env").CombinedOutput(); err != nil ||
			!strings.HasPrefix(string(out), fmt.Sprintf("%d\n%d\n%s\n", a.UID, a.GID, a.Home)) || strings.Contains(string(out), "leaked") {
			t.Errorf("the shell of %s: %v\n%s", a.Name, err, out)
		}
	}
}
