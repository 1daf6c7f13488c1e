//go:build unix

package main

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// saysYesTo are the verbs whose --yes has a value, each with a command line on which that is not what the verb would act on.
// None of them may do anything: not what --yes names, and not what it would do without it.
var saysYesTo = []struct{ verb, means, wrong string }{
	{"dev down", "the volume or folder to delete", "--yes=3"}, // without --delete-data nothing is deleted
	{"dev reset", "each schema to reset", "app --yes=app --yes=other"},
	{"dev undo", "the entry to drop", "--yes=3"}, // without --drop
	{"dev undo", "the entry to drop", "2 --yes=3"},
	{"dev undo", "the entry to drop", "--drop 2 --yes=3"},
	{"dev snapshot restore", "the snapshot", "monday --yes=tuesday"},
	{"dev snapshot delete", "the snapshot", "monday --yes=tuesday"},
	{"dev restore", "the file", "a/monday.dump --yes=tuesday.dump"},
	{"migrate reset", "each schema to reset", ""}, // which are known once it is planned: testdata/migrate_dev.txtar
}

func TestAYesToSomethingElseIsRefused(t *testing.T) {
	t.Parallel()
	p := newProgram(t, "embedded")
	told := map[string]bool{}
	for _, c := range saysYesTo {
		told[c.verb] = true
		if c.wrong == "" {
			continue
		}
		exit, doc := p.document(t, append(strings.Fields(c.verb), strings.Fields(c.wrong)...)...)
		failure, _ := doc["error"].(map[string]any)
		if message, _ := failure["message"].(string); exit != 2 || !strings.Contains(message, " is confirmed, and ") {
			t.Errorf("naap %s %s: exit status %d, %v", c.verb, c.wrong, exit, doc)
		}
	}
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		if f := c.LocalFlags().Lookup("yes"); f != nil && f.NoOptDefVal == "" && !told[verbOf(c)] {
			t.Errorf("%s --yes has a value, and the table does not say what it means", c.CommandPath())
		}
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	walk(newApp(nil, nil, nil).root())
}
