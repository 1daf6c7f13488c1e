package prisma

import (
	"slices"

	"github.com/livepeer/naap-dev/internal/lazy"
)

// indexTypes are the access methods that @@index(type:) names.
var indexTypes = []string{"BTree", "Hash", "Gin", "Gist", "SpGist", "Brin"}

// defaultNative is the native type that a scalar type has where none is given.
var defaultNative = map[string]string{
	"String": "Text", "Boolean": "Boolean", "Int": "Integer", "BigInt": "BigInt", "Float": "DoublePrecision",
	"Decimal": "Decimal", "DateTime": "Timestamp", "Json": "JsonB", "Bytes": "ByteA",
}

// nativeName returns the native type of a scalar field, given or not; "" for other fields.
func (f *Field) nativeName() string {
	if f.Kind != Scalar {
		return ""
	}
	if f.Native != nil {
		return f.Native.Name
	}
	return defaultNative[f.Type]
}

// operatorClass says where an operator class that the language names can be used.
type operatorClass struct {
	indexes []string
	natives []string
	lists   bool // for lists of anything
}

// operatorClasses are those that the language names; others are written raw("…").
var operatorClasses = lazy.Value[map[string]operatorClass]{Make: func() map[string]operatorClass {
	m := map[string]operatorClass{
		"InetOps":          {indexes: []string{"Gist", "SpGist"}, natives: []string{"Inet"}},
		"JsonbOps":         {indexes: []string{"Gin"}, natives: []string{"JsonB"}},
		"JsonbPathOps":     {indexes: []string{"Gin"}, natives: []string{"JsonB"}},
		"ArrayOps":         {indexes: []string{"Gin"}, lists: true},
		"TextOps":          {indexes: []string{"SpGist"}, natives: []string{"Text", "Char", "VarChar"}},
		"InetInclusionOps": {indexes: []string{"Brin"}, natives: []string{"Inet"}},
	}
	// The name of one of PostgreSQL's BRIN classes is a type's name with the way of summarizing its blocks.
	brin := func(name string, ways []string, natives ...string) {
		for _, way := range ways {
			m[name+way+"Ops"] = operatorClass{indexes: []string{"Brin"}, natives: natives}
		}
	}
	all := []string{"Bloom", "MinMax", "MinMaxMulti"}
	brin("Bit", all[1:2], "Bit")
	brin("VarBit", all[1:2], "VarBit")
	brin("Bpchar", all[:2], "Char")
	brin("Bytea", all[:2], "ByteA")
	brin("Text", all[:2], "Text", "VarChar")
	for name, native := range map[string]string{"Date": "Date", "Float4": "Real", "Float8": "DoublePrecision", "Inet": "Inet",
		"Int2": "SmallInt", "Int4": "Integer", "Int8": "BigInt", "Numeric": "Decimal", "Oid": "Oid", "Timestamp": "Timestamp",
		"TimestampTz": "Timestamptz", "Time": "Time", "TimeTz": "Timetz", "Uuid": "Uuid"} {
		brin(name, all, native)
	}
	return m
}}

// operatorNames returns the names of the operator classes for a native type, or of all where it is "".
func operatorNames(native string) []string {
	var names []string
	for name, o := range operatorClasses.Get() {
		if native == "" || slices.Contains(o.natives, native) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// fits reports whether the class can be used for the field.
func (o operatorClass) fits(f *Field) bool {
	if o.lists {
		return f.Arity == List
	}
	return slices.Contains(o.natives, f.nativeName())
}

// hasDefaultClass reports whether an index of the type takes the field without an operator class. For an unsupported
// type, that is not known.
func hasDefaultClass(index string, f *Field) bool {
	if f.Kind == Unsupported {
		return true
	}
	native := f.nativeName()
	switch index {
	case "Gin":
		return f.Arity == List || native == "JsonB"
	case "Gist":
		// PostgreSQL has one for text only with the extension btree_gist, which we assume for a plain String.
		return f.Kind == Scalar && f.Type == "String" && f.Native == nil
	case "SpGist":
		return slices.Contains([]string{"Text", "Char", "VarChar", "Inet"}, native)
	case "Brin":
		return native != "" && !slices.Contains([]string{"Citext", "Boolean", "Money", "Json", "JsonB", "Xml"}, native)
	}
	return true
}

// IsOperatorClass reports whether the language names an operator class; others are written raw("…").
func IsOperatorClass(name string) bool {
	_, ok := operatorClasses.Get()[name]
	return ok
}
