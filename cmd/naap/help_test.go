package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// everyCommand calls f for each command that help shows, the root and naap help included.
func everyCommand(c *cobra.Command, f func(*cobra.Command)) {
	f(c)
	for _, sub := range verbsBelow(c) {
		everyCommand(sub, f)
	}
}

func TestEveryVerbHasTwoExamplesThatCanBeTyped(t *testing.T) {
	a := newApp(nil, nil, nil)
	root := a.root()
	root.InitDefaultHelpCmd()
	everyCommand(root, func(c *cobra.Command) {
		n, own := 0, false
		for line := range strings.Lines(c.Example) {
			at := strings.Index(line, "naap ")
			if at < 0 {
				continue
			}
			n++
			command := strings.TrimSpace(line[at:])
			own = own || strings.Contains(line, c.CommandPath())
			if wrong := misnamed(command); wrong != nil {
				t.Errorf("%s: naap has no %s, as in `%s`", c.CommandPath(), strings.Join(wrong, " and no "), command)
			}
		}
		if n < 2 || !own {
			t.Errorf("%s has %d examples, its own among them: %v", c.CommandPath(), n, own)
		}
	})
}

// What help says is in naap's own words, and in lines that a terminal shows whole.
func TestHelpIsInNaapsOwnWords(t *testing.T) {
	a := newApp(nil, nil, nil)
	root := a.root()
	root.InitDefaultHelpCmd()
	everyCommand(root, func(c *cobra.Command) {
		var b bytes.Buffer
		a.printHelp(&b, c)
		for _, cobras := range []string{"Available Commands", "Global Flags", "Additional", "help for ", "[command]", "autocompletion", "sub-command", "for more information"} {
			if strings.Contains(b.String(), cobras) {
				t.Errorf("the help of %s says %q", c.CommandPath(), cobras)
			}
		}
		for line := range strings.Lines(b.String()) {
			if n := len([]rune(line)); n > 122 && c.Name() != "config" { // whose table is wide
				t.Errorf("%s: a line of %d letters: %s", c.CommandPath(), n, line)
			}
		}
	})
}
