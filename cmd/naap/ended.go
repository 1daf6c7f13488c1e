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

// explained is what a command failed with, told for what it is: see devenv.Explained. What was done before is part of it.
func (a *app) explained(ctx context.Context, c *cobra.Command, err error) error {
	if a.left { // the verb took that for a no
		err = ctx.Err()
	}
	verb := strings.TrimPrefix(c.CommandPath(), "naap ")
	env := a.made
	if env == nil { // it was not even found out where the database is
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

// report prints a failure: as the one document with --json, else for people. With --json among the words, even a wrong
// command line is answered as JSON.
func (a *app) report(err error) {
	if a.json || hasJSONFlag(a.args) && (remedy.Exit(err) == remedy.ExitUsage || a.ctx.Err() != nil) {
		a.printJSON(a.failure(err))
		return
	}
	fmt.Fprintln(a.err, a.plain("naap: "+visible.Text(a.target.Text(err))))
}

// lastWord is how long the process may take to say that it was ended for the second time.
const lastWord = time.Second

// abandon ends the process at once, whatever it is doing: somebody has asked for the second time. The server rolls back
// what is open when the connection goes.
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
	case <-time.After(lastWord): // nobody reads what it prints
	}
	os.Exit(128 + by.Number)
}

// endless is the end of a verb that goes on until somebody ends it: ctrl+c is how that is done, and no failure; another
// signal shows in the exit status, as for any process.
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
