package tui

import (
	"context"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/screen"
)

// A server that takes its time is slow, and not lost: that it is lost says a second look, which waits for no other answer.

// probeLimit is how long the second look may take; the backend's own limits are shorter.
const probeLimit = 10 * time.Second

var probeSlot = job.Slot{Name: "probe"}

// lostServer is what is said of a loss, and taken back when the server is there again.
const lostServer = "the server is lost"

// probed is the answer of a second look that found the server there.
type probed struct{}

// askProbe looks whether the server is there, in a way that needs nothing of what is slow.
func (a *app) askProbe() tea.Cmd {
	if a.jobs.Busy(probeSlot) {
		return nil
	}
	return job.AskQuietly(a.jobs, probeSlot, probeLimit, func(ctx context.Context) (probed, error) { return probed{}, a.backend.Probe(ctx) })
}

// notice marks the server slow when an answer is overdue, and has it looked at in another way.
func (a *app) notice() tea.Cmd {
	l := &a.live
	if l.Lost != nil || l.Hidden || l.Asked.IsZero() || a.clock().Sub(l.Asked) <= a.patience() {
		return nil
	}
	l.Slow = true
	return a.askProbe()
}

// unanswered takes the failure of a refresh. A query may fail while the server is well: the second look decides.
func (a *app) unanswered(err error) tea.Cmd {
	a.live.Failing = err
	return a.askProbe()
}

// looked takes the answer of the second look.
func (a *app) looked(m job.Answer[probed]) tea.Cmd {
	l := &a.live
	failing := l.Failing
	l.Failing = nil
	switch {
	case l.Hidden || a.working() != "" || m.Err != nil && cancelled(m.Err):
		// naap's own verb may be in the way of everything, and says itself what becomes of it.
	case m.Err != nil:
		a.lose(m.Err)
	case failing != nil:
		if l.Stuck == nil || l.Stuck.Error() != failing.Error() {
			a.Fail("refresh", failing)
		}
		l.Stuck = failing
		if l.Lost != nil {
			l.Lost = nil
			a.Settled(lostServer)
		}
	}
	return nil
}

// working is the verb of naap's own that is being carried out, or "".
func (s *shared) working() string {
	for _, sc := range s.stack {
		if w, ok := sc.(screen.Worker); ok && w.Working() != "" {
			return w.Working()
		}
	}
	return ""
}

// lose marks the data stale, and says so once for each thing that is wrong: a server that was shutting down has stopped by
// the next look. What was asked before is not waited for: the next answer may come of a server that was started anew.
func (a *app) lose(err error) {
	was := a.live.Lost
	if was == nil || remedy.Code(was) != remedy.Code(err) {
		a.Fail(lostServer, err)
	}
	if was == nil {
		a.jobs.Cancel(snapshotSlot)
		a.live.Asked = time.Time{}
	}
	a.live.Lost, a.live.Slow, a.live.Stuck = err, false, nil
}

// slowState is what the header says of a server whose answer is overdue.
func (a *app) slowState() (string, draw.Role) {
	waits := say.Took(a.clock().Sub(a.live.Asked).Round(100 * time.Millisecond))
	if verb := a.working(); verb != "" {
		return "busy: " + verb, draw.Warn
	}
	return "slow, no answer for " + waits, draw.Warn
}
