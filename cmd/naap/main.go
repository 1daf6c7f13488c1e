// Command naap is the local database environment of a NaaP developer: one PostgreSQL with many schemas, started, shaped,
// filled, watched, browsed, reset and undone. `naap help` lists its verbs; docs/cli.md is its contract.
package main

import (
	"os"

	_ "github.com/livepeer/naap-dev/cmd/naap/lean" // before the other packages initialize
)

func main() {
	os.Exit(run())
}

// run is main without the exit, so that tests can call it as a command.
func run() int {
	a := newApp(os.Stdin, os.Stdout, os.Stderr)
	a.args = os.Args[1:]
	ctx, stop := interrupts.watch(a.abandon)
	defer stop()
	return a.execute(ctx, a.args)
}
