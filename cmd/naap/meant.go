package main

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

// saidFor maps names that other programs use, docker compose, Prisma, Rails and psql, to verbs.
var saidFor = map[string]string{
	"start": "dev up", "run": "dev up", "init": "dev up", "create": "dev up", "restart": "dev up", "serve": "dev up",
	"stop": "dev down", "halt": "dev down", "kill": "dev down", "quit": "dev down",
	"ps": "dev status", "info": "dev status", "state": "dev status", "ls": "dev status",
	"deploy": "migrate deploy", "apply": "dev push", "sync": "dev push", "db": "dev push",
	"plan": "dev diff", "drift": "dev diff", "rollback": "dev undo", "revert": "dev undo",
	"shell": "dev psql", "console": "dev psql", "connect": "dev psql", "exec": "dev psql", "query": "dev sql",
	"dump": "dev backup", "export": "dev backup", "import": "dev restore", "load": "dev restore",
	"log": "dev logs", "env": "dev url", "health": "dev doctor", "fake": "dev seed", "tui": "dev", "ui": "dev", "studio": "dev",
	"dashboard": "dev", "lint": "check", "rules": "check", "settings": "config",
}

// saidBelow does the same for the verbs below a verb.
var saidBelow = map[string]string{
	"create": "save", "new": "save", "take": "save", "add": "save", "ls": "list", "show": "list", "rm": "delete", "remove": "delete",
	"drop": "delete", "load": "restore", "apply": "restore",
}

// misread returns the error for a command line that names an unknown verb, or nil. It runs before the flags are parsed:
// after a wrong verb, every flag would be wrong.
func (a *app) misread(root *cobra.Command, line []string) error {
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd(line...)
	c, _, _ := root.Find(line)
	if c == nil || !c.HasSubCommands() || len(line) > 0 && strings.HasPrefix(line[0], "__complete") {
		return nil
	}
	word, others := unknownWord(c, line)
	if word == "" {
		return nil
	}
	a.aim(c, nil)
	e := remedy.New("usage", remedy.ExitUsage, "%s has no verb %q", c.CommandPath(), visible.String(word))
	if way := verbMeant(c, word); way != "" {
		e.WithFix("did you mean: " + typedAgain(append(strings.Fields(way), others...)))
	}
	return e.WithFix(c.CommandPath() + " --help")
}

// unknownWord returns the first word of a command line, after the verbs that lead to c, that is neither a flag nor the
// value of one, and everything else that was typed; the word is "" where there is none.
func unknownWord(c *cobra.Command, line []string) (word string, others []string) {
	way := strings.Fields(verbOf(c))
	for i := 0; i < len(line); i++ {
		switch w := line[i]; {
		case w == "--":
			return "", nil
		case strings.HasPrefix(w, "-") && w != "-":
			others = append(others, w)
			if !strings.Contains(w, "=") && takesValue(c.Root(), w) && i+1 < len(line) {
				i++
				others = append(others, line[i])
			}
		case len(way) > 0 && w == way[0]:
			way = way[1:]
		default:
			return w, append(others, line[i+1:]...)
		}
	}
	return "", nil
}

// takesValue reports whether a flag, as it was typed, takes the next word: for the command, or for one below it.
func takesValue(c *cobra.Command, typed string) bool {
	var f *pflag.Flag
	for _, flags := range []*pflag.FlagSet{c.Flags(), c.PersistentFlags()} {
		if name, long := strings.CutPrefix(typed, "--"); long && f == nil {
			f = flags.Lookup(name)
		} else if len(typed) == 2 && f == nil {
			f = flags.ShorthandLookup(typed[1:])
		}
	}
	if f != nil {
		return f.NoOptDefVal == ""
	}
	return slices.ContainsFunc(c.Commands(), func(child *cobra.Command) bool { return takesValue(child, typed) })
}

// verbMeant returns the verb that a wrong one stands for, with the verbs that lead to it: one with that name elsewhere,
// or else one that another program names so, or else the nearest; or "".
func verbMeant(c *cobra.Command, word string) string {
	root := c.Root()
	var dev *cobra.Command
	for _, child := range root.Commands() {
		if child.Name() == "dev" {
			dev = child
		}
	}
	word = strings.ToLower(word)
	below := namesBelow(c)
	if c != root && c != dev {
		name := saidBelow[word]
		if !slices.Contains(below, name) {
			name = say.Nearest(word, below)
		}
		if name == "" {
			return ""
		}
		return verbOf(c) + " " + name
	}
	names := map[string]string{}
	for _, name := range namesBelow(root) {
		names[name] = name
	}
	for _, name := range namesBelow(dev) {
		if _, taken := names[name]; !taken || c == dev {
			names[name] = "dev " + name
		}
	}
	if way, ok := names[word]; ok {
		return way
	}
	if way, ok := saidFor[word]; ok {
		return way
	}
	if near := say.Nearest(word, below); near != "" {
		return names[near]
	}
	return names[say.Nearest(word, slices.Sorted(maps.Keys(names)))]
}

func namesBelow(c *cobra.Command) []string {
	var names []string
	for _, child := range c.Commands() {
		if child.IsAvailableCommand() {
			names = append(names, child.Name())
		}
	}
	return names
}

// withURL matches a URL inside a word.
var withURL = lazy.Regexp{Text: `postgres(ql)?://`}

// typedAgain returns a command line as it was typed, for a shell. A URL whose password must not be shown is named by
// its variable.
func typedAgain(words []string) string {
	out := []string{"naap"}
	for _, w := range words {
		at := withURL.Get().FindStringIndex(w)
		if at == nil || showable(w[at[0]:]) {
			out = append(out, remedy.ShellWord(visible.String(w)))
			continue
		}
		value := shownSetting("database-url", w[at[0]:])
		if value == "" {
			value = remedy.Hidden
		}
		out = append(out, w[:at[0]]+value)
	}
	return strings.Join(out, " ")
}

// flagError says in naap's own words what is wrong with a flag.
func (a *app) flagError(c *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	var novalue *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	var syntax *pflag.InvalidSyntaxError
	switch {
	case errors.As(err, &unknown):
		return a.unknownFlag(c, unknown)
	case errors.As(err, &novalue):
		return usageError(c, dashed(novalue.GetSpecifiedName())+" needs a value")
	case errors.As(err, &invalid):
		f := invalid.GetFlag()
		return usageError(c, fmt.Sprintf("--%s takes %s, and %q is not one", f.Name, kindOf(f, invalid), visible.String(invalid.GetValue())))
	case errors.As(err, &syntax):
		return usageError(c, fmt.Sprintf("%s cannot be read as a flag", visible.String(syntax.GetSpecifiedFlag())))
	}
	return usageError(c, err.Error())
}

func dashed(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

// kindOf returns what a flag takes, in words.
func kindOf(f *pflag.Flag, err error) string {
	if errors.Is(err, strconv.ErrRange) {
		return "a smaller number"
	}
	switch kind := f.Value.Type(); {
	case strings.HasPrefix(kind, "int"), strings.HasPrefix(kind, "uint"), kind == "count":
		return "a whole number"
	case strings.HasPrefix(kind, "float"):
		return "a number"
	case kind == "bool":
		return "true or false"
	case kind == "duration":
		return "a duration such as 5s"
	case strings.HasSuffix(kind, "Slice"):
		return "a list with commas"
	}
	return "another value"
}

// unknownFlag offers the nearest flag, in the command line as it was typed.
func (a *app) unknownFlag(c *cobra.Command, err *pflag.NotExistError) error {
	name := err.GetSpecifiedName()
	if err.GetSpecifiedShortnames() != "" {
		return usageError(c, fmt.Sprintf("%s has no flag -%s", c.CommandPath(), name))
	}
	e := remedy.New("usage", remedy.ExitUsage, "%s has no flag --%s", c.CommandPath(), visible.String(name))
	var names []string
	add := func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	}
	c.Flags().VisitAll(add)
	c.InheritedFlags().VisitAll(add)
	if near := say.Nearest(name, names); near != "" {
		words := slices.Clone(a.line)
		for i, w := range words {
			if w == "--"+name || strings.HasPrefix(w, "--"+name+"=") {
				words[i] = "--" + near + strings.TrimPrefix(w, "--"+name)
				break
			}
		}
		meant := remedy.Words("did you mean: " + typedAgain(words))
		if confirms(verbOf(c), near) {
			meant = meant.Yes()
		}
		e.WithHelp(meant)
	}
	return e.WithFix(c.CommandPath() + " --help")
}

// noArgs refuses arguments.
func noArgs(c *cobra.Command, words []string) error { return takes(0, 0)(c, words) }

// takes checks the number of arguments: from least to most, or without an upper limit where most is negative.
func takes(least, most int) cobra.PositionalArgs {
	return func(c *cobra.Command, words []string) error {
		_, names, _ := strings.Cut(c.Use, " ")
		names = strings.TrimSpace(names)
		switch {
		case len(words) < least:
			return usageError(c, fmt.Sprintf("%s needs %s", c.CommandPath(), names))
		case most == 0 && len(words) > 0:
			return usageError(c, fmt.Sprintf("%s takes no arguments, and was given %s", c.CommandPath(), given(words)))
		case most > 0 && len(words) > most:
			return usageError(c, fmt.Sprintf("%s takes %s, and was given %s", c.CommandPath(), names, given(words)))
		}
		return nil
	}
}

// given returns words as they were understood, each in quotes.
func given(words []string) string {
	return say.Join(words, " ", func(w string) string { return strconv.Quote(visible.String(w)) })
}

// helpCommand returns `naap help`, which also finds the verbs of dev without that word.
func (a *app) helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [VERB]",
		Short: "Help about a verb",
		Example: "  naap help dev up\n" +
			"  naap help push       finds the verbs below dev, too",
		RunE: func(c *cobra.Command, words []string) error {
			root := c.Root()
			found, rest, err := root.Find(words)
			if (err != nil || len(rest) > 0) && len(words) > 0 && words[0] != "dev" {
				if below, left, err := root.Find(append([]string{"dev"}, words...)); err == nil && len(left) == 0 {
					found, rest = below, nil
				}
			}
			if len(rest) > 0 {
				if err := a.misread(root, words); err != nil {
					return err
				}
			}
			found.InitDefaultHelpFlag()
			return found.Help()
		},
	}
}
