// Package job asks questions outside of Update: each has a slot, and a newer one in the same slot cancels the older and makes
// its answer void. Nothing else in the application starts work of its own.
package job

import (
	"context"
	"errors"
	"sort"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/say"
)

// Slot is a place for one answer: a newer question in the same slot cancels the older one and makes its answer void.
type Slot struct {
	Owner int // the screen that asked; 0 is the root
	Name  string
}

// Jobs are the questions under way. It belongs to Update alone.
type Jobs struct {
	Ctx      context.Context
	Guard    func(tea.Cmd) tea.Cmd                      // a command of the result's does not panic
	late     func(limit time.Duration, err error) error // the error of a question whose time is over
	Burst    time.Duration                              // items of a stream that come within it are taken together
	Watch    func() time.Time                           // how long a command took is measured by it
	Unasked  bool                                       // set while news are told: what is asked then, no user has asked for
	newest   map[Slot]uint64
	underWay map[Slot]running
	next     uint64
}

type running struct {
	cancel context.CancelFunc
	since  time.Time
	quiet  bool // not for the user to wait for or to cancel: refreshes, streams
	news   bool // asked because of news: who leaves the screen need not cancel it first
	ending bool // the user cancelled it, and its answer has not come yet
}

// NewJobs has no questions yet. They end with ctx.
func NewJobs(ctx context.Context, guard func(tea.Cmd) tea.Cmd, late func(time.Duration, error) error, burst time.Duration) *Jobs {
	return &Jobs{Ctx: ctx, Guard: guard, late: late, Burst: burst, Watch: time.Now, newest: map[Slot]uint64{}, underWay: map[Slot]running{}}
}

// Answer is what a question brought.
type Answer[T any] struct {
	Slot       Slot
	Generation uint64
	Value      T
	Err        error
	Took       time.Duration
}

// Reply is an answer of any type.
type Reply interface {
	To() (Slot, uint64)
}

// Delivery is a batch of any type.
type Delivery interface {
	Of() (Slot, uint64)
	Next() tea.Cmd
}

// To is the slot that was asked in, and the generation of the question.
func (a Answer[T]) To() (Slot, uint64) { return a.Slot, a.Generation }

// Ask makes the command for a question. f gets values only and must not look at the model. Its context ends after
// limit, when a newer question takes the slot, when its screen closes, or when the user cancels.
func Ask[T any](j *Jobs, to Slot, limit time.Duration, f func(context.Context) (T, error)) tea.Cmd {
	return j.start(to, limit, false, func(ctx context.Context, gen uint64) tea.Msg {
		began := j.Watch()
		v, err := f(ctx)
		if err != nil && errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
			err = j.late(limit, err)
		}
		return Answer[T]{to, gen, v, err, j.Watch().Sub(began)}
	})
}

// AskQuietly is ask for what happens by itself, which ctrl+c leaves alone.
func AskQuietly[T any](j *Jobs, to Slot, limit time.Duration, f func(context.Context) (T, error)) tea.Cmd {
	cmd := Ask(j, to, limit, f)
	run := j.underWay[to]
	run.quiet = true
	j.underWay[to] = run
	return cmd
}

func (j *Jobs) start(to Slot, limit time.Duration, quiet bool, f func(context.Context, uint64) tea.Msg) tea.Cmd {
	ctx, cancel := context.WithCancel(j.Ctx)
	gen := j.Begin(to, quiet, cancel)
	return j.Guard(func() tea.Msg {
		defer cancel()
		if limit > 0 {
			var stop context.CancelFunc
			ctx, stop = context.WithTimeout(ctx, limit)
			defer stop()
		}
		return f(ctx, gen)
	})
}

// Begin notes a question that is asked in another way, and returns the generation of its answer.
func (j *Jobs) Begin(to Slot, quiet bool, cancel context.CancelFunc) uint64 {
	j.Cancel(to)
	j.next++
	j.newest[to] = j.next
	j.underWay[to] = running{cancel: cancel, since: time.Now(), quiet: quiet, news: j.Unasked}
	return j.next
}

// Generation is that of the newest question in a slot; 0 without any.
func (j *Jobs) Generation(to Slot) uint64 { return j.newest[to] }

// Outdated reports whether a delivery is of a question that a newer one has taken the place of.
func (j *Jobs) Outdated(d Delivery) bool {
	to, gen := d.Of()
	current, known := j.newest[to]
	return known && current != gen
}

// Accept reports whether an answer is still wanted, and notes that its question is over.
func (j *Jobs) Accept(r Reply) bool {
	to, gen := r.To()
	run, ok := j.underWay[to]
	if !ok || j.newest[to] != gen {
		return false
	}
	run.cancel()
	delete(j.underWay, to)
	return true
}

// Busy reports whether a slot's question is under way.
func (j *Jobs) Busy(to Slot) bool {
	_, ok := j.underWay[to]
	return ok
}

// Cancel ends a slot's question; its answer, if one still comes, is void.
func (j *Jobs) Cancel(to Slot) bool {
	run, ok := j.underWay[to]
	if !ok {
		return false
	}
	run.cancel()
	delete(j.underWay, to)
	delete(j.newest, to)
	return true
}

// interrupt ends the context of a slot's question but still takes its answer, which says what was cancelled.
func (j *Jobs) interrupt(to Slot) bool {
	run, ok := j.underWay[to]
	if ok {
		run.cancel()
		run.ending = true
		j.underWay[to] = run
	}
	return ok
}

// Awaited reports whether the user waits for an answer to a screen, and did not cancel it.
func (j *Jobs) Awaited(owner int) bool {
	for to, run := range j.underWay {
		if to.Owner == owner && !run.quiet && !run.ending {
			return true
		}
	}
	return false
}

// InterruptOne ends the newest question that the user waits for, of any (owner < 0) or that the user asked on one screen.
// What is ending already is none.
func (j *Jobs) InterruptOne(owner int) bool {
	var best Slot
	var found bool
	for to, run := range j.underWay {
		if run.quiet || run.ending || (owner >= 0 && (run.news || to.Owner != owner)) {
			continue
		}
		if !found || run.since.After(j.underWay[best].since) {
			best, found = to, true
		}
	}
	return found && j.interrupt(best)
}

// CloseOwner ends all questions of a screen.
func (j *Jobs) CloseOwner(owner int) {
	for to := range j.underWay {
		if to.Owner == owner {
			j.Cancel(to)
		}
	}
	for to := range j.newest {
		if to.Owner == owner {
			delete(j.newest, to)
		}
	}
}

// Waiting lists the names of the questions that the user waits for, longest first.
func (j *Jobs) Waiting() []string {
	var slots []Slot
	for to, run := range j.underWay {
		if !run.quiet {
			slots = append(slots, to)
		}
	}
	sort.Slice(slots, func(a, b int) bool { return j.underWay[slots[a]].since.Before(j.underWay[slots[b]].since) })
	return say.Each(slots, func(to Slot) string { return to.Name })
}
