package main

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/fakedata"
	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/seeding"
	"github.com/livepeer/naap-dev/internal/trust"
	"github.com/livepeer/naap-dev/internal/visible"
)

func init() { devCommands = append(devCommands, (*app).seedCommand) }

// seedFlags are the flags of `naap dev seed`.
type seedFlags struct {
	fake          int64
	rows          []string
	like          string
	seed          int64
	force, list   bool
	dryRun, allow bool
	append, edge  bool
	resume, clean bool
	schemas       []string
	isFaked       bool
}

func (a *app) seedCommand() *cobra.Command {
	var f seedFlags
	c := &cobra.Command{
		Use:   "seed [SCHEMA…]",
		Short: "Apply seed files, each once, or make up rows for any table",
		Long: "Applies the workspace's seed files that were never applied, and those that changed: the rows that they brought are\n" +
			"replaced. With --fake, makes up that many rows for each table instead: from the catalogue and the Prisma file, keys\n" +
			"consistent across schemas. The same --seed makes the same rows. Tables that have rows are refused (exit status 3)\n" +
			"unless --append is given. A run that is broken off leaves tables whole or empty, and --continue goes on with it.\n\n" +
			"The workspace's seed commands, and seed files whose SQL reaches out of the database, are asked for before the first\n" +
			"time. Without a terminal what was not allowed is left out.",
		Example: "  naap dev seed                               what is pending or changed\n  naap dev seed --list                        where each seed stands\n" +
			"  naap dev seed --fake 100                    100 rows for every table\n  naap dev seed --fake 100 plugin_wallet --rows User=10 --dry-run",
		Args: cobra.ArbitraryArgs,
		RunE: func(c *cobra.Command, schemas []string) error {
			f.schemas = schemas
			f.isFaked = c.Flags().Changed("fake") || len(f.rows) > 0 || f.like != "" || f.resume
			if err := f.check(); err != nil {
				return err
			}
			return a.on(func(ctx context.Context, env *devenv.Env, _ []string) error {
				switch {
				case f.list:
					return a.listSeeds(ctx, env)
				case f.isFaked:
					return a.makeRows(ctx, env, f)
				}
				return a.applySeeds(ctx, env, f)
			})(c, schemas)
		},
		ValidArgsFunction: a.completeSchemas,
	}
	fl := c.Flags()
	fl.Int64Var(&f.fake, "fake", 0, "make up `N` rows for each table")
	fl.StringArrayVar(&f.rows, "rows", nil, "make up that many rows for one table: `TABLE=N` (may be repeated)")
	fl.StringVar(&f.like, "like", "", "make up as many rows as `FILE` says: a line a table, or a JSON object")
	fl.Int64Var(&f.seed, "seed", 1, "the made-up rows' `NUMBER`: the same makes the same rows")
	fl.BoolVar(&f.append, "append", false, "add made-up rows to tables that have rows")
	fl.BoolVar(&f.edge, "edge", false, "mix extremes in: NULL, empty and longest texts, emoji, infinity …")
	fl.BoolVar(&f.resume, "continue", false, "go on with the run of made-up rows that was broken off")
	fl.BoolVar(&f.clean, "clean", false, "first remove the rows that were made up before")
	fl.BoolVar(&f.force, "force", false, "apply seed files again even where they have not changed")
	fl.BoolVar(&f.list, "list", false, "print where each seed stands, and do nothing")
	fl.BoolVar(&f.dryRun, "dry-run", false, "print the plan, and do nothing")
	fl.BoolVar(&f.allow, "allow-external", false, "change a server that naap did not start")
	a.runSeedFlag(c)
	a.setting(c, "database-url", "database-url", "the server at `URL` instead of the instance's own")
	return c
}

// check refuses flags that do not go together.
func (f seedFlags) check() error {
	wrong := func(text string) error {
		return remedy.New("usage", remedy.ExitUsage, "%s", text).WithHelp(remedy.Naap("dev seed", "--help"))
	}
	switch {
	case f.fake < 0:
		return wrong("--fake takes a number of rows")
	case f.isFaked && f.force:
		return wrong("--force is for seed files, not for made-up rows")
	case !f.isFaked && (f.append || f.edge || f.clean):
		return wrong("--append, --edge and --clean are for made-up rows: give --fake too")
	case f.resume && (f.fake > 0 || len(f.rows) > 0 || f.like != "" || f.append || f.clean || len(f.schemas) > 0):
		return wrong("--continue goes on with what the broken-off run was told; it takes nothing else")
	case f.clean && f.append:
		return wrong("--clean removes rows that --append would keep")
	}
	return nil
}

// seedRow is a seed in a document.
type seedRow struct {
	Name      string     `json:"name"`
	Schema    string     `json:"schema"`
	State     string     `json:"state"`
	AppliedAt *time.Time `json:"applied_at,omitempty"`
	Rows      int64      `json:"rows"`
	Detail    string     `json:"detail,omitempty"`
	Command   string     `json:"command,omitempty"` // of a command: as it is typed in the workspace's root
	Origin    string     `json:"origin,omitempty"`  // the file and line that names it
	When      string     `json:"when,omitempty"`    // it runs by itself

	Tables []seedTable `json:"tables,omitempty"` // of a file that is applied again
}

// seedTable is what happens to the rows that a seed has brought to a table.
type seedTable struct {
	Table    string   `json:"table"`
	Taken    int64    `json:"taken_back"`         // as the seed wrote them
	Replaced *int64   `json:"replaced,omitempty"` // of these, the rows that come again; of a script, known once it was run
	Removed  *int64   `json:"removed,omitempty"`  // the others
	Kept     int64    `json:"kept"`               // changed since
	Keys     []string `json:"kept_keys,omitempty"`
	Deleted  int64    `json:"deleted"` // by someone else
}

func seedTables(list []seeding.TableRows) []seedTable {
	var out []seedTable
	for _, r := range list {
		t := seedTable{Table: r.Table.String(), Taken: r.Back, Kept: r.Kept, Keys: r.Keys, Deleted: r.Gone}
		if r.Exact {
			again := r.Back - r.Removed
			t.Replaced, t.Removed = &again, &r.Removed
		}
		out = append(out, t)
	}
	return out
}

type seedsDocument struct {
	Version int        `json:"version"`
	Applied bool       `json:"applied"`
	Seeds   []seedRow  `json:"seeds"`
	Rows    int64      `json:"rows"`
	Trust   []trustRow `json:"trust,omitempty"` // what the command and the files would run or reach
}

// seedRowOf returns the document's row of a seed, with what there is to say of it.
func seedRowOf(s seeding.Seed, detail string, tables []seeding.TableRows) seedRow {
	row := seedRow{Name: s.Name, Schema: s.Schema, State: string(s.State), Rows: s.Rows, Detail: detail, Tables: seedTables(tables)}
	if c := s.Command; c != nil {
		row.Command, row.Origin, row.When = c.Shown, c.Origin, c.When
	}
	return row
}

func (a *app) listSeeds(ctx context.Context, env *devenv.Env) error {
	list, err := env.SeedList(ctx)
	if err != nil {
		return err
	}
	doc := seedsDocument{Version: 1, Seeds: []seedRow{}}
	for _, s := range list {
		row := seedRowOf(s, s.Detail(), nil)
		if !s.AppliedAt.IsZero() {
			row.AppliedAt = &s.AppliedAt
		}
		doc.Seeds = append(doc.Seeds, row)
	}
	standings, err := env.Standings(ctx)
	if err == nil {
		standings = ofSeeds(standings)
		doc.Trust = trustRows(standings)
	}
	return a.answer(doc, func() {
		for _, s := range list {
			if s.Command != nil {
				a.say("%-9s %13s  %s", s.State, "", visible.String(commandOf(s)))
				continue
			}
			a.say("%-9s %8d rows  %s", s.State, s.Rows, visible.String(s.Name))
		}
		a.sayEach("", env.ChoosingLines(ctx))
		a.sayStandings(trust.Held(standings))
		if len(list) == 0 {
			a.say("The workspace has no seed files. Rows are made up by: %s", a.target.Line(remedy.Naap("dev seed", "--fake", "100")))
		}
	})
}

// commandOf describes a seed that is a command in one line.
func commandOf(s seeding.Seed) string {
	line := s.Name + " (" + s.Command.Origin + "): "
	if s.Command.When != "" {
		line += s.Command.When + ": "
	}
	return line + s.Command.Shown
}

func (a *app) applySeeds(ctx context.Context, env *devenv.Env, f seedFlags) error {
	opt := devenv.SeedOptions{Schemas: f.schemas, Force: f.force, AllowExternal: f.allow}
	if f.dryRun {
		plan, err := env.PlanSeeds(ctx, opt)
		if err != nil {
			return err
		}
		doc := seedsDocument{Version: 1, Trust: trustRows(plan.Standings), Seeds: slices.Concat([]seedRow{},
			say.Each(plan.Renamed, func(s seeding.Seed) seedRow { return seedRowOf(s, "it was called "+s.Was, nil) }),
			say.Each(plan.Steps, func(s seeding.Step) seedRow { return seedRowOf(s.Seed, s.Because, s.Rows) }),
			say.Each(plan.Held, func(s seeding.Seed) seedRow { return seedRowOf(s, "left out: it was not allowed", nil) }))}
		for _, c := range plan.Commands {
			doc.Seeds = append(doc.Seeds, seedRowOf(c.Seed, cmp.Or(c.Missing, c.Command.Shown), nil))
		}
		return a.printPlan(plan.String(), "Nothing to do: every seed is applied as its file is.", doc)
	}
	if err := a.settleSeeds(ctx, env, opt); err != nil {
		return err
	}
	result, err := env.Seed(ctx, opt, a.steps(false, false).report)
	if err != nil || !a.json {
		return err
	}
	doc := seedsDocument{Version: 1, Applied: true, Seeds: []seedRow{}, Rows: result.Rows}
	for _, s := range result.Applied {
		row := seedRowOf(s, "", s.Back)
		row.AppliedAt = &s.AppliedAt
		doc.Seeds = append(doc.Seeds, row)
	}
	for _, c := range result.Commands {
		row := seedRow{Name: c.Name, State: "skipped", Command: c.Command, Detail: c.Skipped}
		if c.Ran {
			row.State = string(seeding.Applied)
		}
		doc.Seeds = append(doc.Seeds, row)
	}
	a.printJSON(doc)
	return nil
}

// printPlan prints a plan as its document, or its lines.
func (a *app) printPlan(text, empty string, doc any) error {
	return a.answer(doc, func() { a.say("%s", visible.Text(strings.TrimRight(cmp.Or(text, empty), "\n"))) })
}

// fakeDocument is made-up rows, or the plan of them.
type fakeDocument struct {
	Version int         `json:"version"`
	Applied bool        `json:"applied"`
	Seed    int64       `json:"seed"`
	Rows    int64       `json:"rows"`
	Tables  []fakeTable `json:"tables"`
	Refused []fakeTable `json:"refused"`
	Short   []fakeTable `json:"short,omitempty"` // tables that got fewer rows than planned
	TookMS  float64     `json:"took_ms,omitempty"`
}

type fakeTable struct {
	Table     string   `json:"table"`
	Rows      int64    `json:"rows"`
	Reason    string   `json:"reason,omitempty"`
	Already   bool     `json:"already,omitempty"`   // filled before an earlier run was interrupted
	Named     []string `json:"by_name,omitempty"`   // what columns refer to without a foreign key
	Rules     []string `json:"rules,omitempty"`     // naap.toml's, for its columns
	Conflicts []string `json:"conflicts,omitempty"` // conflicts of these with constraints
}

func fakePlanDocument(plan *fakedata.Plan) fakeDocument {
	doc := fakeDocument{Version: 1, Seed: plan.Seed, Rows: plan.Rows(), Tables: []fakeTable{}, Refused: []fakeTable{}}
	for _, t := range plan.Tables {
		doc.Tables = append(doc.Tables, fakeTable{Table: t.Table.String(), Rows: t.Rows, Reason: t.Limited, Already: t.Done, Named: t.Named, Rules: t.Rules, Conflicts: t.Conflicts})
	}
	for _, r := range plan.Refused {
		doc.Refused = append(doc.Refused, fakeTable{Table: r.Table.String(), Reason: r.Reason})
	}
	return doc
}

func (a *app) makeRows(ctx context.Context, env *devenv.Env, f seedFlags) error {
	opt, err := f.options(ctx)
	if err != nil {
		return err
	}
	if f.dryRun {
		plan, err := env.PlanFake(ctx, opt)
		if err != nil {
			return err
		}
		return a.printPlan(plan.String(), "Nothing to do: no table is chosen.", fakePlanDocument(plan))
	}
	plan, result, err := env.Fake(ctx, opt, a.steps(false, false).report)
	if err != nil {
		return err
	}
	if a.json {
		doc := fakePlanDocument(plan)
		doc.Applied, doc.Rows, doc.TookMS = true, result.Rows, float64(result.Took.Microseconds())/1000
		for _, s := range result.Short {
			doc.Short = append(doc.Short, fakeTable{Table: s.Table.String(), Reason: s.Reason})
		}
		a.printJSON(doc)
		return nil
	}
	var lines []string
	for _, t := range plan.Tables {
		if t.Limited != "" {
			lines = append(lines, t.Table.String()+": "+t.Limited)
		}
		lines = append(lines, say.Each(t.Conflicts, func(c string) string { return t.Table.String() + ": " + c })...)
	}
	lines = append(lines, say.Each(result.Short, func(s fakedata.Refusal) string { return s.Table.String() + ": " + s.Reason })...)
	lines = append(lines, say.Each(plan.Refused, func(r fakedata.Refusal) string { return r.Table.String() + " stays empty: " + r.Reason })...)
	a.sayEach("", lines)
	return nil
}

func (f seedFlags) options(ctx context.Context) (devenv.FakeOptions, error) {
	opt := devenv.FakeOptions{Continue: f.resume, Clean: f.clean, AllowExternal: f.allow, Options: fakedata.Options{
		Schemas: f.schemas, Rows: f.fake, Seed: f.seed, Append: f.append, Edge: f.edge, RowsOf: map[string]int64{}}}
	if f.like != "" {
		text, err := files.ReadNamed(ctx, f.like, files.Settings)
		if err != nil {
			return opt, files.Explain(err, remedy.New("fake.counts", remedy.ExitUsage, "read the counts"))
		}
		if opt.RowsOf, err = fakedata.ParseCounts(f.like, string(text)); err != nil {
			return opt, err
		}
		maps.DeleteFunc(opt.RowsOf, func(table string, _ int64) bool { return !f.chooses(table) })
	}
	for _, text := range f.rows {
		table, rows, err := fakedata.ParseCount(text)
		if err != nil {
			return opt, err
		}
		opt.RowsOf[table] = rows
	}
	return opt, nil
}

// chooses reports whether a table of a file of counts is in one of the named schemas, if any are named.
func (f seedFlags) chooses(table string) bool {
	schema, _, qualified := strings.Cut(table, ".")
	return len(f.schemas) == 0 || !qualified || slices.Contains(f.schemas, schema)
}
