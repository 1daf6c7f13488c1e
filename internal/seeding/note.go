package seeding

import (
	"context"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
)

// Command is what a seed that is a command of the workspace has besides a file's.
type Command struct {
	Origin string // the file and line that names it
	Shown  string // the command for the user to type in the workspace's root
	When   string // it runs by itself: "once", "changed", "always", "empty:TABLE"
	Note   string // what else there is to say of it, or ""

	Choosing []string // the lines of naap.toml that choose it, where nothing does

	// Former are names under which it may have run, whatever it was then.
	Former []string
}

// commandPrefix begins the names of commands in the database: see ledger.NoteCommand.
const commandPrefix = "command: "

// CommandStates returns commands, of which Name, Hash and Command are given, with their states in the database. One that
// ran under another name is recognized by its former names, or by its hash where no other command has the name.
func CommandStates(ctx context.Context, q postgres.Querier, commands []Seed) ([]Seed, error) {
	known, err := recorded(ctx, q)
	if err != nil {
		return nil, err
	}
	claimed := map[string]bool{}
	for _, c := range commands {
		claimed[c.Name] = true
	}
	out := slices.Clone(commands)
	for i := range out {
		c := &out[i]
		k, ran := c.ran(known, claimed)
		switch {
		case !ran:
			c.State = Pending
			continue
		case k.Hash == c.Hash:
			c.State = Applied
		default:
			c.State = Changed
		}
		claimed[k.Name] = true
		c.AppliedAt, c.Took = k.AppliedAt, k.Took
	}
	return out, nil
}

// ran returns what is recorded of a command.
func (s Seed) ran(known map[string]Seed, claimed map[string]bool) (Seed, bool) {
	for _, name := range append([]string{s.Name}, s.Command.Former...) {
		if k, ok := known[name]; ok && (name == s.Name || !claimed[name]) {
			return k, true
		}
	}
	for _, name := range sortedKeys(known) {
		if k := known[name]; strings.HasPrefix(name, commandPrefix) && !claimed[name] && k.Hash == s.Hash {
			return k, true
		}
	}
	return Seed{}, false
}

func (c *Command) detail(state State) string {
	said := "the workspace's own command"
	switch {
	case state == Found:
		said = "found, and not chosen"
	case state == Changed:
		said = "the command has changed since it ran"
	case c.When != "once":
		said += ", run " + c.When
	}
	if c.Note != "" {
		said += "; " + c.Note
	}
	return said
}
