package main

import (
	"context"
	"fmt"

	"golang.org/x/term"

	"github.com/livepeer/naap-dev/internal/backend"
	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/tui"
)

// runTUI shows the terminal app until the user leaves it: on the instance of env, and then on those that the user goes to.
func (a *app) runTUI(ctx context.Context, env *devenv.Env, opt devenv.UpOptions, boot bool) error {
	if old, err := term.GetState(int(a.in.Fd())); err == nil {
		a.giveBack = func() {
			fmt.Fprint(a.outFile, "\x1b[?2026l\x1b[?1006l\x1b[?1002l\x1b[?1004l\x1b[?2004l\x1b[?1049l\x1b[?25h")
			_ = term.Restore(int(a.in.Fd()), old)
		}
	}
	way := a.journey(env, opt)
	defer func() { way.here.Close() }()
	for {
		next, err := a.showTUI(ctx, way, boot)
		if err != nil {
			return err
		}
		if next == nil {
			return endless(ctx, nil)
		}
		way.failed = way.goTo(ctx, next)
		boot = next.Start && way.failed == nil
	}
}

// showTUI shows the terminal app on one instance.
func (a *app) showTUI(ctx context.Context, way *journey, boot bool) (*tui.Next, error) {
	env := way.here
	env.Unguard()
	set := env.Workspace().Settings.TUI
	return tui.Run(ctx, backend.New(env, way.opt), tui.Options{
		Boot: boot, Target: a.target, ASCII: a.ascii || set.ASCII, NoColor: a.noColor, Theme: set.Theme, Mouse: set.Mouse, Keys: set.Keys, Failed: way.failed,
		StateDir: env.StateDir(), In: a.in, Out: a.outFile, Interrupts: interrupts.ours, Programs: env.Programs(),
	})
}
