package tui

import (
	"context"
	"errors"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/tui/draw"
)

// How often the server is asked, and when it counts as lost. A refresh took 9 ms for 112 tables, so that an answer
// that is missing for 1.2 s is news.
const (
	refreshEvery  = 2 * time.Second
	retryEvery    = 500 * time.Millisecond
	patience      = 1200 * time.Millisecond
	snapshotLimit = 10 * time.Second
	factsEvery    = 10 * time.Second
	calm          = time.Second
	alert         = 250 * time.Millisecond
)

var (
	snapshotSlot = slot{0, "refresh"}
	factsSlot    = slot{0, "facts"}
	engineSlot   = slot{0, "engine"}
	eventsSlot   = slot{0, "events"}
)

// tick starts a new chain of ticks and ends the one before.
func (a *app) tick() tea.Cmd {
	a.ticking++
	return a.tickAgain(a.ticking, 10*time.Millisecond)
}

func (a *app) tickAgain(chain uint64, after time.Duration) tea.Cmd {
	return a.timer(after, tickMsg{chain})
}

// ticked asks what is due. While the program is hidden there are no ticks at all.
func (a *app) ticked(m tickMsg) tea.Cmd {
	if m.chain != a.ticking || a.live.hidden {
		return nil
	}
	a.notice()
	next := calm
	if !a.live.asked.IsZero() || a.live.lost != nil || len(a.jobs.waiting()) > 0 {
		next = alert
	}
	return tea.Batch(a.due(), a.tell(tickNews{}), a.tickAgain(m.chain, next))
}

// notice marks the data stale when an answer is overdue.
func (a *app) notice() {
	l := &a.live
	if l.lost == nil && !l.asked.IsZero() && a.clock().Sub(l.asked) > patience {
		a.lose(remedy.New("server.silent", remedy.ExitNoServer, "the server does not answer").
			WithSeen("asked "+took(a.clock().Sub(l.asked).Round(100*time.Millisecond))+" ago").
			WithFix("docker unpause, if the container is paused", "naap dev doctor"))
	}
}

// due asks for what is old enough: the snapshot, the engine's figures, the facts.
func (a *app) due() tea.Cmd {
	l := &a.live
	if l.paused || l.hidden || a.booting() {
		return nil
	}
	every := refreshEvery
	if l.lost != nil {
		every = retryEvery
	}
	if a.jobs.busy(snapshotSlot) || a.clock().Sub(l.lastAsk) < every {
		return nil
	}
	return tea.Batch(a.askSnapshot(false), a.askEngine(), a.listen(), a.listenLogs())
}

// refresh asks now, whatever the time.
func (a *app) refresh(fresh bool) tea.Cmd {
	a.live.wanted = a.live.wanted || fresh
	return tea.Batch(a.askSnapshot(fresh), a.askFacts(), a.askEngine(), a.listen(), a.listenLogs())
}

func (s *shared) askSnapshot(fresh bool) tea.Cmd {
	s.live.asked, s.live.lastAsk, s.live.fresh = s.clock(), s.clock(), fresh
	backend := s.backend
	return askQuietly(s, snapshotSlot, snapshotLimit, func(ctx context.Context) (*devenv.Snapshot, error) {
		return backend.Snapshot(ctx, fresh)
	})
}

func (s *shared) askFacts() tea.Cmd {
	knower, ok := s.backend.(Knower)
	if !ok || s.jobs.busy(factsSlot) {
		return nil
	}
	s.live.factsAsked = s.clock()
	return askQuietly(s, factsSlot, snapshotLimit, knower.Facts)
}

func (s *shared) askEngine() tea.Cmd {
	m, ok := s.backend.(Measurer)
	if !ok || s.jobs.busy(engineSlot) {
		return nil
	}
	return askQuietly(s, engineSlot, snapshotLimit, m.EngineStats)
}

// listen follows the engine's events, again if the stream broke off.
func (a *app) listen() tea.Cmd {
	e, ok := a.backend.(Eventer)
	if !ok || a.jobs.busy(eventsSlot) || a.deaf[eventsSlot] {
		return nil
	}
	return stream(a.shared, eventsSlot, true, e.Events)
}

// refreshed takes a snapshot. On an error the last one stays, marked stale.
func (a *app) refreshed(m answer[*devenv.Snapshot]) tea.Cmd {
	l := &a.live
	l.asked = time.Time{}
	if m.err != nil {
		if !errors.Is(m.err, context.Canceled) {
			a.lose(m.err)
		}
		return nil
	}
	back := l.lost != nil
	l.lost, l.seen = nil, a.clock()
	if l.snap != nil {
		h := l.snap.Health
		l.before = &h
	}
	first := l.snap == nil
	if !m.value.Reused {
		l.counted = nil
	}
	l.snap = m.value
	l.trace.health(&l.snap.Health, l.before)
	cmds := []tea.Cmd{a.tell(snapshotNews{})}
	if first || l.fresh {
		a.sayCounted(first || l.wanted)
	}
	l.fresh, l.wanted = false, false
	if back {
		a.say(draw.Good, "the server is back")
		cmds = append(cmds, a.tell(wakeNews{}))
	}
	if first || back || (!m.value.Reused && a.clock().Sub(l.factsAsked) > factsEvery) {
		cmds = append(cmds, a.askFacts())
	}
	return tea.Batch(cmds...)
}

// sayCounted tells of a count: in the activity only, where nobody asked for it, so that it leaves a verb's result be.
func (a *app) sayCounted(wanted bool) {
	tables, _, _ := a.live.snap.Totals()
	tell := a.log
	if wanted {
		tell = a.say
	}
	tell(draw.Good, "counted "+plural(int64(tables), "table")+" in "+took(a.live.snap.Took))
}

// lose marks the data stale, and says so once.
func (a *app) lose(err error) {
	if a.live.lost == nil {
		a.fail("the server is lost", err)
	}
	a.live.lost = err
}

func (a *app) informed(m answer[*devenv.Facts]) tea.Cmd {
	if m.err != nil {
		if !errors.Is(m.err, devenv.ErrNotHere) && !errors.Is(m.err, context.Canceled) && a.live.lost == nil && a.live.snap != nil {
			a.fail("look at the workspace", m.err)
		}
		return nil
	}
	a.live.facts = m.value
	return a.tell(factsNews{})
}

func (a *app) measured(m answer[*devenv.EngineStats]) {
	if m.err == nil && m.value != nil {
		a.live.engine = m.value
		a.live.trace.engine(m.value)
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
		a.log(role, text)
	}
	if !matters || a.live.paused || a.live.hidden || a.booting() {
		return nil
	}
	switch newest.Kind {
	case "die", "oom", "stop", "pause":
		a.lose(remedy.New("server."+newest.Kind, remedy.ExitNoServer, "the server's engine reports %q: %s", newest.Kind, newest.Text).
			WithFix("naap dev up"))
	}
	a.jobs.cancel(engineSlot)
	return tea.Batch(a.askSnapshot(false), a.askEngine())
}

// wake goes on after the program was hidden or suspended.
func (a *app) wake() tea.Cmd {
	a.live.hidden = false
	cmds := []tea.Cmd{a.tick(), a.tell(wakeNews{})}
	if !a.live.paused && !a.booting() {
		cmds = append(cmds, a.refresh(false))
	}
	return tea.Batch(cmds...)
}

func (a *app) booting() bool {
	_, yes := a.stack[0].(*bootScreen)
	return yes
}
