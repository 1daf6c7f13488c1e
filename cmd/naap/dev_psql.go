package main

import (
	"context"
	"errors"
	"os/exec"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/server"
)

func init() { devCommands = append(devCommands, (*app).psqlCommand) }

func (a *app) psqlCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "psql [-- ARGS]",
		Short: "Open psql on the database",
		Long: "Runs psql on the instance's database: the container's own, or the one on the PATH.\n\n" +
			"It is a shell as the role that the instance belongs to, which may change everything, and is not\n" +
			"read-only as naap dev sql is. naap does not stand between it and the server.",
		Example: "  naap dev psql\n  naap dev psql -- -c '\\dn'",
		PreRunE: func(*cobra.Command, []string) error {
			if a.json {
				return remedy.New("usage", remedy.ExitUsage, "psql prints what it prints, and no JSON").WithHelp(remedy.Naap("dev sql", "--json", "SELECT 1"))
			}
			return nil
		},
		RunE: a.on(a.psql),
	}
}

func (a *app) psql(ctx context.Context, env *devenv.Env, words []string) error {
	env.Unguard() // psql itself says what becomes of its session
	p, err := env.Psql(ctx, words)
	if err != nil {
		return err
	}
	if line, err := env.StrangerToPsql(ctx); err == nil && line != "" {
		a.warn(line)
	}
	var code int
	if p.Inside != nil {
		code, err = a.psqlInside(ctx, p)
	} else {
		code, err = a.runPsql(ctx, p)
	}
	if err == nil && code != 0 {
		err = exitStatus(code)
	}
	return err
}

// runPsql hands the terminal to psql. An interrupt belongs to psql, where it cancels a query. A signal that asks naap
// itself to end is passed on to psql, and naap ends with it.
func (a *app) runPsql(ctx context.Context, p *devenv.Psql) (int, error) {
	interrupts.ours(false)
	defer interrupts.ours(true)
	c, err := p.Command(ctx)
	if err != nil {
		return 0, err
	}
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) }
	c.WaitDelay = 5 * time.Second
	c.Stdin, c.Stdout, c.Stderr = a.in, a.outFile, a.errFile
	err = c.Run()
	var exit *exec.ExitError
	if ctx.Err() == nil && errors.As(err, &exit) {
		return exit.ExitCode(), nil
	}
	return 0, err
}

func (a *app) psqlInside(ctx context.Context, p *devenv.Psql) (int, error) {
	s := server.Command{Stdin: a.in, Stdout: a.outFile, Stderr: a.errFile}
	fd := int(a.in.Fd())
	if !term.IsTerminal(fd) || !a.outIsTerminal() {
		return p.RunInside(ctx, s)
	}
	s.Tty = true
	width, height, err := term.GetSize(fd)
	if err == nil {
		s.Size.Width, s.Size.Height = uint(width), uint(height)
	}
	resized := make(chan server.Size, 1)
	s.Resize = resized
	stop := followSize(fd, resized)
	defer stop()
	old, err := term.MakeRaw(fd)
	if err != nil {
		return 0, err
	}
	defer term.Restore(fd, old)
	return p.RunInside(ctx, s)
}
