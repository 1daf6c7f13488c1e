package composefile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/sirupsen/logrus"
	"go.yaml.in/yaml/v4"
)

var errPanicked = errors.New("it panicked")

// ofCompose loads a project with compose-go's own loader.
func ofCompose(dir string, list []string, environment types.Mapping) (_ *types.Project, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", errPanicked, r)
		}
	}()
	o, err := cli.NewProjectOptions(list, cli.WithWorkingDirectory(dir), cli.WithLoadOptions(loader.WithProfiles([]string{"*"})), cli.WithResolvedPaths(true),
		cli.WithoutEnvironmentResolution, cli.WithoutLabelsResolution)
	if err != nil {
		return nil, err
	}
	o.Environment = environment
	return o.LoadProject(context.Background())
}

func ours(dir string, list []string, environment types.Mapping) (*types.Project, error) {
	return Load(Options{Files: list, Dir: dir, Environment: environment, Read: os.ReadFile})
}

// differ compares the two loaders, and returns what differs: the projects, or that only one of them fails. Where
// theirs panics, as with a pid of null, which its schema allows, there is nothing to compare with.
func differ(t *testing.T, dir string, list []string, environment types.Mapping) string {
	t.Helper()
	theirs, theirErr := ofCompose(dir, list, environment.Clone())
	mine, err := ours(dir, list, environment.Clone())
	if errors.Is(theirErr, errPanicked) {
		return ""
	}
	if (err == nil) != (theirErr == nil) {
		return "ours: " + errText(err) + "\n\ttheirs: " + errText(theirErr)
	}
	if err != nil {
		return ""
	}
	a, b := shown(t, mine), shown(t, theirs)
	if a == b {
		return ""
	}
	at := 0
	for at < len(a) && at < len(b) && a[at] == b[at] {
		at++
	}
	return "ours: …" + a[max(0, at-100):min(len(a), at+100)] + "\n\ttheirs: …" + b[max(0, at-100):min(len(b), at+100)]
}

func errText(err error) string {
	if err == nil {
		return "fine"
	}
	return err.Error()
}

// shown returns what compose would make of a project, without its extensions.
func shown(t *testing.T, p *types.Project) string {
	t.Helper()
	for _, s := range p.Services {
		if s.Build != nil {
			s.Build.SSH = nil // cannot be written as JSON
		}
	}
	out, err := json.Marshal([]any{p.Name, p.WorkingDir, p.ComposeFiles, p.Services, p.DisabledServices, p.Jobs, p.Networks, p.Volumes, p.Secrets, p.Configs, p.Models})
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// put writes files into a folder, and returns those whose names begin with compose, in order.
func put(t *testing.T, archive string) (dir string, list []string) {
	t.Helper()
	dir = t.TempDir()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		at := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
		if strings.HasPrefix(f.Name, "compose") {
			list = append(list, at)
		}
	}
	return dir, list
}

var variables = types.Mapping{"TAG": "16", "PORT": "5501", "YES": "yes", "TOKEN": "t", "HOME": "/home/me"}

// Every archive in testdata is a project, which both must load as the same.
func TestFilesLoadAsComposesOwnLoaderLoadsThem(t *testing.T) {
	logrus.SetOutput(io.Discard)
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) < 10 {
		t.Fatalf("%d projects; %v", len(archives), err)
	}
	for _, path := range archives {
		archive, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		dir, list := put(t, string(archive))
		if diff := differ(t, dir, list, variables); diff != "" {
			t.Errorf("%s\n\t%s", path, diff)
		}
		_, err = ours(dir, list, variables.Clone())
		if wrong := strings.HasPrefix(filepath.Base(path), "wrong"); wrong != (err != nil) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// Each value of a project is exchanged for values of other kinds, and each key for an unknown one: both loaders must
// still agree. compose-go's panics at some; ours never may.
func TestChangedFilesLoadAsComposesOwnLoaderLoadsThem(t *testing.T) {
	logrus.SetOutput(io.Discard)
	archive, err := os.ReadFile("testdata/whole.txtar")
	if err != nil {
		t.Fatal(err)
	}
	dir, list := put(t, string(archive))
	text, err := os.ReadFile(list[0])
	if err != nil {
		t.Fatal(err)
	}
	tried, refused := 0, 0
	for at := 0; ; at++ {
		for i, value := range []string{"7", "text", "true", "1.5", "[x]", "{a: b}", "~", "'${NONE:-4}'", "unknown key"} {
			if (at+i)%9 != 0 && os.Getenv("NAAP_TEST_LONG") == "" {
				continue // each value is exchanged for one other kind, the next one for the next
			}
			changed, ok := exchange(t, text, at, value)
			if !ok {
				if tried < 100 || refused < tried/4 || refused > tried*9/10 {
					t.Errorf("%d changes were tried, %d of them refused", tried, refused)
				}
				return
			}
			if err := os.WriteFile(list[0], changed, 0o644); err != nil {
				t.Fatal(err)
			}
			tried++
			if _, err := ours(dir, list, variables.Clone()); err != nil {
				refused++
			}
			if diff := differ(t, dir, list, variables); diff != "" {
				t.Errorf("value %d is %s:\n\t%s", at, value, diff)
			}
		}
	}
}

// exchange returns a YAML text with its value number at exchanged for another one, or that value's key for an unknown one.
// It returns false where there are no more values.
func exchange(t *testing.T, text []byte, at int, value string) ([]byte, bool) {
	t.Helper()
	var doc, other yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal([]byte(value), &other); err != nil {
		t.Fatal(err)
	}
	var walk func(n *yaml.Node) bool
	walk = func(n *yaml.Node) bool {
		for i, child := range n.Content {
			if n.Kind == yaml.MappingNode && i%2 == 0 {
				continue
			}
			if at--; at >= 0 {
				if walk(child) {
					return true
				}
				continue
			}
			if value == "unknown key" && n.Kind == yaml.MappingNode {
				n.Content[i-1].Value += "_unknown"
			} else {
				n.Content[i] = other.Content[0]
			}
			return true
		}
		return false
	}
	if !walk(&doc) {
		return nil, false
	}
	out, err := yaml.Marshal(&doc)
	if err != nil {
		t.Fatal(err)
	}
	return out, true
}

func TestWhatIsWrongIsNamedWithItsPlace(t *testing.T) {
	for value, want := range map[string]string{
		"ports: 5432":                 "services.db.ports must be a array",
		"volumnes: []":                "services.db.volumnes is an additional property, which is not allowed",
		"ports: [{target: 1, to: 2}]": "services.db.ports.0.to is an additional property, which is not allowed",
		"mem_limit: []":               "services.db.mem_limit must be a number or string",
		"cgroup: mine":                "services.db.cgroup value must be one of 'host', 'private'",
		"dns_opt: [a, a, b, b]":       "",
		"security_opt: [a, a]":        "services.db.security_opt items at 0 and 1 are equal",
		"env_file: [7]":               "services.db.env_file.0 must be a string",
		"oom_score_adj: 2000":         "services.db.oom_score_adj must be a string",
		"depends_on: {db: {}}":        "services.db.depends_on.db missing property 'condition'",
		"restart: [a]":                "services.db.restart must be a string",
	} {
		dir, list := put(t, "-- compose.yml --\nservices:\n  db:\n    image: postgres:16\n    "+value+"\n")
		_, err := ours(dir, list, variables.Clone())
		if got := errText(err); want != "" && !strings.HasSuffix(got, "compose.yml: "+want) || want == "" && err != nil {
			t.Errorf("%s: %s", value, got)
		}
	}
}

// Files that include each other twice, and aliases of aliases, grow beyond bounds.
func TestWhatGrowsIsBounded(t *testing.T) {
	var twice, bomb strings.Builder
	twice.WriteString("-- compose.yml --\ninclude: [a0.yml, a0.yml]\n")
	for i := range 30 {
		fmt.Fprintf(&twice, "-- a%d.yml --\ninclude: [a%d.yml, ./a%d.yml]\n", i, i+1, i+1)
	}
	twice.WriteString("-- a30.yml --\nservices: {}\n")
	bomb.WriteString("-- compose.yml --\nx-a0: &a0 [x, x]\n")
	for i := range 30 {
		fmt.Fprintf(&bomb, "x-a%d: &a%d [*a%d, *a%d]\n", i+1, i+1, i, i)
	}
	for _, archive := range []string{twice.String(), bomb.String(), "-- compose.yml --\nx-a: &a [*a]\n", "-- compose.yml --\ninclude: [compose.yml]\n"} {
		dir, list := put(t, archive)
		if _, err := ours(dir, list, variables.Clone()); err == nil {
			t.Errorf("it was loaded:\n%.100s", archive)
		}
	}
}
