package main

import (
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/livepeer/naap-dev/internal/remedy"
)

func init() { extraCommands = append(extraCommands, (*app).manCommand) }

// manCommand writes the man pages, for packagers.
func (a *app) manCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "man DIR",
		Short:   "Write the man pages to a folder",
		Example: "  naap man ~/.local/share/man/man1",
		Args:    takes(1, 1),
		RunE: func(c *cobra.Command, words []string) error {
			if err := os.MkdirAll(words[0], 0o755); err != nil {
				return remedy.New("man.folder", remedy.ExitFailed, "the folder can't be made").Wrap(err)
			}
			return doc.GenManTree(c.Root(), &doc.GenManHeader{Title: "NAAP", Section: "1", Source: "naap"}, words[0])
		},
	}
}
