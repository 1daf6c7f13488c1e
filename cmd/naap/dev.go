package main

import "github.com/spf13/cobra"

// devCommand returns `naap dev`, which alone attaches the terminal app; its verbs are in files of their own.
func (a *app) devCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "dev",
		Short: "The local database: start, look, change, undo",
		Example: "  naap dev up        start the database and open the app\n" +
			"  naap dev           open the app on what is running\n" +
			"  naap dev down      stop the database; its data stays",
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.attach(c.Context()) },
	}
	a.setting(c, "name", "instance", "the `INSTANCE`'s name (default naap)")
	c.PersistentFlags().AddFlag(c.Flags().Lookup("name"))
	for _, add := range devCommands {
		c.AddCommand(add(a))
	}
	return c
}
