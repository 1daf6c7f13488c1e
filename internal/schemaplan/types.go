package schemaplan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/say"
)

// columnType is a column's type. Name is the server's own short name of the element type (pg_type.typname), so that a
// desired type can be compared with one that was found without asking the server.
type columnType struct {
	Name string // "int4", "varchar", "timestamp", …; "" where only Text is known
	Enum qName  // of an enum type; then Name is its name
	Args []int  // length, or precision and scale; none where not given
	List bool
	// Text is how the schema file spells an Unsupported type, or how the server prints a type that was found.
	Text string
}

// found sets what the catalogue says about the element type.
func (t *columnType) found(name, schema, kind string, modifier int32) {
	t.Name = name
	switch {
	case kind == "e":
		t.Enum = qName{schema, name}
	case t.known():
		t.Args = typeArgs(name, modifier)
	}
}

// isEnum reports whether it is an enum type or a list of one.
func (t columnType) isEnum() bool { return t.Enum.Name != "" }

// spelled are the types that Prisma knows, by the server's name, as its statements spell them.
var spelled = map[string]string{
	"text": "TEXT", "bpchar": "CHAR", "varchar": "VARCHAR", "bit": "BIT", "varbit": "VARBIT", "uuid": "UUID",
	"xml": "XML", "inet": "INET", "citext": "CITEXT", "bool": "BOOLEAN", "int4": "INTEGER", "int2": "SMALLINT",
	"oid": "OID", "int8": "BIGINT", "float8": "DOUBLE PRECISION", "float4": "REAL", "numeric": "DECIMAL",
	"money": "MONEY", "timestamp": "TIMESTAMP", "timestamptz": "TIMESTAMPTZ", "date": "DATE", "time": "TIME",
	"timetz": "TIMETZ", "json": "JSON", "jsonb": "JSONB", "bytea": "BYTEA",
}

// nativeNames are the names of @db. attributes with the server's name for each.
var nativeNames = map[string]string{
	"Text": "text", "Char": "bpchar", "VarChar": "varchar", "Bit": "bit", "VarBit": "varbit", "Uuid": "uuid",
	"Xml": "xml", "Inet": "inet", "Citext": "citext", "Boolean": "bool", "Integer": "int4", "SmallInt": "int2",
	"Oid": "oid", "BigInt": "int8", "DoublePrecision": "float8", "Real": "float4", "Decimal": "numeric",
	"Money": "money", "Timestamp": "timestamp", "Timestamptz": "timestamptz", "Date": "date", "Time": "time",
	"Timetz": "timetz", "Json": "json", "JsonB": "jsonb", "ByteA": "bytea",
}

// scalarTypes are the types of scalars without a native type.
var scalarTypes = map[string]columnType{
	"String": {Name: "text"}, "Boolean": {Name: "bool"}, "Int": {Name: "int4"}, "BigInt": {Name: "int8"},
	"Float": {Name: "float8"}, "Decimal": {Name: "numeric", Args: []int{65, 30}},
	"DateTime": {Name: "timestamp", Args: []int{3}}, "Json": {Name: "jsonb"}, "Bytes": {Name: "bytea"},
}

// typeOf returns the type of a field's column.
func typeOf(f *prisma.Field) (columnType, error) {
	t, err := elementType(f)
	t.List = f.Arity == prisma.List
	return t, err
}

func elementType(f *prisma.Field) (columnType, error) {
	switch {
	case f.Kind == prisma.Unsupported:
		return columnType{Text: f.Type}, nil
	case f.Kind == prisma.EnumValue:
		return columnType{Name: f.Enum.DBName, Enum: qName{schemaOf(f.Enum.Schema), f.Enum.DBName}}, nil
	case f.Native == nil:
		t, ok := scalarTypes[f.Type]
		if !ok {
			return columnType{}, fmt.Errorf("%s: %q is not a scalar type of PostgreSQL", f.TypeAt.Start, f.Type)
		}
		return t, nil
	}
	t := columnType{Name: nativeNames[f.Native.Name]}
	if t.Name == "" {
		return columnType{}, fmt.Errorf("%s: %q is not a native type of PostgreSQL", f.Native.Span.Start, f.Native.Name)
	}
	for _, a := range f.Native.Args {
		n, err := strconv.Atoi(strings.TrimSpace(a))
		if err != nil {
			return columnType{}, fmt.Errorf("%s: %q is not a whole number", f.Native.Span.Start, a)
		}
		t.Args = append(t.Args, n)
	}
	return t, nil
}

// sql returns the type as a statement spells it.
func (t columnType) sql() string {
	s := t.elementSQL()
	if t.List {
		s += "[]"
	}
	return s
}

func (t columnType) elementSQL() string {
	if t.isEnum() {
		return t.Enum.sql()
	}
	name, known := spelled[t.Name]
	if !known {
		return strings.TrimSuffix(t.Text, "[]")
	}
	if len(t.Args) == 0 {
		return name
	}
	return name + "(" + say.Join(t.Args, ",", strconv.Itoa) + ")"
}

// serial returns the pseudo-type that creates the column and its sequence.
func (t columnType) serial() string {
	switch t.Name {
	case "int2":
		return "SMALLSERIAL"
	case "int8":
		return "BIGSERIAL"
	}
	return "SERIAL"
}

// known reports whether Prisma has a name for the type, so that its arguments are understood here.
func (t columnType) known() bool {
	_, ok := spelled[t.Name]
	return ok && !t.isEnum()
}

// fullArgs returns the arguments, with the server's default where none are given.
func (t columnType) fullArgs() []int {
	if len(t.Args) > 0 {
		if t.Name == "numeric" && len(t.Args) == 1 {
			return []int{t.Args[0], 0}
		}
		return t.Args
	}
	switch t.Name {
	case "bpchar", "bit": // Prisma reads these without a length as another type than it wrote, on every push
		return []int{1}
	case "timestamp", "timestamptz", "time", "timetz":
		return []int{6}
	}
	return nil
}

// sameType reports whether a column of type have already is what want means. canonical is the server's own text for
// want, or "" where it was not asked.
func sameType(have, want columnType, canonical string) bool {
	if have.List != want.List {
		return false
	}
	if have.isEnum() || want.isEnum() {
		return have.Enum == want.Enum
	}
	if want.known() {
		if have.Name != want.Name {
			return false
		}
		if len(want.Args) == 0 && isTime(want.Name) {
			return true // @db.Timestamp does not give a precision, and Prisma takes any
		}
		return slices.Equal(have.fullArgs(), want.fullArgs())
	}
	if canonical != "" {
		return canonical == have.Text
	}
	if want.List && strings.HasPrefix(want.Text, "_") { // as db pull spells a list of a type that it does not know
		want.Text = want.Text[1:]
	}
	return sameTypeText(have.Text, want.sql())
}

// sameTypeText compares type names as text, ignoring case, blanks, and the schema of the type that was found.
func sameTypeText(have, want string) bool {
	plain := func(s string) string {
		return strings.ToLower(strings.ReplaceAll(strings.ReplaceAll(s, " ", ""), `"`, ""))
	}
	h, w := plain(have), plain(want)
	if h == w {
		return true
	}
	_, unqualified, found := strings.Cut(h, ".")
	return found && unqualified == w
}

func isTime(name string) bool {
	switch name {
	case "timestamp", "timestamptz", "time", "timetz":
		return true
	}
	return false
}

// typeArgs decodes a type modifier as the types' own typmodout functions do.
func typeArgs(typeName string, modifier int32) []int {
	if modifier < 0 {
		return nil
	}
	switch typeName {
	case "bpchar", "varchar":
		return []int{int(modifier) - 4}
	case "numeric":
		m := modifier - 4
		scale := int(m & 0x7ff)
		return []int{int(m>>16) & 0xffff, (scale ^ 1024) - 1024}
	case "bit", "varbit", "timestamp", "timestamptz", "time", "timetz":
		return []int{int(modifier)}
	}
	return nil
}
