package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/schemaplan"
	"github.com/livepeer/naap-dev/internal/visible"
)

// checkDocument is how the migrations and the Prisma file agree.
type checkDocument struct {
	Version    int              `json:"version"`
	Agree      bool             `json:"agree"`
	Migrations int              `json:"migrations"`
	Plan       *schemaplan.Plan `json:"plan"` // what is missing from the migrations
	SQL        string           `json:"sql"`
}

func (a *app) migrateCheckCommand() *cobra.Command {
	var opt devenv.MigrateOptions
	c := &cobra.Command{
		Use:   "check",
		Short: "Prove that the migrations make what the Prisma file says",
		Long: "Runs all migrations one after the other on a shadow database, and compares what they make with the Prisma file.\n" +
			"What has run before is not run again. The exit status is 1 where a script fails, or where they differ.",
		Example: "  naap migrate check\n  naap migrate check --json",
		Args:    noArgs,
		RunE:    a.on(func(ctx context.Context, env *devenv.Env, _ []string) error { return a.checkMigrations(ctx, env, opt) }),
	}
	c.Flags().BoolVar(&opt.AllowExternal, "allow-external", false, "make the shadow database on a server that naap did not start")
	a.setting(c, "database-url", "database-url", "the server at `URL` instead of the instance's own")
	return c
}

func (a *app) checkMigrations(ctx context.Context, env *devenv.Env, opt devenv.MigrateOptions) error {
	if err := a.settleScripts(ctx, env); err != nil {
		return err
	}
	found, err := env.CheckMigrations(ctx, opt)
	if err != nil {
		return err
	}
	doc := checkDocument{1, found.Plan.Empty(), found.Migrations, found.Plan.For(a.target), found.Plan.SQL()}
	_ = a.answer(doc, func() {
		file := env.Workspace().SchemaName()
		if doc.Agree {
			a.say("%s %s what %s says.", say.Count(found.Migrations, "migration"), say.Form(found.Migrations, "makes", "make"), visible.String(file))
			return
		}
		a.say("%s %s not make what %s says. What a new one would do:", say.Count(found.Migrations, "migration"), say.Form(found.Migrations, "does", "do"), visible.String(file))
		a.sayEach("", found.Plan.Summary(a.target))
		a.say("try: %s", a.target.Line(remedy.Naap("migrate dev", "--dry-run")))
	})
	if !doc.Agree {
		return exitStatus(remedy.ExitFailed)
	}
	return nil
}

// settleScripts asks about what the migrations' scripts would reach, where a shadow database is to run them.
func (a *app) settleScripts(ctx context.Context, env *devenv.Env) error {
	standings, err := env.FolderStandings(ctx)
	if err != nil || len(standings) == 0 {
		return err
	}
	return a.settleTrust(ctx, env, standings)
}
