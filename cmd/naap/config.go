package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/visible"
	"github.com/livepeer/naap-dev/internal/workspace"
)

type configDocument struct {
	Version   int             `json:"version"`
	Workspace string          `json:"workspace"`
	Root      string          `json:"root,omitempty"`
	Settings  []workspace.Row `json:"settings"`
}

// manual returns the list of all settings, in columns. It is indented, which leaves it as it is in the man pages.
func manual() string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 4, 2, ' ', 0)
	for _, row := range workspace.Manual() {
		fmt.Fprintf(w, "    %s\t%s\t%s\n", row.Name, row.Env, row.Doc)
	}
	_ = w.Flush() // writing to memory does not fail
	return strings.TrimRight(text.String(), "\n")
}

func (a *app) configCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "config",
		Short: "Show what is set, and where each value comes from",
		Long: "Shows every setting in effect and its origin. A flag wins over the environment (NAAP_*),\n" +
			"that over naap.toml, that over the compose file, that over the default.\n\nThe settings of naap.toml, and their variables:\n\n",
		Example: "  naap config\n" +
			"  naap config --json",
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			ws, err := a.workspace(c.Context())
			if err != nil {
				return err
			}
			doc := configDocument{Version: 1, Workspace: string(ws.Kind), Root: ws.Root, Settings: ws.Settings.Table()}
			if a.json {
				a.printJSON(doc)
				return nil
			}
			env := devenv.New(ws, devenv.Options{})
			defer env.Close()
			a.tellUnknown(env)
			a.say("%s", visible.String(ws.Describe()))
			return a.table(func(w io.Writer) {
				for _, row := range doc.Settings {
					fmt.Fprintf(w, "%s\t%s\t%s\n", row.Name, visible.String(row.Value), visible.String(row.Origin))
				}
			})
		},
	}
	a.ending(c, manual)
	a.setting(c, "name", "instance", "the `INSTANCE`'s name (default naap)")
	return c
}
