package program

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// GitIgnored lists what git ignores in a folder: what an ignore rule names and the repository does not track. The names
// are relative to the folder, with slashes; that of a folder ends in one, and its contents are not listed. Where the
// folder is in no repository, in one that git refuses to read, or in what a repository ignores as a whole, the
// .gitignore files in it still apply. Its errors are those of Git.
func (f Finder) GitIgnored(ctx context.Context, dir string) ([]string, error) {
	list := []string{"ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory"}
	out, err := f.Git(ctx, dir, list...)
	exit := (*exec.ExitError)(nil)
	if refused := errors.As(err, &exit) && exit.Exited(); refused || err == nil && string(out) == "./\x00" {
		out, err = f.inEmptyRepository(ctx, dir, list)
	}
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(strings.Split(string(out), "\x00"), func(name string) bool { return name == "" }), nil
}

// inEmptyRepository runs git in a folder as if that were the top of a repository that tracks nothing.
func (f Finder) inEmptyRepository(ctx context.Context, dir string, args []string) ([]byte, error) {
	empty, err := os.MkdirTemp("", "naap-git-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(empty)
	for _, name := range []string{"objects", "refs"} {
		if err := os.Mkdir(filepath.Join(empty, name), 0o700); err != nil {
			return nil, err
		}
	}
	if err := os.WriteFile(filepath.Join(empty, "HEAD"), []byte("ref: refs/heads/main\n"), 0o600); err != nil {
		return nil, err
	}
	before := append(harmlessConfig(), "-c", "core.excludesFile=", "--git-dir="+empty, "--work-tree=.")
	return f.git(ctx, dir, append(before, args...)...)
}
