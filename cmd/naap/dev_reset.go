package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/reset"
	"github.com/livepeer/naap-dev/internal/say"
)

func init() { devCommands = append(devCommands, (*app).resetCommand) }

// resetDocument is a reset, or its plan, as --json prints it.
type resetDocument struct {
	Version int         `json:"version"`
	Applied bool        `json:"applied"`
	Plan    *reset.Plan `json:"plan"`
	Undo    int         `json:"undo,omitempty"` // the entry's number, which `naap dev undo` takes
}

func (a *app) resetCommand() *cobra.Command {
	var opt devenv.ResetOptions
	var dryRun bool
	var yes []string
	c := &cobra.Command{
		Use:   "reset SCHEMA…",
		Short: "Make schemas what they are in a fresh database; naap dev undo takes it back",
		Long: "Creates the tables of schemas again from the Prisma file, with what the migrations made in them, and runs their seeds,\n" +
			"in one transaction. The old ones are moved aside, and `naap dev undo` brings them back with every row. Other schemas\n" +
			"stay as they are; where their rows refer to rows that would be gone, the reset is refused unless --cascade is given.",
		Example: "  naap dev reset plugin_wallet --dry-run    what it would do\n  naap dev reset plugin_wallet --yes=plugin_wallet\n  naap dev undo",
		Args:    takes(1, -1),
		RunE: a.on(func(ctx context.Context, env *devenv.Env, schemas []string) error {
			return a.reset(ctx, env, schemas, opt, dryRun, yes)
		}),
		ValidArgsFunction: a.completeSchemas,
	}
	c.Flags().BoolVar(&dryRun, "dry-run", false, "print the plan, and do nothing")
	c.Flags().BoolVar(&opt.Cascade, "cascade", false, "let go what cannot be kept, and do to rows elsewhere what their keys' ON DELETE says")
	c.Flags().BoolVar(&opt.NoSeed, "no-seed", false, "leave the tables empty")
	c.Flags().StringArrayVar(&yes, "yes", nil, "the `SCHEMA` to reset, instead of being asked (once for each)")
	c.Flags().BoolVar(&opt.TerminateBlockers, "terminate-blockers", false, "end sessions that hold locks")
	c.Flags().BoolVar(&opt.AllowExternal, "allow-external", false, "change a server that naap did not start")
	a.setting(c, "database-url", "database-url", "the server at `URL` instead of the instance's own")
	return c
}

func (a *app) reset(ctx context.Context, env *devenv.Env, schemas []string, opt devenv.ResetOptions, dryRun bool, yes []string) error {
	if err := otherwiseMeant(yes, schemas...); err != nil {
		return err
	}
	if err := a.settleTrust(ctx, env, env.MigrationStandings(ctx)); err != nil {
		return err
	}
	confirmed := !slices.ContainsFunc(schemas, func(s string) bool { return !slices.Contains(yes, s) })
	switch {
	case dryRun:
	case confirmed:
		return a.resetAtOnce(ctx, env, schemas, opt)
	case !a.canAsk():
		return unconfirmed(schemas)
	}
	// A plan alone ends no session.
	look := opt
	look.TerminateBlockers = false
	plan, err := env.PlanReset(ctx, schemas, look)
	if err != nil {
		return err
	}
	if dryRun {
		return a.printRefusable(plan.Lines(), resetDocument{Version: 1, Plan: plan}, plan.Err())
	}
	if !a.json {
		a.sayEach("", plan.Lines())
	}
	if err := plan.Err(); err != nil {
		return err
	}
	if names := strings.Join(plan.Schemas, " "); a.ask("Type "+names+" to reset: ") != names {
		return unconfirmed(schemas)
	}
	entry, err := env.Reset(ctx, plan, opt, a.steps(false, false).report)
	if err != nil {
		return err
	}
	return a.resetDone(plan, entry)
}

// resetAtOnce is reset where every schema was confirmed on the command line.
func (a *app) resetAtOnce(ctx context.Context, env *devenv.Env, schemas []string, opt devenv.ResetOptions) error {
	show := func(plan *reset.Plan) {
		if !a.json {
			a.sayEach("", plan.Lines())
		}
	}
	plan, entry, err := env.ResetAtOnce(ctx, schemas, opt, show, a.steps(false, false).report)
	if err != nil {
		return err
	}
	return a.resetDone(plan, entry)
}

func (a *app) resetDone(plan *reset.Plan, entry *reset.Entry) error {
	return a.answer(resetDocument{1, true, plan, entry.ID}, func() {
		a.say("Done. To take it back: %s", a.target.Line(remedy.Naap("dev undo", fmt.Sprint(entry.ID))))
	})
}

// printRefusable prints a plan for --dry-run. A plan that is refused ends with the exit status of the refusal.
func (a *app) printRefusable(lines []string, doc any, refusal error) error {
	if !a.json {
		a.sayEach("", lines)
		return refusal
	}
	a.printJSON(doc)
	if refusal != nil {
		return exitStatus(remedy.Exit(refusal))
	}
	return nil
}

func unconfirmed(schemas []string) error {
	words := slices.Concat(schemas, say.Each(schemas, func(s string) string { return "--yes=" + s }))
	return remedy.New("reset.unconfirmed", remedy.ExitRefused, "a reset needs the name of each schema").WithHelp(remedy.Again("dev reset", append(slices.Clone(schemas), "--dry-run")...).Note("shows what would go"), remedy.Again("dev reset", words...))
}

// plainName matches a name that every shell takes as it stands. Completion scripts hand names to eval, and cobra's
// script for bash leaves them to compgen, which expands them: a name with $(…), a quote or a line feed in it is not
// offered.
var plainName = lazy.Regexp{Text: `^[\p{L}\p{N}_][\p{L}\p{M}\p{N}_.-]*$`}

// completeSchemas offers the schemas of the running database whose names are plain.
func (a *app) completeSchemas(c *cobra.Command, given []string, _ string) ([]string, cobra.ShellCompDirective) {
	env, err := a.env(c.Context())
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	defer env.Close()
	if err := env.MayConnect(); err != nil {
		return cobra.AppendActiveHelp(nil, a.unknownLine(err)), cobra.ShellCompDirectiveNoFileComp
	}
	names, _ := env.SchemaNames(c.Context())
	return slices.DeleteFunc(names, func(s string) bool { return slices.Contains(given, s) || !plainName.Get().MatchString(s) }), cobra.ShellCompDirectiveNoFileComp
}
