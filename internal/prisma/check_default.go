package prisma

import (
	"cmp"
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

// defaultFunction is a function of @default.
type defaultFunction struct {
	types []string                       // that it fits; dbgenerated fits all
	help  string                         // how it is called; "" where without arguments
	takes func(e *Expr, number int) bool // the one argument; number is -1 where it is none
}

var defaultFunctions = map[string]defaultFunction{
	"autoincrement": {types: []string{"Int", "BigInt"}},
	"now":           {types: []string{"DateTime"}},
	"ulid":          {types: []string{"String"}},
	"uuid": {[]string{"String"}, "It takes nothing, or the version: 4 or 7.",
		func(_ *Expr, n int) bool { return n == 4 || n == 7 }},
	"cuid": {[]string{"String"}, "It takes nothing, or the version: 1 or 2.",
		func(_ *Expr, n int) bool { return n == 1 || n == 2 }},
	"nanoid": {[]string{"String"}, "It takes nothing, or the length: a number from 2 to 255.",
		func(_ *Expr, n int) bool { return n >= 2 && n <= 255 }},
	"dbgenerated": {nil, "It takes nothing, or the database's expression in quotes, which is not empty.",
		func(e *Expr, _ int) bool { return e.Kind == StringExpr && e.Text != "" }},
}

// defaultNames are the functions' names, in the order in which they are suggested.
var defaultNames = []string{"autoincrement", "now", "uuid", "cuid", "nanoid", "ulid", "dbgenerated"}

func (c *checker) defaultFunction(f *fieldInfo, e *Expr, d *Default) bool {
	function, ok := defaultFunctions[e.Text]
	fail := func(help, format string, args ...any) bool {
		return c.fail(codeDefault, e.Span, help, format, args...)
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
	case !slices.Contains(function.types, f.Type):
		return fail("It belongs to "+say.And(function.types)+".", "`%s()` cannot be the default of a field of type %s.", e.Text, f.Type)
	case e.Text == "autoincrement" && f.Arity == List:
		return fail("", "`autoincrement()` counts single numbers, and the field `%s` is a list.", f.Name)
	}
	d.Function = e.Text
	switch {
	case len(e.Args) == 0:
	case len(e.Args) == 1 && function.takes != nil && e.Args[0].Value != nil && function.takes(e.Args[0].Value, e.Args[0].Value.number()):
		d.Args = []Value{e.Args[0].Value.value()}
	default:
		return fail(cmp.Or(function.help, fmt.Sprintf("Write %s().", e.Text)), "`%s` cannot be called like this.", e.Text)
	}
	return true
}

// number returns a number without fraction or sign, or -1 for anything else.
func (e *Expr) number() int {
	n, err := strconv.Atoi(e.Text)
	if e.Kind != NumberExpr || err != nil {
		return -1
	}
	return n
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
		return c.fail(codeDefault, e.Span, `Write dbgenerated("…") with the database's own expression.`, "A field of an unsupported type has dbgenerated(…) for a default, or none.")
	case f.Arity == List && e.Kind != ArrayExpr:
		return c.fail(codeDefault, e.Span, "Put it in brackets.", "The field `%s` is a list, and so is its default.", f.Name)
	case f.Arity != List && e.Kind == ArrayExpr:
		return c.fail(codeDefault, e.Span, "Remove the brackets.", "The field `%s` is not a list, and neither is its default.", f.Name)
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
