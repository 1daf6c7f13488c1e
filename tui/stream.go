package tui

import (
	"context"
	"errors"
	"sync"
	"time"

	tea "github.com/charmbracelet/bubbletea"
)

// mailbox takes items from any goroutine without blocking it, and gives them to Update in batches. What is not
// collected in time beyond its bound is dropped, oldest first.
type mailbox[T any] struct {
	mu    sync.Mutex
	items []T
	lost  int
	bell  chan struct{}
	over  chan struct{}
	once  sync.Once
}

const mailboxBound = 5000

func newMailbox[T any]() *mailbox[T] {
	return &mailbox[T]{bell: make(chan struct{}, 1), over: make(chan struct{})}
}

func (m *mailbox[T]) put(item T) {
	m.mu.Lock()
	if len(m.items) >= mailboxBound {
		m.items = append(m.items[:0], m.items[1:]...)
		m.lost++
	}
	m.items = append(m.items, item)
	m.mu.Unlock()
	select {
	case m.bell <- struct{}{}:
	default:
	}
}

func (m *mailbox[T]) close() { m.once.Do(func() { close(m.over) }) }

func (m *mailbox[T]) take() []T {
	m.mu.Lock()
	defer m.mu.Unlock()
	items := m.items
	m.items = nil
	return items
}

// batch is what a mailbox held; closed says that nothing follows.
type batch[T any] struct {
	slot       slot
	generation uint64
	items      []T
	closed     bool
	again      tea.Cmd // asks for the next batch
}

// delivery is a batch of any type.
type delivery interface {
	of() (slot, uint64)
	next() tea.Cmd
}

func (b batch[T]) of() (slot, uint64) { return b.slot, b.generation }
func (b batch[T]) next() tea.Cmd      { return b.again }

// collect makes the command that waits for a mailbox. A pause after the bell gathers what comes in a burst.
func collect[T any](s *shared, to slot, gen uint64, m *mailbox[T]) tea.Cmd {
	guard, burst := s.guard, s.pause.burst
	return collectAgain(guard, burst, to, gen, m)
}

func collectAgain[T any](guard func(tea.Cmd) tea.Cmd, burst time.Duration, to slot, gen uint64, m *mailbox[T]) tea.Cmd {
	return guard(func() tea.Msg {
		select {
		case <-m.bell:
			time.Sleep(burst)
		case <-m.over:
		}
		select {
		case <-m.over:
			return batch[T]{slot: to, generation: gen, items: m.take(), closed: true}
		default:
			return batch[T]{slot: to, generation: gen, items: m.take(), again: collectAgain(guard, burst, to, gen, m)}
		}
	})
}

// stream runs f, which emits items until its context ends; they arrive as batches, its end as an answer in the slot.
func stream[T any](s *shared, to slot, quiet bool, f func(ctx context.Context, emit func(T) bool) error) tea.Cmd {
	box := newMailbox[T]()
	run := s.jobs.start(s.guard, to, 0, quiet, func(ctx context.Context, gen uint64) tea.Msg {
		defer box.close()
		began := time.Now()
		err := f(ctx, func(item T) bool {
			box.put(item)
			return ctx.Err() == nil
		})
		if errors.Is(err, context.Canceled) && ctx.Err() != nil {
			err = context.Canceled
		}
		return answer[streamEnd]{to, gen, streamEnd{}, err, time.Since(began)}
	})
	return tea.Batch(run, collect(s, to, s.jobs.newest[to], box))
}

// streamEnd is the answer of a stream that is over.
type streamEnd struct{}
