package program

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/scripttest"
)

// place sets up a machine in a folder: a home, a folder of tools without objections, and a repository that is the
// working directory.
type place struct {
	home, tools, repository string
}

func newPlace(t *testing.T) place {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the programs here are scripts")
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	p := place{dir + "/home", dir + "/tools", dir + "/home/repository"}
	for _, d := range []string{p.home, p.tools, p.repository + "/.git", p.repository + "/bin", p.repository + "/packages/database"} {
		if err := os.MkdirAll(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("HOME", p.home)
	t.Chdir(p.repository)
	return p
}

func link(t *testing.T, to, at string) {
	t.Helper()
	if err := os.Symlink(to, at); err != nil {
		t.Fatal(err)
	}
}

var tool = Program{Name: "tool"}

func TestAProgramComesFromNoFolderThatARepositoryFills(t *testing.T) {
	p := newPlace(t)
	elsewhere := filepath.Join(p.home, "elsewhere")
	scripttest.Write(t, p.repository+"/tool", "")
	scripttest.Write(t, p.repository+"/bin/tool", "")
	scripttest.Write(t, elsewhere+"/.git/x", "")
	scripttest.Write(t, elsewhere+"/node_modules/.bin/tool", "")
	good := scripttest.Write(t, p.tools+"/tool", "")
	link(t, p.repository+"/bin", p.home+"/linked")
	if err := os.Mkdir(p.home+"/bin", 0o755); err != nil {
		t.Fatal(err)
	}
	link(t, p.repository+"/bin/tool", p.home+"/bin/tool")
	for name, bad := range map[string]struct{ path, why string }{
		"a dot":                     {".", "relative"},
		"an empty entry":            {"", "relative"},
		"a relative folder":         {"bin", "relative"},
		"relative, and out again":   {"../repository/bin", "relative"},
		"the working directory":     {p.repository, "working directory"},
		"one in the repository":     {p.repository + "/bin", "inside the repository"},
		"one that is written oddly": {p.tools + "/../home/repository/./bin", "inside the repository"},
		"a link to a folder":        {p.home + "/linked", "inside the repository"},
		"a link to the program":     {p.home + "/bin", "inside the repository"},
		"one in -C's repository":    {elsewhere + "/node_modules/.bin", "inside"},
	} {
		f := Here(elsewhere)
		f.Path = bad.path + ":" + p.tools
		if got, err := f.Find(tool); got != good {
			t.Errorf("%s: found %q, %v", name, got, err)
		}
		f.Path = bad.path
		_, err := f.Find(tool)
		if !errors.Is(err, exec.ErrNotFound) || bad.path != "" && !strings.Contains(err.Error(), bad.why) {
			t.Errorf("%s: %v", name, err)
		}
	}
	f := Here()
	f.Path = ""
	if _, err := f.Find(tool); !errors.Is(err, exec.ErrNotFound) || len(Passed(err)) != 0 {
		t.Errorf("along no PATH at all: %v", err)
	}
}

func TestARepositoryIsClosedFromEachOfItsFolders(t *testing.T) {
	p := newPlace(t)
	scripttest.Write(t, p.repository+"/bin/tool", "")
	inner := p.repository + "/packages/database"
	if err := os.WriteFile(inner+"/.git", []byte("gitdir: ../../.git/modules/database\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Chdir(inner) // a submodule: what is around it is just as foreign
	f := Here()
	f.Path = p.repository + "/bin"
	if got, err := f.Find(tool); err == nil {
		t.Errorf("found %s", got)
	}
}

func TestAHomeThatIsARepositoryKeepsItsPrograms(t *testing.T) {
	p := newPlace(t)
	if err := os.Mkdir(p.home+"/.git", 0o755); err != nil {
		t.Fatal(err)
	}
	good := scripttest.Write(t, p.home+"/.local/bin/tool", "")
	for _, dir := range []string{p.home, p.repository} {
		t.Chdir(dir)
		f := Here(dir)
		f.Path = filepath.Dir(good)
		if got, err := f.Find(tool); got != good {
			t.Errorf("from %s: %q, %v", dir, got, err)
		}
	}
	// A version manager is a clone too, but not a workspace.
	scripttest.Write(t, p.home+"/.nvm/.git/x", "")
	node := scripttest.Write(t, p.home+"/.nvm/versions/bin/tool", "")
	f := Here()
	f.Path = filepath.Dir(node)
	if got, err := f.Find(tool); got != node {
		t.Errorf("%q, %v", got, err)
	}
}

func TestAProgramThatStrangersCouldChangeIsPassedOver(t *testing.T) {
	p := newPlace(t)
	for name, open := range map[string]string{"the folder": "a/b/tool", "one above it": "c/d/tool", "the file": "e/f/tool"} {
		file := scripttest.Write(t, filepath.Join(p.tools, open), "")
		at := map[string]string{"the folder": filepath.Dir(file), "one above it": filepath.Dir(filepath.Dir(file)), "the file": file}[name]
		if err := os.Chmod(at, 0o777); err != nil {
			t.Fatal(err)
		}
		f := Here()
		f.Path = filepath.Dir(file)
		if got, err := f.Find(tool); err == nil || !strings.Contains(err.Error(), "anyone may write to "+at) {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	sticky := scripttest.Write(t, filepath.Join(p.tools, "tmp/mine/tool"), "")
	if err := os.Chmod(filepath.Join(p.tools, "tmp"), 0o777|os.ModeSticky); err != nil {
		t.Fatal(err)
	}
	f := Here()
	f.Path = filepath.Dir(sticky)
	if got, err := f.Find(tool); got != sticky {
		t.Errorf("below a folder like /tmp: %q, %v", got, err)
	}
	f.Path = filepath.Join(p.tools, "tmp")
	scripttest.Write(t, f.Path+"/tool", "")
	if got, err := f.Find(tool); err == nil {
		t.Errorf("in a folder like /tmp itself: %s", got)
	}
}

func TestAProgramOfAnotherUserIsPassedOver(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can make files of another user")
	}
	p := newPlace(t)
	file := scripttest.Write(t, p.tools+"/theirs/tool", "")
	f := Here()
	f.Path = filepath.Dir(file)
	for _, theirs := range []string{filepath.Dir(file), file} {
		if err := os.Chown(theirs, 65534, 65534); err != nil {
			t.Fatal(err)
		}
		if got, err := f.Find(tool); err == nil || !strings.Contains(err.Error(), theirs+" belongs to another user (uid 65534)") {
			t.Errorf("%q, %v", got, err)
		}
		t.Setenv("SUDO_UID", "65534") // root acts for that user here, as in git
		if got, err := f.Find(tool); got != file {
			t.Errorf("under sudo: %q, %v", got, err)
		}
		os.Unsetenv("SUDO_UID")
		if err := os.Chown(theirs, 0, 0); err != nil {
			t.Fatal(err)
		}
	}
}

func TestANameOfAProgramIsNoPath(t *testing.T) {
	p := newPlace(t)
	scripttest.Write(t, p.tools+"/bin/tool", "")
	f := Here()
	f.Path = p.tools
	for _, name := range []string{"", ".", "..", "bin/tool", "../tools/bin/tool", p.tools + "/bin/tool"} {
		if got, err := f.Find(Program{Name: name}); err == nil {
			t.Errorf("%q: found %s", name, got)
		}
		if cmd, err := f.At(t.Context(), tool, name); err == nil && !filepath.IsAbs(cmd.Path) {
			t.Errorf("%q is started", name)
		}
	}
}

func TestTheSystemsProgramsComeFromNoPath(t *testing.T) {
	p := newPlace(t)
	scripttest.Write(t, p.tools+"/sh", "")
	f := Here()
	f.Path = p.tools
	if got, err := f.Find(Shell); err != nil || strings.HasPrefix(got, p.tools) {
		t.Errorf("%q, %v", got, err)
	}
}

func TestFoldersAndFilesThatAreNoProgramsArePassedInSilence(t *testing.T) {
	p := newPlace(t)
	if err := os.MkdirAll(p.tools+"/a/tool", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(p.tools+"/b", 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(p.tools+"/b/tool", nil, 0o644); err != nil {
		t.Fatal(err)
	}
	good := scripttest.Write(t, p.tools+"/c/tool", "")
	f := Here()
	f.Path = strings.Join([]string{p.tools + "/missing", p.tools + "/a", p.tools + "/b", p.tools + "/c"}, ":")
	if got, err := f.Find(tool); got != good {
		t.Errorf("%q, %v", got, err)
	}
}

func TestAnAllowedCommandIsFoundAsAShellWould(t *testing.T) {
	p := newPlace(t)
	seed := scripttest.Write(t, p.repository+"/node_modules/.bin/seed", "")
	own := scripttest.Write(t, p.repository+"/seed.sh", "")
	for _, c := range [][2]string{{"seed", seed}, {"./seed.sh", own}, {own, own}} {
		got, err := Along(p.repository+"/node_modules/.bin:"+p.tools, p.repository, c[0])
		if err != nil || got != c[1] {
			t.Errorf("%s: %q, %v", c[0], got, err)
		}
	}
	if got, err := Along(p.tools, p.repository, "seed"); err == nil {
		t.Errorf("found %s", got)
	}
}
