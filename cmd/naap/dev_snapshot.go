package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/livepeer/naap-dev/internal/backup"
	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

func init() { devCommands = append(devCommands, (*app).snapshotCommand) }

type snapshotDocument struct {
	Version  int              `json:"version"`
	Verb     string           `json:"verb"` // "save", "restore" or "delete"
	Name     string           `json:"name"`
	Snapshot *backup.Snapshot `json:"snapshot,omitempty"`
	// Applied and Plan are set for a restore.
	Applied *bool        `json:"applied,omitempty"`
	Plan    *backup.Plan `json:"plan,omitempty"`
}

type snapshotListDocument struct {
	Version   int               `json:"version"`
	Snapshots []backup.Snapshot `json:"snapshots"`
}

func (a *app) snapshotCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "snapshot",
		Short: "Copies of the whole database: save, list, restore, delete",
		Long: "A snapshot is a copy of the whole database beside it on the same server. No tools are needed. Other sessions on\n" +
			"the database have to end first; they are named, and ended where you say so or with --terminate-sessions.",
		Example: "  naap dev snapshot save before\n" +
			"  naap dev snapshot restore before",
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(a.snapshotSave(), a.snapshotList(), a.snapshotRestore(), a.snapshotDelete())
	a.setting(c, "database-url", "database-url", "the server at `URL` instead of the instance's own")
	c.PersistentFlags().AddFlag(c.Flags().Lookup("database-url"))
	return c
}

func (a *app) snapshotSave() *cobra.Command {
	var opt devenv.CopyOptions
	c := &cobra.Command{Use: "save NAME", Short: "Copy the whole database under a name", Args: takes(1, 1),
		Example: "  naap dev snapshot save before\n  naap dev snapshot save before --note 'before the import'",
		RunE: a.on(func(ctx context.Context, env *devenv.Env, words []string) error {
			var saved *backup.Snapshot
			err := a.endingSessions(opt, func(opt devenv.CopyOptions) (err error) {
				saved, err = env.SaveSnapshot(ctx, words[0], opt, a.steps(false, false).report)
				return err
			})
			if err != nil {
				return err
			}
			return a.answer(snapshotDocument{Version: 1, Verb: "save", Name: saved.Name, Snapshot: saved}, func() {
				a.say("Saved %s, %s.", visible.String(saved.Name), say.Bytes(saved.Bytes))
			})
		})}
	c.Flags().StringVar(&opt.Note, "note", "", "a `TEXT` to find it again by")
	a.copyFlags(c, &opt)
	return c
}

func (a *app) snapshotRestore() *cobra.Command {
	var opt devenv.CopyOptions
	var yes string
	var dryRun bool
	c := &cobra.Command{Use: "restore NAME", Short: "Make the database what it was then", Args: takes(1, 1),
		Example: "  naap dev snapshot restore before --dry-run    what would be replaced\n  naap dev snapshot restore before",
		Long: "Makes the database what it was when the snapshot was saved. What it replaces is kept as (replaced N), which can be\n" +
			"restored in turn; (replaced) is the last one. Where restore.keep or restore.max-size leave no room, the plan says\n" +
			"which of them goes, and nothing is dropped without --drop-replaced.",
		RunE: a.on(func(ctx context.Context, env *devenv.Env, words []string) error {
			return a.restoreSnapshot(ctx, env, words[0], yes, dryRun, opt)
		})}
	c.Flags().StringVar(&yes, "yes", "", "`NAME` of the snapshot, instead of being asked")
	a.restoreFlags(c, &opt, &dryRun)
	return c
}

func (a *app) restoreSnapshot(ctx context.Context, env *devenv.Env, name, yes string, dryRun bool, opt devenv.CopyOptions) error {
	if err := otherwiseMeant([]string{yes}, name); err != nil {
		return err
	}
	if !dryRun && yes != name && !a.canAsk() {
		return unconfirmedName(name, "snapshot restore")
	}
	plan, err := env.PlanRestoreSnapshot(ctx, name)
	if err != nil {
		return err
	}
	doc := func(applied bool) snapshotDocument {
		return snapshotDocument{Version: 1, Verb: "restore", Name: plan.Snapshot.Name, Snapshot: plan.Snapshot, Applied: &applied, Plan: plan}
	}
	if dryRun {
		return a.printRestorePlan(plan, opt, doc(false))
	}
	a.printPlanLines(plan)
	if err := a.confirmName(name, yes, "snapshot restore"); err != nil {
		return err
	}
	if err := a.carryOut(ctx, env, plan, opt); err != nil {
		return err
	}
	return a.answer(doc(true), func() { a.say("The database is as of %s. %s", say.Moment(plan.Snapshot.At), a.whatItWas(plan)) })
}

func (a *app) snapshotDelete() *cobra.Command {
	var opt devenv.CopyOptions
	var yes string
	c := &cobra.Command{Use: "delete NAME", Short: "Remove a snapshot for good", Args: takes(1, 1),
		Example: "  naap dev snapshot delete before\n  naap dev snapshot delete before --yes=before",
		RunE: a.on(func(ctx context.Context, env *devenv.Env, words []string) error {
			if err := otherwiseMeant([]string{yes}, words[0]); err != nil {
				return err
			}
			if err := a.confirmName(words[0], yes, "snapshot delete"); err != nil {
				return err
			}
			if err := env.DeleteSnapshot(ctx, words[0], opt); err != nil {
				return err
			}
			return a.answer(snapshotDocument{Version: 1, Verb: "delete", Name: words[0]}, func() { a.say("Deleted %s.", visible.String(words[0])) })
		})}
	c.Flags().StringVar(&yes, "yes", "", "`NAME` of the snapshot, instead of being asked")
	a.copyFlags(c, &opt)
	return c
}

func (a *app) snapshotList() *cobra.Command {
	return &cobra.Command{Use: "list", Short: "List the snapshots", Args: noArgs,
		Example: "  naap dev snapshot list\n  naap dev snapshot list --json",
		RunE: a.on(func(ctx context.Context, env *devenv.Env, _ []string) error {
			list, err := env.Snapshots(ctx)
			if err != nil {
				return err
			}
			return a.answer(snapshotListDocument{1, orNone(list)}, func() { a.saySnapshots(list) })
		})}
}

func (a *app) saySnapshots(list []backup.Snapshot) {
	if len(list) == 0 {
		a.say("No snapshots.")
	}
	for _, x := range list {
		line := say.Moment(x.At) + "  " + say.Bytes(x.Bytes) + "  " + visible.String(x.Name)
		if x.Note != "" {
			line += ": " + visible.String(x.Note)
		}
		a.say("%s", line)
	}
}

// copyFlags adds the flags of the verbs about copies of the whole database.
func (a *app) copyFlags(c *cobra.Command, opt *devenv.CopyOptions) {
	c.Flags().BoolVar(&opt.TerminateSessions, "terminate-sessions", false, "end other sessions on the database")
	c.Flags().BoolVar(&opt.AllowExternal, "allow-external", false, "change a server that naap did not start")
}

// endingSessions runs a verb that needs the database to itself. Where others use it, it names them and, on a terminal,
// asks whether to end their sessions.
func (a *app) endingSessions(opt devenv.CopyOptions, verb func(devenv.CopyOptions) error) error {
	err := verb(opt)
	if remedy.Code(err) != "snapshot.sessions" || opt.TerminateSessions || !a.canAsk() {
		return err
	}
	if r, ok := remedy.Of(err); ok {
		a.say("%s:", visible.String(r.Message))
		a.sayEach("", r.Seen)
	}
	if a.ask("End them? Type yes to go on: ") != "yes" {
		return err
	}
	opt.TerminateSessions = true
	return verb(opt)
}

// confirmName asks for a name to be typed, unless it was given with --yes.
func (a *app) confirmName(name, yes, verb string) error {
	if yes == name || a.canAsk() && a.ask("Type "+name+" to go on: ") == name {
		return nil
	}
	return unconfirmedName(name, verb)
}

func unconfirmedName(name, verb string) error {
	return remedy.New("snapshot.unconfirmed", remedy.ExitRefused, "it needs the name once more").
		WithHelp(remedy.Again("dev "+verb, name, "--yes="+name))
}
