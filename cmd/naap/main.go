// Command naap is the local database environment of a NaaP developer: one PostgreSQL with many schemas, started, shaped,
// filled, watched, browsed, reset and undone. `naap help` lists its verbs; docs/cli.md is its contract.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

func main() {
	// A command lives for a tenth of a second on a few megabytes: collecting at Go's pace is an eighth of its processor
	// time. GOGC still says otherwise.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	os.Exit(run())
}

// run is main without the exit, so that tests can call it as a command.
func run() int {
	// The first interrupt cancels what is running; a second one ends the process, as people expect who press it twice.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	go func() {
		<-ctx.Done()
		stop()
	}()
	a := newApp(os.Stdin, os.Stdout, os.Stderr)
	return a.execute(ctx, os.Args[1:])
}
