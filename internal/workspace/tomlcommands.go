package workspace

import (
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
)

// SeedEntry is a [[seed.command]] of naap.toml.
type SeedEntry struct {
	Name  string
	Run   string
	Dir   string // relative to naap.toml
	When  When
	Table string // of WhenEmpty
	Needs string // relative to naap.toml
	Watch []string
	Line  int
}

func (e SeedEntry) where() string { return SettingsFileName + ":" + strconv.Itoa(e.Line) }

var seedEntryKeys = []string{"name", "run", "dir", "when", "needs", "watch"}

// readSeedCommands reads [[seed.command]].
func (f *settingsFile) readSeedCommands(value any) error {
	list, ok := value.([]map[string]any)
	if !ok {
		return nil // a single command, which is a setting
	}
	lines := f.headerLines("[[seed.command]]")
	for i, table := range list {
		e := SeedEntry{When: WhenOnce, Line: 1}
		if i < len(lines) {
			e.Line = lines[i]
		}
		if err := f.readSeedEntry(&e, table); err != nil {
			return err
		}
		if slices.ContainsFunc(f.free.Seed.Commands, func(o SeedEntry) bool { return o.Name == e.Name }) {
			return f.entryError(e, "two seed commands are called %q", e.Name).WithFix(`name = "…"    (another one: what has run is noted by it)`)
		}
		f.free.Seed.Commands = append(f.free.Seed.Commands, e)
	}
	return nil
}

func (f *settingsFile) entryError(e SeedEntry, format string, args ...any) *remedy.Error {
	return f.errorAt(e.Line, 1, "[[seed.command]]: "+format, args...)
}

func (f *settingsFile) readSeedEntry(e *SeedEntry, table map[string]any) error {
	texts := map[string]*string{"name": &e.Name, "run": &e.Run, "dir": &e.Dir, "needs": &e.Needs}
	for name, value := range table {
		text, isText := value.(string)
		switch into := texts[name]; {
		case into != nil && isText:
			*into = strings.TrimSpace(text)
		case name == "when" && isText:
			if err := f.readWhen(e, text); err != nil {
				return err
			}
		case name == "watch":
			if err := f.readWatch(e, value); err != nil {
				return err
			}
		case slices.Contains(seedEntryKeys, name):
			return f.entryError(*e, "%s must be a string in quotes", name)
		default:
			err := f.entryError(*e, "there is no %q; it has %s", name, say.And(seedEntryKeys))
			if near := say.Nearest(name, seedEntryKeys); near != "" {
				err.WithFix("did you mean " + near + "?")
			}
			return err
		}
	}
	return f.checkSeedEntry(e)
}

// checkSeedEntry names an entry without a name after what it runs, and refuses what cannot be meant.
func (f *settingsFile) checkSeedEntry(e *SeedEntry) error {
	switch {
	case e.Run == "":
		return f.entryError(*e, "it needs what to run").WithFix(`run = "npm run db:seed"`)
	case isOutside(e.Dir):
		return f.entryError(*e, "dir must be a folder of the workspace, relative to %s", SettingsFileName).WithFix(`dir = "apps/web"`)
	case isOutside(e.Needs):
		return f.entryError(*e, "needs must be a file or folder of the workspace, relative to %s", SettingsFileName).WithFix(`needs = "node_modules"`)
	case strings.ContainsAny(e.Name, "\r\n"):
		return f.entryError(*e, "name must be one line")
	}
	if e.Name == "" {
		e.Name = strings.Join(strings.Fields(e.Run), " ")
		if e.Dir != "" {
			e.Name += " in " + e.Dir
		}
	}
	return nil
}

// isOutside reports whether a path that should be relative to the workspace is not in it.
func isOutside(name string) bool {
	slashed := path.Clean(filepath.ToSlash(name))
	return filepath.IsAbs(name) || strings.HasPrefix(slashed, "/") || slashed == ".." || strings.HasPrefix(slashed, "../") || filepath.VolumeName(name) != ""
}

var tableName = lazy.Regexp{Text: `^[^.\s"]+(\.[^.\s"]+)?$`}

func (f *settingsFile) readWhen(e *SeedEntry, text string) error {
	if table, ok := strings.CutPrefix(text, string(WhenEmpty)+":"); ok && tableName.Get().MatchString(table) {
		e.When, e.Table = WhenEmpty, table
		return nil
	}
	if e.When = When(text); !slices.Contains([]When{WhenOnce, WhenChanged, WhenAlways}, e.When) {
		return f.entryError(*e, "when must be once, changed, always or empty:TABLE").WithFix(`when = "empty:public.User"`)
	}
	return nil
}

func (f *settingsFile) readWatch(e *SeedEntry, value any) error {
	list, _ := value.([]any)
	for _, item := range list {
		pattern, ok := item.(string)
		if !ok || pattern == "" || isOutside(pattern) || !doublestar.ValidatePattern(pattern) {
			list = nil
			break
		}
		e.Watch = append(e.Watch, path.Clean(filepath.ToSlash(pattern)))
	}
	if len(list) == 0 {
		return f.entryError(*e, "watch must be a list of patterns of files in the workspace").WithFix(`watch = ["prisma/seed.ts", "prisma/data/**"]`)
	}
	return nil
}

// readHooks reads push.after.
func (f *settingsFile) readHooks(value any) error {
	push, _ := value.(map[string]any)
	after, there := push["after"]
	if !there {
		return nil
	}
	list, _ := after.([]any)
	for _, item := range list {
		text, ok := item.(string)
		if text = strings.TrimSpace(text); !ok || text == "" {
			list = nil
			break
		}
		f.free.Push.After = append(f.free.Push.After, text)
	}
	if len(list) == 0 {
		return f.errorIn([]string{"push", "after"}, "push.after must be a list of commands").WithFix(`after = ["npx prisma generate"]`)
	}
	line, _ := f.position([]string{"push", "after"})
	f.free.Push.line = line
	return nil
}
