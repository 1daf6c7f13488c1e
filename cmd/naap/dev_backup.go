package main

import (
	"context"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/livepeer/naap-dev/internal/backup"
	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

func init() { devCommands = append(devCommands, (*app).backupCommand, (*app).restoreCommand) }

type backupDocument struct {
	Version int          `json:"version"`
	Verb    string       `json:"verb"` // "backup"
	File    *backup.File `json:"file"`
}

// restoreDocument is a restore, or its plan.
type restoreDocument struct {
	Version int          `json:"version"`
	Verb    string       `json:"verb"` // "restore"
	Applied bool         `json:"applied"`
	File    *backup.File `json:"file"`
	Plan    *backup.Plan `json:"plan"`
}

func (a *app) backupCommand() *cobra.Command {
	var opt devenv.BackupOptions
	c := &cobra.Command{
		Use:   "backup FILE",
		Short: "Write the database to a file, with pg_dump",
		Long: "Writes the database, or one schema of it, to a file in pg_dump's compressed custom format: under a temporary name\n" +
			"first, checked, and only then put in its place. An existing file is replaced with --force only; pipes, sockets and\n" +
			"devices are written to; - is standard output. pg_dump is the container's, or one on the PATH that is no older than\n" +
			"the server.",
		Example: "  naap dev backup naap.dump\n" +
			"  naap dev backup wallet.dump --schema plugin_wallet --force",
		Args: takes(1, 1),
		RunE: a.on(func(ctx context.Context, env *devenv.Env, words []string) error {
			if !a.json && !a.outIsTerminal() {
				opt.Stdout = a.outFile
			}
			file, err := env.Backup(ctx, words[0], opt, a.steps(false, false).report)
			if err != nil {
				return err
			}
			return a.answer(backupDocument{1, "backup", file}, func() {
				print := a.say
				if file.Streamed {
					print = a.tell
				}
				print("Wrote %s: %s, %s.", visible.String(file.Path), say.Count(file.Tables, "table"), say.Bytes(file.Bytes))
			})
		}),
	}
	c.Flags().StringVar(&opt.Schema, "schema", "", "only this `SCHEMA`")
	c.Flags().BoolVar(&opt.Force, "force", false, "replace an existing file, or write over a disk")
	a.setting(c, "database-url", "database-url", "the server at `URL` instead of the instance's own")
	return c
}

func (a *app) restoreCommand() *cobra.Command {
	var opt devenv.CopyOptions
	var yes string
	var dryRun bool
	c := &cobra.Command{
		Use:   "restore FILE",
		Short: "Replace the database with what a backup file holds",
		Long: "Restores a dump (custom, tar or plain, also gzipped) into a fresh database, which then takes the place of the old\n" +
			"one. A file of one schema replaces that schema alone. What the database has and the file does not is named,\n" +
			"and goes with --accept-data-loss only. A failure leaves the old one as it is; what is replaced is kept among the\n" +
			"snapshots, as (replaced N).",
		Example: "  naap dev restore naap.dump --dry-run    what would go\n" +
			"  naap dev restore naap.dump",
		Args: takes(1, 1),
		RunE: a.on(func(ctx context.Context, env *devenv.Env, words []string) error {
			return a.restoreFile(ctx, env, words[0], yes, dryRun, opt)
		}),
	}
	c.Flags().StringVar(&yes, "yes", "", "`NAME` of the file, instead of being asked")
	c.Flags().BoolVar(&opt.AcceptDataLoss, "accept-data-loss", false, "give up what the database has and the file does not")
	a.restoreFlags(c, &opt, &dryRun)
	a.setting(c, "database-url", "database-url", "the server at `URL` instead of the instance's own")
	return c
}

// restoreFlags adds the flags of both kinds of restore.
func (a *app) restoreFlags(c *cobra.Command, opt *devenv.CopyOptions, dryRun *bool) {
	c.Flags().BoolVar(dryRun, "dry-run", false, "print the plan, and do nothing")
	c.Flags().BoolVar(&opt.DropReplaced, "drop-replaced", false, "drop what the plan says of what earlier restores replaced")
	a.copyFlags(c, opt)
}

func (a *app) restoreFile(ctx context.Context, env *devenv.Env, path, yes string, dryRun bool, opt devenv.CopyOptions) error {
	name := filepath.Base(path)
	if err := otherwiseMeant([]string{yes}, name); err != nil {
		return err
	}
	unconfirmed := remedy.New("restore.unconfirmed", remedy.ExitRefused, "it replaces what the database holds, and needs the file's name").
		WithHelp(remedy.Naap("dev restore", path, "--dry-run").Note("shows what would go"), remedy.Again("dev restore", path, "--yes="+name))
	if !dryRun && yes != name && !a.canAsk() {
		return unconfirmed
	}
	plan, err := env.PlanRestoreFile(ctx, path)
	if err != nil {
		return err
	}
	if dryRun {
		a.sayStandings(env.RestoreStandings(plan))
		return a.printRestorePlan(plan, opt, restoreDocument{1, "restore", false, plan.File, plan})
	}
	a.printPlanLines(plan)
	if err := a.settleTrust(ctx, env, env.RestoreStandings(plan)); err != nil {
		return err
	}
	if yes != name && a.ask("This replaces what the database holds. Type "+name+" to go on: ") != name {
		return unconfirmed
	}
	if err := a.carryOut(ctx, env, plan, opt); err != nil {
		return err
	}
	return a.answer(restoreDocument{1, "restore", true, plan.File, plan}, func() {
		what := "The database"
		if plan.Schema != "" {
			what = "The schema " + visible.String(plan.Schema)
		}
		a.say("%s is what %s holds. %s", what, visible.String(path), a.whatItWas(plan))
	})
}

// printPlanLines shows a plan to the user before anything is asked or done.
func (a *app) printPlanLines(plan *backup.Plan) {
	if !a.json {
		a.sayEach("", plan.Lines())
	}
}

func (a *app) printRestorePlan(plan *backup.Plan, opt devenv.CopyOptions, doc any) error {
	return a.printRefusable(plan.Lines(), doc, plan.Allowed(backup.Options{AcceptDataLoss: opt.AcceptDataLoss, DropReplaced: opt.DropReplaced}))
}

// carryOut restores. Where the user can be asked, it asks for the permissions that the plan needs.
func (a *app) carryOut(ctx context.Context, env *devenv.Env, plan *backup.Plan, opt devenv.CopyOptions) error {
	if plan.Loses() && !opt.AcceptDataLoss {
		opt.AcceptDataLoss = a.confirm("The file lacks some of what goes (listed with - above). Restore it anyway?")
	}
	if len(plan.Drops) > 0 && !opt.DropReplaced {
		opt.DropReplaced = a.confirm("Drop for good what earlier restores replaced, as listed?")
	}
	return a.endingSessions(opt, func(opt devenv.CopyOptions) error { return env.Restore(ctx, plan, opt, a.steps(false, false).report) })
}
