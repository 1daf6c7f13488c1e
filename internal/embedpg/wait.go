package embedpg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/server"
	"github.com/livepeer/naap-dev/internal/visible"
)

// probeEvery is the pause between two looks at a server that starts, which takes about 60 ms here. It is connected to once
// it says of itself that it takes connections: a refused one would be a FATAL line in its log.
const probeEvery = 10 * time.Millisecond

// waitReady returns when the probe is content. A server that dies meanwhile is reported at once; one that is up but
// never contents the probe, after the spec's ReadyTimeout. A server that still recovers from a crash gets all the time
// it takes.
func (r *run) waitReady(ctx context.Context, at server.Endpoint, probe server.Probe) error {
	w := waiting{began: time.Now()}
	for {
		err := errStarting
		if r.takesConnections() {
			err = probe(ctx, at)
		}
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if _, final := remedy.Of(err); final {
			return err
		}
		if r.gone() {
			return r.died()
		}
		if r.up() && w.tooLong(r.spec.ReadyTimeout) {
			return r.notReady(at, err)
		}
		if w.worthSaying() {
			r.say(progress.Running, "wait for PostgreSQL: "+visible.String(err.Error()))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-r.exited():
		case <-time.After(probeEvery):
		}
	}
}

var errStarting = errors.New("the database system is starting up")

// takesConnections reports whether the server says of itself that it can be connected to, be it to read only.
func (r *run) takesConnections() bool {
	s, _ := r.at.readServer()
	return s != nil && (s.Status == "ready" || s.Status == "standby")
}

// waiting is how long a server has been waited for.
type waiting struct {
	began time.Time
	up    time.Time // since when it says that it takes connections
	said  time.Time
}

// tooLong reports whether a server that is up has been waited for longer than limit.
func (w *waiting) tooLong(limit time.Duration) bool {
	if w.up.IsZero() {
		w.up = time.Now()
	}
	return time.Since(w.up) > limit
}

// worthSaying is true once a second, from the third on.
func (w *waiting) worthSaying() bool {
	if time.Since(w.began) < 3*time.Second || time.Since(w.said) < time.Second {
		return false
	}
	w.said = time.Now()
	return true
}

// exited is closed when a server that was started here ends; for an adopted one it never is.
func (r *run) exited() <-chan struct{} {
	if r.server == nil {
		return nil
	}
	return r.server.exited
}

func (r *run) gone() bool {
	if r.server == nil {
		return !servesData(r.state.Server.PID, r.at.data())
	}
	select {
	case <-r.server.exited:
		return true
	default:
		return false
	}
}

// up reports whether the server says of itself that it takes connections.
func (r *run) up() bool {
	s, _ := r.at.readServer()
	return s != nil && s.Status == "ready"
}

func (r *run) notReady(at server.Endpoint, last error) error {
	return remedy.New("postgres.unready", remedy.ExitNoServer, "PostgreSQL runs but does not answer on %s", at.Address()).
		Wrap(last).WithSeen(lastLines(r.newLog(), 20)...).
		WithHelp(remedy.Naap("dev logs"), remedy.Naap("dev down").And(remedy.Again("dev up")))
}

// died returns the error for a server that ended while it was waited for: how it ended, why, and its last log lines.
func (r *run) died() error {
	lines := lastLines(r.newLog(), 20)
	e := classify(lines)
	again := r.server == nil || e.Code == codeDataBusy
	if e.Code == codePortTaken {
		if port := lookAtPort(r.plan.Port); port.Taken {
			e = portRefused(port, r.spec)
		}
	}
	e.WithSeen(r.howItEnded()).WithSeen(lines...).WithHelp(remedy.Naap("dev logs"))
	if again {
		return &changedError{e}
	}
	r.say(progress.Failed, e.Message)
	return e
}

func (r *run) howItEnded() string {
	if r.server == nil || r.server.state == nil {
		return "the server that was found running is gone"
	}
	if ws, ok := r.server.state.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
		if ws.Signal() == os.Kill {
			return fmt.Sprintf("pid %d was killed by signal 9, as the kernel does when memory runs out", r.server.pid)
		}
		return fmt.Sprintf("pid %d was ended by %s", r.server.pid, ws.Signal())
	}
	return fmt.Sprintf("pid %d ended with exit status %d", r.server.pid, r.server.state.ExitCode())
}

// pause waits until something is worth another look, or the context ends.
func pause(ctx context.Context) error { return server.Wait(ctx, 100*time.Millisecond) }
