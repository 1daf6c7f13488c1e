//go:build unix

package main

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/scripttest"
)

// workflow is the part of a workflow of GitHub Actions that docs/ci.md uses.
type workflow struct {
	Permissions map[string]string
	Jobs        map[string]struct {
		Permissions map[string]string
		Env         map[string]string
		Steps       []workflowStep
	}
}

type workflowStep struct {
	Name, ID, If, Uses, Run string
	Env                     map[string]string
}

// pageWorkflow returns the workflow of docs/ci.md.
func pageWorkflow(t *testing.T) (w workflow) {
	t.Helper()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "ci.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "```yaml\n")
	text, _, found := strings.Cut(rest, "\n```\n")
	if !found {
		t.Fatal("docs/ci.md has no workflow")
	}
	if err := yaml.Unmarshal([]byte(text), &w); err != nil {
		t.Fatal(err)
	}
	if len(w.Jobs) < 2 {
		t.Fatalf("%d jobs", len(w.Jobs))
	}
	return w
}

func TestThePagesWorkflowMayDoLittle(t *testing.T) {
	w := pageWorkflow(t)
	if !maps.Equal(w.Permissions, map[string]string{"contents": "read"}) {
		t.Errorf("the workflow may %v", w.Permissions)
	}
	writes := map[string]string{"database": "pull-requests", "rules": "security-events"}
	for name, job := range w.Jobs {
		want := map[string]string{"contents": "read", writes[name]: "write"}
		if !maps.Equal(job.Permissions, want) {
			t.Errorf("the job %s may %v", name, job.Permissions)
		}
		for _, s := range job.Steps {
			if s.Uses != "" && !regexp.MustCompile(`^[a-z-]+/[a-z-]+(/[a-z-]+)?@v\d+$`).MatchString(s.Uses) {
				t.Errorf("%s is not pinned by its major version", s.Uses)
			}
			// What a pull request names reaches a shell as a variable, not as a part of its program.
			if strings.Contains(s.Run, "${{") {
				t.Errorf("%q has an expression in its script", s.Name)
			}
		}
	}
}

// ciRepository is what the workflow is run on: as the base branch has it, and as a pull request changes it.
var ciRepository = map[string]string{
	"package.json":                           `{"name": "ci", "private": true, "scripts": {"test": "sh test.sh"}}`,
	"package-lock.json":                      `{"name": "ci", "lockfileVersion": 3, "requires": true, "packages": {"": {"name": "ci"}}}`,
	"test.sh":                                "echo \"$DATABASE_URL\" > \"$RUNNER_TEMP/tested\"\n",
	"docker/init-schemas.sql":                "CREATE SCHEMA IF NOT EXISTS plugin_shop;\n",
	"packages/database/prisma/schema.prisma": ciSchema + "model User {\n  id   Int     @id\n  name String?\n\n  @@schema(\"public\")\n}\n",
}

const ciSchema = "datasource db {\n  provider = \"postgresql\"\n  url      = env(\"DATABASE_URL\")\n  schemas  = [\"public\", \"plugin_shop\"]\n}\n\n"

// ciRunner runs the steps of a workflow as GitHub does, where they are scripts.
type ciRunner struct {
	*program
	temp, bin string
	values    map[string]string // of expressions
}

// ghStandIn notes what GitHub is asked for, answers with the comments that there are, and keeps the one that is written.
const ghStandIn = `echo "$*" >> "$RUNNER_TEMP/gh"
case "$*" in
*--paginate*) test ! -f "$RUNNER_TEMP/comments" || cat "$RUNNER_TEMP/comments" ;;
*) for word; do case "$word" in body=@*) cp "${word#body=@}" "$RUNNER_TEMP/comment" ;; esac; done ;;
esac
`

func newCIRunner(t *testing.T) *ciRunner {
	t.Helper()
	p := newProgram(t, "embedded")
	r := &ciRunner{program: p, temp: t.TempDir(), bin: t.TempDir(), values: map[string]string{
		"github.base_ref": "main", "github.token": "x", "github.event.pull_request.number": "7",
	}}
	base := *p // the workflow's other instance
	base.instance = "base"
	if err := noteInstance(base.instance, base.state()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { base.clear(t, "embedded") })
	p.dir = filepath.Join(t.TempDir(), "repository")
	scripttest.Write(t, filepath.Join(r.bin, "gh"), ghStandIn)
	if err := os.Symlink(p.path, filepath.Join(r.bin, "naap")); err != nil {
		t.Fatal(err)
	}
	p.env = slices.DeleteFunc(p.env, func(kv string) bool { return strings.HasPrefix(kv, "NAAP_TRUST=") })
	p.env = append(p.env, "PATH="+r.bin+string(os.PathListSeparator)+os.Getenv("PATH"), "CI=true", "GITHUB_ACTIONS=true", "RUNNER_TEMP="+r.temp,
		"GITHUB_REPOSITORY=o/r", "GITHUB_OUTPUT="+filepath.Join(r.temp, "output"), "GITHUB_STEP_SUMMARY="+filepath.Join(r.temp, "summary"),
		"GIT_CONFIG_GLOBAL=/dev/null", "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@b", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@b", "npm_config_offline=true")
	return r
}

// script runs a script in the repository as GitHub does.
func (r *ciRunner) script(text string, env ...string) (out string, err error) {
	c := exec.Command("bash", "-e", "-c", text)
	c.Dir, c.Env = r.dir, append(r.env, env...)
	b, err := c.CombinedOutput()
	return string(b), err
}

// repository makes the repository with the branch main at its remote, and a pull request's commit checked out.
func (r *ciRunner) repository(t *testing.T, schema string) {
	t.Helper()
	for name, text := range ciRepository {
		path := filepath.Join(r.dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	r.must(t, "git init -q -b main && git add -A && git commit -qm base && git update-ref refs/remotes/origin/main HEAD && git checkout -q -b change")
	if err := os.WriteFile(filepath.Join(r.dir, "packages/database/prisma/schema.prisma"), []byte(ciSchema+schema), 0o644); err != nil {
		t.Fatal(err)
	}
	r.must(t, "git commit -qam change")
}

func (r *ciRunner) must(t *testing.T, script string) {
	t.Helper()
	if out, err := r.script(script); err != nil {
		t.Fatalf("%s: %v\n%s", script, err, out)
	}
}

// run runs the scripts of a job's steps, as for a pull request, and returns the name of the first that fails.
func (r *ciRunner) run(t *testing.T, job string) (failed string) {
	t.Helper()
	j := pageWorkflow(t).Jobs[job]
	for _, s := range j.Steps {
		switch {
		case s.Run == "" || !r.holds(t, s.If):
			continue
		case strings.Contains(s.Run, "go install "): // it is installed
			s.Run = strings.Replace(s.Run, "go install github.com/livepeer/naap-dev/cmd/naap@latest", "true", 1)
		}
		var env []string
		for _, vars := range []map[string]string{j.Env, s.Env} {
			for name, value := range vars {
				env = append(env, name+"="+r.expand(t, value))
			}
		}
		out, err := r.script(s.Run, env...)
		t.Logf("%s: %v\n%s", s.Name, err, out)
		if err != nil {
			return s.Name
		}
	}
	return ""
}

// holds evaluates the few conditions of the page.
func (r *ciRunner) holds(t *testing.T, condition string) bool {
	t.Helper()
	switch condition {
	case "", "github.event_name == 'pull_request'", "github.event_name == 'pull_request' && github.event.pull_request.head.repo.full_name == github.repository":
		return true
	case "steps.diff.outputs.lost == '3'":
		return strings.Contains(r.wrote("output"), "lost=3\n")
	}
	t.Fatalf("the condition %s is not known here", condition)
	return false
}

func (r *ciRunner) expand(t *testing.T, value string) string {
	t.Helper()
	return regexp.MustCompile(`\$\{\{ *([a-z_.]+) *\}\}`).ReplaceAllStringFunc(value, func(x string) string {
		v, ok := r.values[strings.Trim(x, "${ }")]
		if !ok {
			t.Fatalf("the value of %s is not known here", x)
		}
		return v
	})
}

// wrote returns a file of the runner's own folder.
func (r *ciRunner) wrote(name string) string {
	text, _ := os.ReadFile(filepath.Join(r.temp, name))
	return string(text)
}

// The page's scripts are run as they stand there, on a repository with a pull request.
func TestThePagesWorkflowRuns(t *testing.T) {
	pgtest.Long(t)
	for _, program := range []string{"git", "npm", "bash"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip(err)
		}
	}
	t.Run("a change that adds", func(t *testing.T) {
		r := newCIRunner(t)
		r.repository(t, "model User {\n  id   Int     @id\n  name String?\n  nick String?\n\n  @@schema(\"public\")\n}\n\nmodel ShopOrder {\n  id Int @id\n\n  @@schema(\"plugin_shop\")\n}\n")
		if failed := r.run(t, "database"); failed != "" {
			t.Fatalf("%q failed", failed)
		}
		for file, want := range map[string]string{
			"comment": "<!-- naap: database diff -->\n### Database: 2 steps add\n", "summary": "+ add column public.User.nick", "output": "lost=0\n",
			"gh": "api repos/o/r/issues/7/comments --field body=@", "tested": ":" + r.port + "/naap",
		} {
			if got := r.wrote(file); !strings.Contains(got, want) {
				t.Errorf("%s has no %q:\n%s", file, want, got)
			}
		}
		if failed := r.run(t, "rules"); failed != "" {
			t.Errorf("%q failed", failed)
		}
	})
	t.Run("a change that destroys", func(t *testing.T) {
		r := newCIRunner(t)
		r.repository(t, "model User {\n  id Int @id\n\n  @@schema(\"public\")\n}\n")
		if err := os.WriteFile(filepath.Join(r.temp, "comments"), []byte("41\n42\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		if failed := r.run(t, "database"); failed != "Fail where something would be lost" {
			t.Fatalf("%q failed", failed)
		}
		if got := r.wrote("gh"); !strings.Contains(got, "api --method PATCH repos/o/r/issues/comments/42 --field body=@") {
			t.Errorf("the comment was not edited: %s", got)
		}
		if got := r.wrote("comment"); !strings.Contains(got, "### Database: something is lost. 1 step destroys\n") || !strings.Contains(got, "- drop column public.User.name\n    loses ") {
			t.Errorf("the comment is\n%s", got)
		}
	})
}
