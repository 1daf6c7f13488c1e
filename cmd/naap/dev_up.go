package main

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

func init() { devCommands = append(devCommands, (*app).upCommand) }

type upFlags struct {
	detach, dryRun, events, timing, allowExternal, adopt bool
}

func (a *app) upCommand() *cobra.Command {
	var f upFlags
	c := &cobra.Command{
		Use:   "up",
		Short: "Start the database, create what is missing, seed it, open the dashboard",
		Long: "Starts the instance's PostgreSQL (in Docker, or embedded where there is no Docker), runs\n" +
			"init-schemas.sql, creates the tables of the Prisma file that are missing, and applies the seeds.\n" +
			"Where the workspace has migrations that make what the Prisma file says, these are run instead.\n" +
			"It only adds: what would destroy something is held back and counted. Safe to run again.\n" +
			"It asks before it first runs or reaches anything that the workspace's files name: see naap dev trust.\n" +
			"On a terminal the dashboard opens afterwards; q leaves it, and the database stays up.",
		Example: "  naap dev up                    start, create what is missing, seed, open the app\n" +
			"  naap dev up --detach           the same without the app, for a script\n" +
			"  naap dev up --dry-run          only say what it would do\n" +
			"  naap dev up --name two --port 5433    a second instance",
		Args: noArgs,
		RunE: a.on(func(ctx context.Context, env *devenv.Env, _ []string) error { return a.up(ctx, env, f) }),
	}
	a.engineFlags(c)
	fl := c.Flags()
	fl.BoolVarP(&f.detach, "detach", "d", false, "print a summary and end, instead of opening the dashboard")
	fl.BoolVar(&f.dryRun, "dry-run", false, "print what would be done, and do nothing")
	fl.BoolVar(&f.events, "events", false, "print progress as JSON lines on stderr")
	fl.BoolVar(&f.timing, "timing", false, "print how long each step took")
	fl.BoolVar(&f.allowExternal, "allow-external", false, "change a server that naap did not start without asking")
	fl.BoolVar(&f.adopt, "adopt", false, adoptUsage)
	a.runSeedFlag(c)
	return c
}

// adoptUsage describes the flag that says "yes, this one now".
const adoptUsage = "make the database this workspace's, also where it is another's"

// engineFlags adds the flags of the settings that decide where the server runs.
func (a *app) engineFlags(c *cobra.Command) {
	a.setting(c, "engine", "engine", "where the server runs: `"+engine.Choices()+"`")
	a.setting(c, "database-url", "database-url", "attach to the server at `URL` instead of starting one")
	a.setting(c, "port", "port", "publish on 127.0.0.1:`N`")
	a.setting(c, "image", "image", "the container's image `REF`")
	a.setting(c, "postgres-bin", "postgres-bin", "`DIR` with the embedded engine's programs")
	a.settingSwitch(c, "no-push", "no-push", "leave the tables alone")
	a.settingSwitch(c, "no-seed", "no-seed", "leave the rows alone")
}

func (a *app) up(ctx context.Context, env *devenv.Env, f upFlags) error {
	opt := devenv.UpOptions{Confirm: a.confirm, AllowExternal: f.allowExternal, Adopt: f.adopt}
	if f.dryRun {
		return a.upDryRun(ctx, env, opt)
	}
	if err := a.settleUp(ctx, env); err != nil {
		return err
	}
	if a.canAsk() && !f.detach && !f.events && a.canDraw() {
		return a.runTUI(ctx, env, opt, true)
	}
	if !a.json {
		a.say("%s", visible.String(env.Workspace().Describe()))
	}
	up, err := env.Up(ctx, opt, a.steps(f.events, f.timing).report)
	if err != nil {
		return err
	}
	status, err := env.StatusAfter(ctx, up)
	if err != nil {
		return err
	}
	for _, w := range up.Warnings {
		if !slices.Contains(status.Warnings, w) {
			status.Warnings = append(status.Warnings, w)
		}
	}
	if a.json {

		a.printJSON(status)
		return nil
	}
	a.printStatus(status)
	ready := "Ready in " + say.Took(up.Took) + "."
	if up.Tables.NoModel != "" {
		ready = "The server runs, and " + visible.String(up.Tables.NoModel) + "."
	}
	if !env.IsExternal() {
		ready += " Stop it with: " + a.target.Line(remedy.Naap("dev down"))
	}
	a.say("%s", ready)
	return nil
}

// settleUp is settleTrust for the workspace, and for the migrations that an up may run.
func (a *app) settleUp(ctx context.Context, env *devenv.Env) error {
	standings, err := env.UpStandings(ctx)
	if err != nil {
		a.warn(visible.String(err.Error()))
	}
	return a.settleTrust(ctx, env, standings)
}

type dryRunDocument struct {
	Version int        `json:"version"`
	Plan    []string   `json:"plan"`
	Trust   []trustRow `json:"trust"` // what the workspace's files would run or reach
}

func (a *app) upDryRun(ctx context.Context, env *devenv.Env, opt devenv.UpOptions) error {
	up, err := env.PlanUp(ctx, opt)
	if err != nil {
		return err
	}
	plan := up.Lines(a.target)
	standings, err := env.UpStandings(ctx)
	if err != nil {
		a.warn(visible.String(err.Error()))
	}
	return a.answer(dryRunDocument{Version: 1, Plan: plan, Trust: trustRows(standings)}, func() {
		a.sayEach("", plan)
		a.sayStandings(standings)
	})
}
