package main

import (
	"context"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/migrate"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
)

// migrateResetDocument is a reset to the migrations, and those that were run.
type migrateResetDocument struct {
	Version int                      `json:"version"`
	Done    bool                     `json:"done"`
	Plan    *devenv.MigrateResetPlan `json:"plan"`
	migrate.Result
}

func (a *app) migrateResetCommand() *cobra.Command {
	var opt devenv.MigrateResetOptions
	var dryRun bool
	var yes []string
	c := &cobra.Command{
		Use:   "reset",
		Short: "Make all schemas again from the migrations alone; a snapshot takes it back",
		Long: "Saves a snapshot of the whole database, drops all schemas of the Prisma file with the table of migrations, and runs\n" +
			"all migrations. Before, these are run on a shadow database: where one fails, nothing is reset. Seeds are not run.",
		Example: "  naap migrate reset --dry-run    what it would do\n  naap migrate reset --yes=public",
		Args:    noArgs,
		RunE: a.on(func(ctx context.Context, env *devenv.Env, _ []string) error {
			return a.migrateReset(ctx, env, opt, dryRun, yes)
		}),
	}
	c.Flags().BoolVar(&dryRun, "dry-run", false, "print the plan, and do nothing")
	c.Flags().BoolVar(&opt.Cascade, "cascade", false, "drop what refers to the schemas from others, too")
	c.Flags().StringArrayVar(&yes, "yes", nil, "the `SCHEMA` to reset, instead of being asked (once for each)")
	c.Flags().BoolVar(&opt.TerminateSessions, "terminate-sessions", false, "end other sessions on the database")
	a.migrateFlags(c, &opt.MigrateOptions)
	return c
}

func (a *app) migrateReset(ctx context.Context, env *devenv.Env, opt devenv.MigrateResetOptions, dryRun bool, yes []string) error {
	if err := a.settleScripts(ctx, env); err != nil {
		return err
	}
	plan, err := env.PlanMigrateReset(ctx, opt)
	if err != nil {
		return err
	}
	if err := otherwiseMeant(yes, plan.Schemas...); err != nil {
		return err
	}
	doc := migrateResetDocument{Version: 1, Plan: plan, Result: migrate.Result{Applied: []migrate.Done{}}}
	if dryRun {
		return a.printRefusable(plan.Lines(), doc, plan.Err(opt))
	}
	if !a.json {
		a.sayEach("", plan.Lines())
	}
	if err := plan.Err(opt); err != nil {
		return err
	}
	if !a.confirmedReset(plan.Schemas, yes) {
		words := say.Each(plan.Schemas, func(s string) string { return "--yes=" + s })
		return remedy.New("reset.unconfirmed", remedy.ExitRefused, "a reset needs the name of each schema").
			WithHelp(remedy.Again("migrate reset", "--dry-run").Note("shows what would go"), remedy.Again("migrate reset", words...))
	}
	if doc.Result, err = env.MigrateReset(ctx, plan, opt, a.steps(false, false).report); err != nil {
		return err
	}
	doc.Done = true
	return a.answer(doc, func() {
		a.say("Done. To take it back: %s", a.target.Line(remedy.Naap("dev snapshot restore", plan.Snapshot)))
	})
}

// confirmedReset reports whether the user has named every schema, and asks where they can be asked.
func (a *app) confirmedReset(schemas, yes []string) bool {
	if !slices.ContainsFunc(schemas, func(s string) bool { return !slices.Contains(yes, s) }) {
		return true
	}
	names := strings.Join(schemas, " ")
	return a.ask("Type "+names+" to reset: ") == names
}
