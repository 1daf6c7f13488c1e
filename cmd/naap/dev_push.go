package main

import (
	"context"
	"time"

	"github.com/spf13/cobra"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/schemaplan"
	"github.com/livepeer/naap-dev/internal/visible"
)

func init() { devCommands = append(devCommands, (*app).pushCommand) }

// planDocument is a plan as --json prints it.
type planDocument struct {
	Version  int               `json:"version"`
	Applied  bool              `json:"applied"`
	Plan     *schemaplan.Plan  `json:"plan"`
	Counts   schemaplan.Counts `json:"counts"`
	SQL      string            `json:"sql"`
	Wipes    []schemaplan.Wipe `json:"wipes,omitempty"`
	TookMS   float64           `json:"took_ms,omitempty"`
	After    []string          `json:"after,omitempty"`    // the commands of naap.toml that run afterwards
	Generate string            `json:"generate,omitempty"` // the command that generated the clients, or that would
	// Clients are the generated clients after a push.
	Clients []devenv.StatusClient `json:"clients,omitempty"`
	// Disagreements are schemas that are missing from the init script, the Prisma file or the database.
	Disagreements []string `json:"disagreements,omitempty"`
	// Migrations says what a push means in a workspace with migrations.
	Migrations string `json:"migrations,omitempty"`
}

// remarks are what is said of a plan besides its steps, a line each.
func (d planDocument) remarks() []string {
	if d.Migrations == "" {
		return d.Disagreements
	}
	return append([]string{visible.String(d.Migrations)}, d.Disagreements...)
}

// planDocument returns a plan's document; its lists without elements are [], not null.
func (a *app) planDocument(plan *schemaplan.Plan) planDocument {
	return planDocument{Version: 1, Plan: plan.For(a.target), Counts: plan.Counts(), SQL: plan.SQL(), Wipes: plan.Wipes}
}

func (a *app) pushCommand() *cobra.Command {
	var f pushFlags
	c := &cobra.Command{
		Use:   "push",
		Short: "Make the database match the Prisma file",
		Long: "Compares the database with the Prisma file and runs what differs, in one transaction where PostgreSQL\n" +
			"allows it. What destroys rows or values, takes an index or a guarantee away or drops most of the\n" +
			"tables is refused (exit status 3) unless --accept-data-loss is given.",
		Example: "  naap dev push --dry-run               print the plan\n" +
			"  naap dev push --accept-data-loss --snapshot before\n" +
			"  naap dev push --generate              and have the client generated",
		Args: noArgs,
		RunE: a.on(func(ctx context.Context, env *devenv.Env, _ []string) error {
			return a.push(ctx, env, f)
		}),
	}
	a.planFlags(c, &f.PushOptions)
	c.Flags().BoolVar(&f.dryRun, "dry-run", false, "print the plan, and do nothing")
	c.Flags().BoolVar(&f.AcceptDataLoss, "accept-data-loss", false, "also run what destroys rows or values, or drops most of the tables")
	c.Flags().BoolVar(&f.AllowExternal, "allow-external", false, "change a server that naap did not start")
	c.Flags().BoolVar(&f.Beside, "beside-migrations", false, "push also where migrate.use is migrate")
	c.Flags().BoolVar(&f.Adopt, "adopt", false, adoptUsage)
	c.Flags().StringVar(&f.snapshot, "snapshot", "", "save a snapshot of that `NAME` first, where something would be lost")
	c.Flags().BoolVar(&f.generate, "generate", false, generateUsage)
	return c
}

const generateUsage = "then have the workspace's own Prisma generate its client, before the commands of push.after"

// pushFlags are the flags of a push.
type pushFlags struct {
	devenv.PushOptions
	dryRun, generate bool
	snapshot         string
}

func (a *app) planFlags(c *cobra.Command, opt *devenv.PushOptions) {
	c.Flags().StringSliceVar(&opt.Schemas, "schema", nil, "only this `SCHEMA` (may be repeated)")
	c.Flags().StringArrayVar(&opt.Renames, "rename", nil, "take a suggested rename, by its `KEY`")
	a.setting(c, "database-url", "database-url", "the server at `URL` instead of the instance's own")
}

func (a *app) push(ctx context.Context, env *devenv.Env, f pushFlags) error {
	var after []string
	if f.generate { // before anything is changed
		var err error
		if f.Generator, err = env.Generator(ctx); err != nil {
			return err
		}
		after = append(after, "then run: "+visible.String(f.Generator.Command))
	}
	plan, err := env.Diff(ctx, f.PushOptions)
	if err != nil {
		return err
	}
	doc := a.planDocument(plan)
	if doc.Disagreements, err = disagreements(ctx, env); err != nil {
		return err
	}
	doc.Migrations = env.PushHint(ctx, plan)
	if !plan.Empty() {
		after, doc.After = append(after, env.HookLines()...), env.Workspace().Settings.Push.After
	}
	if !a.json {
		a.printSummary(plan)
		a.sayEach("", after)
		a.sayEach("! ", doc.remarks())
	}
	if f.dryRun || plan.Empty() {
		a.warnStranger(ctx, env)
	}
	if f.dryRun {
		doc.Generate = f.command()
		return a.answer(doc, func() {})
	}
	if err := a.settlePush(ctx, env, plan, &f); err != nil {
		return err
	}
	return a.applyPush(ctx, env, doc, f)
}

// command returns the command that generates the clients, where that was asked for.
func (f pushFlags) command() string {
	if f.Generator == nil {
		return ""
	}
	return f.Generator.Command
}

// applyPush pushes what was planned, does what comes after it, and prints what became of it.
func (a *app) applyPush(ctx context.Context, env *devenv.Env, doc planDocument, f pushFlags) error {
	result, err := env.Push(ctx, doc.Plan, f.PushOptions, a.steps(false, false).report)
	if err != nil {
		return err
	}
	doc.Applied = !doc.Plan.Empty()
	doc.TookMS = float64(result.Took.Microseconds()) / 1000
	doc.Generate = f.command()
	doc.Clients = env.StatusClients(ctx)
	return a.answer(doc, func() { a.sayStale(doc.Clients) })
}

// settlePush asks for what a push needs a yes for, and saves a snapshot where something would be lost.
func (a *app) settlePush(ctx context.Context, env *devenv.Env, plan *schemaplan.Plan, f *pushFlags) error {
	if plan.Destructive() && !f.AcceptDataLoss && a.canAsk() {
		f.AcceptDataLoss = a.confirm("Run it, and lose what it destroys?")
	}
	if env.IsExternal() && !plan.Empty() && !f.AllowExternal && !f.Adopt {
		f.AllowExternal = a.confirm("naap did not start " + env.Where() + ". Change it?")
	}
	if plan.Destructive() && f.AcceptDataLoss {
		if err := a.snapshotFirst(ctx, env, f.PushOptions, f.snapshot); err != nil {
			return err
		}
	}
	if plan.Empty() {
		return nil
	}
	return a.settleHooks(ctx, env)
}

// snapshotFirst saves a copy of the database before a push destroys something: under the given name or, where the user
// is there to say yes, under one made of the time.
func (a *app) snapshotFirst(ctx context.Context, env *devenv.Env, opt devenv.PushOptions, name string) error {
	if name == "" {
		if !a.confirm("Save a snapshot of the whole database first?") {
			return nil
		}
		name = "before push " + say.Moment(time.Now())
	}
	_, err := env.SaveSnapshot(ctx, name, devenv.CopyOptions{Note: "before a push that destroys", AllowExternal: opt.AllowExternal || opt.Adopt, Adopt: opt.Adopt}, a.steps(false, false).report)
	return err
}

func (a *app) printSummary(plan *schemaplan.Plan) {
	if plan.Empty() {
		a.say("The database is what the Prisma file says.")
		return
	}
	a.sayEach("", plan.Summary(a.target))
}

// sayStale names what the stale ones among the clients do not know, if there are any.
func (a *app) sayStale(clients []devenv.StatusClient) {
	if line := devenv.StaleLine(clients); line != "" {
		a.say("%s", line)
	}
}

// disagreements describes, fit to be shown, each schema that the init script, the Prisma file or the database lacks.
func disagreements(ctx context.Context, env *devenv.Env) ([]string, error) {
	lines, err := env.Disagreements(ctx)
	for i, line := range lines {
		lines[i] = visible.String(line)
	}
	return lines, err
}
