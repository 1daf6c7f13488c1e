package main

import (
	"context"
	"os"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// attach opens the terminal app on what runs.
func (a *app) attach(ctx context.Context) error {
	if !a.interactive() {
		return remedy.New("terminal.none", remedy.ExitUsage, "the terminal app needs a terminal").
			WithHelp(remedy.Naap("dev status"), remedy.Again("dev up", "--detach"))
	}
	if !a.canDraw() {
		return remedy.New("terminal.dumb", remedy.ExitUsage, "this terminal can't place text, which the terminal app needs").
			WithSeen("TERM is "+os.Getenv("TERM")).WithHelp(remedy.Naap("dev status"), remedy.Line("TERM=xterm ", remedy.Naap("dev")))
	}
	env, err := a.env(ctx)
	if err != nil {
		return err
	}
	defer env.Close()
	return a.runTUI(ctx, env, devenv.UpOptions{}, false)
}

// canDraw reports whether the terminal can position text: editors' shells and logs set TERM=dumb for one that can't.
func (a *app) canDraw() bool { return os.Getenv("TERM") != "dumb" }
