package remedy

import (
	"slices"
	"strings"
)

// Target is what a printed command needs beside its own words so that it acts where the failed one did, and in the same
// way: the folder, the instance, the server, and the choices made on its command line. The zero Target is that of a
// command line that gave none of these.
type Target struct {
	Dir      string    // the folder that -C gave
	Cd       string    // the folder to run it in, where the current one would mean something else and -C cannot name that
	Without  []string  // variables of the user's environment that do not hold for it
	Settings []Setting // the settings given that say where the database is
	Verb     string    // of the command line: "dev push"
	Flags    []Flag    // its other flags, in order
	Args     []string  // its arguments

	// Unattended names what runs the command in the user's place: "Claude Code", "a CI"; "" for the user. It is told that
	// the user must confirm, but never how.
	Unattended string
	// Confirms reports whether a verb's flag, named without dashes, gives the user's consent; if nil, none does.
	Confirms func(verb, flag string) bool

	// Takes returns how a verb takes a flag, named without dashes; nil where the verbs' flags are not known.
	Takes func(verb, flag string) Arity
}

// Setting is a flag that says where the database is. A verb without that flag reads it from the environment.
type Setting struct {
	Flag string // without dashes
	Env  string // the environment variable for the same setting
	// Value is written as for a shell, and may be a variable: "\"$DATABASE_URL\"". A value that must not be shown is "".
	Value string
}

// Flag is a flag as it was given.
type Flag struct {
	Name   string // without dashes
	Values []string
	Kept   bool // the choice holds for whatever else is run: --schema, --allow-external
}

// Arity is how often a verb takes a flag, and whether with a value.
type Arity int

const (
	Never  Arity = iota // the verb does not know the flag
	Switch              // without a value
	Once                // with one value
	Many                // with a value, any number of times
)

// Hidden stands for a value that must not be shown. A shell rejects it, so that the command cannot run on another
// server.
const Hidden = "<the same URL>"

// Line returns an advice as it is printed.
func (t Target) Line(a Advice) string {
	if t.Unattended != "" && t.confirms(a) {
		return t.forPerson(a)
	}
	var b strings.Builder
	for _, p := range a {
		if p.Command == nil {
			b.WriteString(p.Text)
		} else {
			b.WriteString(t.command(*p.Command))
		}
	}
	return b.String()
}

// forPerson returns the line for an agent or a CI in place of an advice that contains the user's consent: who must give
// it, and the command without it, which asks a person for it or says how it is given.
func (t Target) forPerson(a Advice) string {
	line := "a person must confirm this, and " + t.Unattended + " is not one: ask yours to run it in a terminal"
	t.Flags = slices.DeleteFunc(slices.Clone(t.Flags), func(f Flag) bool { return t.Confirms != nil && t.Confirms(t.Verb, f.Name) })
	commands := a.Commands()
	if len(commands) == 0 || len(commands[0].Args) == 0 || commands[0].Wrong != "" || acts(commands[0]) {
		return line
	}
	c := commands[0]
	c.Args = slices.DeleteFunc(slices.Clone(c.Args), func(word string) bool { return t.consents(commands[0], word) })
	if command := t.command(c); !strings.HasPrefix(command, "the same command") {
		line += " (" + command + ")"
	}
	return line
}

// acts reports whether a command does something else where it is run without the user's consent: a plain `down` stops the
// server at once.
func acts(c Command) bool { return c.Verb == "dev down" }

// confirms reports whether a line contains the user's consent.
func (t Target) confirms(a Advice) bool {
	return slices.ContainsFunc(a, func(p Part) bool {
		if p.Command == nil {
			return p.Confirms
		}
		return t.consents(*p.Command, p.Command.Right) ||
			slices.ContainsFunc(p.Command.Args, func(word string) bool { return t.consents(*p.Command, word) })
	})
}

// consents reports whether a word of a command is a flag that gives the user's consent.
func (t Target) consents(c Command, word string) bool {
	verb := c.Verb
	if c.Again && verb == "" {
		verb = t.Verb
	}
	name, isFlag := strings.CutPrefix(word, "--")
	name, _, _ = strings.Cut(name, "=")
	return isFlag && t.Confirms != nil && t.Confirms(verb, name)
}

// Lines returns advices as they are printed, each once.
func (t Target) Lines(all []Advice) []string {
	var out []string
	for _, a := range all {
		if line := t.Line(a); t.Unattended == "" || !slices.Contains(out, line) {
			out = append(out, line)
		}
	}
	return out
}

// command returns a command of naap's own as it is printed for the target.
func (t Target) command(c Command) string {
	if c.Dir != "" && !c.Kept {
		t = Target{Takes: t.Takes}
	}
	if c.Dir != "" {
		t.Dir = c.Dir
	}
	if c.Again && c.Verb == "" {
		c.Verb = t.Verb
	}
	if c.Again && (c.Verb == "" || c.Verb == "dev") { // the verb is not known
		return sameCommand(c)
	}
	again := c.Again && c.Verb == t.Verb
	if again && t.secret() {
		return sameCommand(c)
	}
	if again && c.Wrong != "" {
		t, c.Args = t.replacing(c.Wrong, c.Right), nil
	}
	given, rest := t.split(c)
	line := commandLine{}
	if strings.HasPrefix(c.Verb, "dev") || t.takes(c.Verb, "name") != Never || t.takes(c.Verb, "database-url") != Never {
		line = t.settings(c.Verb, given)
	}
	for _, f := range t.Flags {
		if again || f.Kept && t.takes(c.Verb, f.Name) != Never {
			line.flag(f, t.takes(c.Verb, f.Name), given)
		}
	}
	if again && len(rest) == 0 { // its own arguments replace those that were given
		rest = t.Args
	}
	if len(t.Without) > 0 {
		line.env = append([]string{"env -u " + strings.Join(t.Without, " -u ")}, line.env...)
	}
	text := line.String(t.Dir, c.Verb, given, rest)
	if t.Cd != "" && t.Dir == "" {
		return "(cd " + ShellWord(t.Cd) + " && " + text + ")"
	}
	return text
}

// sameCommand describes in words how to repeat the failed command.
func sameCommand(c Command) string {
	switch {
	case c.Wrong != "":
		return "the same command with " + ShellWord(c.Right)
	case len(c.Args) == 0:
		return "the same command again"
	}
	return "the same command with " + shellWords(c.Args)
}

// secret reports whether a setting or flag was given that must not be shown.
func (t Target) secret() bool {
	return slices.ContainsFunc(t.Settings, func(s Setting) bool { return s.Value == "" })
}

// replacing returns the target with one word of its command line replaced.
func (t Target) replacing(wrong, right string) Target {
	swap := func(words []string) []string {
		out := slices.Clone(words)
		for i, w := range out {
			if w == wrong {
				out[i] = right
			}
		}
		return out
	}
	t.Args, t.Flags = swap(t.Args), slices.Clone(t.Flags)
	for i := range t.Flags {
		t.Flags[i].Values = swap(t.Flags[i].Values)
	}
	return t
}

// takes returns how the verb takes a flag.
func (t Target) takes(verb, flag string) Arity {
	if t.Takes == nil {
		return Never
	}
	return t.Takes(verb, flag)
}

// given is a flag among a command's own words, as it is written there.
type given struct {
	name, value string
	words       []string
}

// split separates a command's own words into its flags and the rest. Where the verb's flags are not known, every word
// but those before "--" stays where it is.
func (t Target) split(c Command) (flags []given, rest []string) {
	if t.Takes == nil {
		at := slices.Index(c.Args, "--")
		if at < 0 {
			at = len(c.Args)
		}
		return []given{{words: c.Args[:at]}}, c.Args[at:]
	}
	for i := 0; i < len(c.Args); i++ {
		word := c.Args[i]
		name, value, joined := strings.Cut(strings.TrimPrefix(word, "--"), "=")
		arity := t.takes(c.Verb, name)
		switch {
		case word == "--":
			return flags, append(rest, c.Args[i:]...)
		case !strings.HasPrefix(word, "-") || word == "-":
			rest = append(rest, word)
		case !joined && (arity == Once || arity == Many) && i+1 < len(c.Args):
			flags = append(flags, given{name, c.Args[i+1], []string{word, c.Args[i+1]}})
			i++
		default:
			flags = append(flags, given{name, value, []string{word}})
		}
	}
	return flags, rest
}

// settings returns the start of a command line: what says where its database is.
func (t Target) settings(verb string, own []given) commandLine {
	var line commandLine
	for _, s := range t.Settings {
		value := s.Value
		if value == "" {
			value = Hidden
		}
		switch {
		case slices.ContainsFunc(own, func(g given) bool { return g.name == s.Flag || g.name == "engine" && s.Flag == "database-url" }):
			// It names another place, or an engine to start instead of that server.
		case t.takes(verb, s.Flag) != Never || t.Takes == nil:
			line.target = append(line.target, "--"+s.Flag, value)
		default:
			line.env = append(line.env, s.Env+"="+value)
		}
	}
	return line
}

// commandLine is a command line being put together; its words are already quoted.
type commandLine struct{ env, target, words []string }

// flag adds a flag of the failed command, unless the new one's own words settle it.
func (l *commandLine) flag(f Flag, arity Arity, own []given) {
	for _, value := range f.Values {
		settled := slices.ContainsFunc(own, func(g given) bool { return g.name == f.Name && (arity != Many || g.value == value) })
		switch {
		case settled:
		case arity == Switch && value == "true":
			l.words = append(l.words, "--"+f.Name)
		case arity == Switch || strings.HasPrefix(value, "-"):
			l.words = append(l.words, "--"+f.Name+"="+ShellWord(value))
		default:
			l.words = append(l.words, "--"+f.Name, ShellWord(value))
		}
	}
}

// String returns the whole line: the program, the target, the arguments, the flags and, after "--", the arguments that
// only look like flags.
func (l *commandLine) String(dir, verb string, own []given, args []string) string {
	words := append(slices.Clone(l.env), "naap")
	if dir != "" {
		words = append(words, "-C", ShellWord(dir))
	}
	words = append(append(words, strings.Fields(verb)...), l.target...)
	var last []string
	if i := slices.IndexFunc(args, func(s string) bool { return strings.HasPrefix(s, "-") }); i >= 0 {
		args, last = args[:i], args[i:]
	}
	words = append(append(words, quoted(args)...), l.words...)
	for _, g := range own {
		words = append(words, quoted(g.words)...)
	}
	if len(last) > 0 && last[0] != "--" {
		words = append(words, "--")
	}
	return strings.Join(append(words, quoted(last)...), " ")
}

func quoted(words []string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		if flag, value, ok := strings.Cut(w, "="); ok && strings.HasPrefix(flag, "--") && value != "" {
			out[i] = flag + "=" + ShellWord(value)
		} else {
			out[i] = ShellWord(w)
		}
	}
	return out
}

func shellWords(words []string) string { return strings.Join(quoted(words), " ") }

// Text returns err at length, as the command line prints it: the message, then what was seen, then what helps.
func (t Target) Text(err error) string {
	var b strings.Builder
	b.WriteString(err.Error())
	e, ok := Of(err)
	if !ok {
		return b.String()
	}
	for _, line := range e.Seen {
		b.WriteString("\n  saw: " + line)
	}
	if e.Excerpt != "" {
		b.WriteString("\n" + strings.TrimRight(e.Excerpt, "\n"))
	}
	for _, line := range t.Lines(e.Fix) {
		b.WriteString("\n  try: " + line)
	}
	return b.String()
}

// Text is like Target.Text, for the zero Target.
func Text(err error) string { return Target{}.Text(err) }
