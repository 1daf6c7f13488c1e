package main

import (
	"context"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"

	"github.com/livepeer/naap-dev/cmd/naap/asked"
	"github.com/livepeer/naap-dev/internal/devenv"
)

// interrupts are the signals that asked this process to end.
var interrupts interruptions

// interruptions turns the signals that ask a process to end into the end of a context.
type interruptions struct {
	theirs atomic.Bool // another program has the terminal: an interrupt from its keyboard is for that program
}

// watch returns a context that ends with the first signal, which cancels what is running. The second signal ends the
// process by way of abandon, and a third ends it even where that hangs.
func (i *interruptions) watch(abandon func(*devenv.Interrupted)) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(context.Background())
	done := make(chan struct{})
	go func() {
		for ended := false; ; {
			select {
			case s := <-asked.ToEnd:
				if s == os.Interrupt && i.theirs.Load() {
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

func (i *interruptions) ours(yes bool) { i.theirs.Store(!yes) }

func interruptedBy(s os.Signal) *devenv.Interrupted {
	switch s {
	case syscall.SIGTERM:
		return &devenv.Interrupted{Signal: "SIGTERM", Number: 15}
	case syscall.SIGHUP:
		return &devenv.Interrupted{Signal: "SIGHUP", Number: 1}
	}
	return &devenv.Interrupted{Signal: "SIGINT (ctrl+c)", Number: 2}
}
