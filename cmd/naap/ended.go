package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// explained returns a command's error with what really ended it: see devenv.Explained. What was done before is part of
// it.
func (a *app) explained(ctx context.Context, c *cobra.Command, err error) error {
	if a.left { // the verb took the interrupt for a no
		err = ctx.Err()
	}
	verb := strings.TrimPrefix(c.CommandPath(), "naap ")
	env := a.made
	if env == nil { // the database's place was not even known yet
		env = devenv.Nowhere()
	}
	told := env.Explained(ctx, verb, err)
	if r, ok := remedy.Of(told); ok && told != err && a.drawn != nil {
		for _, title := range a.drawn.finished {
			r.WithSeen("done before that: " + title)
		}
	}
	return told
}

// report prints a failure: with --json as the one document, otherwise for people, and so where that document was begun
// before. With --json among the words, even a wrong command line is answered in JSON.
func (a *app) report(err error) {
	if a.begun.Load() {
		a.tell("naap: %s", visible.Text(a.target.Text(err)))
		return
	}
	if a.json || hasJSONFlag(a.args) && (remedy.Exit(err) == remedy.ExitUsage || a.ctx.Err() != nil) {
		a.printJSON(a.failure(err))
		return
	}
	fmt.Fprintln(a.err, a.plain("naap: "+visible.Text(a.target.Text(err))))
}

// lastWord is how long the process may take to say that it was told twice to end.
const lastWord = time.Second

// abandon ends the process at once, whatever it is doing: it was asked for the second time. The server rolls back what
// is open when the connection goes.
func (a *app) abandon(by *devenv.Interrupted) {
	said := make(chan struct{})
	go func() {
		defer close(said)
		if a.giveBack != nil {
			a.giveBack()
		}
		err := remedy.New("interrupted", 128+by.Number, "interrupted a second time by %s, and ended at once", by.Signal).
			WithSeen("the server rolls back what is not committed")
		a.report(err)
	}()
	select {
	case <-said:
	case <-time.After(lastWord): // nothing reads the output
	}
	os.Exit(128 + by.Number)
}

// endless returns the error of a verb that goes on until it is ended. An interrupt is how that is done, and is not a
// failure; another signal shows in the exit status, as for any process.
func endless(ctx context.Context, err error) error {
	var by *devenv.Interrupted
	switch {
	case !errors.As(context.Cause(ctx), &by):
		return err
	case by.Number == 2:
		return nil
	}
	return exitStatus(128 + by.Number)
}
