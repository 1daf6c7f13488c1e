package tui

import (
	"context"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/backend"
	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/screen/table"
)

// feed keeps the live data fresh: it asks the server and the workspace, and takes the answers.
type feed struct {
	*notices
	*pages
	backend  backend.Backend
	ticking  uint64    // which chain of ticks is alive
	awaiting time.Time // the question whose answer is watched for, by when it was asked
	timer    func(after time.Duration, msg tea.Msg) tea.Cmd
}

// How often the server is asked, and when it counts as slow. A loss shows at once where the engine reports it. Where
// none does, the time between two questions and the patience with an answer make less than two seconds together: then
// the server is looked at in another way, see Backend.Probe. A refresh took 9 ms for 112 tables, so that an answer that is
// missing for 0.6 s is news; that counting the rows of a huge database takes minutes is not.
const (
	refreshEvery  = 2 * time.Second
	unheardEvery  = 1300 * time.Millisecond // where no engine reports a loss
	blurredEvery  = 10 * time.Second        // without the focus: the terminal may be seen or not
	retryEvery    = 500 * time.Millisecond
	patience      = 600 * time.Millisecond
	snapshotLimit = 10 * time.Second // of a lost server; one that is slow has countLimit
	factsEvery    = 10 * time.Second
	engineEvery   = 4 * time.Second  // a tenth of the work of a refresh, for a figure that few look at
	probeLimit    = 10 * time.Second // of the second look; the backend's own limits are shorter
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
	probeSlot    = job.Slot{Name: "probe"}
	filesSlot    = job.Slot{Name: "files"}
	logsSlot     = job.Slot{Name: "server log"}
)

// Every is how often the server is asked.
func (f *feed) Every() time.Duration {
	switch {
	case f.live.Lost != nil && !f.live.Blurred:
		return retryEvery
	case f.live.Lost != nil:
		return refreshEvery
	case f.live.Blurred:
		return blurredEvery
	case f.live.Identity.Lacks.Events != "":
		return unheardEvery
	}
	return refreshEvery
}

// patience is how long an answer may take: longer where answers always do.
func (f *feed) patience() time.Duration {
	if f.live.Snap == nil {
		return patience
	}
	return patience + 3*f.live.Snap.Took
}

// askSnapshot asks for a refresh, or to count everything again. The two go on beside each other: a count may take
// minutes, in which a loss must show.
func (f *feed) askSnapshot(fresh bool) tea.Cmd {
	to, limit := snapshotSlot, table.CountLimit
	if f.live.Lost != nil {
		limit = snapshotLimit
	}
	if fresh {
		to, limit = recountSlot, table.CountLimit
	} else {
		f.live.Asked = f.clock()
	}
	f.live.LastAsk = f.clock()
	backend := f.backend
	return job.AskQuietly(f.jobs, to, limit, func(ctx context.Context) (*postgres.Snapshot, error) { return backend.Snapshot(ctx, fresh) })
}

func (f *feed) askFacts() tea.Cmd {
	if f.jobs.Busy(factsSlot) {
		return nil
	}
	f.live.FactsAsked = f.clock()
	return job.AskQuietly(f.jobs, factsSlot, snapshotLimit, f.backend.Facts)
}

// askIdentity asks again who the instance is: starting it may have chosen the engine and the port.
func (f *feed) askIdentity() tea.Cmd {
	return job.AskQuietly(f.jobs, job.Slot{Name: "identity"}, snapshotLimit, func(context.Context) (devenv.Identity, error) { return f.backend.Identity(), nil })
}

func (f *feed) askEngine() tea.Cmd {
	if f.live.Identity.Lacks.Stats != "" || f.jobs.Busy(engineSlot) {
		return nil
	}
	f.live.EngineAsked = f.clock()
	return job.AskQuietly(f.jobs, engineSlot, snapshotLimit, f.backend.EngineStats)
}

// probed is the answer of a second look that found the server there.
type probed struct{}

// askProbe looks whether the server is there, in a way that needs nothing of what is slow.
func (f *feed) askProbe() tea.Cmd {
	if f.jobs.Busy(probeSlot) {
		return nil
	}
	return job.AskQuietly(f.jobs, probeSlot, probeLimit, func(ctx context.Context) (probed, error) { return probed{}, f.backend.Probe(ctx) })
}

// listen follows the engine's events, again if the stream broke off.
func (f *feed) listen() tea.Cmd {
	if f.live.Identity.Lacks.Events != "" || f.jobs.Busy(eventsSlot) {
		return nil
	}
	return job.Stream(f.jobs, eventsSlot, true, f.backend.Events)
}

// listenFiles follows what becomes of the workspace's files, again if the stream broke off.
func (f *feed) listenFiles() tea.Cmd {
	if f.jobs.Busy(filesSlot) {
		return nil
	}
	return job.Stream(f.jobs, filesSlot, true, f.backend.WatchFiles)
}

// ListenLogs follows the server's log, again if it broke off.
func (f *feed) ListenLogs() tea.Cmd {
	if f.live.Identity.Lacks.Logs != "" || f.jobs.Busy(logsSlot) || f.live.Lost != nil {
		return nil
	}
	f.live.Log, f.live.LogMarks, f.live.LogReads = nil, nil, screen.LogReader{}
	return job.Stream(f.jobs, logsSlot, true, func(ctx context.Context, emit func(string) bool) error {
		return f.backend.Logs(ctx, 200, emit)
	})
}

func (f *feed) Changed(fresh bool) tea.Cmd {
	cmds := []tea.Cmd{f.askSnapshot(fresh)}
	if fresh {
		cmds = append(cmds, f.askFacts())
	}
	return tea.Batch(append(cmds, f.Tell(screen.ChangedNews{}))...)
}
