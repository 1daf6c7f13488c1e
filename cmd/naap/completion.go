package main

import (
	"io"

	"github.com/spf13/cobra"
)

func init() { extraCommands = append(extraCommands, (*app).completionCommand) }

// completions are the shells for which naap completes words: how the script is made, and how it is loaded.
var completions = []struct {
	shell, example string
	make           func(root *cobra.Command, w io.Writer, described bool) error
}{
	{"bash", "  source <(naap completion bash)    for this shell; it needs the package bash-completion\n" +
		"  naap completion bash > ~/.local/share/bash-completion/completions/naap",
		func(root *cobra.Command, w io.Writer, described bool) error {
			return root.GenBashCompletionV2(w, described)
		}},
	{"fish", "  naap completion fish | source    for this shell\n" +
		"  naap completion fish > ~/.config/fish/completions/naap.fish",
		func(root *cobra.Command, w io.Writer, described bool) error {
			return root.GenFishCompletion(w, described)
		}},
	{"powershell", "  naap completion powershell | Out-String | Invoke-Expression    for this shell\n" +
		"  naap completion powershell >> $PROFILE",
		func(root *cobra.Command, w io.Writer, described bool) error {
			if described {
				return root.GenPowerShellCompletionWithDesc(w)
			}
			return root.GenPowerShellCompletion(w)
		}},
	{"zsh", "  source <(naap completion zsh)    for this shell, after compinit\n" +
		"  naap completion zsh > \"${fpath[1]}/_naap\"",
		func(root *cobra.Command, w io.Writer, described bool) error {
			if described {
				return root.GenZshCompletion(w)
			}
			return root.GenZshCompletionNoDesc(w)
		}},
}

// completionCommand takes the place of cobra's own.
func (a *app) completionCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "completion",
		Short: "Print the script by which a shell completes verbs, flags and names",
		Long: "Prints a script for a shell. With it, the tab key completes verbs and flags, and schemas, tables, snapshots and\n" +
			"instances by what there is. The packages of a release bring the scripts along.",
		Example: "  source <(naap completion bash)\n  naap completion fish > ~/.config/fish/completions/naap.fish",
		Args:    noArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	for _, shell := range completions {
		bare := false
		sub := &cobra.Command{
			Use:     shell.shell,
			Short:   "Print the script for " + shell.shell,
			Example: shell.example,
			Args:    noArgs,
			RunE: func(c *cobra.Command, _ []string) error {
				if a.json {
					return usageError(c, "completion prints a script, and no JSON")
				}
				return shell.make(c.Root(), a.outFile, !bare)
			},
			ValidArgsFunction: cobra.NoFileCompletions,
		}
		sub.Flags().BoolVar(&bare, "no-descriptions", false, "complete words without saying what they are for")
		c.AddCommand(sub)
	}
	return c
}
