package job

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

// Batch is what a mailbox held; closed says that nothing follows.
type Batch[T any] struct {
	Slot       Slot
	Generation uint64
	Items      []T
	Closed     bool
	again      tea.Cmd // asks for the next batch
}

// Of is the slot that the batch is of, and the generation of its question.
func (b Batch[T]) Of() (Slot, uint64) { return b.Slot, b.Generation }

// Next asks for the next batch; nil where none follows.
func (b Batch[T]) Next() tea.Cmd { return b.again }

// collect makes the command that waits for a mailbox. A pause after the bell gathers what comes in a burst.
func collect[T any](guard func(tea.Cmd) tea.Cmd, burst time.Duration, to Slot, gen uint64, m *mailbox[T]) tea.Cmd {
	return guard(func() tea.Msg {
		select {
		case <-m.bell:
			time.Sleep(burst)
		case <-m.over:
		}
		select {
		case <-m.over:
			return Batch[T]{Slot: to, Generation: gen, Items: m.take(), Closed: true}
		default:
			return Batch[T]{Slot: to, Generation: gen, Items: m.take(), again: collect(guard, burst, to, gen, m)}
		}
	})
}

// Follow makes the command for a question that emits items until it is answered; they arrive as batches.
func Follow[V, T any](j *Jobs, to Slot, quiet bool, f func(ctx context.Context, emit func(T) bool) (V, error)) tea.Cmd {
	box := newMailbox[T]()
	run := j.start(to, 0, quiet, func(ctx context.Context, gen uint64) tea.Msg {
		defer box.close()
		began := j.Watch()
		v, err := f(ctx, func(item T) bool {
			box.put(item)
			return ctx.Err() == nil
		})
		if errors.Is(err, context.Canceled) && ctx.Err() != nil {
			err = context.Canceled
		}
		return Answer[V]{to, gen, v, err, j.Watch().Sub(began)}
	})
	return tea.Batch(run, collect(j.Guard, j.Burst, to, j.newest[to], box))
}

// Stream is follow for what has no answer but its end.
func Stream[T any](j *Jobs, to Slot, quiet bool, f func(ctx context.Context, emit func(T) bool) error) tea.Cmd {
	return Follow(j, to, quiet, func(ctx context.Context, emit func(T) bool) (StreamEnd, error) { return StreamEnd{}, f(ctx, emit) })
}

// StreamEnd is the answer of a stream that is over.
type StreamEnd struct{}
