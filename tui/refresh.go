package tui

import (
	"context"
	"errors"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/backend"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/server"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/screen"
)

type tickMsg struct{ chain uint64 }

// overdueMsg comes when the answer to a refresh should be there.
type overdueMsg struct{}

// tick starts a new chain of ticks and ends the one before.
func (f *feed) tick() tea.Cmd {
	f.ticking++
	return f.tickAgain(f.ticking, 10*time.Millisecond)
}

func (f *feed) tickAgain(chain uint64, after time.Duration) tea.Cmd {
	return f.timer(after, tickMsg{chain})
}

// After answers in a slot after a while, unless the slot is asked again before.
func (f *feed) After(wait time.Duration, to job.Slot) tea.Cmd {
	return f.timer(wait, job.Answer[screen.Passed]{Slot: to, Generation: f.jobs.Begin(to, true, func() {})})
}

// ticked asks what is due. There are no ticks while the program is suspended.
func (f *feed) ticked(m tickMsg) tea.Cmd {
	if m.chain != f.ticking || f.live.Hidden {
		return nil
	}
	cmds := []tea.Cmd{f.notice(), f.due(), f.watchOver()}
	return tea.Batch(append(cmds, f.tickAgain(m.chain, f.untilNext()))...)
}

// watchOver sees to it that an answer which is overdue is noticed then, and not at the next tick.
func (f *feed) watchOver() tea.Cmd {
	l := &f.live
	if l.Asked.IsZero() || l.Asked.Equal(f.awaiting) {
		return nil
	}
	f.awaiting = l.Asked
	return f.timer(l.Asked.Add(f.patience()+time.Millisecond).Sub(f.clock()), overdueMsg{})
}

// untilNext is how long nothing is due: no question, no second of the clock.
func (f *feed) untilNext() time.Duration {
	l, now := &f.live, f.clock()
	next := calm
	if l.Lost != nil || len(f.jobs.Waiting()) > 0 {
		next = alert
	}
	if !l.Paused && !f.live.Starting && !f.jobs.Busy(snapshotSlot) {
		next = min(next, l.LastAsk.Add(f.Every()).Sub(now))
	}
	return max(next, 10*time.Millisecond)
}

// due asks for what is old enough: the snapshot, the engine's figures, the facts.
func (f *feed) due() tea.Cmd {
	l := &f.live
	if l.Paused || l.Hidden || f.live.Starting {
		return nil
	}
	if f.jobs.Busy(snapshotSlot) || f.clock().Sub(l.LastAsk) < f.Every() {
		return nil
	}
	cmds := []tea.Cmd{f.askSnapshot(false), f.listen(), f.ListenLogs(), f.listenFiles()}
	if f.clock().Sub(l.EngineAsked) >= engineEvery {
		cmds = append(cmds, f.askEngine())
	}
	return tea.Batch(cmds...)
}

// refresh asks now, whatever the time.
func (f *feed) refresh(fresh bool) tea.Cmd {
	f.live.Wanted = f.live.Wanted || fresh
	return tea.Batch(f.askSnapshot(fresh), f.askFacts(), f.askEngine(), f.listen(), f.ListenLogs(), f.listenFiles())
}

// refreshed takes a snapshot. On an error the last one stays, marked stale.
func (f *feed) refreshed(m job.Answer[*postgres.Snapshot]) tea.Cmd {
	l, fresh := &f.live, m.Slot == recountSlot
	if !fresh {
		l.Asked, l.Slow = time.Time{}, false
	}
	switch {
	case m.Err == nil:
	case errors.Is(m.Err, context.Canceled):
		return nil
	case fresh:
		f.Fail(countEverything, m.Err)
		return f.askProbe()
	default:
		return f.unanswered(m.Err)
	}
	back := l.Lost != nil
	l.Lost, l.Stuck, l.Failing, l.Seen = nil, nil, nil, f.clock()
	f.Settled(lostServer)
	f.Settled("refresh")
	if fresh {
		f.Settled(countEverything)
	}
	if l.Snap != nil {
		h := l.Snap.Health
		l.Before = &h
	}
	first := l.Snap == nil
	if !m.Value.Reused {
		l.Counted = nil
	}
	l.Snap = m.Value
	l.Trace.Health(&l.Snap.Health, l.Before)
	cmds := []tea.Cmd{f.Tell(screen.SnapshotNews{})}
	if first || fresh {
		f.sayCounted(first || l.Wanted)
		l.Wanted = false
	}
	if back {
		f.Say(draw.Good, "the server is back")
		cmds = append(cmds, f.Tell(screen.WakeNews{}), f.askIdentity())
	}
	if first || back || (!m.Value.Reused && f.clock().Sub(l.FactsAsked) > factsEvery) {
		cmds = append(cmds, f.askFacts())
	}
	return tea.Batch(cmds...)
}

// sayCounted reports a count: in the activity only where nobody asked for it, so that the status line keeps a verb's result.
func (f *feed) sayCounted(wanted bool) {
	tables, _, _ := f.live.Snap.Totals()
	tell := f.Log
	if wanted {
		tell = f.Say
	}
	tell(draw.Good, "counted "+say.Count(tables, "table")+" in "+say.Took(f.live.Snap.Took))
}

func (f *feed) informed(m job.Answer[*backend.Facts]) tea.Cmd {
	if f.live.FactsOld {
		f.live.FactsOld = false
		return tea.Batch(f.takeFacts(m), f.askFacts())
	}
	return f.takeFacts(m)
}

const lookAtWorkspace = "look at the workspace"

func (f *feed) takeFacts(m job.Answer[*backend.Facts]) tea.Cmd {
	if m.Err != nil {
		if !errors.Is(m.Err, context.Canceled) && f.live.Lost == nil && f.live.Snap != nil {
			f.Fail(lookAtWorkspace, m.Err)
		}
		return nil
	}
	f.Settled(lookAtWorkspace)
	f.live.Facts = m.Value
	f.lookedAtFiles(m.Value.DriftErr)
	return f.Tell(screen.FactsNews{})
}

// lookedAtFiles takes the last error back where it was one of the workspace's files, whatever failed by it, and these are
// mended; where they now have another, that takes its place. Facts that were asked for before know nothing of it.
func (f *feed) lookedAtFiles(now error) {
	switch {
	case f.failure == nil || !backend.OfFiles(f.failure) || f.live.FactsAsked.Before(f.failed):
	case now == nil || !backend.OfFiles(now):
		f.Settled(f.failing)
	default:
		f.failure = now
		if f.saysFailure() {
			f.status.Text = f.failing + ": " + now.Error()
		}
	}
}

func (f *feed) measured(m job.Answer[*server.Stats]) {
	if m.Err == nil && m.Value != nil {
		f.live.Engine = m.Value
		f.live.Trace.Engine(m.Value)
	}
}

// happened takes what the engine reports. The server is asked at once, so that a loss or a return shows before the tick.
func (f *feed) happened(events []server.Event) tea.Cmd {
	if len(events) == 0 {
		return nil
	}
	matters := false
	var newest server.Event
	for _, e := range events {
		if strings.HasPrefix(e.Kind, "exec_") {
			continue // the health check, every few seconds
		}
		role := draw.Info
		switch e.Kind {
		case "die", "oom", "kill", "stop", "pause":
			role, matters, newest = draw.Warn, true, e
		case "start", "unpause":
			role, matters, newest = draw.Good, true, e
		}
		text := e.Text
		if !strings.HasPrefix(text, e.Kind) {
			text = e.Kind + ": " + text
		}
		f.Log(role, text)
	}
	if !matters || f.live.Paused || f.live.Hidden || f.live.Starting {
		return nil
	}
	switch newest.Kind {
	case "die", "oom", "stop", "pause":
		if f.AtWork() != "" {
			break // the verb says what it did, or what was done to it
		}
		err := remedy.New("server."+newest.Kind, remedy.ExitNoServer, "the server's engine reports %q: %s", newest.Kind, newest.Text)
		if newest.Fix != nil {
			err = err.WithHelp(newest.Fix)
		}
		f.lose(err)
	}
	f.jobs.Cancel(engineSlot)
	return tea.Batch(f.askSnapshot(false), f.askEngine())
}

// wake goes on after the program was hidden or suspended.
func (f *feed) wake() tea.Cmd {
	f.live.Hidden, f.live.Blurred = false, false
	cmds := []tea.Cmd{f.tick(), f.Tell(screen.WakeNews{})}
	if !f.live.Paused && !f.live.Starting {
		cmds = append(cmds, f.refresh(false))
	}
	return tea.Batch(cmds...)
}
