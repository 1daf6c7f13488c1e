//go:build unix

package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/pgtest"

	"github.com/livepeer/naap-dev/dockerctl"
)

// impatience is the variable that shortens, in the tests' build of the program only, how long an engine may be silent.
const impatience = "NAAP_TEST_PATIENCE"

func impatient() {
	if d, err := time.ParseDuration(os.Getenv(impatience)); err == nil {
		dockerctl.Patience = d
	}
}

// TestAnEngineThatHangsHoldsNoVerbForEver has an engine that answers its ping and nothing else, first for an instance
// that runs and then for one that does not. Whatever needs no engine asks it nothing.
func TestAnEngineThatHangsHoldsNoVerbForEver(t *testing.T) {
	t.Parallel()
	pgtest.Long(t)
	needDocker(t)
	proxy := newDockerProxy(t)
	p := newProgram(t, "docker")
	t.Cleanup(func() { proxy.stall("") })
	p.env = append(p.env, "DOCKER_HOST="+proxy.host())
	p.must(t, "dev", "up")
	p.env = append(p.env, impatience+"=400ms")
	proxy.stall(".")
	proxy.questions()
	for _, args := range [][]string{
		{"dev", "url"}, {"dev", "sql", "SELECT 1"}, {"dev", "diff"}, {"dev", "push"}, {"dev", "seed"}, {"dev", "seed", "--list"}, {"dev", "undo", "--list"},
		{"dev", "snapshot", "list"}, {"check"}, {"config"}, {"version"}, {"dev", "reset", "public", "--dry-run"},
	} {
		if exit, doc := p.bounded(t, args...); exit != 0 && args[0] != "check" && len(args) != 4 {
			t.Errorf("naap %s: exit status %d, %v", strings.Join(args, " "), exit, doc)
		}
		if asked := proxy.questions(); len(asked) > 0 {
			t.Errorf("naap %s asks the engine: %v", strings.Join(args, " "), asked)
		}
	}
	hang := func(list ...[]string) {
		t.Helper()
		for _, args := range list {
			if exit, doc := p.bounded(t, args...); exit != 5 || code(doc) != "docker.unreachable" {
				t.Errorf("naap %s: exit status %d, %v", strings.Join(args, " "), exit, doc)
			}
		}
	}
	status := func() {
		t.Helper()
		if exit, doc := p.bounded(t, "dev", "status"); exit != 0 || !strings.Contains(toJSON(doc["problem"]), "docker.unreachable") {
			t.Errorf("status: exit status %d, %v", exit, doc)
		}
		if exit, doc := p.bounded(t, "dev", "doctor"); exit != 1 || !strings.Contains(toJSON(doc), "silent") {
			t.Errorf("doctor: exit status %d, %v", exit, doc)
		}
	}
	if exit, doc := p.bounded(t, "dev", "schema", "list"); exit != 0 || doc["running"] != true {
		t.Errorf("schema list: exit status %d, %v", exit, doc)
	}
	if _, doc := p.bounded(t, "dev", "status"); doc["state"] != "running" || doc["health"] == nil {
		t.Errorf("a server that answers, of an engine that does not: %v", doc)
	}
	hang([]string{"dev", "down"}, []string{"dev", "logs"}, []string{"dev", "up"}, []string{"dev", "backup", p.dir + "/x.dump"})
	status()
	proxy.stall("")
	p.env = append(p.env, impatience+"=")
	p.must(t, "dev", "down")
	p.env = append(p.env, impatience+"=400ms")
	proxy.stall(".")
	hang([]string{"dev", "url"}, []string{"dev", "sql", "SELECT 1"}, []string{"dev", "up"}, []string{"dev", "push"}, []string{"dev", "snapshot", "list"})
	status()
}

// bounded is document for a run that must not take forever.
func (p *program) bounded(t *testing.T, args ...string) (exit int, doc map[string]any) {
	t.Helper()
	watch := time.AfterFunc(hangs, func() { panic("naap " + strings.Join(args, " ") + " hangs") })
	defer watch.Stop()
	return p.document(t, args...)
}

func toJSON(v any) string {
	text, _ := json.Marshal(v)
	return string(text)
}
