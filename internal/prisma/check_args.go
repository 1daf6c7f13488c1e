package prisma

import (
	"fmt"
	"slices"
	"strings"
)

// arguments are an attribute's arguments by name, the unnamed one under its implied name.
type arguments struct {
	c    *checker
	attr *Attribute
	mark string // "@" or "@@"
	list []namedArg
	bad  bool
}

type namedArg struct {
	name  string
	value *Expr
}

// readArgs reads an attribute's arguments. unnamed is the name of the argument that may be written without it ("" for
// none); it must be in known too.
func (c *checker) readArgs(a *Attribute, mark, unnamed string, known ...string) arguments {
	args := arguments{c: c, attr: a, mark: mark, list: make([]namedArg, 0, len(a.Args))}
	plain := 0
	for i := range a.Args {
		arg := &a.Args[i]
		name := arg.Name
		if arg.Value == nil {
			args.bad = true
			continue
		}
		if name == "" {
			plain++
			if unnamed == "" {
				args.fail(arg.Span, argHelp(known), "%s takes no argument without a name.", args.label())
				continue
			}
			if plain > 1 {
				args.fail(arg.Span, multipleHelp(a, unnamed), "%s takes one argument without a name, and this is another.", args.label())
				continue
			}
			name = unnamed
		} else if !slices.Contains(known, arg.Name) {
			args.fail(arg.Span, c.did(arg.Name, known, argHelp(known)), "%s has no argument `%s`.", args.label(), arg.Name)
			continue
		}
		if args.get(name) != nil {
			args.fail(arg.Span, "Remove one of them.", "The argument `%s` is given twice.", name)
			continue
		}
		args.list = append(args.list, namedArg{name, arg.Value})
	}
	return args
}

func argHelp(known []string) string {
	if len(known) == 0 {
		return "It takes no arguments at all."
	}
	return "Its arguments are " + strings.Join(known, ", ") + "."
}

func multipleHelp(a *Attribute, unnamed string) string {
	if unnamed != "fields" {
		return ""
	}
	var names []string
	for _, arg := range a.Args {
		if arg.Name == "" && arg.Value != nil && arg.Value.Kind == WordExpr {
			names = append(names, arg.Value.Text)
		}
	}
	if len(names) < 2 {
		names = []string{"a", "b"}
	}
	return fmt.Sprintf("Several fields stand in brackets: [%s].", strings.Join(names, ", "))
}

func (a *arguments) label() string { return "`" + a.mark + a.attr.Name + "`" }

func (a *arguments) fail(span Span, help, format string, args ...any) {
	a.bad = true
	a.c.fail(codeArgument, span, help, format, args...)
}

// get returns an argument's value, or nil.
func (a *arguments) get(name string) *Expr {
	for i := range a.list {
		if a.list[i].name == name {
			return a.list[i].value
		}
	}
	return nil
}

// text returns a string argument; ok is false where it is missing or not a string, which is reported.
func (a *arguments) text(name string) (s string, ok bool) {
	e := a.get(name)
	if e == nil {
		return "", false
	}
	if e.Kind != StringExpr {
		a.fail(e.Span, fmt.Sprintf("Write it in double quotes: %q.", e.Text), "`%s` is a string, not %s.", name, e.describe())
		return "", false
	}
	return e.Text, true
}

// nonempty is text for names, which have at least one character.
func (a *arguments) nonempty(name string) (s string, ok bool) {
	s, ok = a.text(name)
	if ok && s == "" {
		a.fail(a.get(name).Span, "Write a name.", "The argument `%s` of %s is empty.", name, a.label())
		return "", false
	}
	return s, ok
}

// word returns a bare word argument.
func (a *arguments) word(name string) (s string, ok bool) {
	e := a.get(name)
	if e == nil {
		return "", false
	}
	if e.Kind != WordExpr {
		a.fail(e.Span, e.unquoted(), "`%s` is a bare word, not %s.", name, e.describe())
		return "", false
	}
	return e.Text, true
}

// unquoted returns what helps with a string that stands in the place of a name, or "" for what is none.
func (e *Expr) unquoted() string {
	if e.Kind != StringExpr {
		return ""
	}
	return fmt.Sprintf("Write it without quotes: %s.", e.Text)
}

// onlyString returns the string that is a call's only argument.
func (e *Expr) onlyString() (text string, ok bool) {
	if len(e.Args) != 1 || e.Args[0].Value == nil || e.Args[0].Value.Kind != StringExpr {
		return "", false
	}
	return e.Args[0].Value.Text, true
}

// oneOf is word for an argument with a fixed set of values.
func (a *arguments) oneOf(name string, values ...string) (s string, ok bool) {
	s, ok = a.word(name)
	if ok && !slices.Contains(values, s) {
		a.fail(a.get(name).Span, a.c.did(s, values, "It is one of "+strings.Join(values, ", ")+"."), "`%s` cannot be `%s`.", name, s)
		return "", false
	}
	return s, ok
}

// describe names an expression for an error message.
func (e *Expr) describe() string {
	switch e.Kind {
	case StringExpr:
		return fmt.Sprintf("the string %q", e.Text)
	case NumberExpr:
		return "the number " + e.Text
	case WordExpr:
		return "`" + e.Text + "`"
	case CallExpr:
		return "a call of `" + e.Text + "`"
	case ArrayExpr:
		return "a list"
	}
	return "an object"
}

// elements returns the elements of a list; a single value is a list of one, as in Prisma.
func (e *Expr) elements() []*Expr {
	if e.Kind == ArrayExpr {
		return e.Items
	}
	return []*Expr{e}
}
