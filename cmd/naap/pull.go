package main

import (
	"context"
	"strings"

	"github.com/aymanbagabas/go-udiff"
	"github.com/spf13/cobra"

	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/pull"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

func init() { extraCommands = append(extraCommands, (*app).pullCommand) }

// pullDocument is what a pull writes, or has written, as --json prints it.
type pullDocument struct {
	Version  int        `json:"version"`
	Written  bool       `json:"written"`
	Files    []pullFile `json:"files"`
	Adds     []string   `json:"adds"`
	Drops    []string   `json:"drops"`
	Changes  []string   `json:"changes"`
	Warnings []string   `json:"warnings"`
}

type pullFile struct {
	File string `json:"file"`
	New  bool   `json:"new"`
	Diff string `json:"diff"`
}

func (a *app) pullCommand() *cobra.Command {
	var dryRun, yes bool
	var schemas []string
	c := &cobra.Command{
		Use:   "pull",
		Short: "Write the database's tables into the Prisma file",
		Long: "Compares the database with the Prisma file, shows what would change in the file, and writes it: as `prisma db pull`,\n" +
			"but what is in both stays as it is written, with its comments, its order and its names. New models go below the\n" +
			"others or, where the schema has several files, into introspected.prisma.",
		Example: "  naap pull --dry-run\n  naap pull --schema plugin_wallet --yes",
		Args:    noArgs,
		RunE: a.on(func(ctx context.Context, env *devenv.Env, _ []string) error {
			plan, err := env.PlanPull(ctx, schemas)
			if err != nil {
				return err
			}
			a.warnStranger(ctx, env)
			return a.pull(ctx, env, plan, dryRun, yes)
		}),
	}
	c.Flags().BoolVar(&dryRun, "dry-run", false, "show what would change, and do nothing")
	c.Flags().BoolVar(&yes, "yes", false, "write it without asking")
	c.Flags().StringSliceVar(&schemas, "schema", nil, "only this `SCHEMA`; may be given several times")
	a.setting(c, "name", "instance", "the `INSTANCE`'s name (default naap)")
	a.setting(c, "database-url", "database-url", "the server at `URL` instead of the instance's own")
	return c
}

func (a *app) pull(ctx context.Context, env *devenv.Env, plan *pull.Plan, dryRun, yes bool) error {
	doc := pullDocument{1, false, orNone(say.Each(plan.Files, pullFileOf)), orNone(plan.Adds), orNone(plan.Drops), orNone(plan.Changes), orNone(plan.Warnings)}
	if !a.json {
		a.sayPull(doc)
	}
	for _, w := range plan.Warnings {
		a.warn(w)
	}
	if !plan.Empty() && !dryRun {
		if !yes && !a.confirm("Write it?") {
			e := remedy.New("pull.unconfirmed", remedy.ExitRefused, "nothing was written").WithHelp(remedy.Again("pull", "--yes"))
			if a.json {
				e.WithSeen(say.Each(doc.Files, func(f pullFile) string { return f.File + " would change" })...)
			}
			return e
		}
		if err := env.Pull(ctx, plan); err != nil {
			return err
		}
		doc.Written = true
		a.say("Wrote %s.", say.And(say.Each(doc.Files, func(f pullFile) string { return f.File })))
	}
	if a.json {
		a.printJSON(doc)
	}
	return nil
}

func (a *app) sayPull(doc pullDocument) {
	if len(doc.Files) == 0 {
		a.say("The Prisma file says what the database is. Nothing to write.")
	}
	for _, f := range doc.Files {
		a.say("%s", strings.TrimSuffix(f.Diff, "\n"))
	}
}

func pullFileOf(f pull.File) pullFile {
	name := visible.String(f.Name)
	from := name
	if f.New {
		from = "/dev/null"
	}
	return pullFile{File: name, New: f.New, Diff: visible.Text(udiff.Unified(from, name, dburl.MaskText(f.Was), dburl.MaskText(f.Text)))}
}
