// Command naap is the local database environment of a NaaP developer: one PostgreSQL with many schemas, started, shaped,
// filled, watched, browsed, reset and undone. `naap help` lists its verbs; docs/cli.md is its contract.
package main

import (
	"context"
	"os"
	"os/signal"
	"sync/atomic"
	"syscall"

	_ "github.com/livepeer/naap-dev/cmd/naap/lean" // before the other packages' initialisation
)

func main() {
	os.Exit(run())
}

// run is main without the exit, so that tests can call it as a command.
func run() int {
	ctx, stop := interrupts.watch(context.Background())
	defer stop()
	a := newApp(os.Stdin, os.Stdout, os.Stderr)
	return a.execute(ctx, os.Args[1:])
}

// interrupts are those of this process.
var interrupts interruptions

// interruptions turn the signals that ask a process to end into the end of a context.
type interruptions struct {
	theirs atomic.Bool // another program has the terminal: an interrupt from its keyboard is that program's own
}

// watch makes a context that ends with the first interrupt, which cancels what is running; a second one ends the
// process, as people expect who press it twice.
func (i *interruptions) watch(parent context.Context) (ctx context.Context, stop func()) {
	ctx, stop = context.WithCancel(parent)
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		defer signal.Stop(signals)
		for {
			select {
			case s := <-signals:
				if s == os.Interrupt && i.theirs.Load() {
					continue
				}
				stop()
				return
			case <-ctx.Done():
				return
			}
		}
	}()
	return ctx, stop
}

// ours says whether interrupts are for this process.
func (i *interruptions) ours(yes bool) { i.theirs.Store(!yes) }
