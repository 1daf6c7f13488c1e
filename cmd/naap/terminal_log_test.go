//go:build unix

package main

import (
	"math/rand"
	"strings"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/pgtest"
)

// TestTerminalLeavesNoLinesInTheServersLog moves the cursor fast over tables and rows, like a user who is looking for
// something: NAAP_TEST_STEPS moves, or 150, a tenth of a second apart. Each rest asks the server, and each move gives
// up what was asked.
func TestTerminalLeavesNoLinesInTheServersLog(t *testing.T) {
	t.Parallel()
	pgtest.Long(t)
	p := newPrepared(t, builtin)
	p.must(t, "dev", "up", "--detach", "--no-seed")
	// Enough rows for a question to last until the next move.
	p.must(t, "dev", "sql", "--write", `INSERT INTO "User" (id, handle, "displayName", updated_at) SELECT 'x' || g, 'x' || g, 'x', now() FROM generate_series(1, 300000) g`)
	s := sit(t, p, 160, 45, "dev")
	s.sees("1 Schemas", "healthy")
	before := p.must(t, "dev", "logs", "--tail", "-1")
	random := rand.New(rand.NewSource(int64(pgtest.Number(t, "NAAP_TEST_SEED", 1))))
	s.types("2", "]", "]", "]")
	keys := []string{"j", "j", "j", "k", "j", "k", "\x04", "\x15", "]", "1", "2", "2", "G", "g"}
	for range pgtest.Number(t, "NAAP_TEST_STEPS", 60) {
		s.types(keys[random.Intn(len(keys))])
		time.Sleep(time.Duration(80+random.Intn(60)) * time.Millisecond)
	}
	s.types("1").sees("healthy")
	// The question given up last may go on for a little.
	time.Sleep(2 * time.Second)
	for line := range strings.Lines(strings.TrimPrefix(p.must(t, "dev", "logs", "--tail", "-1"), before)) {
		if !strings.Contains(line, "LOG:  ") {
			t.Errorf("the log has: %s", line)
		}
	}
	s.leaves()
}
