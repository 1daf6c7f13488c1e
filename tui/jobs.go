package tui

import (
	"context"
	"errors"
	"sort"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// slot is a place for one answer: a newer question in the same slot cancels the older one and makes its answer void.
type slot struct {
	owner int // the screen that asked; 0 is the root
	name  string
}

// jobs are the questions under way. It belongs to Update alone.
type jobs struct {
	ctx     context.Context
	newest  map[slot]uint64
	running map[slot]job
	next    uint64
}

type job struct {
	cancel context.CancelFunc
	since  time.Time
	quiet  bool // not for a person to wait for or to cancel: refreshes, streams
	ending bool // a person cancelled it, and its answer has not come yet
}

func newJobs(ctx context.Context) *jobs {
	return &jobs{ctx: ctx, newest: map[slot]uint64{}, running: map[slot]job{}}
}

// answer is what a question brought.
type answer[T any] struct {
	slot       slot
	generation uint64
	value      T
	err        error
	took       time.Duration
}

// reply is an answer of any type.
type reply interface {
	to() (slot, uint64)
	failure() error
}

func (a answer[T]) to() (slot, uint64) { return a.slot, a.generation }
func (a answer[T]) failure() error     { return a.err }

// ask makes the command for a question. f gets values only and must not look at the model. Its context ends after
// limit, when a newer question takes the slot, when its screen closes, or when a person cancels.
func ask[T any](s *shared, to slot, limit time.Duration, f func(context.Context) (T, error)) tea.Cmd {
	return s.jobs.start(s.guard, to, limit, false, func(ctx context.Context, gen uint64) tea.Msg {
		began := time.Now()
		v, err := f(ctx)
		if err != nil && errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
			err = timedOut(limit, err)
		}
		return answer[T]{to, gen, v, err, time.Since(began)}
	})
}

// askQuietly is ask for what happens by itself, which ctrl+c leaves alone.
func askQuietly[T any](s *shared, to slot, limit time.Duration, f func(context.Context) (T, error)) tea.Cmd {
	cmd := ask(s, to, limit, f)
	j := s.jobs.running[to]
	j.quiet = true
	s.jobs.running[to] = j
	return cmd
}

func (j *jobs) start(guard func(tea.Cmd) tea.Cmd, to slot, limit time.Duration, quiet bool, f func(context.Context, uint64) tea.Msg) tea.Cmd {
	j.cancel(to)
	j.next++
	gen := j.next
	ctx, cancel := context.WithCancel(j.ctx)
	j.newest[to] = gen
	j.running[to] = job{cancel: cancel, since: time.Now(), quiet: quiet}
	return guard(func() tea.Msg {
		defer cancel()
		if limit > 0 {
			var stop context.CancelFunc
			ctx, stop = context.WithTimeout(ctx, limit)
			defer stop()
		}
		return f(ctx, gen)
	})
}

// accept tells whether an answer is still wanted, and notes that its question is over.
func (j *jobs) accept(r reply) bool {
	to, gen := r.to()
	run, ok := j.running[to]
	if !ok || j.newest[to] != gen {
		return false
	}
	run.cancel()
	delete(j.running, to)
	return true
}

// busy tells whether a slot's question is under way.
func (j *jobs) busy(to slot) bool {
	_, ok := j.running[to]
	return ok
}

// cancel ends a slot's question; its answer, if one still comes, is void.
func (j *jobs) cancel(to slot) bool {
	run, ok := j.running[to]
	if !ok {
		return false
	}
	run.cancel()
	delete(j.running, to)
	delete(j.newest, to)
	return true
}

// interrupt ends the context of a slot's question but still takes its answer, which says what was cancelled.
func (j *jobs) interrupt(to slot) bool {
	run, ok := j.running[to]
	if ok {
		run.cancel()
		run.ending = true
		j.running[to] = run
	}
	return ok
}

// awaited tells whether a person waits for an answer to a screen, and did not cancel it.
func (j *jobs) awaited(owner int) bool {
	for to, run := range j.running {
		if to.owner == owner && !run.quiet && !run.ending {
			return true
		}
	}
	return false
}

// interruptOne ends the newest question that a person waits for, of one screen or (owner < 0) of any. What is ending
// already is none.
func (j *jobs) interruptOne(owner int) bool {
	var best slot
	var found bool
	for to, run := range j.running {
		if run.quiet || run.ending || (owner >= 0 && to.owner != owner) {
			continue
		}
		if !found || run.since.After(j.running[best].since) {
			best, found = to, true
		}
	}
	return found && j.interrupt(best)
}

// closeOwner ends all questions of a screen.
func (j *jobs) closeOwner(owner int) {
	for to := range j.running {
		if to.owner == owner {
			j.cancel(to)
		}
	}
	for to := range j.newest {
		if to.owner == owner {
			delete(j.newest, to)
		}
	}
}

// waiting lists the names of the questions that a person waits for, longest first.
func (j *jobs) waiting() []string {
	var slots []slot
	for to, run := range j.running {
		if !run.quiet {
			slots = append(slots, to)
		}
	}
	sort.Slice(slots, func(a, b int) bool { return j.running[slots[a]].since.Before(j.running[slots[b]].since) })
	names := make([]string, len(slots))
	for i, to := range slots {
		names[i] = to.name
	}
	return names
}
