package workspace

import (
	"context"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/livepeer/naap-dev/internal/files"
)

// mostPackages limits how many files and folders are looked at in search of package.json files, and packageDepth how deep
// they may be: "plugins/NAME/backend".
const (
	mostPackages = 20_000
	packageDepth = 4
)

// OtherSeedCommands returns the seed commands of the workspace's package.json and prisma.config files that are not run,
// because nothing chooses them.
func (w *Workspace) OtherSeedCommands(ctx context.Context) []SeedCommand {
	if w.Root == "" {
		return nil
	}
	var out []SeedCommand
	tree, err := files.NewTree(w.Root, mostPackages)
	if err != nil {
		return nil
	}
	chosen := func(c SeedCommand) bool {
		return slices.ContainsFunc(w.SeedCommands, func(s SeedCommand) bool {
			return s.subject == c.subject || s.Dir == c.Dir && (s.command == c.command || s.run == c.run)
		})
	}
	w.packageFolders(ctx, tree, w.Root, 0, func(dir string) {
		for _, find := range []func(context.Context, string) (SeedCommand, bool){w.prismaSeed, w.scriptSeed, w.configSeed} {
			if c, ok := find(ctx, dir); ok && !chosen(c) {
				out = append(out, c)
			}
		}
	})
	return out
}

// packageFolders calls f with each folder that has a package.json.
func (w *Workspace) packageFolders(ctx context.Context, tree *files.Tree, dir string, depth int, f func(dir string)) {
	entries, err := tree.List(ctx, dir)
	if err != nil || depth > packageDepth {
		return
	}
	for _, e := range entries {
		if e.Name() == "package.json" && !e.IsDir() {
			f(dir)
		}
	}
	for _, e := range entries {
		if e.IsDir() && !strings.HasPrefix(e.Name(), ".") && !slices.Contains(leftOutOfWatch, e.Name()) {
			w.packageFolders(ctx, tree, filepath.Join(dir, e.Name()), depth+1, f)
		}
	}
}

// Entry returns the lines of naap.toml that choose a command.
func (c SeedCommand) Entry(w *Workspace) []string {
	lines := []string{"[[seed.command]]", "run = " + strconv.Quote(c.typed())}
	if c.Dir != w.base() {
		lines = append(lines, "dir = "+strconv.Quote(w.name(c.Dir)))
	}
	return lines
}

// typed returns the command as it is typed in its own folder.
func (c SeedCommand) typed() string {
	if c.run != "" {
		return c.run
	}
	if len(c.Args) == 3 && c.Args[1] == "run" {
		return strings.Join(c.Args, " ")
	}
	return "npx prisma db seed"
}
