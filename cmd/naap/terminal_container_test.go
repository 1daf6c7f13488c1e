//go:build unix

package main

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/livepeer/naap-dev/internal/pgtest"
)

// TestTerminalOnAContainer does two things in the app with one container.
func TestTerminalOnAContainer(t *testing.T) {
	pgtest.Long(t)
	t.Parallel()
	needDocker(t)
	p := newProgram(t, "docker")
	p.must(t, "dev", "up", "--detach", "--no-push", "--no-seed")
	t.Run("a backup is written and read back", p.backsUpAndRestores)
	t.Run("it says how a paused container goes on", p.saysHowItGoesOn)
}

// backsUpAndRestores uses the server's own tools through the app; a container brings them along.
func (p *program) backsUpAndRestores(t *testing.T) {
	p.must(t, "dev", "sql", "--write", "CREATE TABLE kept AS SELECT 7 AS n")
	s := sit(t, p, 120, 40, "dev")
	s.sees("1 Schemas", "healthy")
	file := filepath.Join(p.dir, "a.dump")
	s.types(":", "backup a.dump", enter).sees("backup to a.dump: done in").escapes()
	p.must(t, "dev", "sql", "--write", "UPDATE kept SET n = 8")
	s.types(":", "restore "+file, enter).sees("Restore a.dump?", "(custom, 1 table, 1 row)", "Type a.dump to go on")
	s.types("a.dump", enter).sees("restore a.dump: done in")
	if got := p.must(t, "dev", "sql", "--csv", "SELECT n FROM kept"); !strings.Contains(got, "7") {
		t.Errorf("the table has %q after the restore, want what the backup held", got)
	}
	s.escapes().leaves()
}

// saysHowItGoesOn pauses the container under the app.
func (p *program) saysHowItGoesOn(t *testing.T) {
	s := sit(t, p, 120, 40, "dev")
	s.sees("1 Schemas", "healthy")
	container := "naap-" + p.instance + "-db"
	docker := func(verb string) {
		t.Helper()
		if out, err := dockerOn(container, verb); err != nil {
			t.Fatalf("docker %s: %v\n%s", verb, err, out)
		}
	}
	docker("pause")
	defer func() { _ = exec.Command("docker", "unpause", container).Run() }()
	s.sees("lost, data").types("!").sees("docker unpause " + container).escapes()
	docker("unpause")
	s.sees("healthy").loses("stale", "last error")
	s.leaves()
}
