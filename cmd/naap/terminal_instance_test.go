//go:build unix

package main

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/porttest"
)

func TestTerminalGoesToAnotherInstanceAndBack(t *testing.T) {
	t.Parallel()
	p := newPrepared(t, empty)
	p.must(t, "dev", "up", "--detach", "--no-push", "--no-seed")
	// Another workspace, with a seed command that has to be allowed, and its instance, which was started from there.
	there := filepath.Join(p.home, "there")
	for name, text := range withSeed {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(there, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		save(t, filepath.Join(there, name), text)
	}
	save(t, filepath.Join(there, "naap.toml"), "engine = \"embedded\"\n")
	p.env = dropped(p.env, "NAAP_TRUST")
	q := &program{path: p.path, dir: there, env: dropped(p.env, "NAAP_INSTANCE", "NAAP_PORT", "NAAP_ENGINE"), instance: p.instance + "b", home: p.home, port: strconv.Itoa(porttest.Free())}
	if err := noteInstance(q.instance, q.state()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { q.clear(t, "embedded") })
	if err := os.MkdirAll(q.instanceDir(), 0o755); err != nil {
		t.Fatal(err)
	}
	q.fill(t, empty)
	other, name := q.instance, []string{"--name", q.instance}
	q.must(t, append([]string{"dev", "up", "--detach", "--no-push", "--no-seed", "--port", q.port}, name...)...)
	q.must(t, append([]string{"dev", "sql", "--write", `CREATE TABLE only_there (id int)`}, name...)...)
	q.must(t, append([]string{"dev", "down"}, name...)...)

	s := sit(t, p, 140, 40, "dev")
	s.sees("1 Schemas", "healthy").types(":", "instance", enter)
	s.sees("> instances", p.instance+" (this)", other, "stopped", there, "1 of 2 running").types("/", other[len(other)-6:], enter)
	s.sees("▸").types(enter).sees("Start "+other+" and switch to it?", "Start and switch").types(tabKey, enter)
	s.sees("The files of this workspace are to do this", "touch ran", "Allow it? [y/N]").types("n", enter)
	s.sees("1 Schemas", "healthy", other, "only_there", "Note")
	if out := p.must(t, "dev", "status"); !strings.Contains(out, "running") {
		t.Errorf("the first does not run any more:\n%s", out)
	}
	q.must(t, append([]string{"dev", "down"}, name...)...)
	s.sees("lost, data").types("!")
	s.until("the remedy to name the instance that is open", func(screen string) bool { // in words, since it is wrapped
		return strings.Contains(screen, "try env -u NAAP_") && strings.Contains(screen, there) && strings.Contains(screen, "--name") && strings.Count(screen, other) >= 2
	})
	s.escapes()
	s.types("B").sees("done in", "esc closes").escapes().sees("healthy")
	s.types(":", "instance", enter).sees("2 of 2 running", other+" (this)").types("g")
	if !strings.Contains(s.screen(), "▸● "+p.instance+" ") {
		s.types("j")
	}
	s.types(enter).sees("healthy", p.instance+" ").loses(other)
	s.leaves()
}

// dropped returns an environment without some variables.
func dropped(env []string, names ...string) []string {
	return slices.DeleteFunc(slices.Clone(env), func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		return slices.Contains(names, name)
	})
}
