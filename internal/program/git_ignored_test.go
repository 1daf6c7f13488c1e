package program

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestWhatGitIgnoresIsListed(t *testing.T) {
	p := newTrap(t)
	for _, name := range []string{"a.log", "out/x", "out/y/z", "kept/tracked", "kept/not", "sub/a", "sub/b", "sub/out/x", "whole/.gitignore", "whole/a", "whole/b/c"} {
		write(t, filepath.Join(p.dir, name), "")
	}
	write(t, filepath.Join(p.dir, ".gitignore"), "*.log\nout/\nkept/\n/sub/a\nwhole\n")
	write(t, filepath.Join(p.dir, "sub/.gitignore"), "b\n")
	write(t, filepath.Join(p.dir, "whole/.gitignore"), "a\n")
	p.git(t, "add", "-f", "kept/tracked")
	_ = os.Remove(p.ran)
	listed := func(dir, want string) {
		t.Helper()
		names, err := Here(p.dir).GitIgnored(t.Context(), filepath.Join(p.dir, dir))
		slices.Sort(names)
		if got := strings.Join(names, " "); err != nil || got != want {
			t.Errorf("in %s: %s, %v, want %s", dir, got, err, want)
		}
	}
	listed("", "a.log kept/not out/ sub/a sub/b sub/out/ whole/")
	listed("sub", "a b out/") // rules from above apply in it
	listed("whole", "a")      // it is checked although it is ignored
	if ran := p.sprung(); ran != "" {
		t.Errorf("%s ran", ran)
	}
	if os.Geteuid() == 0 { // someone else's, which git refuses
		if err := os.Chown(p.dir, 12345, 12345); err != nil {
			t.Fatal(err)
		}
		listed("", "a.log kept/ out/ sub/a sub/b sub/out/ whole/")
		listed("sub", "b")
	}
	if err := os.RemoveAll(filepath.Join(p.dir, ".git")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GIT_CEILING_DIRECTORIES", filepath.Dir(p.dir))
	listed("", "a.log kept/ out/ sub/a sub/b sub/out/ whole/")
}
