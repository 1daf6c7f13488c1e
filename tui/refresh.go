package tui

import (
	"context"
	"errors"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/screen/table"
)

// How often the server is asked, and when it counts as slow. A loss shows at once where the engine tells of it. Where
// nobody tells, the time between two questions and the patience with an answer make less than two seconds together: then
// the server is looked at in another way, see Backend.Probe. A refresh took 9 ms for 112 tables, so that an answer that is
// missing for 0.6 s is news; counting the rows of a huge database takes minutes, and is none.
const (
	refreshEvery  = 2 * time.Second
	unheardEvery  = 1300 * time.Millisecond // where no engine tells of a loss
	blurredEvery  = 10 * time.Second        // without the focus: the terminal may be seen or not
	retryEvery    = 500 * time.Millisecond
	patience      = 600 * time.Millisecond
	snapshotLimit = 10 * time.Second // of a lost server; one that is slow has countLimit
	factsEvery    = 10 * time.Second
	engineEvery   = 4 * time.Second // a tenth of the work of a refresh, for a figure that few look at
	calm          = time.Second
	alert         = 250 * time.Millisecond
)

const countEverything = "count everything"

var (
	snapshotSlot = job.Slot{Name: "refresh"}
	recountSlot  = job.Slot{Name: countEverything}
	factsSlot    = job.Slot{Name: "facts"}
	engineSlot   = job.Slot{Name: "engine"}
	eventsSlot   = job.Slot{Name: "events"}
)

// tick starts a new chain of ticks and ends the one before.
func (a *app) tick() tea.Cmd {
	a.ticking++
	return a.tickAgain(a.ticking, 10*time.Millisecond)
}

func (a *app) tickAgain(chain uint64, after time.Duration) tea.Cmd {
	return a.timer(after, tickMsg{chain})
}

// ticked asks what is due. While the program is suspended there are no ticks at all.
func (a *app) ticked(m tickMsg) tea.Cmd {
	if m.chain != a.ticking || a.live.Hidden {
		return nil
	}
	cmds := []tea.Cmd{a.notice(), a.due(), a.Tell(screen.TickNews{}), a.watchOver()}
	return tea.Batch(append(cmds, a.tickAgain(m.chain, a.untilNext()))...)
}

// watchOver sees to it that an answer which is overdue is noticed then, and not at the next tick.
func (a *app) watchOver() tea.Cmd {
	l := &a.live
	if l.Asked.IsZero() || l.Asked.Equal(a.awaiting) {
		return nil
	}
	a.awaiting = l.Asked
	return a.timer(l.Asked.Add(a.patience()+time.Millisecond).Sub(a.clock()), overdueMsg{})
}

// untilNext is how long nothing is due: no question, no second of the clock.
func (a *app) untilNext() time.Duration {
	l, now := &a.live, a.clock()
	next := calm
	if l.Lost != nil || len(a.jobs.Waiting()) > 0 {
		next = alert
	}
	if !l.Paused && !a.booting() && !a.jobs.Busy(snapshotSlot) {
		next = min(next, l.LastAsk.Add(a.Every()).Sub(now))
	}
	return max(next, 10*time.Millisecond)
}

// Every is how often the server is asked.
func (s *shared) Every() time.Duration {
	switch {
	case s.live.Lost != nil && !s.live.Blurred:
		return retryEvery
	case s.live.Lost != nil:
		return refreshEvery
	case s.live.Blurred:
		return blurredEvery
	case s.live.Identity.Lacks.Events != "":
		return unheardEvery
	}
	return refreshEvery
}

// patience is how long an answer may take: longer where answers always do.
func (a *app) patience() time.Duration {
	if a.live.Snap == nil {
		return patience
	}
	return patience + 3*a.live.Snap.Took
}

// due asks for what is old enough: the snapshot, the engine's figures, the facts.
func (a *app) due() tea.Cmd {
	l := &a.live
	if l.Paused || l.Hidden || a.booting() {
		return nil
	}
	if a.jobs.Busy(snapshotSlot) || a.clock().Sub(l.LastAsk) < a.Every() {
		return nil
	}
	cmds := []tea.Cmd{a.askSnapshot(false), a.listen(), a.ListenLogs(), a.listenFiles()}
	if a.clock().Sub(l.EngineAsked) >= engineEvery {
		cmds = append(cmds, a.askEngine())
	}
	return tea.Batch(cmds...)
}

// refresh asks now, whatever the time.
func (a *app) refresh(fresh bool) tea.Cmd {
	a.live.Wanted = a.live.Wanted || fresh
	return tea.Batch(a.askSnapshot(fresh), a.askFacts(), a.askEngine(), a.listen(), a.ListenLogs(), a.listenFiles())
}

// askSnapshot asks for a refresh, or to count everything anew. The two go on beside each other: a count may take
// minutes, in which a loss must show.
func (s *shared) askSnapshot(fresh bool) tea.Cmd {
	to, limit := snapshotSlot, table.CountLimit
	if s.live.Lost != nil {
		limit = snapshotLimit
	}
	if fresh {
		to, limit = recountSlot, table.CountLimit
	} else {
		s.live.Asked = s.clock()
	}
	s.live.LastAsk = s.clock()
	backend := s.backend
	return job.AskQuietly(s.jobs, to, limit, func(ctx context.Context) (*devenv.Snapshot, error) { return backend.Snapshot(ctx, fresh) })
}

func (s *shared) askFacts() tea.Cmd {
	if s.jobs.Busy(factsSlot) {
		return nil
	}
	s.live.FactsAsked = s.clock()
	return job.AskQuietly(s.jobs, factsSlot, snapshotLimit, s.backend.Facts)
}

// askIdentity asks again who the instance is: starting it may have chosen the engine and the port.
func (s *shared) askIdentity() tea.Cmd {
	return job.AskQuietly(s.jobs, job.Slot{Name: "identity"}, snapshotLimit, func(context.Context) (devenv.Identity, error) { return s.backend.Identity(), nil })
}

func (s *shared) askEngine() tea.Cmd {
	if s.live.Identity.Lacks.Stats != "" || s.jobs.Busy(engineSlot) {
		return nil
	}
	s.live.EngineAsked = s.clock()
	return job.AskQuietly(s.jobs, engineSlot, snapshotLimit, s.backend.EngineStats)
}

// listen follows the engine's events, again if the stream broke off.
func (a *app) listen() tea.Cmd {
	if a.live.Identity.Lacks.Events != "" || a.jobs.Busy(eventsSlot) {
		return nil
	}
	return job.Stream(a.jobs, eventsSlot, true, a.backend.Events)
}

// refreshed takes a snapshot. On an error the last one stays, marked stale.
func (a *app) refreshed(m job.Answer[*devenv.Snapshot]) tea.Cmd {
	l, fresh := &a.live, m.Slot == recountSlot
	if !fresh {
		l.Asked, l.Slow = time.Time{}, false
	}
	switch {
	case m.Err == nil:
	case errors.Is(m.Err, context.Canceled):
		return nil
	case fresh:
		a.Fail(countEverything, m.Err)
		return a.askProbe()
	default:
		return a.unanswered(m.Err)
	}
	back := l.Lost != nil
	l.Lost, l.Stuck, l.Failing, l.Seen = nil, nil, nil, a.clock()
	a.Settled(lostServer)
	a.Settled("refresh")
	if fresh {
		a.Settled(countEverything)
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
	cmds := []tea.Cmd{a.Tell(screen.SnapshotNews{})}
	if first || fresh {
		a.sayCounted(first || l.Wanted)
		l.Wanted = false
	}
	if back {
		a.Say(draw.Good, "the server is back")
		cmds = append(cmds, a.Tell(screen.WakeNews{}))
	}
	if first || back || (!m.Value.Reused && a.clock().Sub(l.FactsAsked) > factsEvery) {
		cmds = append(cmds, a.askFacts())
	}
	return tea.Batch(cmds...)
}

// sayCounted tells of a count: in the activity only, where nobody asked for it, so that it leaves a verb's result be.
func (a *app) sayCounted(wanted bool) {
	tables, _, _ := a.live.Snap.Totals()
	tell := a.Log
	if wanted {
		tell = a.Say
	}
	tell(draw.Good, "counted "+say.Count(tables, "table")+" in "+say.Took(a.live.Snap.Took))
}

func (a *app) informed(m job.Answer[*devenv.Facts]) tea.Cmd {
	if a.live.FactsOld {
		a.live.FactsOld = false
		return tea.Batch(a.takeFacts(m), a.askFacts())
	}
	return a.takeFacts(m)
}

const lookAtWorkspace = "look at the workspace"

func (a *app) takeFacts(m job.Answer[*devenv.Facts]) tea.Cmd {
	if m.Err != nil {
		if !errors.Is(m.Err, context.Canceled) && a.live.Lost == nil && a.live.Snap != nil {
			a.Fail(lookAtWorkspace, m.Err)
		}
		return nil
	}
	a.Settled(lookAtWorkspace)
	a.live.Facts = m.Value
	a.lookedAtFiles(m.Value.DriftErr)
	return a.Tell(screen.FactsNews{})
}

// lookedAtFiles takes the last error back where it was one of the workspace's files, whatever failed by it, and these are
// mended; where they now have another, that takes its place. Facts that were asked for before know nothing of it.
func (a *app) lookedAtFiles(now error) {
	switch {
	case a.failure == nil || !devenv.OfFiles(a.failure) || a.live.FactsAsked.Before(a.failed):
	case now == nil || !devenv.OfFiles(now):
		a.Settled(a.failing)
	default:
		a.failure = now
		if a.saysFailure() {
			a.status.Text = a.failing + ": " + now.Error()
		}
	}
}

func (a *app) measured(m job.Answer[*devenv.EngineStats]) {
	if m.Err == nil && m.Value != nil {
		a.live.Engine = m.Value
		a.live.Trace.Engine(m.Value)
	}
}

// happened takes what the engine tells. The server is asked at once, so that a loss or a return shows before the tick.
func (a *app) happened(events []devenv.EngineEvent) tea.Cmd {
	if len(events) == 0 {
		return nil
	}
	matters := false
	var newest devenv.EngineEvent
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
		a.Log(role, text)
	}
	if !matters || a.live.Paused || a.live.Hidden || a.booting() {
		return nil
	}
	switch newest.Kind {
	case "die", "oom", "stop", "pause":
		if a.working() != "" {
			break // the verb says what it did, or what was done to it
		}
		err := remedy.New("server."+newest.Kind, remedy.ExitNoServer, "the server's engine reports %q: %s", newest.Kind, newest.Text)
		if newest.Fix != nil {
			err = err.WithHelp(newest.Fix)
		}
		a.lose(err)
	}
	a.jobs.Cancel(engineSlot)
	return tea.Batch(a.askSnapshot(false), a.askEngine())
}

// wake goes on after the program was hidden or suspended.
func (a *app) wake() tea.Cmd {
	a.live.Hidden, a.live.Blurred = false, false
	cmds := []tea.Cmd{a.tick(), a.Tell(screen.WakeNews{})}
	if !a.live.Paused && !a.booting() {
		cmds = append(cmds, a.refresh(false))
	}
	return tea.Batch(cmds...)
}

func (a *app) booting() bool {
	_, yes := a.stack[0].(*bootScreen)
	return yes
}
