package main

import (
	"cmp"
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/schemaplan"
	"github.com/livepeer/naap-dev/internal/visible"
)

func init() { devCommands = append(devCommands, (*app).diffCommand) }

// diffFormats are the forms of a diff.
func diffFormats() []string { return []string{"text", "markdown", "github"} }

type diffFlags struct {
	devenv.PushOptions
	exitCode bool
	format   string
}

func (a *app) diffCommand() *cobra.Command {
	var f diffFlags
	c := &cobra.Command{
		Use:   "diff",
		Short: "Print what a push would do, as SQL, with what would be lost",
		Long: "Compares the database with the Prisma file and prints what a push would run. --format markdown is for a comment\n" +
			"on a pull request, --format github for annotations beside the lines of the Prisma file; with these two, the exit\n" +
			"status is 3 where something would be lost.",
		Example: "  naap dev diff\n" +
			"  naap dev diff --schema plugin_wallet --exit-code    for a script: 1 where there is a difference\n" +
			"  naap dev diff --format markdown                     for a pull request",
		Args: noArgs,
		RunE: a.on(func(ctx context.Context, env *devenv.Env, _ []string) error { return a.diff(ctx, env, f) }),
	}
	a.planFlags(c, &f.PushOptions)
	c.Flags().BoolVar(&f.exitCode, "exit-code", false, "exit status 1 where there is a difference")
	c.Flags().StringVar(&f.format, "format", "text", "`text|markdown|github`")
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(diffFormats(), cobra.ShellCompDirectiveNoFileComp))
	return c
}

func (a *app) diff(ctx context.Context, env *devenv.Env, f diffFlags) error {
	if err := oneOf("dev diff", "format", f.format, diffFormats()); err != nil {
		return err
	}
	if a.json && f.format != "text" {
		return remedy.New("usage", remedy.ExitUsage, "--json and --format %s are two formats", f.format).
			WithHelp(remedy.Naap("dev diff", "--json"), remedy.Naap("dev diff", "--format", f.format))
	}
	plan, err := env.Diff(ctx, f.PushOptions)
	if err != nil {
		return err
	}
	a.warnStranger(ctx, env)
	doc := a.planDocument(plan)
	if doc.Disagreements, err = disagreements(ctx, env); err != nil {
		return err
	}
	doc.Migrations = env.PushHint(ctx, plan)
	report := diffReport{plan, append(say.Each(plan.Lacking, schemaplan.Lack.String), doc.Disagreements...), env.Workspace().SchemaName(), env.InRepository}
	switch f.format {
	case "markdown":
		err = a.write(withoutCommands(report.markdown()))
	case "github":
		err = a.write(report.github())
	default:
		_ = a.answer(doc, func() {
			a.say("%s", strings.TrimRight(visible.Text(plan.SQL()), "\n"))
			a.sayEach("-- ", say.Each(plan.Lacking, schemaplan.Lack.String))
			a.sayEach("-- ", say.Each(plan.Renames, func(r schemaplan.Rename) string { return a.target.Line(r.Advice("dev push")) }))
			a.sayEach("-- ", doc.remarks())
		})
	}
	return cmp.Or(err, f.status(plan))
}

// status returns the exit status for a plan, or nil for 0.
func (f diffFlags) status(plan *schemaplan.Plan) error {
	switch {
	case f.format != "text" && plan.Destructive():
		return exitStatus(remedy.ExitRefused)
	case f.exitCode && !plan.Empty():
		return exitStatus(remedy.ExitFailed)
	}
	return nil
}
