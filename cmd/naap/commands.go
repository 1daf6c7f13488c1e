package main

import (
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"unicode"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/livepeer/naap-dev/internal/backup"
	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/trust"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// settingFlags are the flags that say where the database is, in the order in which a printed command has them.
var settingFlags = []string{"name", "database-url"}

// keptFlags are the choices that hold for any other command that a remedy prints.
var keptFlags = map[string]bool{
	"schema": true, "rename": true, "allow-external": true, "engine": true, "port": true, "image": true, "postgres-bin": true, "wait": true,
}

// unsaidFlags are left out: they decide only how the output is printed.
var unsaidFlags = map[string]bool{"workspace": true, "json": true, "no-color": true, "ascii": true, "help": true}

// aim notes the running command line, for the commands that are printed because of it. What comes from the environment
// or from naap.toml holds for the next command in the same shell too, and is not noted.
func (a *app) aim(c *cobra.Command, words []string) {
	if a.target.Takes != nil {
		return
	}
	a.target = remedy.Target{Dir: a.dir, Verb: verbOf(c), Args: words, Takes: arities(c.Root()), Confirms: confirms}
	if who, ok := trust.Automatic(os.Environ()); ok {
		a.target.Unattended = who.Name
	}
	if !c.DisableFlagParsing {
		c.Flags().Visit(func(f *pflag.Flag) { a.aimFlag(f) })
	}
}

func (a *app) aimFlag(f *pflag.Flag) {
	var values []string
	switch v := f.Value.(type) {
	case *settingFlag:
		values = []string{a.flags[v.name]}
		if slices.Contains(settingFlags, f.Name) {
			a.target.Settings = append(a.target.Settings, remedy.Setting{
				Flag: f.Name, Env: "NAAP_" + strings.ToUpper(strings.ReplaceAll(v.name, "-", "_")), Value: shownSetting(f.Name, values[0])})
			return
		}
	case pflag.SliceValue:
		values = v.GetSlice()
	default:
		values = []string{v.String()}
	}
	if !unsaidFlags[f.Name] {
		a.target.Flags = append(a.target.Flags, remedy.Flag{Name: f.Name, Values: values, Kept: keptFlags[f.Name]})
	}
}

// aimAtEngine has the commands that are printed name the engine that has the instance where the settings by now ask for another:
// without that, they would be refused.
func (a *app) aimAtEngine(ws *workspace.Workspace) {
	const flag = "engine"
	made := devenv.New(ws, devenv.Options{}).OtherEngine()
	if made == "" || slices.ContainsFunc(a.target.Flags, func(f remedy.Flag) bool { return f.Name == flag }) {
		return
	}
	a.target.Flags = append(a.target.Flags, remedy.Flag{Name: flag, Values: []string{made}, Kept: true})
}

// confirmingFlags say yes for the user: to a loss, to another's server, to what the repository would run.
var confirmingFlags = map[string]bool{
	"accept-data-loss": true, "adopt": true, "allow-destructive": true, "allow-external": true, "cascade": true, "delete-data": true,
	"drop-replaced": true, "run-seed-commands": true, "terminate-blockers": true, "terminate-sessions": true, "yes": true,
}

// confirms reports whether a verb's flag is one of them. Replacing a backup's file counts, and so does SQL that writes;
// applying a seed file again does not, nor does writing into a file of the workspace.
func confirms(verb, flag string) bool {
	return confirmingFlags[flag] || flag == "force" && verb == "dev backup" || flag == "write" && verb == "dev sql"
}

// shownSetting returns a setting's value as a shell takes it. A URL with a password is named by the variable that holds
// it, or left out.
func shownSetting(name, value string) string {
	if name != "database-url" || value == "" || showable(value) {
		return remedy.ShellWord(value)
	}
	if os.Getenv("DATABASE_URL") == value {
		return `"$DATABASE_URL"`
	}
	return ""
}

// showable reports whether a URL has no password, or only the one that every local instance has.
func showable(url string) bool {
	t, err := dburl.ParseTarget(url)
	if err != nil || t.HasSecretParam() {
		return false
	}
	local := len(t.Hosts) > 0
	for _, h := range t.Hosts {
		local = local && (h.Name == "localhost" || h.Name == "127.0.0.1" || h.Name == "::1")
	}
	return t.Password == "" || local && t.User == "postgres" && t.Password == "postgres"
}

// verbOf returns a command's name without the program's: "dev snapshot save".
func verbOf(c *cobra.Command) string {
	_, verb, _ := strings.Cut(c.CommandPath(), " ")
	return verb
}

// arities returns a function that looks up whether a flag of one of the program's commands takes a value.
func arities(root *cobra.Command) func(verb, flag string) remedy.Arity {
	return func(verb, flag string) remedy.Arity {
		c, rest, err := root.Find(strings.Fields(verb))
		if err != nil || len(rest) > 0 {
			return remedy.Never
		}
		f := c.Flags().Lookup(flag)
		if f == nil {
			f = c.InheritedFlags().Lookup(flag)
		}
		_, setting := settingOf(f)
		switch {
		case f == nil:
			return remedy.Never
		case slices.Contains(settingFlags, flag) && !setting: // another flag of that name: the name of a migration
			return remedy.Never
		case f.NoOptDefVal != "":
			return remedy.Switch
		}
		if _, many := f.Value.(pflag.SliceValue); many {
			return remedy.Many
		}
		return remedy.Once
	}
}

func settingOf(f *pflag.Flag) (*settingFlag, bool) {
	if f == nil {
		return nil, false
	}
	s, ok := f.Value.(*settingFlag)
	return s, ok
}

// whatItWas returns how a restore is taken back.
func (a *app) whatItWas(plan *backup.Plan) string {
	return "What it was is kept: " + a.target.Line(remedy.Naap("dev snapshot restore", plan.Keeps))
}

// asciiOnly replaces the characters that naap's own messages draw with.
var asciiOnly = strings.NewReplacer("…", "...", "·", "-", "✓", "ok", "✗", "XX", "—", "-", "→", "->")

// plain returns a text for people as it is printed: with --ascii, naap's own characters in ASCII; in a GitHub
// Actions workflow, without a line that its runner would obey.
func (a *app) plain(text string) string {
	if a.ascii {
		text = asciiOnly.Replace(text)
	}
	return withoutCommands(text)
}

// asciiGlyphs are the marks at the beginning of a line where only ASCII is printed, two characters wide.
var asciiGlyphs = map[string]string{"✓": "ok", "·": "--", "!": "! ", "✗": "XX", "…": ".."}

// glyph returns the mark of a line.
func (a *app) glyph(mark string) string {
	if a.ascii {
		return asciiGlyphs[mark]
	}
	return mark
}

// table writes lines for people, with cells separated by tabs, in columns.
func (a *app) table(fill func(w io.Writer)) error {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 4, 2, ' ', 0)
	fill(w)
	if err := w.Flush(); err != nil {
		return err
	}
	_, err := io.WriteString(a.out, withoutCommands(text.String()))
	return err
}

// withoutCommands removes what a workflow's runner would obey from a text for people, where there is such a runner:
// names, source lines and messages of a server may begin like a command. The runner reads ::command:: at the start of a
// line, blanks aside, and ##[command] anywhere in it (actions/runner, ActionCommand.cs). Documents and rows are left as
// they are.
func withoutCommands(text string) string {
	if os.Getenv("GITHUB_ACTIONS") != "true" {
		return text
	}
	lines := strings.Split(strings.ReplaceAll(text, "##[", "## ["), "\n")
	for i, line := range lines {
		if rest := strings.TrimLeftFunc(line, unicode.IsSpace); strings.HasPrefix(rest, "::") {
			lines[i] = line[:len(line)-len(rest)] + ": " + rest[1:]
		}
	}
	return strings.Join(lines, "\n")
}
