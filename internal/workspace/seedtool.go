package workspace

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/livepeer/naap-dev/internal/files"
)

// findSeedTool looks for the command in naap.toml, then in package.json: prisma.seed, which `prisma db seed` runs,
// before the script db:seed; in packages/database before the root.
func (w *Workspace) findSeedTool(ctx context.Context) {
	command := w.Settings.Seed.Command
	switch {
	case command == "-" || (w.Root == "" && command == ""):
		return
	case command != "":
		dir := cmp.Or(w.Root, w.Dir)
		source := w.Settings.Origin("seed.command")
		named := source.String()
		if source.Layer == FromFile {
			named = SettingsFileName + " seed.command" // without the line, since what has run is identified by it
		}
		w.SeedTool = &SeedTool{
			Source: named, Dir: dir, Command: command, Text: command,
			Args: shell(command), Bin: w.binFolders(dir), Shown: command, Installed: true,
		}
		return
	}
	for _, dir := range w.Homes() {
		if p, ok := readPackage(ctx, dir); ok && p.Prisma.Seed != "" {
			w.SeedTool = w.seedTool(dir, "prisma.seed", p.Prisma.Seed, shell(p.Prisma.Seed), "npx prisma db seed")
			w.SeedTool.Text, w.SeedTool.Line = p.Prisma.Seed, p.line("seed", p.Prisma.Seed)
			return
		}
	}
	for _, dir := range w.Homes() {
		if p, ok := readPackage(ctx, dir); ok && p.Scripts["db:seed"] != "" {
			manager := w.PackageManager(ctx, dir)
			w.SeedTool = w.seedTool(dir, "scripts.db:seed", p.Scripts["db:seed"], []string{manager, "run", "db:seed"}, manager+" run db:seed")
			w.SeedTool.Text, w.SeedTool.Line = p.around("db:seed"), p.line("db:seed", p.Scripts["db:seed"])
			return
		}
	}
}

// SeedToolNow returns the command as the files have it now, under the settings as they were, or nil for none.
func (w *Workspace) SeedToolNow(ctx context.Context) *SeedTool {
	now := *w
	now.SeedTool = nil
	now.findSeedTool(ctx)
	return now.SeedTool
}

func (w *Workspace) seedTool(dir, source, command string, args []string, shown string) *SeedTool {
	t := &SeedTool{
		Source: w.name(filepath.Join(dir, "package.json")) + " " + source,
		Dir:    dir, Command: command, Args: args, Bin: w.binFolders(dir), Shown: shown,
	}
	if dir != w.Root {
		t.Shown = "(cd " + w.name(dir) + " && " + shown + ")"
	}
	t.Installed = len(t.Bin) > 0
	if !t.Installed {
		t.Why = "no node_modules in " + w.name(dir) + " or above: its dependencies are not installed"
	}
	return t
}

// binFolders returns the existing node_modules/.bin folders from dir up to the root; node_modules alone counts, because
// a package without programs has no .bin.
func (w *Workspace) binFolders(dir string) []string {
	var folders []string
	for {
		if modules := filepath.Join(dir, "node_modules"); isFolder(modules) {
			folders = append(folders, filepath.Join(modules, ".bin"))
		}
		parent := filepath.Dir(dir)
		if dir == w.Root || parent == dir || w.Root == "" {
			return folders
		}
		dir = parent
	}
}

// PackageManager returns the one that package.json names, or whose lock file exists, in dir or the root; npm otherwise.
func (w *Workspace) PackageManager(ctx context.Context, dir string) string {
	locks := []struct{ file, manager string }{
		{"pnpm-lock.yaml", "pnpm"}, {"yarn.lock", "yarn"}, {"bun.lockb", "bun"}, {"bun.lock", "bun"}, {"package-lock.json", "npm"},
	}
	for _, folder := range []string{dir, w.Root} {
		if p, ok := readPackage(ctx, folder); ok && p.PackageManager != "" {
			name, _, _ := strings.Cut(p.PackageManager, "@")
			for _, l := range locks {
				if l.manager == name {
					return name
				}
			}
		}
		for _, l := range locks {
			if firstFile(folder, []string{l.file}) != "" {
				return l.manager
			}
		}
	}
	return "npm"
}

// LedgerName returns the command's name in the ledger.
func (t *SeedTool) LedgerName() string { return "command: " + t.Source }

// Hash returns a digest of the command and of the files that it names, so that a changed script is a changed seed.
func (t *SeedTool) Hash() string {
	h := sha256.New()
	fmt.Fprintln(h, t.Command)
	for _, word := range strings.Fields(t.Command) {
		if text, err := files.ReadNow(filepath.Join(t.Dir, strings.Trim(word, `"'`)), files.Source); err == nil {
			h.Write(text)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}
