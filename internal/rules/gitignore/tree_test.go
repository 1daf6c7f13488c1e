package gitignore

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// repository makes a git repository of the files, with the user's own settings shut out.
func repository(t *testing.T, files map[string]string) string {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed: nothing to compare with")
	}
	home, dir := t.TempDir(), t.TempDir()
	t.Setenv("HOME", home)
	t.Setenv("XDG_CONFIG_HOME", filepath.Join(home, ".config"))
	t.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	if out, err := exec.Command("git", "-C", dir, "init", "-q").CombinedOutput(); err != nil {
		t.Fatalf("git init: %v: %s", err, out)
	}
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// walk lists the files that the rules leave.
func walk(t *testing.T, f *Folder, dir, rel string) []string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(dir, rel))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		path := e.Name()
		if rel != "" {
			path = rel + "/" + path
		}
		if e.Name() == ".git" || f.Ignores(e.Name(), e.IsDir()) {
			continue
		}
		if !e.IsDir() {
			out = append(out, path)
			continue
		}
		below := f.Below(e.Name())
		out = append(out, walk(t, below.read(t.Context(), filepath.Join(dir, path, ".gitignore")), dir, path)...)
	}
	return out
}

func gitFiles(t *testing.T, dir string) []string {
	t.Helper()
	out, err := exec.Command("git", "-C", dir, "ls-files", "-co", "--exclude-standard", "-z").Output()
	if err != nil {
		t.Fatal(err)
	}
	if len(out) == 0 {
		return nil
	}
	files := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
	slices.Sort(files)
	return files
}

func compare(t *testing.T, dir string) {
	t.Helper()
	got := walk(t, Top(t.Context(), dir), dir, "")
	slices.Sort(got)
	if want := gitFiles(t, dir); !slices.Equal(got, want) {
		t.Errorf("files left\n got %q\nwant %q", got, want)
	}
}

func TestIgnoreRulesAreGits(t *testing.T) {
	dir := repository(t, map[string]string{
		".gitignore": "# a comment\nnode_modules\n*.log\n!keep.log\n/only-top\nbuilt/\n a-blank \n\\#hash\n\\!bang\n" +
			"deep/**/gone\n**/any/where\nabc/**\nq?estion\n[a-c]x\n[!a-c]y\ntrail\\ \ndir/*/x\nfoo*bar\r\n[[:digit:]]z\n",
		"node_modules/a": "", "x/node_modules/b": "", "a.log": "", "keep.log": "", "sub/keep.log": "", "sub/b.log": "",
		"only-top": "", "sub/only-top": "", "built/x": "", "sub/built": "", "sub/built2/x": "", "a-blank": "",
		"#hash": "", "!bang": "", "deep/gone": "", "deep/1/gone": "", "deep/1/2/gone": "", "deep/1/2/left": "",
		"any/where": "", "sub/any/where": "", "many/where": "", "abc/x": "", "abc/y/z": "", "sub/abc/x": "",
		"question": "", "q/estion": "", "ax": "", "dx": "", "ay": "", "dy": "", "trail ": "", "dir/1/x": "",
		"dir/1/2/x": "", "fooXbar": "", "foo/bar": "", "1z": "", "az": "",
		"sub/.gitignore": "!b.log\nlocal\n/below\n", "sub/local": "", "sub/c/local": "", "sub/below": "", "sub/c/below": "",
		"ignored-by-exclude": "", "ignored-by-user": "",
	})
	write := func(name, text string) {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(dir, ".git", "info", "exclude"), "ignored-by-exclude\n")
	write(filepath.Join(os.Getenv("XDG_CONFIG_HOME"), "git", "ignore"), "ignored-by-user\n")
	compare(t, dir)
	write(filepath.Join(os.Getenv("HOME"), ".gitconfig"), "[core]\n\texcludesFile = ~/my-ignore\n")
	write(filepath.Join(os.Getenv("HOME"), "my-ignore"), "question\n")
	compare(t, dir)
}

func TestRulesAboveTheFolderReachIntoIt(t *testing.T) {
	dir := repository(t, map[string]string{
		".gitignore": "/a/b/x\ny\n", "a/b/x": "", "a/b/y": "", "a/b/z": "", "a/.gitignore": "b/z\n", "a/b/w": "",
	})
	got := walk(t, Top(t.Context(), filepath.Join(dir, "a", "b")), filepath.Join(dir, "a", "b"), "")
	if want := []string{"w"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestALinkedWorkingTreeHasTheRepositorysExcludes(t *testing.T) {
	dir := repository(t, map[string]string{"a": "", "b": ""})
	linkedTree := filepath.Join(t.TempDir(), "linked")
	for _, args := range [][]string{
		{"add", "."}, {"-c", "user.name=n", "-c", "user.email=e@x", "commit", "-qm", "m"}, {"worktree", "add", "-q", linkedTree},
	} {
		if out, err := exec.Command("git", append([]string{"-C", dir}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v: %s", args, err, out)
		}
	}
	for name, text := range map[string]string{
		filepath.Join(dir, ".git", "info", "exclude"): "c\n", filepath.Join(linkedTree, "c"): "", filepath.Join(linkedTree, "d"): "",
	} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got := walk(t, Top(t.Context(), linkedTree), linkedTree, "")
	if want := []string{"a", "b", "d"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// unsteady finds "**" behind something other than a slash. Git before 2.41 compares two unrelated pointers there
// (wildmatch.c, prev_p < text), and what it matches depends on where they lie.
var unsteady = regexp.MustCompile(`[^/]\*\*`)

// Random patterns over a small alphabet meet random paths over the same one; git is asked about each.
func TestRandomPatternsAreGits(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 11))
	pick := func(parts []string, n int) string {
		var b strings.Builder
		for range 1 + random.IntN(n) {
			b.WriteString(parts[random.IntN(len(parts))])
		}
		return b.String()
	}
	for round := range 60 {
		files := map[string]string{}
		for range 60 {
			name := strings.Trim(pick([]string{"a", "b", "c", "ab", "/", "/a/", "/b/"}, 7), "/")
			for strings.Contains(name, "//") {
				name = strings.ReplaceAll(name, "//", "/")
			}
			files[name] = ""
		}
		dropClashes(files)
		var rules strings.Builder
		for range 1 + random.IntN(5) {
			rule := pick([]string{"a", "b", "c", "*", "**", "/", "/**/", "**/", "/*", "?", "[ab]", "[!a]", "\\a"}, 5)
			if unsteady.MatchString(rule) {
				continue
			}
			rules.WriteString(pick([]string{"", "!", "/"}, 1) + rule + pick([]string{"", "", "/", " "}, 1) + "\n")
		}
		files[".gitignore"] = rules.String()
		dir := repository(t, files)
		compare(t, dir)
		if t.Failed() {
			t.Fatalf("round %d, rules:\n%s", round, rules.String())
		}
	}
}

// dropClashes takes out the files whose path another file needs for a folder.
func dropClashes(files map[string]string) {
	for name := range files {
		for other := range files {
			if name == "" || strings.HasPrefix(other, name+"/") {
				delete(files, name)
			}
		}
	}
}
