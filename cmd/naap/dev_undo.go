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
		Args: takes(0, 1),
		RunE: func(c *cobra.Command, words []string) error {
			if list {
				return a.listUndo(c.Context())
			}
			if c.Flags().Changed("drop") {
				if drop < 1 || len(words) > 0 {
					return usageError(c, "--drop takes the number of one undo entry, and nothing else")
				}
				return a.dropUndo(c.Context(), drop, yes, opt.AllowExternal)
			}
			id := 0
			if len(words) > 0 {
				n, err := strconv.Atoi(words[0])
				if err != nil || n < 1 {
					return usageError(c, fmt.Sprintf("%q is not the number of an undo entry", words[0]))
				}
				id = n
			}
			return a.undo(c.Context(), id, opt)
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

func (a *app) undo(ctx context.Context, id int, opt devenv.UndoOptions) error {
	env, err := a.env(ctx)
	if err != nil {
		return err
	}
	defer env.Close()
	undone, err := env.Undo(ctx, id, opt, a.steps(false, false).report)
	if err != nil {
		return err
	}
	if a.json {
		a.printJSON(undoDocument{1, !opt.DryRun, undone})
		return nil
	}
	if opt.DryRun {
		a.printLines(undone.Lines())
		return nil
	}
	for _, e := range undone.Effects {
		a.say("%s", visible.String(e.String()))
	}
	for _, o := range undone.Objects {
		if !o.Kept {
			a.say("%s", visible.String(o.String()))
		}
	}
	for _, note := range undone.Notes {
		a.say("%s", visible.String(note))
	}
	a.say("%s", visible.String(strings.Join(undone.Taken.Schemas(), ", "))+" is as before the "+undone.Taken.Verb+" of "+say.Moment(undone.Taken.At)+".")
	if undone.Back.ID > 0 {
		a.say("To take the undo back: %s", a.target.Line(remedy.Naap("dev undo", fmt.Sprint(undone.Back.ID))))
	}
	return nil
}

// dropUndo gives one entry up, after its number was typed again.
func (a *app) dropUndo(ctx context.Context, id, yes int, allowExternal bool) error {
	env, err := a.env(ctx)
	if err != nil {
		return err
	}
	defer env.Close()
	number := strconv.Itoa(id)
	var held []string
	if list, err := env.ListUndo(ctx); err == nil && yes != id {
		for _, e := range list {
			if e.ID == id {
				held = append(held, fmt.Sprintf("undo entry %s: %s of %s, %s, %s", number, e.Verb, visible.String(strings.Join(e.Schemas(), ", ")), say.Moment(e.At), say.Count(e.Rows, "row")))
			}
		}
	}
	if a.interactive() {
		for _, line := range held {
			a.say("%s", line)
		}
	}
	if yes != id && !(a.interactive() && a.ask("What it would bring back is gone then. Type "+number+" to go on: ") == number) {
		return remedy.New("undo.unconfirmed", remedy.ExitRefused, "it needs the number once more: what the entry would bring back is gone then").WithSeen(held...).
			WithHelp(remedy.Again("dev undo", "--drop", number, "--yes="+number))
	}
	dropped, err := env.DropUndo(ctx, id, allowExternal, a.steps(false, false).report)
	if err != nil {
		return err
	}
	if a.json {
		a.printJSON(undoDropDocument{1, dropped})
		return nil
	}
	a.say("Gave up %d: %s, %s, %s.", dropped.ID, visible.String(strings.Join(dropped.Schemas(), ", ")), say.Count(dropped.Rows, "row"), say.Bytes(dropped.Bytes))
	return nil
}

func (a *app) listUndo(ctx context.Context) error {
	env, err := a.env(ctx)
	if err != nil {
		return err
	}
	defer env.Close()
	list, err := env.ListUndo(ctx)
	if err != nil {
		return err
	}
	if a.json {
		if list == nil {
			list = []reset.Entry{}
		}
		a.printJSON(undoListDocument{1, list})
		return nil
	}
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
	return nil
}
