package program

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// GitError is the error of a git that failed.
type GitError struct {
	Said string // its standard error, safe to show; "" if it printed nothing
	Err  error
}

func (e *GitError) Error() string {
	if e.Said == "" {
		return "git: " + e.Err.Error()
	}
	return "git: " + e.Said
}

func (e *GitError) Unwrap() error { return e.Err }

// Git runs a reading command of git in a folder, and returns its output. Nothing that the repository's own
// configuration names is started: no hook, no file system monitor, no filter, no helper, no transport. Submodules are
// not entered, and a bare repository in the tree is not treated as one. git itself refuses a repository of another
// user, as always (safe.directory). The error is one of Find, a *GitError, or the context's.
func (f Finder) Git(ctx context.Context, dir string, args ...string) ([]byte, error) {
	harmless := harmlessConfig()
	if args[0] == "diff" { // it compares what the filters make of files
		off, err := f.filtersOff(ctx, dir)
		if err != nil {
			return nil, err
		}
		harmless = append(harmless, off...)
		args = append([]string{"diff", "--no-ext-diff", "--no-textconv", "--ignore-submodules=dirty"}, args[1:]...)
	}
	return f.git(ctx, dir, append(harmless, args...)...)
}

// git runs git without any transport. One would be needed for objects that a partial clone lacks: it would run what the
// repository's remote names, and connect to wherever that is.
func (f Finder) git(ctx context.Context, dir string, args ...string) ([]byte, error) {
	before := []string{"--no-pager", "-C", dir}
	if top := checkout(dir); top != "" {
		before = append(before, "--work-tree="+top) // core.worktree may say that the whole disk is in the repository
		if odd := oddFile(filepath.Join(top, ".git")); odd != "" {
			return nil, &GitError{Said: visible.String(odd) + " is not a file, and git would wait for it", Err: errors.ErrUnsupported}
		}
	}
	caller := ctx
	ctx, cancel := context.WithTimeout(ctx, gitPatience)
	defer cancel()
	cmd, err := f.Command(ctx, gitProgram, append(before, args...)...)
	if err != nil {
		return nil, err
	}
	cmd.Env = append(cmd.Env, "GIT_ALLOW_PROTOCOL=none", "GIT_NO_LAZY_FETCH=1", "GIT_TERMINAL_PROMPT=0", "GIT_OPTIONAL_LOCKS=0")
	cmd.WaitDelay = 2 * time.Second
	apart(cmd)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); caller.Err() != nil {
		return nil, context.Cause(caller)
	} else if ctx.Err() != nil {
		return nil, &GitError{Said: "it did not end within " + gitPatience.String(), Err: errSilent}
	} else if err != nil {
		return nil, &GitError{Said: visible.Text(strings.TrimSpace(stderr.String())), Err: err}
	}
	return stdout.Bytes(), nil
}

// gitPatience is how long git may take: a file that its configuration includes can be a pipe, for which git waits. The
// longest command that naap runs, finding the first of a million commits, takes ten seconds.
var gitPatience = time.Minute

// errSilent is not context.DeadlineExceeded, which would mean that a server did not answer.
var errSilent = errors.New("there was no answer in time")

// oddFile returns one of git's own files in its folder that is a pipe or a device, whose end git would wait for, or ""
// for none.
func oddFile(folder string) string {
	for _, name := range []string{"HEAD", "config", "config.worktree", "index", "packed-refs", "commondir", "shallow", "info/exclude", "info/attributes", "info/grafts", "objects/info/alternates"} {
		at := filepath.Join(folder, filepath.FromSlash(name))
		if info, err := os.Stat(at); err == nil && !info.Mode().IsRegular() {
			return at
		}
	}
	return ""
}

// harmlessConfig turns off what git starts by itself. Given on the command line, it takes precedence over the
// repository's.
func harmlessConfig() []string {
	var out []string
	for _, setting := range []string{
		"core.fsmonitor=false", "core.hooksPath=/dev/null", "core.untrackedCache=false", "core.pager=cat",
		"core.sshCommand=false", "core.gitProxy=", "credential.helper=", "protocol.allow=never",
		"submodule.recurse=false", "diff.submodule=short", "diff.ignoreSubmodules=dirty", "safe.bareRepository=explicit",
	} {
		out = append(out, "-c", setting)
	}
	return out
}

var filterSetting = lazy.Regexp{Text: `(?s)^filter\.(.*)\.[^.]+$`}

// filtersOff returns the settings that turn off every filter that any configuration defines. What they would have
// changed, as Git LFS does, is then compared as it is on the disk.
func (f Finder) filtersOff(ctx context.Context, dir string) ([]string, error) {
	names, err := f.git(ctx, dir, append(harmlessConfig(), "config", "-z", "--name-only", "--get-regexp", `^filter\.`)...)
	if exit := (*exec.ExitError)(nil); err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) { // 1: there is none
		return nil, err
	}
	var out []string
	for key := range strings.SplitSeq(string(names), "\x00") {
		m := filterSetting.Get().FindStringSubmatch(key)
		if m == nil {
			continue
		}
		if strings.Contains(m[1], "=") {
			return nil, &GitError{Said: fmt.Sprintf("a filter of the repository is called %s, and cannot be turned off", visible.String(m[1]))}
		}
		for _, off := range []string{"clean=", "smudge=", "process=", "required=false"} {
			out = append(out, "-c", "filter."+m[1]+"."+off)
		}
	}
	return out, nil
}

// checkout returns the topmost folder of the checkout that a folder is in, or "" outside of one.
func checkout(dir string) string {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return ""
	}
	for {
		mark := filepath.Join(dir, ".git")
		if info, err := os.Lstat(mark); err == nil {
			if _, err := os.Stat(filepath.Join(mark, "HEAD")); err == nil || info.Mode().IsRegular() {
				return dir
			}
		}
		if dir == filepath.Dir(dir) {
			return ""
		}
		dir = filepath.Dir(dir)
	}
}
