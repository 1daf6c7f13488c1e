package main

import (
	"context"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/migrate"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

func init() { extraCommands = append(extraCommands, (*app).migrateCommand) }

func (a *app) migrateCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "migrate",
		Short: "Migrations: the folder and the table of Prisma Migrate",
		Long: "Reads and writes the same folder of migrations and the same table, _prisma_migrations, as Prisma Migrate. Both can\n" +
			"work on one database in turn. Unlike `prisma migrate deploy`, a script and the record of its end are one\n" +
			"transaction wherever the script allows it: what was broken off has left nothing behind.",
		Example: "  naap migrate status     which migrations are applied, pending, failed\n  naap migrate deploy     run those that are pending",
		Args:    noArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	a.setting(c, "name", "instance", "the `INSTANCE`'s name (default naap)")
	c.PersistentFlags().AddFlag(c.Flags().Lookup("name"))
	c.AddCommand(a.migrateStatusCommand(), a.deployCommand(), a.resolveCommand(), a.migrateLintCommand(), a.migrateCheckCommand(), a.migrateDevCommand(), a.migrateDiffCommand(), a.migrateSquashCommand(), a.migrateResetCommand())
	return c
}

type historyDocument struct {
	Version int `json:"version"`
	*migrate.History
}

func (a *app) migrateStatusCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "status",
		Short: "Print which migrations are applied, pending, failed, edited or missing",
		Long: "Compares the folder of migrations with the database's table. The exit status is 1 where a migration is pending or\n" +
			"has failed, and 0 where the database has all of them.",
		Example: "  naap migrate status\n  naap migrate status --json",
		Args:    noArgs,
		RunE: a.on(func(ctx context.Context, env *devenv.Env, _ []string) error {
			h, err := env.Migrations(ctx)
			if err != nil {
				return err
			}
			a.warnStranger(ctx, env)
			_ = a.answer(historyDocument{1, h}, func() { a.sayHistory(h) })
			if h.Verdict != migrate.UpToDate && !(h.Verdict == migrate.Unmanaged && len(h.Entries) == 0) {
				return exitStatus(1)
			}
			return nil
		}),
	}
	a.setting(c, "database-url", "database-url", "the server at `URL` instead of the instance's own")
	return c
}

func (a *app) sayHistory(h *migrate.History) {
	for _, e := range h.Entries {
		note := ""
		for _, n := range []struct {
			is   bool
			text string
		}{{e.Problem != "", "no script: " + e.Problem}, {e.Recorded, "only recorded, not run"}, {e.Edited, "edited since"}, {e.OutOfOrder, "older than applied ones"}} {
			if n.is {
				note += "  " + n.text
			}
		}
		when := strings.Repeat(" ", 19)
		if e.FinishedAt != nil {
			when = say.Moment(*e.FinishedAt)
		}
		a.say("%-8s  %19s  %s%s", e.State, when, visible.String(e.Name), visible.String(note))
	}
	switch h.Verdict {
	case migrate.Unmanaged:
		a.say("Nothing in the database records migrations.")
	case migrate.UpToDate:
		a.say("The database has every migration of the folder.")
	case migrate.Broken:
		a.sayEach("", say.Each(h.Resolutions(h.With(migrate.Failed)[0].Name), func(r remedy.Advice) string { return a.target.Line(r) }))
	}
	if len(h.With(migrate.Running)) > 0 {
		a.say("Another program is running migrations on this database now.")
	}
	if advice, ok := h.Advice(); ok && h.Verdict != migrate.Broken {
		a.say("The folder was squashed, and the database has the old names: %s", a.target.Line(advice))
		return
	}
	if n := len(h.Gone()); n > 0 {
		a.say("%s of the database %s not in the folder: another branch's, or deleted since. What they made stays until %s", say.Count(n, "migration"), say.Form(n, "is", "are"), a.target.Line(remedy.Naap("migrate reset")))
	}
	if n := len(h.With(migrate.Pending)); n > 0 && h.Verdict != migrate.Broken {
		a.say("%s pending: %s", say.Count(n, "migration"), a.target.Line(remedy.Naap("migrate deploy")))
	}
}

// deployDocument is a plan, and what was done of it.
type deployDocument struct {
	Version int           `json:"version"`
	Done    bool          `json:"done"`
	Plan    *migrate.Plan `json:"plan"`
	Trust   []trustRow    `json:"trust"` // what the scripts would reach
	migrate.Result
}

func (a *app) deployCommand() *cobra.Command {
	var opt devenv.MigrateOptions
	var dryRun, rehearse, terminate bool
	var snapshot string
	c := &cobra.Command{
		Use:   "deploy",
		Short: "Run the migrations that are pending",
		Long: "Runs each pending migration's script as it is, in the order of the folders' names, until one fails. What ran before\n" +
			"stays. A failure says where in the file, and what of the script is in the database.\n\n" +
			"With --rehearse they run on a copy of the database, made on its server and dropped afterwards: how long each statement\n" +
			"takes, what it rewrites, locks and destroys, and who would be in the way. The database itself stays as it is.",
		Example: "  naap migrate deploy --dry-run    print the scripts\n  naap migrate deploy --rehearse   what they do to the rows that are there\n  naap migrate deploy --snapshot before",
		Args:    noArgs,
		RunE: a.on(func(ctx context.Context, env *devenv.Env, _ []string) error {
			if !rehearse {
				return a.deploy(ctx, env, opt, dryRun, snapshot)
			}
			plan, err := env.PlanMigrate(ctx)
			if err != nil {
				return err
			}
			return a.rehearse(ctx, env, plan, devenv.RehearseOptions{AllowExternal: opt.AllowExternal, TerminateSessions: terminate})
		}),
	}
	c.Flags().BoolVar(&dryRun, "dry-run", false, "print the scripts, and do nothing")
	c.Flags().StringVar(&snapshot, "snapshot", "", "save a snapshot of that `NAME` first")
	c.Flags().BoolVar(&rehearse, "rehearse", false, "run the scripts on a copy of the database, and drop it")
	c.Flags().BoolVar(&terminate, "terminate-sessions", false, "with --rehearse, end other sessions on the database, so that it can be copied")
	c.MarkFlagsMutuallyExclusive("rehearse", "dry-run")
	c.MarkFlagsMutuallyExclusive("rehearse", "snapshot")
	a.migrateFlags(c, &opt)
	return c
}

func (a *app) migrateFlags(c *cobra.Command, opt *devenv.MigrateOptions) {
	c.Flags().BoolVar(&opt.AllowExternal, "allow-external", false, "change a server that naap did not start")
	c.Flags().BoolVar(&opt.Adopt, "adopt", false, adoptUsage)
	a.setting(c, "database-url", "database-url", "the server at `URL` instead of the instance's own")
}

func (a *app) deploy(ctx context.Context, env *devenv.Env, opt devenv.MigrateOptions, dryRun bool, snapshot string) error {
	plan, err := env.PlanMigrate(ctx)
	if err != nil {
		return err
	}
	for _, w := range plan.Warnings {
		a.warn(w)
	}
	doc := deployDocument{Version: 1, Plan: plan.Plan, Trust: trustRows(plan.Standings), Result: migrate.Result{Applied: []migrate.Done{}}}
	if dryRun {
		a.warnStranger(ctx, env)
		return a.answer(doc, func() { a.sayScripts(plan.Plan); a.sayStandings(plan.Standings) })
	}
	if err := a.settleTrust(ctx, env, plan.Standings); err != nil {
		return err
	}
	if env.IsExternal() && !plan.Empty() && !opt.AllowExternal && !opt.Adopt {
		opt.AllowExternal = a.confirm("naap did not start " + env.Where() + ". Change it?")
	}
	if snapshot != "" && !plan.Empty() {
		copied := devenv.CopyOptions{Note: "before migrations", AllowExternal: opt.AllowExternal || opt.Adopt, Adopt: opt.Adopt}
		if _, err := env.SaveSnapshot(ctx, snapshot, copied, a.steps(false, false).report); err != nil {
			return err
		}
	}
	if doc.Result, err = env.Migrate(ctx, plan, opt, a.steps(false, false).report); err != nil {
		return err
	}
	doc.Done = true
	return a.answer(doc, func() {
		for _, d := range doc.Applied {
			a.say("%s  %s", visible.String(d.Name), say.Took(time.Duration(d.TookMS*float64(time.Millisecond))))
		}
	})
}

func (a *app) sayScripts(plan *migrate.Plan) {
	if plan.Empty() {
		a.say("-- no migration is pending")
	}
	for _, s := range plan.Steps {
		a.say("-- %s", visible.String(s.Path))
		a.say("%s", strings.TrimRight(visible.Text(s.SQL), "\n"))
	}
}

// resolveDocument is a correction of what is recorded.
type resolveDocument struct {
	Version int  `json:"version"`
	Done    bool `json:"done"`
	*migrate.Resolution
}

func (a *app) resolveCommand() *cobra.Command {
	var opt devenv.MigrateOptions
	var applied, rolledBack string
	var dryRun bool
	c := &cobra.Command{
		Use:   "resolve",
		Short: "Record a migration as applied or as rolled back, without running it",
		Long: "After a failure: --rolled-back lets the migration run again, --applied counts it as done. For a database whose tables\n" +
			"were there before its migrations, --applied records these one by one.",
		Example: "  naap migrate resolve --rolled-back 20260102030405_add_teams\n  naap migrate resolve --applied 0_init",
		Args:    noArgs,
		RunE: func(c *cobra.Command, words []string) error {
			if (applied == "") == (rolledBack == "") {
				return usageError(c, "resolve takes either --applied or --rolled-back")
			}
			return a.on(func(ctx context.Context, env *devenv.Env, _ []string) error {
				plan, err := env.PlanResolve(ctx, applied+rolledBack, applied != "")
				if err != nil {
					return err
				}
				if !dryRun {
					err = env.Resolve(ctx, plan, opt, a.steps(false, false).report)
				}
				if err != nil {
					return err
				}
				for _, w := range plan.Warnings {
					a.warn(w)
				}
				return a.answer(resolveDocument{1, !dryRun, plan}, func() { a.sayResolution(plan, dryRun) })
			})(c, words)
		},
	}
	c.Flags().StringVar(&applied, "applied", "", "the migration of that `NAME` counts as applied")
	c.Flags().StringVar(&rolledBack, "rolled-back", "", "the failed migration of that `NAME` counts as rolled back")
	c.Flags().BoolVar(&dryRun, "dry-run", false, "say what would be recorded, and do nothing")
	a.migrateFlags(c, &opt)
	return c
}

func (a *app) sayResolution(r *migrate.Resolution, dryRun bool) {
	verb := "is recorded"
	if dryRun {
		verb = "would be recorded"
	}
	how := "rolled back, and runs again with the next deploy"
	if r.Applied {
		how = "applied"
	}
	if n := len(r.Replaces); n > 0 {
		how += ", in place of " + say.Count(n, "migration") + " that it stands for"
	}
	a.say("%s %s as %s.", visible.String(r.Name), verb, how)
	if r.Now != "" && dryRun {
		a.say("now: %s", visible.String(r.Now))
	}
}
