package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/schemaplan"
	"github.com/livepeer/naap-dev/internal/visible"
)

type migrateDiffFlags struct {
	devenv.MigrateOptions
	from, to         string
	script, exitCode bool
}

// sidesDocument is a plan from one side to the other.
type sidesDocument struct {
	Version int              `json:"version"`
	From    string           `json:"from"`
	To      string           `json:"to"`
	Plan    *schemaplan.Plan `json:"plan"`
	SQL     string           `json:"sql"` // the script; "" where they are the same
}

func (a *app) migrateDiffCommand() *cobra.Command {
	f := migrateDiffFlags{from: string(devenv.AllOf), to: string(devenv.File)}
	c := &cobra.Command{
		Use:   "diff",
		Short: "Print the difference between two of these: migrations, database, Prisma file, nothing",
		Long: "Compares two of these: empty, the end state of all migrations, the database, the Prisma file (schema). --script\n" +
			"prints the SQL that makes the first be the second, as for a migration. With --exit-code, as for `prisma migrate diff`,\n" +
			"the exit status is 2 where they differ.",
		Example: "  naap migrate diff                                           what the migrations lack of the Prisma file\n  naap migrate diff --from empty --to schema --script\n  naap migrate diff --from migrations --to database --script   what was changed by hand",
		Args:    noArgs,
		RunE:    a.on(func(ctx context.Context, env *devenv.Env, _ []string) error { return a.migrateDiff(ctx, env, f) }),
	}
	sides := strings.Join(devenv.Sides(), "|")
	c.Flags().StringVar(&f.from, "from", f.from, "`"+sides+"`")
	c.Flags().StringVar(&f.to, "to", f.to, "`"+sides+"`")
	for _, flag := range []string{"from", "to"} {
		_ = c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(devenv.Sides(), cobra.ShellCompDirectiveNoFileComp))
	}
	c.Flags().BoolVar(&f.script, "script", false, "print the SQL")
	c.Flags().BoolVar(&f.exitCode, "exit-code", false, "exit status 2 where they differ")
	c.Flags().BoolVar(&f.AllowExternal, "allow-external", false, "make the shadow database on a server that naap did not start")
	a.setting(c, "database-url", "database-url", "the server at `URL` instead of the instance's own")
	return c
}

func (a *app) migrateDiff(ctx context.Context, env *devenv.Env, f migrateDiffFlags) error {
	for flag, value := range map[string]string{"from": f.from, "to": f.to} {
		if err := oneOf("migrate diff", flag, value, devenv.Sides()); err != nil {
			return err
		}
	}
	if f.from == string(devenv.AllOf) || f.to == string(devenv.AllOf) {
		if err := a.settleScripts(ctx, env); err != nil {
			return err
		}
	}
	plan, style, err := env.MigrateDiff(ctx, devenv.Side(f.from), devenv.Side(f.to), f.MigrateOptions)
	if err != nil {
		return err
	}
	sql := plan.Script(style)
	_ = a.answer(sidesDocument{1, f.from, f.to, plan.For(a.target), sql}, func() {
		switch {
		case plan.Empty() && f.script:
			a.say("-- This is an empty migration.")
		case plan.Empty():
			a.say("No difference.")
		case f.script:
			a.say("%s", strings.TrimRight(visible.Text(sql), "\n"))
		default:
			a.sayEach("", plan.Summary(a.target))
		}
	})
	if f.exitCode && !plan.Empty() {
		return exitStatus(2)
	}
	return nil
}
