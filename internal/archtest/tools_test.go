package archtest

import (
	"encoding/json"
	"go/ast"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// moreLine is a line of .ci/long: it runs those tests of a package whose names match.
var moreLine = regexp.MustCompile(`(?m)^more (\S+) '([^']+)'`)

// What .ci/long is to run and does not find would not run, and go test would be content. What .ci/run leaves out, because
// .ci/long runs it next, would not run in CI at all.
func TestTheLongRunsFindTheirTests(t *testing.T) {
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join(root, ".ci", name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	skip := regexp.MustCompile(`(?m) -skip '([^']+)'`).FindStringSubmatch(read("run"))
	lines := moreLine.FindAllStringSubmatch(read("long"), -1)
	if skip == nil || len(lines) < 10 {
		t.Fatalf("-skip of run: %q, %d lines of long", skip, len(lines))
	}
	left, found := regexp.MustCompile(skip[1]), map[string]bool{}
	for _, f := range testsOfAll(t) {
		run := false
		for _, line := range lines {
			for _, pattern := range strings.Split(line[2], "|") {
				if line[1] == f[0] && regexp.MustCompile(pattern).MatchString(f[1]) {
					run, found[line[1]+" "+pattern] = true, true
				}
			}
		}
		if left.MatchString(f[1]) && !run {
			t.Errorf("%s of %s is left out by .ci/run, and .ci/long does not run it", f[1], f[0])
		}
	}
	for _, line := range lines {
		for _, pattern := range strings.Split(line[2], "|") {
			if !found[line[1]+" "+pattern] {
				t.Errorf(".ci/long is to run %s of %s, and there is none", pattern, line[1])
			}
		}
	}
}

// testsOfAll returns each test of the house: its folder and its name.
func testsOfAll(t *testing.T) (list [][2]string) {
	t.Helper()
	for _, s := range house(t) {
		for _, d := range s.tree.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && s.test && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Test") {
				list = append(list, [2]string{path.Dir(s.path), f.Name.Name})
			}
		}
	}
	return list
}

// A fuzz target that the script does not find would never run.
func TestEveryFuzzTargetIsRunAtNight(t *testing.T) {
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("no bash on this machine")
	}
	out, err := exec.Command("bash", filepath.Join(root, ".ci", "fuzz"), "--list").Output()
	if err != nil {
		t.Fatal(err)
	}
	listed := strings.Split(strings.TrimSpace(string(out)), "\n")
	var written []string
	for _, s := range house(t) {
		if !s.test {
			continue
		}
		for _, d := range s.tree.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "Fuzz") {
				written = append(written, path.Dir(s.path)+" "+f.Name.Name)
			}
		}
	}
	slices.Sort(listed)
	slices.Sort(written)
	if !slices.Equal(listed, written) || len(written) == 0 {
		t.Errorf(".ci/fuzz --list says %q, and there are %q", listed, written)
	}
	for script, runs := range map[string]string{
		"nightly": "\n.ci/fuzz ", "before-release": "\n.ci/release twice\nFUZZ=10m .ci/nightly\n", "run": "\n.ci/gosec\n", "release": "goreleaser check\n",
	} {
		text, err := os.ReadFile(filepath.Join(root, ".ci", script))
		if err != nil || !strings.Contains(string(text), runs) {
			t.Errorf(".ci/%s does not run %s: %v", script, runs, err)
		}
	}
}

// exclusion is an entry of .ci/gosec.json; gosec itself ignores the reason.
type exclusion struct {
	Path, Reason string
	Rules        []string
}

func TestEverythingThatGosecPassesOverHasItsReason(t *testing.T) {
	root, err := moduleRoot()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(root, ".ci", "gosec.json"))
	if err != nil {
		t.Fatal(err)
	}
	var config struct {
		Exclusions []exclusion `json:"exclude-rules"`
	}
	if err := json.Unmarshal(text, &config); err != nil {
		t.Fatal(err)
	}
	if len(config.Exclusions) == 0 {
		t.Error("gosec.json passes over nothing")
	}
	for _, e := range config.Exclusions {
		if len(e.Reason) < 20 || len(e.Rules) == 0 || slices.Contains(e.Rules, "*") {
			t.Errorf("%s: rules %v, reason %q", e.Path, e.Rules, e.Reason)
		}
		at, err := regexp.Compile(e.Path)
		if err != nil {
			t.Error(err)
			continue
		}
		if !slices.ContainsFunc(house(t), func(s source) bool { return at.MatchString(s.path) }) {
			t.Errorf("no file is called %s any more; take it off the list", e.Path)
		}
	}
	for _, s := range house(t) {
		for _, group := range s.tree.Comments {
			for _, c := range group.List {
				if badNosec(c.Text) {
					t.Errorf("%s:%d: %s\nwrite: #nosec RULE -- reason", s.path, s.files.Position(c.Pos()).Line, c.Text)
				}
			}
		}
	}
}

var goodNosec = regexp.MustCompile(`^// #nosec G\d{3}( G\d{3})* -- \S.{8,}$`)

// badNosec reports whether a comment turns gosec off without a rule or a reason.
func badNosec(comment string) bool {
	return strings.HasPrefix(strings.TrimLeft(comment, "/* "), "#nosec") && !goodNosec.MatchString(comment)
}

func TestANosecWithoutAReasonIsSeen(t *testing.T) {
	for comment, bad := range map[string]bool{
		"// #nosec": true, "//#nosec G104": true, "// #nosec G104": true, "// #nosec G104 -- x": true, "/* #nosec G104 -- it is bounded */": true,
		"// #nosec G104 -- it is bounded": false, "// #nosec G104 G304 -- it is bounded": false, "// about gosec": false,
	} {
		if badNosec(comment) != bad {
			t.Errorf("%s: bad %v", comment, !bad)
		}
	}
}
