package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

func init() { devCommands = append(devCommands, (*app).downCommand) }

type downDocument struct {
	Version int    `json:"version"`
	Engine  string `json:"engine"`
	Stopped bool   `json:"stopped"`
	Deleted string `json:"deleted,omitempty"`
}

func (a *app) downCommand() *cobra.Command {
	var opt devenv.DownOptions
	c := &cobra.Command{
		Use:   "down",
		Short: "Stop the database; its data stays",
		Long: "Stops the instance's server. The data stays, and `naap dev up` finds it again.\n" +
			"--delete-data deletes the volume (or the embedded server's data folder) for good, after its name was typed.",
		Example: "  naap dev down\n" +
			"  naap dev down --delete-data    also delete the data, once its name was typed",
		Args: noArgs,
		RunE: a.on(func(ctx context.Context, env *devenv.Env, _ []string) error {
			if opt.Confirmed != "" && !opt.DeleteData {
				return remedy.New("usage", remedy.ExitUsage, "%q is confirmed, and a stop deletes nothing", visible.String(opt.Confirmed)).WithSeen("nothing was stopped").
					WithHelp(remedy.Naap("dev down"))
			}
			if opt.DeleteData && opt.Confirmed == "" && a.canAsk() {
				name, err := env.DataName(ctx)
				if err != nil {
					return err
				}
				opt.Confirmed = a.ask("This deletes all data in " + name + ". Type its name to go on: ")
			}
			down, err := env.Down(ctx, opt, a.steps(false, false).report)
			if err != nil {
				return err
			}
			return a.answer(downDocument{1, down.Engine, down.Stopped, down.Deleted}, func() { a.sayDown(down) })
		}),
	}
	a.setting(c, "engine", "engine", "where the server runs: `"+engine.Choices()+"`")
	c.Flags().BoolVar(&opt.DeleteData, "delete-data", false, "delete the data as well")
	c.Flags().StringVar(&opt.Confirmed, "yes", "", "`NAME` of the volume or folder to delete, instead of being asked")
	return c
}

func (a *app) sayDown(d *devenv.Down) {
	switch {
	case d.Deleted != "":
		a.say("Stopped, and deleted %s.", visible.String(d.Deleted))
	case d.NoData != "":
		a.say("There were no data to delete: there is no %s.", visible.String(d.NoData))
	case d.Stopped:
		a.say("Stopped. The data stays; start again with: %s", a.target.Line(remedy.Naap("dev up")))
	case d.LeftAlone != "":
		a.say("%s.", d.LeftAlone)
		if d.Own != "" {
			a.say("The instance has a server of its own, too. Stop that with: %s", a.target.Line(remedy.Naap("dev down", "--engine", d.Own)))
		}
	default:
		a.say("It was not running.")
	}
}
