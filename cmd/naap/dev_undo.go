package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/reset"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

func init() { devCommands = append(devCommands, (*app).undoCommand) }

type undoDocument struct {
	Version int  `json:"version"`
	Applied bool `json:"applied"`
	*reset.Undone
}

// undoDropDocument is an entry that was given up.
type undoDropDocument struct {
	Version int          `json:"version"`
	Dropped *reset.Entry `json:"dropped"`
}

type undoListDocument struct {
	Version int           `json:"version"`
	Entries []reset.Entry `json:"entries"`
}

func (a *app) undoCommand() *cobra.Command {
	var opt devenv.UndoOptions
	var list bool
	var drop, yes int
	c := &cobra.Command{
		Use:   "undo [ID]",
		Short: "Take the last reset back, or the one of that number",
		Long: "Brings back the schemas that a reset moved aside, with every row, in one transaction. What was written since is\n" +
			"moved aside in turn, so that an undo can be undone. --drop gives one entry up, for good.",
		Example: "  naap dev undo --list      what can be undone\n" +
			"  naap dev undo             the last reset, or undo\n" +
			"  naap dev undo 3 --dry-run",
		Args: takes(0, 1),
		RunE: func(c *cobra.Command, words []string) error {
			id, err := 0, error(nil)
			if len(words) > 0 {
				id, err = strconv.Atoi(words[0])
			}
			switch dropping := c.Flags().Changed("drop"); {
			case list:
				return a.on(a.listUndo)(c, words)
			case c.Flags().Changed("yes") && !dropping:
				return remedy.New("usage", remedy.ExitUsage, "%d is confirmed, and an undo is not asked about", yes).
					WithSeen("nothing was undone").
					WithHelp(remedy.Naap("dev undo", fmt.Sprint(yes)).Note("undoes that entry"), remedy.Naap("dev undo", "--drop", fmt.Sprint(yes)).Note("gives it up"))
			case dropping && (drop < 1 || len(words) > 0):
				return usageError(c, "--drop takes the number of one undo entry, and nothing else")
			case dropping:
				return a.on(func(ctx context.Context, env *devenv.Env, _ []string) error {
					return a.dropUndo(ctx, env, drop, yes, opt.AllowExternal)
				})(c, words)
			case len(words) > 0 && (err != nil || id < 1):
				return usageError(c, fmt.Sprintf("%q is not the number of an undo entry", words[0]))
			}
			return a.on(func(ctx context.Context, env *devenv.Env, _ []string) error { return a.undo(ctx, env, id, opt) })(c, words)
		},
	}
	c.Flags().BoolVar(&list, "list", false, "list what can be taken back")
	c.Flags().IntVar(&drop, "drop", 0, "give up the undo entry `ID`, and give back its disk space")
	c.Flags().IntVar(&yes, "yes", 0, "the `ID` to drop, instead of being asked")
	c.Flags().BoolVar(&opt.DryRun, "dry-run", false, "say what it would do, and change nothing")
	c.Flags().BoolVar(&opt.Cascade, "cascade", false, "do to rows whose reference is gone what their keys' ON DELETE says")
	c.Flags().BoolVar(&opt.TerminateBlockers, "terminate-blockers", false, "end sessions that hold locks")
	c.Flags().BoolVar(&opt.AllowExternal, "allow-external", false, "change a server that naap did not start")
	a.setting(c, "database-url", "database-url", "the server at `URL` instead of the instance's own")
	return c
}

func (a *app) undo(ctx context.Context, env *devenv.Env, id int, opt devenv.UndoOptions) error {
	undone, err := env.Undo(ctx, id, opt, a.steps(false, false).report)
	if err != nil {
		return err
	}
	return a.answer(undoDocument{1, !opt.DryRun, undone}, func() {
		if opt.DryRun {
			a.sayEach("", undone.Lines())
		} else {
			a.sayUndone(undone)
		}
	})
}

func (a *app) sayUndone(undone *reset.Undone) {
	a.sayEach("", say.Each(undone.Effects, reset.Effect.String))
	for _, o := range undone.Objects {
		if !o.Kept {
			a.say("%s", visible.String(o.String()))
		}
	}
	a.sayEach("", undone.Notes)
	a.say("%s", visible.String(strings.Join(undone.Taken.Schemas(), ", "))+" is as before the "+undone.Taken.Verb+" of "+say.Moment(undone.Taken.At)+".")
	if undone.Back.ID > 0 {
		a.say("To take the undo back: %s", a.target.Line(remedy.Naap("dev undo", fmt.Sprint(undone.Back.ID))))
	}
}

// dropUndo gives one entry up, after its number was typed again.
func (a *app) dropUndo(ctx context.Context, env *devenv.Env, id, yes int, allowExternal bool) error {
	number := strconv.Itoa(id)
	if yes != 0 {
		if err := otherwiseMeant([]string{strconv.Itoa(yes)}, number); err != nil {
			return err
		}
	}
	var held []string
	if list, err := env.ListUndo(ctx); err == nil && yes != id {
		for _, e := range list {
			if e.ID == id {
				held = append(held, fmt.Sprintf("undo entry %s: %s of %s, %s, %s", number, e.Verb, visible.String(strings.Join(e.Schemas(), ", ")), say.Moment(e.At), say.Count(e.Rows, "row")))
			}
		}
	}
	if a.canAsk() {
		a.sayEach("", held)
	}
	if yes != id && !(a.canAsk() && a.ask("What it would bring back is gone then. Type "+number+" to go on: ") == number) {
		return remedy.New("undo.unconfirmed", remedy.ExitRefused, "it needs the number once more: what the entry would bring back is gone then").WithSeen(held...).
			WithHelp(remedy.Again("dev undo", "--drop", number, "--yes="+number))
	}
	dropped, err := env.DropUndo(ctx, id, allowExternal, a.steps(false, false).report)
	if err != nil {
		return err
	}
	return a.answer(undoDropDocument{1, dropped}, func() {
		a.say("Gave up %d: %s, %s, %s.", dropped.ID, visible.String(strings.Join(dropped.Schemas(), ", ")), say.Count(dropped.Rows, "row"), say.Bytes(dropped.Bytes))
	})
}

func (a *app) listUndo(ctx context.Context, env *devenv.Env, _ []string) error {
	list, err := env.ListUndo(ctx)
	if err != nil {
		return err
	}
	return a.answer(undoListDocument{1, orNone(list)}, func() { a.sayEntries(list) })
}

func (a *app) sayEntries(list []reset.Entry) {
	if len(list) == 0 {
		a.say("Nothing to undo.")
	}
	for _, e := range list {
		note := ""
		if e.Dropping {
			note = "  (expired)"
		}
		a.say("%4d  %s  %-5s  %15s  %10s  %s%s", e.ID, say.Moment(e.At), e.Verb, say.Count(e.Rows, "row"), say.Bytes(e.Bytes), visible.String(strings.Join(e.Schemas(), ", ")), note)
	}
}
