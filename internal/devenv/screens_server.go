package devenv

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// serverLook is how often the embedded server's process is looked at: a file of its data directory and one of the
// kernel's are read, which takes 20 µs.
const serverLook = 250 * time.Millisecond

// watchServer tells when the embedded server ends, is paused or comes back, from what the kernel says of its process.
// The server itself is asked nothing.
func (s *Screens) watchServer(ctx context.Context, emit func(EngineEvent) bool) error {
	eng, err := s.env.embeddedEngine()
	if err != nil {
		return err
	}
	if _, ok := processPaused(os.Getpid()); !ok {
		return ErrNotHere
	}
	lock := filepath.Join(eng.DataName(), "postmaster.pid")
	was := lookAtServer(lock)
	if was.paused && !emit(was.event(serverProcess{pid: was.pid})) {
		return nil
	}
	ticks := time.NewTicker(serverLook)
	defer ticks.Stop()
	for {
		select {
		case <-ticks.C:
		case <-ctx.Done():
			return ctx.Err()
		}
		now := lookAtServer(lock)
		if now == was {
			continue
		}
		if !emit(now.event(was)) {
			return nil
		}
		was = now
	}
}

// serverProcess is what the kernel says of the embedded server: pid 0 while there is none.
type serverProcess struct {
	pid    int
	paused bool
}

// lookAtServer reads the pid in the server's lock file, and how that process is.
func lookAtServer(lock string) serverProcess {
	f, err := os.Open(lock)
	if err != nil {
		return serverProcess{}
	}
	defer f.Close()
	first, err := bufio.NewReader(f).ReadString('\n')
	if err != nil {
		return serverProcess{}
	}
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || pid <= 0 {
		return serverProcess{}
	}
	paused, ok := processPaused(pid)
	if !ok {
		return serverProcess{}
	}
	return serverProcess{pid, paused}
}

// event is what happened between one look and this one.
func (p serverProcess) event(was serverProcess) EngineEvent {
	e := EngineEvent{At: time.Now()}
	switch {
	case p.pid == 0:
		e.Kind, e.Text, e.Fix = "die", fmt.Sprintf("process %d is gone", was.pid), "naap dev up"
	case p.paused:
		e.Kind, e.Text, e.Fix = "pause", fmt.Sprintf("process %d is stopped by a signal", p.pid), fmt.Sprintf("kill -CONT %d", p.pid)
	case p.pid == was.pid:
		e.Kind, e.Text = "unpause", fmt.Sprintf("process %d goes on", p.pid)
	default:
		e.Kind, e.Text = "start", fmt.Sprintf("process %d", p.pid)
	}
	return e
}

// spent is what a server had used of the processor at some moment.
type spent struct {
	pid int
	at  time.Time
	cpu time.Duration
}

// share is how much of one core the server used since it was measured before; −1 the first time, and where nobody
// tells.
func (s *Screens) share(pid int, now time.Time) float64 {
	cpu, ok := processTime(pid)
	s.mu.Lock()
	defer s.mu.Unlock()
	was := s.spent
	s.spent = spent{pid, now, cpu}
	if !ok || was.pid != pid || !now.After(was.at) {
		return -1
	}
	return max(0, float64(cpu-was.cpu)/float64(now.Sub(was.at)))
}
