//go:build unix

package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestTerminalWritesABackupAndReadsItBack uses the server's own tools through the app; a container brings them along.
func TestTerminalWritesABackupAndReadsItBack(t *testing.T) {
	t.Parallel()
	needDocker(t)
	p := newProgram(t, "docker")
	p.must(t, "dev", "up", "--detach", "--no-push", "--no-seed")
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
