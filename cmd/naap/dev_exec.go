package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/remedy"
)

func init() { devCommands = append(devCommands, (*app).execCommand) }

func (a *app) execCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "exec -- CMD [ARG…]",
		Short: "Run a command with every database variable set to this instance",
		Long: "Runs a command with DATABASE_URL, the variables that the Prisma file and prisma.config name, and libpq's\n" +
			"(PGHOST …) set to the running instance. No other database's URL reaches it from your shell, whatever its\n" +
			"variable is called. The command has this terminal and its signals, and its exit status is naap's.",
		Example: "  naap dev exec -- npx prisma migrate status\n  naap dev exec -- npm test",
		PreRunE: func(_ *cobra.Command, words []string) error {
			switch {
			case a.json:
				return remedy.New("usage", remedy.ExitUsage, "exec prints what the command prints, and no JSON").WithHelp(remedy.Naap("dev url", "--json"))
			case len(words) == 0:
				return remedy.New("usage", remedy.ExitUsage, "exec needs a command").WithHelp(remedy.Naap("dev exec", "--", "npm", "test"))
			}
			return nil
		},
		RunE: a.on(a.exec),
	}
	c.Flags().SetInterspersed(false)
	return c
}

// exec hands the terminal, and where the system can do that the process itself, to the command.
func (a *app) exec(ctx context.Context, env *devenv.Env, words []string) error {
	env.Unguard() // what becomes of the command is its own to say
	x, err := env.Exec(ctx, words)
	if err != nil {
		return err
	}
	if line, err := env.StrangerToCommand(ctx); err == nil && line != "" {
		a.warn(line)
	}
	env.Close()
	interrupts.ours(false)
	defer interrupts.ours(true)
	status, err := devenv.Become(ctx, x)
	if err != nil {
		return remedy.New("exec.start", devenv.ExitNotStarted, "cannot run the command").Wrap(err).WithSeen(x.Path)
	}
	if status != 0 {
		return exitStatus(status)
	}
	return nil
}
