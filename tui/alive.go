package tui

import (
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/tui/job"
)

// A server that takes its time is slow, not lost: only a second look, which waits for no other answer, can find it lost.

// lostServer names the loss, which is settled when the server is there again.
const lostServer = "the server is lost"

// notice marks the server slow when an answer is overdue, and has it looked at in another way.
func (f *feed) notice() tea.Cmd {
	l := &f.live
	if l.Lost != nil || l.Hidden || l.Asked.IsZero() || f.clock().Sub(l.Asked) <= f.patience() {
		return nil
	}
	l.Slow = true
	return f.askProbe()
}

// unanswered takes the failure of a refresh. A query may fail while the server is well: the second look decides.
func (f *feed) unanswered(err error) tea.Cmd {
	f.live.Failing = err
	return f.askProbe()
}

// looked takes the answer of the second look.
func (f *feed) looked(m job.Answer[probed]) tea.Cmd {
	l := &f.live
	failing := l.Failing
	l.Failing = nil
	switch {
	case l.Hidden || f.AtWork() != "" || m.Err != nil && cancelled(m.Err):
		// naap's own verb may be in the way of everything, and says itself what becomes of it.
	case m.Err != nil:
		f.lose(m.Err)
	case failing != nil:
		if l.Stuck == nil || l.Stuck.Error() != failing.Error() {
			f.Fail("refresh", failing)
		}
		l.Stuck = failing
		if l.Lost != nil {
			l.Lost = nil
			f.Settled(lostServer)
		}
	}
	return nil
}

// lose marks the data stale, and says so once for each thing that is wrong: a server that was shutting down has stopped by
// the next look. What was asked before is not waited for: the next answer may come of a server that has been restarted.
func (f *feed) lose(err error) {
	was := f.live.Lost
	if was == nil || remedy.Code(was) != remedy.Code(err) {
		f.Fail(lostServer, err)
	}
	if was == nil {
		f.jobs.Cancel(snapshotSlot)
		f.live.Asked = time.Time{}
	}
	f.live.Lost, f.live.Slow, f.live.Stuck = err, false, nil
}
