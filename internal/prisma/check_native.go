package prisma

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// nativeType is what PostgreSQL's native type requires of its field and arguments.
type nativeType struct {
	scalar string
	most   int // arguments; all may be left out
	low    int // of the first argument
	high   int
}

// nativeTypes are Prisma's native types for PostgreSQL. The bounds of lengths are PostgreSQL's own.
var nativeTypes = map[string]nativeType{
	"Text": {scalar: "String"}, "Uuid": {scalar: "String"}, "Xml": {scalar: "String"}, "Inet": {scalar: "String"}, "Citext": {scalar: "String"},
	"Char": {"String", 1, 1, 10485760}, "VarChar": {"String", 1, 1, 10485760},
	"Bit": {"String", 1, 1, 83886080}, "VarBit": {"String", 1, 1, 83886080},
	"Boolean": {scalar: "Boolean"},
	"Integer": {scalar: "Int"}, "SmallInt": {scalar: "Int"}, "Oid": {scalar: "Int"},
	"BigInt":          {scalar: "BigInt"},
	"DoublePrecision": {scalar: "Float"}, "Real": {scalar: "Float"},
	"Decimal": {"Decimal", 2, 1, 1000}, "Money": {scalar: "Decimal"},
	"Timestamp": {"DateTime", 1, 0, 6}, "Timestamptz": {"DateTime", 1, 0, 6},
	"Time": {"DateTime", 1, 0, 6}, "Timetz": {"DateTime", 1, 0, 6}, "Date": {scalar: "DateTime"},
	"Json": {scalar: "Json"}, "JsonB": {scalar: "Json"},
	"ByteA": {scalar: "Bytes"},
}

// nativeNames returns the native types' names, all or those of one scalar type, in alphabetical order.
func nativeNames(scalar string) []string {
	var names []string
	for name, n := range nativeTypes {
		if scalar == "" || n.scalar == scalar {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// native reads @db.Name(arguments).
func (c *checker) native(f *fieldInfo, a *Attribute) {
	prefix, name, _ := strings.Cut(a.Name, ".")
	if d := c.schema.Datasource; d != nil && prefix != d.Name {
		c.fail(codeNativeType, a.NameAt, fmt.Sprintf("Write @%s.%s.", d.Name, name), "There is no datasource `%s`; it is called `%s`.", prefix, d.Name)
		return
	}
	if f.Native != nil {
		c.fail(codeDuplicate, a.Span, "Remove one of them.", "The field `%s` has two native types.", f.Name)
		return
	}
	if f.Kind != Scalar {
		c.fail(codeNativeType, a.Span, "Remove it.", "The field `%s` is %s and has no native type.", f.Name, f.describe())
		return
	}
	n, ok := nativeTypes[name]
	if !ok {
		c.fail(codeNativeType, a.NameAt, c.did(name, nativeNames(""), fmt.Sprintf("For %s there is %s.", f.Type, strings.Join(nativeNames(f.Type), ", "))),
			"PostgreSQL has no native type `%s` in Prisma.", name)
		return
	}
	if n.scalar != f.Type {
		c.fail(codeNativeType, a.Span, fmt.Sprintf("Make the field's type %s, or use one of %s.", n.scalar, strings.Join(nativeNames(f.Type), ", ")),
			"The native type `%s` holds %s, and the field `%s` is %s.", name, n.scalar, f.Name, f.Type)
		return
	}
	if args, ok := c.nativeArgs(name, n, a); ok {
		f.Native = &NativeType{Span: a.Span, Name: name, Args: args}
	}
}

// nativeArgs checks a native type's arguments against its table entry.
func (c *checker) nativeArgs(name string, n nativeType, a *Attribute) ([]string, bool) {
	var args []string
	for _, arg := range a.Args {
		if arg.Value == nil {
			return nil, false
		}
		number := arg.Value.number()
		if number < 0 {
			return nil, c.fail(codeNativeType, arg.Span, "", "The argument of `%s` is a whole number, not %s.", name, arg.Value.describe())
		}
		args = append(args, strconv.Itoa(number))
	}
	switch {
	case len(args) > n.most && n.most == 0:
		return nil, c.fail(codeNativeType, a.Span, fmt.Sprintf("Write @%s.", a.Name), "`%s` takes no argument.", name)
	case len(args) > n.most:
		return nil, c.fail(codeNativeType, a.Span, "", "`%s` takes at most %d, and here are %d.", name, n.most, len(args))
	case n.most == 2 && len(args) == 1:
		return nil, c.fail(codeNativeType, a.Span, fmt.Sprintf("Write @%s(%s, 2), for example.", a.Name, args[0]), "`%s` takes a precision and a scale, or neither.", name)
	case len(args) == 0:
		return nil, true
	}
	if first, _ := strconv.Atoi(args[0]); first < n.low || first > n.high {
		return nil, c.fail(codeNativeType, a.Args[0].Span, "", "The argument of `%s` is from %d to %d, not %s.", name, n.low, n.high, args[0])
	}
	if len(args) == 2 {
		precision, _ := strconv.Atoi(args[0])
		if scale, _ := strconv.Atoi(args[1]); scale > precision {
			return nil, c.fail(codeNativeType, a.Span, "", "The scale of `%s` is %d and exceeds its precision of %d.", name, scale, precision)
		}
	}
	return args, true
}

// describe describes a field for an error message.
func (f *Field) describe() string {
	switch f.Kind {
	case EnumValue:
		return "of the enum `" + f.Type + "`"
	case Object:
		return "a relation"
	case Unsupported:
		return "of an unsupported type"
	}
	return f.Type
}
