package main

import (
	"context"
	"math"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/livepeer/naap-dev/cmd/naap/asked"
	"github.com/livepeer/naap-dev/internal/devenv"
)

// interrupts are the signals that asked this process to end.
var interrupts interruptions

// interruptions turns the signals that ask a process to end into the end of a context.
type interruptions struct {
	// theirs is until when another program has the terminal, in nanoseconds of Unix time: an interrupt from its keyboard is
	// for that program.
	theirs atomic.Int64
}

// lateInterrupt is how late an interrupt may be noticed that ended the program that had the terminal: the kernel sends it
// to both at once.
const lateInterrupt = 250 * time.Millisecond

// watch returns a context that ends with the first signal, which cancels what is running. The second signal ends the
// process by way of abandon, and a third ends it even where that hangs.
func (i *interruptions) watch(abandon func(*devenv.Interrupted)) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(context.Background())
	done := make(chan struct{})
	go func() {
		for ended := false; ; {
			select {
			case s := <-asked.ToEnd:
				if s == os.Interrupt && time.Now().UnixNano() < i.theirs.Load() {
					continue
				}
				if !ended {
					cancel(interruptedBy(s))
					ended = true
					continue
				}
				signal.Reset(os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
				abandon(interruptedBy(s))
				return
			case <-done:
				return
			}
		}
	}()
	return ctx, func() { cancel(nil); close(done) }
}

// ours says whether the terminal is naap's own, or another program's.
func (i *interruptions) ours(yes bool) {
	until := int64(math.MaxInt64)
	if yes {
		until = time.Now().Add(lateInterrupt).UnixNano()
	}
	i.theirs.Store(until)
}

func interruptedBy(s os.Signal) *devenv.Interrupted {
	switch s {
	case syscall.SIGTERM:
		return &devenv.Interrupted{Signal: "SIGTERM", Number: 15}
	case syscall.SIGHUP:
		return &devenv.Interrupted{Signal: "SIGHUP", Number: 1}
	}
	return &devenv.Interrupted{Signal: "SIGINT (ctrl+c)", Number: 2}
}
