package remedy

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/say"
)

// Advice is one line of a remedy: words and commands, in the order in which they are printed. A command of naap's own
// is a value and not text, because what must be added to its verb (which folder, which instance, which server) is known
// only where the line is printed: see Target.
type Advice []Part

// Part is a piece of an Advice: words, or a command where Command is set.
type Part struct {
	Text     string
	Command  *Command
	Confirms bool // the words give the user's consent, as an environment variable can
}

// Command is a command line of naap's own, without the words that name its target.
type Command struct {
	Verb string   // "dev push"; where Again is set, "" means the verb of the command that failed
	Args []string // its flags and arguments, unquoted
	// Again stands for the command line that failed, with Args added. If that had another verb, or nothing failed, it is a
	// command like any other.
	Again bool
	// Wrong is a word of that command line that Right replaces. Args are then for the case that it had another verb.
	Wrong, Right string
	Dir          string // the folder it is for, where that is not the one of this command line
	Kept         bool   // in Dir too it acts on the database of this command line, with its choices
}

// Words returns an Advice that contains no command of naap's own.
func Words(text string) Advice { return Advice{{Text: text}} }

// Naap returns an Advice that is a command alone: Naap("dev up", "--port", "5433").
func Naap(verb string, args ...string) Advice {
	return Advice{{Command: &Command{Verb: verb, Args: args}}}
}

// Again returns an Advice that is the failed command with args added: Again("dev push", "--accept-data-loss"). The verb
// is for the case that the failed command had another one, such as an up whose push failed, or that there was no
// command line.
func Again(verb string, args ...string) Advice {
	return Advice{{Command: &Command{Verb: verb, Args: args, Again: true}}}
}

// Meant asks whether right was meant where the verb was given wrong; it returns nothing if right is "". args are the
// command's words where it is not the failed one.
func Meant(verb, wrong, right string, args ...string) []Advice {
	if right == "" {
		return nil
	}
	return []Advice{{{Text: "did you mean: "}, {Command: &Command{Verb: verb, Args: args, Again: true, Wrong: wrong, Right: right}}}}
}

// In returns the same advice for another folder than that of the failed command, where what was given for its target
// does not hold.
func (a Advice) In(dir string) Advice { return a.changed(func(c *Command) { c.Dir = dir }) }

// From returns the same advice run from another folder, on the same database.
func (a Advice) From(dir string) Advice {
	return a.changed(func(c *Command) { c.Dir, c.Kept = dir, true })
}

// With returns the same command with more words.
func (a Advice) With(args ...string) Advice {
	return a.changed(func(c *Command) { c.Args = slices.Concat(c.Args, args) })
}

func (a Advice) changed(change func(*Command)) Advice {
	out := slices.Clone(a)
	for i, p := range out {
		if p.Command != nil {
			c := *p.Command
			change(&c)
			out[i].Command = &c
		}
	}
	return out
}

// Line joins pieces, each an Advice or words, into one line, with nothing between them: Line("export DATABASE_URL=$(",
// Naap("dev url"), ")").
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

// Yes marks words as the user's consent: they are not shown to an agent or a CI.
func (a Advice) Yes() Advice {
	out := slices.Clone(a)
	for i := range out {
		out[i].Confirms = true
	}
	return out
}

// Note adds a remark to a command, of which it is not a part.
func (a Advice) Note(remark string) Advice { return Line(a, "    ("+remark+")") }

// And returns a command followed by others, each of which runs if the one before it succeeded.
func (a Advice) And(next ...Advice) Advice {
	for _, b := range next {
		a = Line(a, " && ", b)
	}
	return a
}

// Lines returns several lines of words alone.
func Lines(texts ...string) []Advice {
	return say.Each(texts, Words)
}

// Commands returns the commands of naap's own in the line.
func (a Advice) Commands() []Command {
	var out []Command
	for _, p := range a {
		if p.Command != nil {
			out = append(out, *p.Command)
		}
	}
	return out
}

// String returns the line for the zero Target.
func (a Advice) String() string { return Target{}.Line(a) }

// MarshalJSON returns the line as text, for the zero Target; what is printed goes through Target first.
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
