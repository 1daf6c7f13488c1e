package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"
)

// printHelp writes what a command is for, how it is called, its verbs, examples and flags.
func (a *app) printHelp(w io.Writer, c *cobra.Command) {
	a.describe(c)
	text := c.Long
	if text == "" {
		text = c.Short + "."
	}
	fmt.Fprintf(w, "%s\n\nUsage:\n  %s\n", text, usageLine(c))
	if verbs := verbsBelow(c); len(verbs) > 0 {
		fmt.Fprint(w, "\nVerbs:\n")
		for _, v := range verbs {
			fmt.Fprintf(w, "  %-*s  %s\n", longestName(verbs), v.Name(), v.Short)
		}
	}
	if len(c.Aliases) > 0 {
		fmt.Fprintf(w, "\nAlso called:\n  %s\n", strings.Join(c.Aliases, ", "))
	}
	if c.Example != "" {
		fmt.Fprintf(w, "\nExamples:\n%s\n", c.Example)
	}
	if flags := c.LocalFlags(); flags.HasAvailableFlags() && c.HasParent() {
		fmt.Fprintf(w, "\nFlags:\n%s", flags.FlagUsages())
	}
	if flags := c.InheritedFlags(); flags.HasAvailableFlags() {
		fmt.Fprintf(w, "\nFlags of every verb:\n%s", flags.FlagUsages())
	} else if !c.HasParent() {
		fmt.Fprintf(w, "\nFlags of every verb:\n%s", c.LocalFlags().FlagUsages())
	}
	if len(verbsBelow(c)) > 0 {
		fmt.Fprintf(w, "\nnaap help VERB explains a verb.\n")
	}
}

// usageLine returns the words of a command line: "naap dev up [flags]".
func usageLine(c *cobra.Command) string {
	line := strings.TrimSuffix(c.UseLine(), " [flags]")
	if len(verbsBelow(c)) > 0 {
		line += " [VERB]"
	}
	return line + " [flags]"
}

// verbsBelow returns the commands below one, as they are listed.
func verbsBelow(c *cobra.Command) []*cobra.Command {
	return slices.DeleteFunc(slices.Clone(c.Commands()), func(sub *cobra.Command) bool {
		return !sub.IsAvailableCommand() && sub.Name() != "help"
	})
}

func longestName(all []*cobra.Command) (n int) {
	for _, c := range all {
		n = max(n, len(c.Name()))
	}
	return n
}
