//go:build unix

package main

import (
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/livepeer/naap-dev/internal/pgtest"
)

// TestTerminalCallsAServerSlowWhoseSessionIsStuck stops the processes of the app's sessions, but not the server: it
// accepts a new session, so that nothing counts as lost.
func TestTerminalCallsAServerSlowWhoseSessionIsStuck(t *testing.T) {
	t.Parallel()
	pgtest.Long(t)
	p := newPrepared(t, empty)
	p.must(t, "dev", "up", "--detach", "--no-push", "--no-seed")
	s := sit(t, p, 120, 40, "dev")
	s.sees("1 Schemas", "healthy")
	sessions := steadySessions(t, p)
	signal := func(sig syscall.Signal) {
		for _, pid := range sessions {
			_ = syscall.Kill(pid, sig)
		}
	}
	signal(syscall.SIGSTOP)
	defer signal(syscall.SIGCONT)
	s.sees("slow, no answer for")
	for range 50 {
		if screen := s.screen(); strings.Contains(screen, "lost") || strings.Contains(screen, "stale") {
			t.Fatalf("slow is not lost\n%s", screen)
		}
		time.Sleep(100 * time.Millisecond)
	}
	signal(syscall.SIGCONT)
	s.sees("healthy").loses("slow")
	s.leaves()
}

// steadySessions returns the processes of the app's sessions, once it has opened and closed none for two refreshes.
func steadySessions(t *testing.T, p *program) []int {
	t.Helper()
	var last []int
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(5 * time.Second) {
		var sessions []int
		for _, pid := range serverProcesses(t, p) {
			title, err := exec.Command("ps", "-o", "args=", "-p", strconv.Itoa(pid)).Output()
			if err == nil && strings.HasPrefix(string(title), "postgres: ") && strings.Contains(string(title), "127.0.0.1") {
				sessions = append(sessions, pid)
			}
		}
		slices.Sort(sessions)
		if len(sessions) > 0 && slices.Equal(sessions, last) {
			return sessions
		}
		last = sessions
	}
	t.Fatalf("the app's sessions change all the time: %v", last)
	return nil
}
