package remedy

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Advice is one line of what helps: words and commands, in the order in which they are printed. A command of naap's own
// is a value and not text, because what it has to say beside its verb (which folder, which instance, which server) is
// known only where the line is printed: see Target.
type Advice []Part

// Part is a piece of an Advice: words, or a command where Command is set.
type Part struct {
	Text     string
	Command  *Command
	Confirms bool // the words say yes in a person's place, as a variable of the environment does
}

// Command is a command line of naap's own, without what names its target.
type Command struct {
	Verb string   // "dev push"; "" for whatever failed, where Again is set
	Args []string // its flags and arguments, unquoted
	// Again is the command line that failed, with Args added: where that had another verb, or nothing failed, it is a
	// command like any other.
	Again bool
	// Wrong is a word of that command line in whose place Right stands; then Args are for where it had another verb.
	Wrong, Right string
	Dir          string // the folder that it is for, where that is not the one that this command line was for
	Kept         bool   // in Dir too it acts on the database, and by the choices, of this command line
}

// Words returns an Advice without a command of naap's own.
func Words(text string) Advice { return Advice{{Text: text}} }

// Naap returns an Advice that is a command alone: Naap("dev up", "--port", "5433").
func Naap(verb string, args ...string) Advice {
	return Advice{{Command: &Command{Verb: verb, Args: args}}}
}

// Again returns an Advice that is the failed command, with args added: Again("dev push", "--accept-data-loss"). The
// verb is for where the failed command had another one, such as an up whose push failed, or where there was no command
// line.
func Again(verb string, args ...string) Advice {
	return Advice{{Command: &Command{Verb: verb, Args: args, Again: true}}}
}

// Meant asks whether a name, by the verb that was given a wrong one, was to be the nearest that there is; nothing where
// none is near. args are the command's words where it is not the failed one.
func Meant(verb, wrong, right string, args ...string) []Advice {
	if right == "" {
		return nil
	}
	return []Advice{{{Text: "did you mean: "}, {Command: &Command{Verb: verb, Args: args, Again: true, Wrong: wrong, Right: right}}}}
}

// In returns the same for another folder than that of the failed command: what was given for its target does not hold
// there.
func (a Advice) In(dir string) Advice {
	out := slices.Clone(a)
	for i, p := range out {
		if p.Command != nil {
			c := *p.Command
			c.Dir, out[i].Command = dir, &c
		}
	}
	return out
}

// From returns the same from another folder, on the same database.
func (a Advice) From(dir string) Advice {
	out := a.In(dir)
	for _, p := range out {
		if p.Command != nil {
			p.Command.Kept = true
		}
	}
	return out
}

// With returns the same command with more words.
func (a Advice) With(args ...string) Advice {
	out := slices.Clone(a)
	for i, p := range out {
		if p.Command != nil {
			c := *p.Command
			c.Args, out[i].Command = append(slices.Clone(c.Args), args...), &c
		}
	}
	return out
}

// Line joins pieces, each an Advice or words, to one line without anything between them:
// Line("export DATABASE_URL=$(", Naap("dev url"), ")").
func Line(pieces ...any) Advice {
	var out Advice
	for _, p := range pieces {
		if a, ok := p.(Advice); ok {
			out = append(out, a...)
		} else {
			out = append(out, Part{Text: fmt.Sprint(p)})
		}
	}
	return out
}

// Yes marks words as a person's yes: nobody else is told them.
func (a Advice) Yes() Advice {
	out := slices.Clone(a)
	for i := range out {
		out[i].Confirms = true
	}
	return out
}

// Note adds a remark on a command, which is no part of it.
func (a Advice) Note(remark string) Advice { return Line(a, "    ("+remark+")") }

// And returns a command after which another is run, if the first went well.
func (a Advice) And(next ...Advice) Advice {
	for _, b := range next {
		a = Line(a, " && ", b)
	}
	return a
}

// Lines are several lines of words alone.
func Lines(texts ...string) []Advice {
	out := make([]Advice, len(texts))
	for i, text := range texts {
		out[i] = Words(text)
	}
	return out
}

// Commands returns those of naap's own in the line.
func (a Advice) Commands() []Command {
	var out []Command
	for _, p := range a {
		if p.Command != nil {
			out = append(out, *p.Command)
		}
	}
	return out
}

// String returns the line for a target of which nothing was given.
func (a Advice) String() string { return Target{}.Line(a) }

// MarshalJSON returns the line as text, for a target of which nothing was given; what is printed goes through Target
// first.
func (a Advice) MarshalJSON() ([]byte, error) { return json.Marshal(a.String()) }

// UnmarshalJSON reads a line as words.
func (a *Advice) UnmarshalJSON(text []byte) error {
	var s string
	err := json.Unmarshal(text, &s)
	*a = Words(s)
	return err
}

// Offers reports whether a remedy of err is a command of naap's own with this flag.
func Offers(err error, flag string) bool {
	e, ok := Of(err)
	return ok && slices.ContainsFunc(e.Fix, func(a Advice) bool {
		return slices.ContainsFunc(a.Commands(), func(c Command) bool {
			return slices.ContainsFunc(c.Args, func(word string) bool { return word == flag || strings.HasPrefix(word, flag+"=") })
		})
	})
}
