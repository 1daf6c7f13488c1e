package workspace

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
)

func TestARemoteIsTheSameHoweverItIsWritten(t *testing.T) {
	for raw, want := range map[string]string{
		"https://github.com/livepeer/naap.git":       "github.com/livepeer/naap",
		"https://me:secret@github.com/Livepeer/naap": "github.com/livepeer/naap",
		"git@github.com:livepeer/naap.git":           "github.com/livepeer/naap",
		"ssh://git@github.com:22/livepeer/naap.git/": "github.com/livepeer/naap",
		"github.com:livepeer/naap":                   "github.com/livepeer/naap",
		"git://github.com/livepeer/naap":             "github.com/livepeer/naap",
		"/srv/git/naap.git":                          "",
		"../naap":                                    "",
		"file:///srv/git/naap.git":                   "",
		`C:\git\naap`:                                "",
		"https://":                                   "",
	} {
		if got := remoteAddress(raw); got != want {
			t.Errorf("%s is read as %q, want %q", raw, got, want)
		}
	}
}

func TestARepositoryIsFoundFromItsFoldersWorktreesAndClones(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("no git on this machine")
	}
	root := t.TempDir()
	run := func(dir string, args ...string) {
		t.Helper()
		cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=n", "-c", "user.email=n@example.org"}, args...)...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	main, tree, clone := filepath.Join(root, "main"), filepath.Join(root, "tree"), filepath.Join(root, "clone")
	run(root, "init", "-q", main)
	run(main, "remote", "add", "origin", "git@github.com:livepeer/naap.git")
	if r, ok := RepositoryOf(main); !ok || r.FirstCommit(t.Context()) != "" {
		t.Errorf("before there is a commit: %+v, %v", r, ok)
	}
	run(main, "commit", "-q", "--allow-empty", "-m", "first")
	run(main, "commit", "-q", "--allow-empty", "-m", "second")
	run(main, "worktree", "add", "-q", tree)
	run(root, "clone", "-q", main, clone)
	if err := os.MkdirAll(filepath.Join(tree, "deep", "down"), 0o700); err != nil {
		t.Fatal(err)
	}
	first := ""
	for dir, remotes := range map[string][]string{main: {"github.com/livepeer/naap"}, filepath.Join(tree, "deep", "down"): {"github.com/livepeer/naap"}, clone: nil} {
		r, ok := RepositoryOf(dir)
		if !ok || !slices.Equal(r.Remotes, remotes) {
			t.Errorf("%s: %+v, %v", dir, r, ok)
		}
		c := r.FirstCommit(t.Context())
		if first == "" {
			first = c
		}
		if c == "" || c != first {
			t.Errorf("%s: the first commit is %q, elsewhere %q", dir, c, first)
		}
	}
	shallow := filepath.Join(root, "shallow")
	run(root, "clone", "-q", "--depth=1", "file://"+main, shallow)
	if r, _ := RepositoryOf(shallow); r.FirstCommit(t.Context()) != "" {
		t.Error("a shallow clone's oldest commit is taken for the first")
	}
	if _, ok := RepositoryOf(root); ok {
		t.Error("a folder outside is in a repository")
	}
}
