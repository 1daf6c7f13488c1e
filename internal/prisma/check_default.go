package prisma

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/livepeer/naap-dev/internal/say"
)

// defaultAttribute reads @default(value).
func (c *checker) defaultAttribute(f *fieldInfo, a *Attribute) {
	args := c.readArgs(a, "@", "value", "value", "map")
	e := args.get("value")
	switch {
	case e == nil:
		if !args.bad {
			c.fail(codeArgument, a.Span, "Write @default(…) with a value.", "`@default` lacks its value.")
		}
		return
	case args.get("map") != nil:
		c.fail(codeArgument, args.get("map").Span, "Remove it.", "PostgreSQL gives a default no name of its own.")
		return
	case f.Kind == Object:
		c.fail(codeDefault, a.Span, "Put it on the field of the foreign key.", "The field `%s` is a relation and has no default.", f.Name)
		return
	}
	d := &Default{Span: a.Span}
	if e.Kind == CallExpr {
		if !c.defaultFunction(f, e, d) {
			return
		}
	} else if !c.defaultValue(f, e, d) {
		return
	}
	f.Default = d
}

// defaultFunctions are the functions of @default with the types that they fit. dbgenerated fits all.
var defaultFunctions = map[string][]string{
	"autoincrement": {"Int", "BigInt"},
	"now":           {"DateTime"},
	"uuid":          {"String"}, "cuid": {"String"}, "nanoid": {"String"}, "ulid": {"String"},
	"dbgenerated": nil,
}

// defaultNames are the functions' names, in the order in which they are suggested.
var defaultNames = []string{"autoincrement", "now", "uuid", "cuid", "nanoid", "ulid", "dbgenerated"}

func (c *checker) defaultFunction(f *fieldInfo, e *Expr, d *Default) bool {
	types, ok := defaultFunctions[e.Text]
	fail := func(help, format string, args ...any) bool {
		c.fail(codeDefault, e.Span, help, format, args...)
		return false
	}
	if !ok {
		return fail(c.did(e.Text, defaultNames, "There are "+strings.Join(defaultNames, "(), ")+"()."), "There is no function `%s` for a default.", e.Text)
	}
	switch {
	case e.Text == "dbgenerated":
	case f.Kind == Unsupported:
		return fail(`Write dbgenerated("…") with the database's own expression.`, "A field of an unsupported type has dbgenerated(…) for a default, or none.")
	case f.Kind == EnumValue:
		return fail("Write one of the enum's values, without quotes.", "`%s()` makes no value of the enum `%s`.", e.Text, f.Type)
	case !slices.Contains(types, f.Type):
		return fail("It belongs to "+say.And(types)+".", "`%s()` cannot be the default of a field of type %s.", e.Text, f.Type)
	case e.Text == "autoincrement" && f.Arity == List:
		return fail("", "`autoincrement()` counts single numbers, and the field `%s` is a list.", f.Name)
	}
	values, ok := c.functionArgs(e)
	if !ok {
		return false
	}
	d.Function, d.Args = e.Text, values
	return true
}

// functionArgs checks a default function's arguments: a number that selects a variant, or SQL.
func (c *checker) functionArgs(e *Expr) ([]Value, bool) {
	help := map[string]string{
		"uuid":        "It takes nothing, or the version: 4 or 7.",
		"cuid":        "It takes nothing, or the version: 1 or 2.",
		"nanoid":      "It takes nothing, or the length: a number from 2 to 255.",
		"dbgenerated": "It takes nothing, or the database's expression in quotes, which is not empty.",
	}[e.Text]
	if help == "" {
		help = fmt.Sprintf("Write %s().", e.Text)
	}
	var values []Value
	for _, arg := range e.Args {
		ok := arg.Value != nil && len(e.Args) == 1
		if ok {
			number, err := strconv.Atoi(arg.Value.Text)
			isNumber := arg.Value.Kind == NumberExpr && err == nil
			switch e.Text {
			case "uuid":
				ok = isNumber && (number == 4 || number == 7)
			case "cuid":
				ok = isNumber && (number == 1 || number == 2)
			case "nanoid":
				ok = isNumber && number >= 2 && number <= 255
			case "dbgenerated":
				ok = arg.Value.Kind == StringExpr && arg.Value.Text != ""
			default:
				ok = false
			}
		}
		if !ok {
			c.fail(codeDefault, e.Span, help, "`%s` cannot be called like this.", e.Text)
			return nil, false
		}
		values = append(values, arg.Value.value())
	}
	return values, true
}

// value returns an expression as a Value.
func (e *Expr) value() Value {
	v := Value{Span: e.Span, Text: e.Text}
	switch e.Kind {
	case StringExpr:
		v.Kind = StringValue
	case NumberExpr:
		v.Kind = NumberValue
	case ArrayExpr:
		v.Kind = ArrayValue
		for _, item := range e.Items {
			v.Elements = append(v.Elements, item.value())
		}
	default:
		v.Kind = ConstantValue
		if e.Text == "true" || e.Text == "false" {
			v.Kind = BooleanValue
		}
	}
	return v
}

// defaultValue checks a literal default, of a list or of a single value.
func (c *checker) defaultValue(f *fieldInfo, e *Expr, d *Default) bool {
	switch {
	case f.Kind == Unsupported:
		c.fail(codeDefault, e.Span, `Write dbgenerated("…") with the database's own expression.`, "A field of an unsupported type has dbgenerated(…) for a default, or none.")
		return false
	case f.Arity == List && e.Kind != ArrayExpr:
		c.fail(codeDefault, e.Span, "Put it in brackets.", "The field `%s` is a list, and so is its default.", f.Name)
		return false
	case f.Arity != List && e.Kind == ArrayExpr:
		c.fail(codeDefault, e.Span, "Remove the brackets.", "The field `%s` is not a list, and neither is its default.", f.Name)
		return false
	}
	ok := true
	if e.Kind == ArrayExpr {
		for _, item := range e.Items {
			ok = c.checkLiteral(f, item) && ok
		}
	} else {
		ok = c.checkLiteral(f, e)
	}
	d.Value = e.value()
	if f.Kind == EnumValue {
		makeConstants(&d.Value)
	}
	return ok
}

// makeConstants turns values written as booleans into the enum's values named true or false.
func makeConstants(v *Value) {
	if v.Kind == BooleanValue {
		v.Kind = ConstantValue
	}
	for i := range v.Elements {
		makeConstants(&v.Elements[i])
	}
}
