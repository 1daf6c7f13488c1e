package workspace

import (
	"context"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// SeedCommand is a command that fills the database: one that naap.toml names, or one of a package.json.
type SeedCommand struct {
	Name   string   // for people: naap.toml's name of it, or its source
	Source string   // what identifies it in the database: "packages/database/package.json prisma.seed"
	Where  string   // the file and line that has it: "packages/database/package.json:12"
	Dir    string   // absolute folder to run it in
	Text   string   // everything that is run: where a script runs others before and after it, all of them
	Args   []string // how to run it: program and arguments
	Bin    []string // folders to put before the PATH
	Shown  string   // the command for the user to type in the workspace's root
	When   When
	Table  string   // of WhenEmpty: a table's name, with its schema or without
	Watch  []string // patterns of files, relative to the root; a change of one is a change of the command

	command  string   // what is finally run, as the file has it: part of the hash
	needs    string   // what must exist, absolute, or ""
	packaged bool     // it is a script of a package.json, whose dependencies must be installed
	subject  string   // in what the user allowed: the source, or what stays the same when naap.toml names it otherwise
	was      []string // other names that it may have in the database, from before it was named in naap.toml
	ofPerson bool     // the user gave it, by a variable
	run      string   // naap.toml's text, from which it was made
}

// When says when a seed command runs by itself. Whoever asks for the seeds, also runs one that has changed.
type When string

const (
	// WhenOnce is once. A command that has changed since waits until the seeds are asked for.
	WhenOnce When = "once"
	// WhenChanged is once, and again when the command or a file that it watches has changed.
	WhenChanged When = "changed"
	// WhenAlways is every time.
	WhenAlways When = "always"
	// WhenEmpty is while a table has no rows: "empty:TABLE".
	WhenEmpty When = "empty"
)

// findSeedCommands finds the commands that are run: those of naap.toml, in their order; otherwise one of the
// database's own package, or of the root's: prisma.seed, which `prisma db seed` runs, before the script
// db:seed, before the seed of prisma.config.
func (w *Workspace) findSeedCommands(ctx context.Context) {
	w.SeedCommands = nil
	set := &w.Settings.Seed
	switch {
	case set.Command == "-":
	case set.Command != "":
		w.SeedCommands = []SeedCommand{w.settingsCommand(set.Command)}
	case len(set.Commands) > 0:
		for _, entry := range set.Commands {
			w.SeedCommands = append(w.SeedCommands, w.listedCommand(ctx, entry))
		}
	case w.Root != "":
		for _, find := range []func(context.Context, string) (SeedCommand, bool){w.prismaSeed, w.scriptSeed, w.configSeed} {
			for _, dir := range w.Homes() {
				if c, ok := find(ctx, dir); ok {
					w.SeedCommands = []SeedCommand{c}
					return
				}
			}
		}
	}
}

// settingsCommand returns the command of the setting seed.command.
func (w *Workspace) settingsCommand(text string) SeedCommand {
	origin := w.Settings.Origin("seed.command")
	c := w.shellCommand(text, w.base())
	c.Source, c.Where, c.ofPerson = origin.String(), origin.Where, !origin.IsRepository()
	if origin.Layer == FromFile {
		c.Source = SettingsFileName + " seed.command" // without the line, since what has run is identified by it
	}
	c.Name, c.subject = c.Source, c.Source
	return c
}

// base returns the folder that commands of naap.toml run in.
func (w *Workspace) base() string {
	if w.Root == "" {
		return w.Dir
	}
	return w.Root
}

// shellCommand returns a command for the user's shell, without a name.
func (w *Workspace) shellCommand(text, dir string) SeedCommand {
	return SeedCommand{
		Dir: dir, Text: w.within(dir, text), Args: Shell(text), Bin: w.binFolders(dir), Shown: w.within(dir, text),
		When: WhenOnce, command: text, run: text,
	}
}

// within returns a command as it is typed in the root to run in a folder.
func (w *Workspace) within(dir, command string) string {
	if dir == w.base() {
		return command
	}
	return "(cd " + w.name(dir) + " && " + command + ")"
}

// prismaSeed returns the command that `prisma db seed` runs in a folder.
func (w *Workspace) prismaSeed(ctx context.Context, dir string) (SeedCommand, bool) {
	p, ok := readPackage(ctx, dir)
	if !ok || p.Prisma.Seed == "" {
		return SeedCommand{}, false
	}
	c := w.packageCommand(dir, "package.json", "prisma.seed", p.Prisma.Seed, Shell(p.Prisma.Seed), "npx prisma db seed")
	c.Where += p.lineOf("seed", p.Prisma.Seed)
	return c, true
}

// scriptSeed returns a folder's script db:seed.
func (w *Workspace) scriptSeed(ctx context.Context, dir string) (SeedCommand, bool) {
	return w.script(ctx, dir, "db:seed")
}

// script returns a script of a folder's package.json, as its package manager runs it.
func (w *Workspace) script(ctx context.Context, dir, name string) (SeedCommand, bool) {
	p, ok := readPackage(ctx, dir)
	if !ok || p.Scripts[name] == "" {
		return SeedCommand{}, false
	}
	manager := w.PackageManager(ctx, dir)
	c := w.packageCommand(dir, "package.json", "scripts."+name, p.Scripts[name], []string{manager, "run", name}, manager+" run "+name)
	c.Text = p.around(name)
	c.Where += p.lineOf(name, p.Scripts[name])
	return c, true
}

// configSeed returns the seed that a folder's prisma.config visibly names.
func (w *Workspace) configSeed(ctx context.Context, dir string) (SeedCommand, bool) {
	config, ok := readPrismaConfig(ctx, dir)
	if !ok || config.seed == "" {
		return SeedCommand{}, false
	}
	return w.packageCommand(dir, filepath.Base(config.path), "migrations.seed", config.seed, Shell(config.seed), "npx prisma db seed"), true
}

func (w *Workspace) packageCommand(dir, file, what, command string, args []string, shown string) SeedCommand {
	c := SeedCommand{
		Source: w.name(filepath.Join(dir, file)) + " " + what, Where: w.name(filepath.Join(dir, file)),
		Dir: dir, Text: command, Args: args, Bin: w.binFolders(dir), Shown: w.within(dir, shown), When: WhenOnce,
		command: command, packaged: true,
	}
	c.Name, c.subject = c.Source, c.Source
	return c
}

// runsScript matches a command that does nothing but run a script of the folder's package.json.
var runsScript = lazy.Regexp{Text: `^(?:(?:npm|pnpm|yarn|bun) run|pnpm|yarn) ([\w:.-]+)$`}

// runsPrismaSeed matches a command that does nothing but run prisma.seed.
var runsPrismaSeed = lazy.Regexp{Text: `^(?:npx|pnpm|pnpm exec|yarn|bunx) prisma db seed$`}

// listedCommand returns the command of an entry [[seed.command]]. Where it only runs what a package.json has, it is that
// command, whose text is what the user is asked about, and which may have run before.
func (w *Workspace) listedCommand(ctx context.Context, entry SeedEntry) SeedCommand {
	dir := w.base()
	if entry.Dir != "" {
		dir = absolute(dir, entry.Dir)
	}
	c, named := w.behind(ctx, entry.Run, dir)
	if !named {
		c = w.shellCommand(entry.Run, dir)
		c.subject = subjectOf("seed.command", c.Text) // whatever its name, so that another name is not another text
	}
	if named {
		c.was = []string{ledgerName(c.subject)}
	}
	c.Source = SettingsFileName + " seed.command " + entry.Name
	c.Name, c.Where, c.run = entry.Name, entry.where(), entry.Run
	c.When, c.Table, c.Watch = entry.When, entry.Table, entry.Watch
	if entry.Needs != "" {
		c.needs = absolute(w.base(), entry.Needs)
	}
	return c
}

// behind returns what a package.json has for a command line that only runs that.
func (w *Workspace) behind(ctx context.Context, run, dir string) (SeedCommand, bool) {
	run = strings.Join(strings.Fields(run), " ")
	if runsPrismaSeed.Get().MatchString(run) {
		return w.prismaSeed(ctx, dir)
	}
	if m := runsScript.Get().FindStringSubmatch(run); m != nil {
		return w.script(ctx, dir, m[1])
	}
	return SeedCommand{}, false
}

// SeedCommandNow returns a command as the files have it now, under the settings as they were, or false where it is gone.
func (w *Workspace) SeedCommandNow(ctx context.Context, c SeedCommand) (SeedCommand, bool) {
	now := *w
	now.findSeedCommands(ctx)
	i := slices.IndexFunc(now.SeedCommands, func(n SeedCommand) bool { return n.Source == c.Source })
	if i < 0 {
		return SeedCommand{}, false
	}
	return now.SeedCommands[i], true
}

// LedgerName returns the command's name in the database.
func (c SeedCommand) LedgerName() string { return ledgerName(c.Source) }

func ledgerName(source string) string { return "command: " + source }

// FormerNames returns names that the command may have in the database from before it had this one.
func (c SeedCommand) FormerNames() []string { return c.was }

// Missing says what must exist for the command to run and does not, and what brings it; "" for nothing.
func (c SeedCommand) Missing(w *Workspace) string {
	switch {
	case w.outside(c.Dir) != "":
		return "its folder " + visible.String(w.name(c.Dir)) + " leads out of the workspace"
	case c.needs != "" && !exists(c.needs):
		name := w.name(c.needs)
		if path.Base(name) == "node_modules" {
			return "it needs " + visible.String(name) + ", which is not there: install the dependencies"
		}
		return "it needs " + visible.String(name) + ", which is not there"
	case c.needs == "" && c.packaged && len(w.binFolders(c.Dir)) == 0:
		return "no node_modules in " + visible.String(w.name(c.Dir)) + " or above: its dependencies are not installed"
	case !isFolder(c.Dir):
		return "its folder " + visible.String(w.name(c.Dir)) + " is not there"
	}
	return ""
}

// Occasion returns when a command runs, as naap.toml says it.
func (c SeedCommand) Occasion() string {
	if c.When == WhenEmpty {
		return string(c.When) + ":" + c.Table
	}
	return string(c.When)
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
