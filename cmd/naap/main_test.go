//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/livepeer/naap-dev/internal/embedpg"
	"github.com/livepeer/naap-dev/internal/leftovers"
	"github.com/livepeer/naap-dev/internal/memtest"
	"github.com/livepeer/naap-dev/internal/pgtest"
	"github.com/livepeer/naap-dev/internal/porttest"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/trust"
)

// TestMain makes the test binary naap itself where it is called by that name: the scripts' `naap` is the program.
func TestMain(m *testing.M) {
	if strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe") != "naap" {
		// The tests act as a user at the keyboard, even where a CI or an agent runs them, and one without settings, even
		// where the shell has some; a test that acts otherwise says so.
		for _, variable := range os.Environ() {
			name, _, _ := strings.Cut(variable, "=")
			_, says := trust.Automatic([]string{variable})
			if says || strings.HasPrefix(name, "NAAP_") && !strings.HasPrefix(name, "NAAP_TEST_") && name != "NAAP_SHARED" && name != "NAAP_POSTGRES_BIN" {
				os.Unsetenv(name)
			}
		}
		pgtest.Heed()
		pgtest.SideBySide()
	}
	testscript.Main(m, map[string]func(){"naap": func() { impatient(); tellBegun(); main() }})
}

// TestScripts runs the command line as a user would: each script is a terminal session with what must be seen.
func TestScripts(t *testing.T) {
	t.Parallel()
	testscript.Run(t, testscript.Params{
		Dir:           "testdata",
		UpdateScripts: os.Getenv("NAAP_TEST_UPDATE") != "",
		Setup:         setupScript,
		Condition:     condition,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"dockerpause":    dockerPause,
			"freeport":       freePort,
			"killedpassword": killedPassword,
			"prepared":       prepared,
			"stranger":       stranger,
			"visited":        visited,
		},
	})
}

// dockerPause pauses a container: dockerpause NAME. The kernel may refuse it for a moment.
func dockerPause(ts *testscript.TestScript, _ bool, args []string) {
	if out, err := dockerOn(args[0], "pause"); err != nil {
		ts.Fatalf("docker pause %s: %v\n%s", args[0], err, out)
	}
}

// setupScript gives each script a home of its own. Earlier downloads are used, so that a script does not download.
func setupScript(env *testscript.Env) error {
	home := memtest.Dir(env.T().(testing.TB))
	cache, err := os.UserCacheDir()
	if err != nil {
		return err
	}
	name := "t" + strconv.Itoa(os.Getpid()) + "-" + filepath.Base(env.WorkDir)
	name = strings.Map(func(r rune) rune {
		if r == '-' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, name)
	env.Setenv("HOME", home)
	env.Setenv("XDG_STATE_HOME", filepath.Join(home, "state"))
	env.Setenv("XDG_CACHE_HOME", cache)
	env.Setenv("NAAP_INSTANCE", name[:min(len(name), 40)])
	env.Setenv("NO_COLOR", "1")
	env.Setenv("NAAP_TRUST", "all") // the script acts as the owner of the workspace; env NAAP_TRUST= is one who has not answered yet
	for _, key := range []string{"DOCKER_HOST", "npm_config_registry", "NPM_CONFIG_REGISTRY", "http_proxy", "https_proxy", "NODE_EXTRA_CA_CERTS"} {
		if v, ok := os.LookupEnv(key); ok {
			env.Setenv(key, v)
		}
	}
	// npm's own settings are in the real home.
	if real, err := os.UserHomeDir(); err == nil {
		env.Setenv("NPM_CONFIG_USERCONFIG", filepath.Join(real, ".npmrc"))
	}
	env.Defer(func() { stopInstance(env) })
	return noteInstance(env.Getenv("NAAP_INSTANCE"), env.Getenv("XDG_STATE_HOME"))
}

// noteInstance notes what an instance may leave behind, in case this run breaks.
func noteInstance(name, stateHome string) error {
	for _, left := range [][2]string{
		{leftovers.Embedded, filepath.Join(stateHome, "naap", "instances", name, "embedded")},
		{leftovers.Container, "naap-" + name + "-db"}, {leftovers.Volume, "naap-" + name + "-db-data"}, {leftovers.Network, name + "_default"}, {leftovers.Folder, stateHome},
	} {
		if err := leftovers.Note(left[0], left[1]); err != nil {
			return err
		}
	}
	return nil
}

// stopInstance removes what a script left running.
func stopInstance(env *testscript.Env) {
	state := filepath.Join(env.Getenv("XDG_STATE_HOME"), "naap", "instances", env.Getenv("NAAP_INSTANCE"))
	if eng, err := embedpg.New(embedpg.Options{Dir: filepath.Join(state, "embedded")}); err == nil {
		_, _ = eng.DeleteData(env.T().(testing.TB).Context(), progress.Discard)
	}
	script, err := os.ReadFile(filepath.Join("testdata", strings.TrimPrefix(filepath.Base(env.WorkDir), "script-")+".txtar"))
	if err != nil || strings.Contains(string(script), "\n[!docker] skip") && dockerAnswers() {
		name := "naap-" + env.Getenv("NAAP_INSTANCE") + "-db"
		_ = exec.Command("docker", "rm", "-f", name).Run()
		_ = exec.Command("docker", "volume", "rm", "-f", name+"-data").Run()
	}
}

// condition knows [docker]: a Docker engine answers and has the image. With NAAP_TEST_DOCKER=required, it must.
func condition(name string) (bool, error) {
	switch name {
	case "docker":
		ok := dockerAnswers() && hasImage()
		if !ok && os.Getenv("NAAP_TEST_DOCKER") == "required" {
			return false, fmt.Errorf("NAAP_TEST_DOCKER=required, and no Docker engine with the image postgres:16 answers")
		}
		return ok, nil
	case "long":
		return os.Getenv("NAAP_TEST_LONG") != "", nil
	}
	return false, fmt.Errorf("unknown condition %q", name)
}

// dockerAnswers and hasImage are asked once: the docker command takes as long as several of naap's.
var (
	dockerAnswers = sync.OnceValue(func() bool {
		return exec.Command("docker", "version", "--format", "{{.Server.Version}}").Run() == nil
	})
	hasImage = sync.OnceValue(func() bool { return exec.Command("docker", "image", "inspect", "postgres:16").Run() == nil })
)

// freePort sets an environment variable to a port that nothing listens on: freeport NAME.
func freePort(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: freeport NAME")
	}
	ts.Setenv(args[0], strconv.Itoa(porttest.Free()))
}

// killedPassword leaves the stored password as a change that was killed would: killedpassword before|after the server
// had it.
func killedPassword(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: killedpassword before|after")
	}
	path := filepath.Join(ts.Getenv("XDG_STATE_HOME"), "naap", "instances", ts.Getenv("NAAP_INSTANCE"), "password.json")
	text, err := os.ReadFile(path)
	ts.Check(err)
	var kept struct {
		User     string `json:"user"`
		Password string `json:"password"`
		Next     string `json:"next"`
	}
	ts.Check(json.Unmarshal(text, &kept))
	if args[0] == "before" {
		kept.Next = "that the server never got"
	} else {
		kept.Password, kept.Next = "that the server had before", kept.Password
	}
	text, err = json.Marshal(kept)
	ts.Check(err)
	ts.Check(os.WriteFile(path, text, 0o600))
}

// needDocker skips a test, with the reason, where no Docker engine with the image answers.
func needDocker(t *testing.T) {
	t.Helper()
	ok, err := condition("docker")
	if err != nil {
		t.Fatal(err)
	}
	if !ok {
		t.Skip("no Docker engine with the image postgres:16 answers; NAAP_TEST_DOCKER=required makes this a failure")
	}
}
