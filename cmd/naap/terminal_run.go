package main

import (
	"context"
	"fmt"

	"golang.org/x/term"

	"github.com/livepeer/naap-dev/internal/backend"
	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/tui"
)

// runTUI shows the terminal app until the user leaves it.
func (a *app) runTUI(ctx context.Context, env *devenv.Env, opt devenv.UpOptions, boot bool) error {
	set := env.Workspace().Settings.TUI
	env.Unguard()
	if old, err := term.GetState(int(a.in.Fd())); err == nil {
		a.giveBack = func() {
			fmt.Fprint(a.outFile, "\x1b[?2026l\x1b[?1006l\x1b[?1002l\x1b[?1004l\x1b[?2004l\x1b[?1049l\x1b[?25h")
			_ = term.Restore(int(a.in.Fd()), old)
		}
	}
	err := tui.Run(ctx, backend.New(env, opt), tui.Options{
		Boot: boot, Target: a.target, ASCII: a.ascii || set.ASCII, NoColor: a.noColor, Theme: set.Theme, Mouse: set.Mouse, Keys: set.Keys,
		StateDir: env.StateDir(), In: a.in, Out: a.outFile, Interrupts: interrupts.ours, Programs: env.Programs(),
	})
	if err == nil {
		err = endless(ctx, nil)
	}
	return err
}
