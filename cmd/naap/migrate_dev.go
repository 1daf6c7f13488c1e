package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/migrate"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/schemaplan"
	"github.com/livepeer/naap-dev/internal/visible"
)

// newMigrationDocument is a new migration, and whether it was made.
type newMigrationDocument struct {
	Version int  `json:"version"`
	Done    bool `json:"done"`
	*devenv.NewMigration
	Plan *schemaplan.Plan `json:"plan"`
	// Rehearsal is what it did to a copy with the rows of now; NotRehearsed is why there was none.
	Rehearsal    *migrate.Rehearsal `json:"rehearsal,omitempty"`
	NotRehearsed string             `json:"not_rehearsed,omitempty"`
	Error        *failureBody       `json:"error,omitempty"` // where a statement fails there
}

// rehearseWhen says whether migrate dev rehearses.
type rehearseWhen struct{ always, never bool }

func (a *app) migrateDevCommand() *cobra.Command {
	var opt devenv.NewMigrationOptions
	var dryRun, rehearse bool
	c := &cobra.Command{
		Use:   "dev [NAME]",
		Short: "Write the migration from the folder's end state to the Prisma file, and run it",
		Long: "Runs the migrations that are pending, and writes a new one with what they lack of the Prisma file, as Prisma would\n" +
			"write it. Then it is run. What destroys rows or values is refused (exit status 3) unless --accept-data-loss is given.\n" +
			"A database that is not what its migrations make is refused, with each object that differs; one that already is what\n" +
			"the Prisma file says gets the new migration recorded as applied. On this command, --name is the migration's name: the\n" +
			"instance's is taken from NAAP_INSTANCE or naap.toml.",
		Example: "  naap migrate dev --name add_teams\n  naap migrate dev add_teams --dry-run       print the script\n  naap migrate dev add_teams --create-only   write it, and leave the database alone",
		Args:    takes(0, 1),
	}
	c.RunE = a.on(func(ctx context.Context, env *devenv.Env, words []string) error {
		if len(words) > 0 {
			opt.Called = words[0]
		}
		chosen := c.Flags().Changed("rehearse")
		return a.makeMigration(ctx, env, opt, dryRun, rehearseWhen{chosen && rehearse, chosen && !rehearse})
	})
	c.Flags().StringVar(&opt.Called, "name", "", "the new migration's `NAME`, after the time")
	c.Flags().BoolVar(&opt.CreateOnly, "create-only", false, "write the migration, even an empty one, and leave the database alone")
	c.Flags().BoolVar(&dryRun, "dry-run", false, "print what would be run and written, and do nothing")
	c.Flags().BoolVar(&rehearse, "rehearse", false, "run it on a copy first, whatever its size; =false never does (default: where that is quick)")
	c.Flags().BoolVar(&opt.AcceptDataLoss, "accept-data-loss", false, "also run what destroys rows or values, or drops most of the tables")
	c.Flags().StringArrayVar(&opt.Renames, "rename", nil, "take a suggested rename, by its `KEY`")
	a.migrateFlags(c, &opt.MigrateOptions)
	return c
}

func (a *app) makeMigration(ctx context.Context, env *devenv.Env, opt devenv.NewMigrationOptions, dryRun bool, when rehearseWhen) error {
	if err := a.settleScripts(ctx, env); err != nil {
		return err
	}
	m, err := env.PlanMigration(ctx, opt)
	if err != nil {
		return err
	}
	for _, w := range m.Warnings {
		a.warn(w)
	}
	doc := newMigrationDocument{Version: 1, NewMigration: m, Plan: m.Change.For(a.target)}
	if !a.json {
		a.sayNewMigration(m)
	}
	if !when.never && (!dryRun || when.always) && m.Rehearses(opt) {
		if err := a.rehearseNew(ctx, env, &doc, opt, when.always); err != nil {
			return err
		}
	}
	if dryRun {
		a.warnStranger(ctx, env)
		return a.answer(doc, func() { a.sayNewScript(m) })
	}
	if m.Name != "" && opt.Called == "" && a.canAsk() {
		opt.Called = a.ask("What does the migration do? (its name; enter for " + m.Suggested() + ") ")
		m.Call(opt.Called)
	}
	a.settleMigration(env, m, &opt)
	if err := env.MakeMigration(ctx, m, opt, a.steps(false, false).report); err != nil {
		return err
	}
	doc.Done = true
	return a.answer(doc, func() {
		switch {
		case m.Name == "" && len(m.Pending) == 0:
			a.sayAgreed(m)
		case opt.CreateOnly:
			a.say("Written: %s", visible.String(m.Path))
			a.say("to run it: %s", a.target.Line(remedy.Naap("migrate dev")))
		}
	})
}

// sayAgreed says that there is nothing to write or to run, and what brings back what the database lacks.
func (a *app) sayAgreed(m *devenv.NewMigration) {
	if len(m.Drift) == 0 {
		a.say("The migrations make what the Prisma file says, and the database has them all.")
		return
	}
	a.say("The migrations make what the Prisma file says, and are recorded in the database, which is not what they make.")
	a.say("to see the SQL: %s", a.target.Line(remedy.Naap("migrate diff", "--from", "database", "--to", "migrations", "--script")))
	a.say("to make a schema again: %s", a.target.Line(remedy.Naap("dev reset", "SCHEMA").Note("with its functions, triggers and checks; it can be undone")))
}

// rehearseNew shows what a new migration does to the rows that are there. One that would fail goes no further.
func (a *app) rehearseNew(ctx context.Context, env *devenv.Env, doc *newMigrationDocument, opt devenv.NewMigrationOptions, always bool) (err error) {
	doc.Rehearsal, doc.NotRehearsed, err = env.RehearseNew(ctx, doc.NewMigration, opt, always, a.steps(false, false).report)
	switch {
	case err != nil && a.json && doc.Rehearsal != nil:
		body := a.failure(err).Error
		doc.Error = &body
		a.printJSON(doc)
		return exitStatus(remedy.Exit(err))
	case doc.NotRehearsed != "" && !a.json:
		a.say("not rehearsed: %s", visible.String(doc.NotRehearsed))
	case doc.Rehearsal != nil && !a.json:
		if said := a.sayRehearsal(doc.Rehearsal); err == nil {
			err = said
		}
	}
	return err
}

// sayNewMigration says what is going to be done.
func (a *app) sayNewMigration(m *devenv.NewMigration) {
	a.sayEach("pending: ", m.Pending)
	a.sayEach("", say.Each(m.Drift, func(d schemaplan.Difference) string { return d.Line("the migrations") }))
	if m.Name == "" {
		return
	}
	a.sayEach("", m.Change.Summary(a.target))
	a.sayEach("", say.Each(m.Change.Renames, func(r schemaplan.Rename) string { return a.target.Line(r.Advice("migrate dev")) }))
	if m.Recorded {
		a.say("The database already is what the Prisma file says: the migration is recorded as applied, and not run.")
	}
}

func (a *app) sayNewScript(m *devenv.NewMigration) {
	if m.Name == "" {
		a.say("-- nothing to write")
		return
	}
	a.say("-- %s", visible.String(m.Path))
	a.say("%s", strings.TrimRight(visible.Text(m.SQL), "\n"))
}

// settleMigration asks for what a new migration needs a yes for.
func (a *app) settleMigration(env *devenv.Env, m *devenv.NewMigration, opt *devenv.NewMigrationOptions) {
	if opt.CreateOnly {
		return
	}
	if m.Name != "" && !m.Recorded && m.Change.Destructive() && !opt.AcceptDataLoss && a.canAsk() {
		opt.AcceptDataLoss = a.confirm("Run it, and lose what it destroys?")
	}
	if env.IsExternal() && m.Name != "" && !opt.AllowExternal && !opt.Adopt {
		opt.AllowExternal = a.confirm("naap did not start " + env.Where() + ". Change it?")
	}
}
