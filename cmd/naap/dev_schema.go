package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/rules"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

func init() { devCommands = append(devCommands, (*app).schemaCommand) }

func (a *app) schemaCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "schema",
		Short: "The schemas: whose they are, and how to add one",
		Example: "  naap dev schema list\n" +
			"  naap dev schema add tickets",
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(a.schemaListCommand(), a.schemaAddCommand())
	return c
}

// schemaDocument is the map as --json prints it.
type schemaDocument struct {
	Version int         `json:"version"`
	Running bool        `json:"running"`
	Schemas []schemaRow `json:"schemas"`
}

// schemaRow is a schema of the files, with what the running database holds of it.
type schemaRow struct {
	rules.MapEntry
	Database *schemaCounts `json:"database"` // null where no database runs, or lacks the schema
}

type schemaCounts struct {
	Tables        int      `json:"tables"`
	Rows          int64    `json:"rows"`
	RowsExact     bool     `json:"rows_exact"`
	MissingTables []string `json:"missing_tables"`
	UnknownTables []string `json:"unknown_tables"`
}

func (a *app) schemaListCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "list",
		Aliases: []string{"ls"},
		Short:   "Show the map: schema, owner, prefix, models, tables, rows, drift",
		Example: "  naap dev schema list\n" +
			"  naap dev schema list --json",
		Args: noArgs,
		RunE: a.on(a.listSchemas),
	}
}

func (a *app) listSchemas(ctx context.Context, env *devenv.Env, _ []string) error {
	if err := env.MustBePostgreSQL(); err != nil {
		return err
	}
	ws := env.Workspace()
	entries, err := rules.SchemaMap(ctx, rules.FromWorkspace(ws))
	if err != nil {
		return err
	}
	doc := schemaDocument{Version: 1, Schemas: []schemaRow{}}
	counts := map[string]*schemaCounts{}
	if st, err := env.Status(ctx, devenv.StatusOptions{}); err == nil && st.State == engine.Running {
		doc.Running = true
		for _, s := range st.Schemas {
			counts[s.Name] = &schemaCounts{s.Tables, s.Rows, s.RowsExact, orNone(s.MissingTables), orNone(s.UnknownTables)}
		}
	}
	for _, e := range entries {
		e.Owner = ws.OwnerOf(e.Schema)
		doc.Schemas = append(doc.Schemas, schemaRow{e, counts[e.Schema]})
	}
	return a.answer(doc, func() { a.printMap(doc) })
}

func (a *app) printMap(doc schemaDocument) {
	_ = a.table(func(w io.Writer) {
		fmt.Fprintln(w, "SCHEMA\tOWNER\tPREFIX\tMODELS\tTABLES\tROWS\tDRIFT")
		for _, s := range doc.Schemas {
			prefix := strings.Join(s.Prefix, ", ")
			if s.Learnt {
				prefix += "?"
			}
			tables, rows, drift := "", "", ""
			if s.Database != nil {
				tables, rows = fmt.Sprint(s.Database.Tables), count(s.Database.Rows, s.Database.RowsExact)
				drift = driftOf(s.Database)
			} else if doc.Running {
				drift = "not in the database"
			}
			if len(s.Missed) > 0 {
				drift = strings.TrimPrefix(drift+"; missing in "+strings.Join(s.Missed, ", "), "; ")
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\t%s\t%s\n", visible.String(s.Schema), visible.String(s.Owner), visible.String(prefix),
				s.Models, tables, rows, visible.String(drift))
		}
	})
	if !doc.Running {
		a.say("the database is not running: %s", a.target.Line(remedy.Naap("dev up")))
	}
}

func driftOf(c *schemaCounts) string {
	var parts []string
	if n := len(c.MissingTables); n > 0 {
		parts = append(parts, say.Count(n, "table")+" missing")
	}
	if n := len(c.UnknownTables); n > 0 {
		parts = append(parts, say.Count(n, "table")+" unknown")
	}
	return strings.Join(parts, ", ")
}

// addDocument is a plan to add a schema, as --json prints it.
type addDocument struct {
	Version int       `json:"version"`
	Schema  string    `json:"schema"`
	Prefix  string    `json:"prefix"`
	Owner   string    `json:"owner"`
	Applied bool      `json:"applied"`
	Steps   []addStep `json:"steps"`
	Diff    string    `json:"diff"`
	// Database is "created", "exists", or why it could not be created there.
	Database string `json:"database,omitempty"`
}

type addStep struct {
	Path  string `json:"path"`
	Title string `json:"title"`
}

func (a *app) schemaAddCommand() *cobra.Command {
	var prefix string
	var dryRun, yes bool
	c := &cobra.Command{
		Use:   "add plugin_NAME",
		Short: "Write a new schema into every place that must know it",
		Long: "Shows what it writes: the datasource's list, the init script, every list in a shell script, a first model as a\n" +
			"comment, and for a plugin that has a backend the standard client file. Then the schema is made in the running\n" +
			"database. A second time, nothing is left to do.",
		Example: "  naap dev schema add plugin_video_studio\n  naap dev schema add tickets --prefix Tix --yes",
		Args:    takes(1, 1),
		RunE: a.on(func(ctx context.Context, env *devenv.Env, words []string) error {
			return a.addSchema(ctx, env, words[0], prefix, dryRun, yes)
		}),
	}
	c.Flags().StringVar(&prefix, "prefix", "", "what its models' names begin with (default: learnt from the name)")
	c.Flags().BoolVar(&dryRun, "dry-run", false, "show the changes, and do nothing")
	c.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return c
}

func (a *app) addSchema(ctx context.Context, env *devenv.Env, name, prefix string, dryRun, yes bool) error {
	options := rules.FromWorkspace(env.Workspace())
	if options.Root == "" {
		return remedy.New("schema.builtin", remedy.ExitUsage, "the built-in workspace is inside the program and cannot be changed").
			WithHelp(remedy.Naap("dev schema add", name).In("DIR"))
	}
	if err := env.MustBePostgreSQL(); err != nil {
		return err
	}
	plan, err := rules.PlanSchemaAdd(ctx, options, name, prefix)
	if err != nil {
		return err
	}
	doc := addDocument{Version: 1, Schema: plan.Schema, Prefix: plan.Prefix, Owner: plan.Owner, Diff: plan.Diff(),
		Steps: say.Each(plan.Steps, func(s rules.AddStep) addStep { return addStep{s.Edit.Path, s.Title} })}
	a.showAdd(plan)
	if !dryRun {
		if err := a.mayAdd(plan, yes); err != nil {
			return err
		}
		if err := plan.Apply(ctx); err != nil {
			return err
		}
		doc.Applied = !plan.Empty()
		doc.Database = a.createSchema(ctx, env, plan.Schema)
		a.say("in the database: %s", visible.String(doc.Database))
	}
	if a.json {
		a.printJSON(doc)
	}
	return nil
}

func (a *app) showAdd(plan *rules.AddPlan) {
	if plan.Empty() {
		a.say("%s is known everywhere already.", plan.Schema)
		return
	}
	a.say("%s, with models called %s…:", plan.Schema, plan.Prefix)
	for _, s := range plan.Steps {
		a.say("  %s: %s", visible.String(s.Edit.Path), visible.String(s.Title))
	}
	a.say("\n%s", visible.Text(strings.TrimSuffix(plan.Diff(), "\n")))
}

// mayAdd asks the user; a script has to say yes beforehand.
func (a *app) mayAdd(plan *rules.AddPlan, yes bool) error {
	if plan.Empty() || yes || a.canAsk() && a.confirm("Write it?") {
		return nil
	}
	return remedy.New("schema.unconfirmed", remedy.ExitRefused, "nothing was written").
		WithHelp(remedy.Again("dev schema add", plan.Schema, "--prefix", plan.Prefix, "--yes"))
}

// createSchema creates the schema in the running database and returns what came of it. Where no database runs, that is
// not a failure: naap dev up creates the schema when it starts one.
func (a *app) createSchema(ctx context.Context, env *devenv.Env, schema string) string {
	created, err := env.CreateSchema(ctx, schema)
	switch {
	case err != nil:
		return "not made (" + err.Error() + "); to make it: " + a.target.Line(remedy.Naap("dev up"))
	case created:
		return "created"
	}
	return "there already"
}
