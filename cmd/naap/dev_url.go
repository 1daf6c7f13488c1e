package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/remedy"
)

func init() { devCommands = append(devCommands, (*app).urlCommand) }

type urlDocument struct {
	Version int    `json:"version"`
	Format  string `json:"format"`
	Text    string `json:"text"`
}

func (a *app) urlCommand() *cobra.Command {
	var format string
	c := &cobra.Command{
		Use:     "url",
		Short:   "Print the connection URL, for .env files, Java or psql",
		Example: "  export DATABASE_URL=$(naap dev url)\n  naap dev url --format env >> .env",
		Args:    noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return a.withEnv(c.Context(), func(env *devenv.Env) error {
				text, err := env.FormatURL(c.Context(), format)
				if err != nil {
					return err
				}
				if a.json {
					a.printJSON(urlDocument{1, format, text})
					return nil
				}
				a.say("%s", text)
				return nil
			})
		},
	}
	c.Flags().StringVar(&format, "format", "url", "`"+strings.Join(devenv.URLFormats, "|")+"`")
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(devenv.URLFormats, cobra.ShellCompDirectiveNoFileComp))
	c.PreRunE = func(c *cobra.Command, _ []string) error {
		for _, f := range devenv.URLFormats {
			if f == format {
				return nil
			}
		}
		return remedy.New("usage", remedy.ExitUsage, "--format %s is not known", format).
			WithSeen("known are: " + strings.Join(devenv.URLFormats, ", ")).WithHelp(remedy.Again("dev url", "--format", devenv.URLFormats[0]))
	}
	return c
}
