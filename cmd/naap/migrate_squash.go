package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/migrate"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

// squashDocument is how migrations become one, and whether they did.
type squashDocument struct {
	Version   int             `json:"version"`
	Done      bool            `json:"done"`
	Plan      *migrate.Squash `json:"plan"`
	Elsewhere []string        `json:"elsewhere"` // what each other database has to run
}

// squashFlags say what is squashed, and what needs no question.
type squashFlags struct {
	migrate.SquashOptions
	devenv.MigrateOptions
	dryRun, yes bool
}

func (a *app) migrateSquashCommand() *cobra.Command {
	var f squashFlags
	c := &cobra.Command{
		Use:   "squash [NAME]",
		Short: "Make one migration of several, proved to do the same",
		Long: "Makes one migration of several: all of them, or those from one to another. Its script is the shortest one that leaves\n" +
			"the same objects and the same rows, which is proved on shadow databases before anything is written: the tables as\n" +
			"Prisma would write them, these with the statements that Prisma cannot express, or all scripts one after the other.\n" +
			"The old folders are kept in the new one. A database that has the old ones records the new one, and runs nothing.\n" +
			"On this command, --name is the migration's name: the instance's is taken from NAAP_INSTANCE or naap.toml.",
		Example: "  naap migrate squash --dry-run    what it would write, and why\n  naap migrate squash init --to 20240601120000_add_teams\n  naap migrate squash --yes",
		Args:    takes(0, 1),
		RunE: a.on(func(ctx context.Context, env *devenv.Env, words []string) error {
			if len(words) > 0 {
				f.Called = words[0]
			}
			return a.migrateSquash(ctx, env, f)
		}),
	}
	c.Flags().StringVar(&f.Called, "name", "", "the new migration's `NAME`, after the time of the last one")
	c.Flags().StringVar(&f.From, "from", "", "the first one, by its `NAME` (default: the first of all)")
	c.Flags().StringVar(&f.To, "to", "", "the last one, by its `NAME` (default: the last of all)")
	c.Flags().BoolVar(&f.dryRun, "dry-run", false, "print the plan and the script, and do nothing")
	c.Flags().BoolVar(&f.yes, "yes", false, "do it without a question")
	a.migrateFlags(c, &f.MigrateOptions)
	return c
}

func (a *app) migrateSquash(ctx context.Context, env *devenv.Env, f squashFlags) error {
	if err := a.settleScripts(ctx, env); err != nil {
		return err
	}
	plan, err := env.PlanSquash(ctx, f.SquashOptions, f.MigrateOptions)
	if err != nil {
		return err
	}
	if plan.TakesBack != "" && !f.dryRun {
		if err := a.settleSquash(plan, f, "Move them back?"); err != nil {
			return err
		}
		if err := env.TakeBackSquash(ctx, plan); err != nil {
			return err
		}
		if plan, err = env.PlanSquash(ctx, f.SquashOptions, f.MigrateOptions); err != nil {
			return err
		}
	}
	for _, w := range plan.Warnings {
		a.warn(w)
	}
	doc := squashDocument{Version: 1, Plan: plan, Elsewhere: []string{}}
	if plan.TakesBack == "" {
		doc.Elsewhere = say.Each(plan.Elsewhere(), func(r remedy.Advice) string { return a.target.Line(r) })
	}
	if f.dryRun {
		a.warnStranger(ctx, env)
		return a.answer(doc, func() {
			a.sayEach("", plan.Lines())
			a.say("%s", strings.TrimRight(visible.Text(plan.SQL), "\n"))
		})
	}
	if err := a.settleSquash(plan, f, "Do it?"); err != nil {
		return err
	}
	if err := env.Squash(ctx, plan, f.MigrateOptions, a.steps(false, false).report); err != nil {
		return err
	}
	doc.Done = true
	return a.answer(doc, func() { a.sayEach("", doc.Elsewhere) })
}

// settleSquash prints a plan, and asks for a yes.
func (a *app) settleSquash(plan *migrate.Squash, f squashFlags, question string) error {
	if !a.json {
		a.sayEach("", plan.Lines())
	}
	if f.yes || a.confirm(question) {
		return nil
	}
	return remedy.New("migrate.unconfirmed", remedy.ExitRefused, "a squash moves folders of migrations, and needs a yes").
		WithHelp(remedy.Again("migrate squash", "--dry-run").Note("shows the script"), remedy.Again("migrate squash", "--yes"))
}
