package program

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/scripttest"
)

// trap is a repository whose configuration starts programs wherever git allows it; each of them leaves its name in ran.
type trap struct {
	dir, ran string
}

// git runs git as a user would, to make a repository.
func (p trap) git(t *testing.T, args ...string) {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-C", p.dir, "-c", "user.name=n", "-c", "user.email=n@example.org", "-c", "commit.gpgSign=false", "-c", "protocol.file.allow=always"}, args...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

func (p trap) canary(name string) string {
	return fmt.Sprintf("sh -c 'echo %s >>%s; cat' --", name, p.ran)
}

// sprung returns the programs that have run.
func (p trap) sprung() string {
	text, _ := os.ReadFile(p.ran)
	return strings.Join(strings.Fields(string(text)), " ")
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func newTrap(t *testing.T) trap {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("no git on this machine")
	}
	place := newPlace(t)
	p := trap{place.home + "/trap", filepath.Join(place.tools, "ran")}
	if err := os.Mkdir(p.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	p.git(t, "init", "-q", "-b", "main", ".")
	sub := trap{place.home + "/sub", p.ran}
	if err := os.Mkdir(sub.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	sub.git(t, "init", "-q", "-b", "main", ".")
	write(t, sub.dir+"/file", "x\n")
	sub.git(t, "add", ".")
	sub.git(t, "commit", "-q", "-m", "x")
	p.git(t, "submodule", "--quiet", "add", sub.dir, "inner")
	for _, name := range []string{"plain", "filtered", "drawn", "odd", "served"} {
		write(t, filepath.Join(p.dir, name), "one\n")
	}
	p.git(t, "add", ".")
	p.git(t, "commit", "-q", "-m", "first")
	p.git(t, "commit", "-q", "--allow-empty", "-m", "second")
	write(t, p.dir+"/.gitattributes", "filtered filter=x\ndrawn diff=x\nodd filter=a.b\nserved filter=served\n")
	for key, value := range map[string]string{
		"core.fsmonitor": p.canary("fsmonitor"), "core.hooksPath": p.dir + "/hooks", "core.pager": p.canary("pager"), "pager.diff": p.canary("pager.diff"),
		"core.sshCommand": p.canary("ssh"), "core.editor": p.canary("editor"), "core.askPass": p.canary("askpass"), "core.alternateRefsCommand": p.canary("alternates"),
		"diff.external": p.canary("external"), "diff.x.command": p.canary("command"), "diff.x.textconv": p.canary("textconv"),
		"filter.x.clean": p.canary("clean"), "filter.x.smudge": p.canary("smudge"), "filter.x.required": "true", "filter.served.process": p.canary("process"),
		"filter.a.b.clean": p.canary("dotted"), "gpg.program": p.canary("gpg"), "log.showSignature": "true", "credential.helper": "!" + p.canary("credential"),
		"alias.diff": "!" + p.canary("alias"), "alias.ls-files": "!" + p.canary("alias"), "alias.rev-list": "!" + p.canary("alias"),
		"submodule.recurse": "true", "diff.submodule": "diff", "diff.ignoreSubmodules": "none", "status.submoduleSummary": "true",
		"core.checkStat": "minimal", "core.trustctime": "false",
		"protocol.allow": "always", "protocol.ext.allow": "always", "protocol.file.allow": "always",
		"remote.origin.url": "ext::" + scripttest.Write(t, place.tools+"/transport", "echo transport >>"+p.ran), "remote.origin.uploadpack": p.canary("uploadpack"), "remote.origin.fetch": "+refs/heads/*:refs/remotes/origin/*",
		"branch.main.remote": "origin", "branch.main.merge": "refs/heads/main",
		"gc.auto": "1", "maintenance.auto": "true", "trailer.x.command": p.canary("trailer"), "core.untrackedCache": "true",
	} {
		p.git(t, "config", key, value)
	}
	for _, hook := range []string{"post-index-change", "post-checkout", "pre-auto-gc", "reference-transaction", "fsmonitor-watchman", "query-watchman"} {
		scripttest.Write(t, p.dir+"/hooks/"+hook, "echo hook-"+hook+" >>"+p.ran)
	}
	// The submodule has a trap of its own.
	sub.dir = p.dir + "/inner"
	sub.git(t, "config", "filter.y.clean", p.canary("inner-clean"))
	sub.git(t, "config", "core.fsmonitor", p.canary("inner-fsmonitor"))
	write(t, sub.dir+"/.gitattributes", "* filter=y\n")
	p.touch(t)
	if err := os.RemoveAll(p.ran); err != nil {
		t.Fatal(err)
	}
	return p
}

// touch makes git look into every file.
func (p trap) touch(t *testing.T) {
	t.Helper()
	for _, name := range []string{"plain", "filtered", "drawn", "odd", "served", "inner/file"} {
		later := time.Now().Add(time.Hour)
		if err := os.Chtimes(filepath.Join(p.dir, name), later, later); err != nil {
			t.Fatal(err)
		}
	}
	write(t, p.dir+"/plain", "two\n")
	write(t, p.dir+"/inner/file", "two\n")
}

// asked is everything that naap asks git.
var asked = [][]string{
	{"rev-parse", "--git-dir"}, {"rev-parse", "--is-shallow-repository"}, {"rev-list", "--max-parents=0", "HEAD"},
	{"rev-parse", "--verify", "--quiet", "HEAD"}, {"merge-base", "HEAD", "main"},
	{"ls-files", "-z"}, {"ls-files", "-z", "--others", "--exclude-standard"}, {"ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--directory"},
	{"diff", "--name-only", "--relative", "--no-renames", "-z", "HEAD", "--"},
}

func TestNothingThatARepositorysConfigurationNamesRunsWhenGitIsAsked(t *testing.T) {
	p := newTrap(t)
	for _, args := range asked {
		p.touch(t)
		out, err := Here(p.dir).Git(t.Context(), p.dir, args...)
		if ran := p.sprung(); ran != "" {
			t.Errorf("git %v ran %s", args, ran)
			_ = os.Remove(p.ran)
		}
		if err != nil {
			t.Errorf("git %v: %v", args, err)
		}
		if args[0] == "diff" && string(out) != "plain\x00" && string(out) != ".gitmodules\x00plain\x00" {
			t.Errorf("what differs is %q", out)
		}
	}
	// The trap works: it springs where a shell runs git.
	p.touch(t)
	_ = exec.Command("git", "-C", p.dir, "diff").Run()
	_ = exec.Command("git", "-C", p.dir, "status").Run()
	for _, name := range []string{"fsmonitor", "clean", "dotted", "process", "external", "hook-post-index-change", "inner-fsmonitor"} {
		if ran := p.sprung(); !strings.Contains(ran, name) {
			t.Errorf("the trap has no %s: %s", name, ran)
		}
	}
}

// A partial clone fetches what it lacks, from wherever its configuration says and by whatever program.
func TestAPartialClonesMissingObjectsAreNotFetched(t *testing.T) {
	p := newTrap(t)
	for key, value := range map[string]string{"extensions.partialClone": "origin", "core.repositoryFormatVersion": "1", "remote.origin.promisor": "true"} {
		p.git(t, "config", key, value)
	}
	out, err := exec.Command("git", "-C", p.dir, "rev-parse", "HEAD^", "HEAD^{tree}").Output()
	if err != nil {
		t.Fatal(err)
	}
	for id := range strings.FieldsSeq(string(out)) {
		if err := os.Remove(filepath.Join(p.dir, ".git/objects", id[:2], id[2:])); err != nil {
			t.Fatal(err)
		}
	}
	_ = os.Remove(p.ran)
	for _, args := range asked {
		_, _ = Here(p.dir).Git(t.Context(), p.dir, args...)
		if ran := p.sprung(); ran != "" {
			t.Errorf("git %v ran %s", args, ran)
			_ = os.Remove(p.ran)
		}
	}
	_ = exec.Command("git", "-C", p.dir, "-c", "core.fsmonitor=false", "rev-list", "--max-parents=0", "HEAD").Run()
	if ran := p.sprung(); !strings.Contains(ran, "transport") {
		t.Errorf("the trap has no transport: %q", ran)
	}
}

// A folder of the tree that looks like a bare repository would count as one, with a configuration that came with the
// clone.
func TestABareRepositoryInTheTreeIsNone(t *testing.T) {
	p := newTrap(t)
	bare := trap{p.dir + "/packages/bare", p.ran}
	if err := os.MkdirAll(bare.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	bare.git(t, "init", "-q", "--bare", ".")
	bare.git(t, "config", "core.fsmonitor", p.canary("bare"))
	bare.git(t, "config", "core.bare", "false")
	bare.git(t, "config", "core.worktree", p.dir)
	_ = os.Remove(p.ran)
	for _, args := range asked {
		if out, err := Here(bare.dir).Git(t.Context(), bare.dir, args...); err == nil {
			t.Errorf("git %v answers %q", args, out)
		}
	}
	if ran := p.sprung(); ran != "" {
		t.Errorf("it ran %s", ran)
	}
	_ = exec.Command("git", "-C", bare.dir, "status").Run()
	if ran := p.sprung(); !strings.Contains(ran, "bare") {
		t.Errorf("the trap is none: %q", ran)
	}
}

func TestAWorkTreeElsewhereIsNotLookedAt(t *testing.T) {
	p := newTrap(t)
	outside := filepath.Dir(p.ran)
	write(t, outside+"/secret", "x")
	p.git(t, "config", "core.worktree", outside)
	out, err := Here(p.dir).Git(t.Context(), p.dir, "ls-files", "-z", "--others", "--exclude-standard")
	if err != nil || strings.Contains(string(out), "secret") {
		t.Errorf("%q, %v", out, err)
	}
}

func TestAFilterThatCannotBeTurnedOffIsAnError(t *testing.T) {
	p := newTrap(t)
	write(t, p.dir+"/.gitattributes", "filtered filter=a=b\n")
	p.git(t, "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "config", "filter.a=b.clean", p.canary("equals"))
	_ = os.Remove(p.ran)
	p.touch(t)
	_, err := Here(p.dir).Git(t.Context(), p.dir, "diff", "--name-only", "HEAD", "--")
	if said := new(GitError); !errors.As(err, &said) || !strings.Contains(said.Said, "a=b") {
		t.Errorf("%v", err)
	}
	if ran := p.sprung(); ran != "" {
		t.Errorf("it ran %s", ran)
	}
}

func TestAnotherUsersRepositoryIsRefusedByGit(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can make files of another user")
	}
	p := newTrap(t)
	if err := filepath.WalkDir(p.dir, func(path string, _ os.DirEntry, err error) error {
		return errors.Join(err, os.Lchown(path, 65534, 65534))
	}); err != nil {
		t.Fatal(err)
	}
	for _, args := range asked {
		if _, err := Here(p.dir).Git(t.Context(), p.dir, args...); err == nil || args[0] != "diff" && !strings.Contains(err.Error(), "dubious ownership") {
			t.Errorf("git %v: %v", args, err)
		}
	}
	p.git(t, "config", "--global", "safe.directory", p.dir) // the user says otherwise
	if _, err := Here(p.dir).Git(t.Context(), p.dir, "rev-parse", "--git-dir"); err != nil {
		t.Error(err)
	}
}

// git's hooks run with GIT_DIR set, and a shell may have more.
func TestGitIsAskedAboutThisFolderWhateverTheShellSays(t *testing.T) {
	p := newTrap(t)
	for _, kv := range [][2]string{
		{"GIT_DIR", "/nowhere"}, {"GIT_WORK_TREE", "/nowhere"}, {"GIT_INDEX_FILE", "/nowhere"}, {"GIT_EXEC_PATH", "/nowhere"}, {"GIT_CONFIG_COUNT", "1"},
		{"GIT_CONFIG_KEY_0", "core.fsmonitor"}, {"GIT_CONFIG_VALUE_0", p.canary("environment")}, {"GIT_EXTERNAL_DIFF", p.canary("environment")},
		{"GIT_OBJECT_DIRECTORY", "/nowhere"}, {"GIT_CEILING_DIRECTORIES", filepath.Dir(p.dir)}, {"GIT_TRACE", p.ran},
	} {
		t.Setenv(kv[0], kv[1])
	}
	out, err := Here(p.dir).Git(t.Context(), p.dir, "ls-files", "-z", "plain")
	if err != nil || string(out) != "plain\x00" || p.sprung() != "" {
		t.Errorf("%q, %v, %q", out, err, p.sprung())
	}
}

func TestGitStopsWithTheContext(t *testing.T) {
	p := newTrap(t)
	fifo := filepath.Join(p.dir, "fifo")
	if out, err := exec.Command("mkfifo", fifo).CombinedOutput(); err != nil {
		t.Skipf("no named pipe here: %s", out)
	}
	p.git(t, "config", "include.path", fifo) // reading it never ends
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if _, err := Here(p.dir).Git(ctx, p.dir, "rev-parse", "--git-dir"); err == nil {
		t.Error("git answered")
	}
	defer func(was time.Duration) { gitPatience = was }(gitPatience)
	gitPatience = 200 * time.Millisecond
	said := new(GitError)
	if _, err := Here(p.dir).Git(t.Context(), p.dir, "rev-parse", "--git-dir"); !errors.As(err, &said) || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("git is silent: %v", err) // a deadline that ended would be taken for a server's
	}
}
