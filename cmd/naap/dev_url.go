package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/devenv"
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
		PreRunE: func(*cobra.Command, []string) error { return oneOf("dev url", "format", format, dburl.Formats) },
		RunE: a.on(func(ctx context.Context, env *devenv.Env, _ []string) error {
			text, err := env.FormatURL(ctx, format)
			if err != nil {
				return err
			}
			return a.answer(urlDocument{1, format, text}, func() { a.say("%s", text) })
		}),
	}
	c.Flags().StringVar(&format, "format", "url", "`"+strings.Join(dburl.Formats, "|")+"`")
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(dburl.Formats, cobra.ShellCompDirectiveNoFileComp))
	return c
}
