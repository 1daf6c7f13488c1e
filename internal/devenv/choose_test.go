package devenv

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/porttest"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// testEnv returns an environment for a workspace made of files, with a home of its own.
func testEnv(t *testing.T, files map[string]string, env ...string) *Env {
	t.Helper()
	root, home := t.TempDir(), t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	env = append([]string{"HOME=" + home, "XDG_STATE_HOME=" + filepath.Join(home, "state"), "PATH=" + os.Getenv("PATH"), "NAAP_TRUST=all"}, env...)
	ws, err := workspace.Find(t.Context(), root, workspace.Options{Env: env})
	if err != nil {
		t.Fatal(remedy.Text(err))
	}
	e := New(ws, Options{})
	t.Cleanup(e.Close)
	return e
}

// opened opens an engine by its name.
func opened(t *testing.T, e *Env, name string) (engine.Engine, error) {
	return engine.Named(name).Open(t.Context(), e.engineConfig())
}

// withoutDocker makes every attempt to reach a Docker engine fail.
func withoutDocker(t *testing.T) {
	t.Helper()
	t.Setenv("DOCKER_HOST", "unix://"+filepath.Join(t.TempDir(), "none.sock"))
}

// chosen returns the engine's name and the reason for choosing it.
func chosen(t *testing.T, e *Env) (name, reason string) {
	t.Helper()
	eng, reason, err := e.Engine(t.Context())
	if err != nil {
		t.Fatal(remedy.Text(err))
	}
	defer eng.Close()
	return eng.Kind().Name, reason
}

func TestWithoutDockerTheEmbeddedEngineIsChosenAndSaysWhy(t *testing.T) {
	withoutDocker(t)
	name, reason := chosen(t, testEnv(t, nil))
	if name != "embedded" || !strings.Contains(reason, "Docker does not answer: ") || !strings.Contains(reason, "none.sock") {
		t.Errorf("chosen is %s, because %q", name, reason)
	}
}

func TestWhereNoEngineIsToBeHadBothAreExplained(t *testing.T) {
	withoutDocker(t)
	e := testEnv(t, nil, "NAAP_POSTGRES_BIN=/nowhere", fmt.Sprintf("NAAP_PORT=%d", porttest.Free()))
	_, err := e.Up(t.Context(), UpOptions{}, progress.Discard)
	text := remedy.Text(err)
	if remedy.Exit(err) != remedy.ExitNoServer {
		t.Fatalf("the error is\n%s", text)
	}
	for _, want := range []string{"/nowhere", "Docker was tried first", "none.sock", "or have Docker answer:"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "--engine embedded") {
		t.Errorf("the embedded engine is offered, which is what failed:\n%s", text)
	}
}

func TestDockerIsChosenWhereItAnswers(t *testing.T) {
	e := testEnv(t, nil)
	eng, err := opened(t, e, "docker")
	if err != nil {
		if os.Getenv("NAAP_TEST_DOCKER") == "required" {
			t.Fatal(err)
		}
		t.Skip("no Docker engine answers; NAAP_TEST_DOCKER=required makes this a failure")
	}
	eng.Close()
	if name, reason := chosen(t, e); name != "docker" || reason != "Docker answers" {
		t.Errorf("chosen is %s, because %q", name, reason)
	}
}

func TestAnInstanceStaysWhereItWas(t *testing.T) {
	e := testEnv(t, nil)
	if err := writeRecord(e.StateDir(), record{Engine: "embedded"}); err != nil {
		t.Fatal(err)
	}
	if name, reason := chosen(t, e); name != "embedded" || reason != "this instance runs embedded" {
		t.Errorf("chosen is %s, because %q", name, reason)
	}
}

func TestAnInstanceInDockerIsNotReplacedWhileDockerIsAway(t *testing.T) {
	withoutDocker(t)
	e := testEnv(t, nil, "NAAP_INSTANCE=two")
	if err := writeRecord(e.StateDir(), record{Engine: "docker"}); err != nil {
		t.Fatal(err)
	}
	_, _, err := e.Engine(t.Context())
	text := remedy.Text(err)
	if remedy.Exit(err) != remedy.ExitNoServer || !strings.Contains(text, "the data of this instance is in Docker") {
		t.Errorf("the error is\n%s", text)
	}
	if strings.Count(text, "--engine embedded") != 1 || !strings.Contains(text, "--engine embedded") {
		t.Errorf("the embedded engine is not offered once, for this instance:\n%s", text)
	}
	st, err := e.Status(t.Context(), StatusOptions{})
	if err != nil || st.State != engine.Unhealthy || st.Engine != "docker" {
		t.Errorf("its state is %s on %q: %v", st.State, st.Engine, err)
	}
}

func TestTheEngineThatIsAskedForWinsWhereNothingIsMade(t *testing.T) {
	withoutDocker(t)
	e := testEnv(t, nil, "NAAP_ENGINE=embedded")
	if name, reason := chosen(t, e); name != "embedded" || !strings.Contains(reason, "NAAP_ENGINE") {
		t.Errorf("chosen is %s, because %q", name, reason)
	}
	if err := writeRecord(e.StateDir(), record{Engine: "docker"}); err != nil {
		t.Fatal(err)
	}
	_, _, err := e.engineToStart(t.Context()) // whether Docker has data of it cannot be known
	if text := remedy.Text(err); remedy.Code(err) != "engine.changed" || !strings.Contains(text, "naap dev up --name naap-embedded --engine embedded --port ") {
		t.Errorf("it says %s", text)
	}
	if name := e.OtherEngine(); name != "docker" {
		t.Errorf("the instance is in %q", name)
	}
	e = testEnv(t, nil, "NAAP_ENGINE=embedded", "NAAP_DATABASE_URL=postgresql://localhost/x")
	if name, reason := chosen(t, e); name != "external" || !strings.Contains(reason, "NAAP_DATABASE_URL") {
		t.Errorf("chosen is %s, because %q", name, reason)
	}
}

func TestAnInstanceWhoseRecordIsLostStaysWithItsEmbeddedData(t *testing.T) {
	e := testEnv(t, nil)
	eng, err := opened(t, e, "embedded")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = eng.DeleteData(context.Background(), "", progress.Discard) })
	data, err := eng.Deletable(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(data, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(data, "PG_VERSION"), []byte("16\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if name, reason := chosen(t, e); name != "embedded" || reason != "this instance has an embedded database" {
		t.Errorf("chosen is %s, because %q", name, reason)
	}
}

func TestUpDoesNotMixTheBuiltInWorkspaceWithAnother(t *testing.T) {
	root := t.TempDir()
	for _, c := range []struct {
		what  string
		files map[string]string
		rec   record
		want  string
	}{
		{"built-in on a repository's", nil, record{Engine: "embedded", Root: root}, "workspace.other"},
		{"a repository on the built-in's", map[string]string{"naap.toml": ""}, record{Engine: "embedded"}, "workspace.other"},
		{"built-in again", nil, record{Engine: "embedded"}, ""},
		{"another checkout", map[string]string{"naap.toml": ""}, record{Engine: "embedded", Root: root}, ""},
		{"built-in, and the repository is gone", nil, record{Engine: "embedded", Root: root + "/gone"}, ""},
		{"nothing yet", map[string]string{"naap.toml": ""}, record{}, ""},
	} {
		e := testEnv(t, c.files)
		if err := writeRecord(e.StateDir(), c.rec); err != nil {
			t.Fatal(err)
		}
		err := e.sameWorkspace()
		if c.want == "" && err != nil || c.want != "" && (remedy.Code(err) != c.want || remedy.Exit(err) != remedy.ExitRefused) {
			t.Errorf("%s: the error is %v, want the code %q", c.what, err, c.want)
		}
	}
}

func TestWhoAskedForADockerThatDoesNotAnswerIsOfferedTheOther(t *testing.T) {
	e := testEnv(t, nil, "NAAP_ENGINE=docker", "DOCKER_HOST=unix:///nowhere/docker.sock")
	t.Setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
	_, _, err := e.Engine(t.Context())
	if !remedy.Offers(err, "--engine") || strings.Count(remedy.Text(err), "naap dev up --engine embedded") != 1 {
		t.Errorf("the error is\n%s", remedy.Text(err))
	}
}
