// Package progress is what a verb reports while it works. A verb reports Steps and does not know who shows them: the
// command line prints them as lines or JSON, the terminal app as its boot screen.
package progress

import (
	"sync"
	"time"

	"github.com/livepeer/naap-dev/internal/say"
)

// Status is the state of a step.
type Status string

const (
	Running Status = "running"
	Done    Status = "done"
	Skipped Status = "skipped" // nothing to do, and Detail says why
	Warned  Status = "warned"  // done, but Detail holds something the user should read
	Failed  Status = "failed"
)

// Finished reports whether no more reports of a step follow.
func (s Status) Finished() bool { return s != Running }

// Step is one report of one step. The same Name is reported again as the step proceeds; the last report counts.
type Step struct {
	Name   string // stable, for machines: "image", "container", "tables"
	Title  string // for people: "Pull postgres:16"
	Status Status
	Detail string // one line; the caller shows control characters as glyphs

	// Done of Total, in Unit ("bytes", "rows", "statements"); Total is 0 where it is not known.
	Done, Total int64
	Unit        string

	// Elapsed is the time since the step's first report, set by a Clock.
	Elapsed time.Duration
}

// Amount returns how far the step has come: "12 MB of 148 MB", "3 of 10 statements", "17 rows" of an unknown total.
func (s Step) Amount() string {
	write, unit := say.Number[int64], " "+s.Unit
	if s.Unit == "bytes" {
		write, unit = say.Bytes, ""
	}
	if s.Total <= 0 {
		return write(s.Done) + unit
	}
	return write(s.Done) + " of " + write(s.Total) + unit
}

// Report receives steps. It may be called from several goroutines at once, and must not block for long.
type Report func(Step)

// Discard ignores every step.
func Discard(Step) {}

// Clock returns a Report that sets Elapsed and passes each step on, one at a time.
func Clock(next Report) Report { return ClockBy(time.Now, next) }

// ClockBy is Clock with a clock other than the machine's, read by the goroutine that reports.
func ClockBy(now func() time.Time, next Report) Report {
	var mu sync.Mutex
	began := map[string]time.Time{}
	return func(s Step) {
		mu.Lock()
		defer mu.Unlock()
		start, seen := began[s.Name]
		if !seen {
			start = now()
			began[s.Name] = start
		}
		s.Elapsed = now().Sub(start)
		if s.Status.Finished() {
			delete(began, s.Name)
		}
		next(s)
	}
}
