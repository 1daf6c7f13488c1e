package schemaplan

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/sqltext"
)

func (d *differ) foundColumn(diff *tableDiff, c *column) PulledColumn {
	out := PulledColumn{Name: c.Name}
	d.setType(&out, c)
	switch {
	case c.Type.List:
		out.Arity = prisma.List
	case !c.NotNull:
		out.Arity = prisma.Optional
	}
	out.Default = d.foundDefault(&out, c)
	if diff == nil {
		return out
	}
	want := diff.want.column(c.Name)
	if want == nil {
		return out
	}
	pair := diff.pair(c.Name)
	out.Pos = want.Pos
	out.SameType = pair.change == keepType
	out.SameNull = c.Type.List || want.NotNull == c.NotNull || c.Domain != nil && c.Domain.NotNull || c.Generated
	out.SameDflt = !pair.setDefault && (!want.AutoIncrement || c.AutoIncrement) && (c.Default == nil || c.AutoIncrement == want.AutoIncrement || want.AnyDefault)
	out.Same = out.SameType && out.SameNull && out.SameDflt
	return out
}

// scalarOf are the scalar types of the server's types, by its names.
var scalarOf = map[string]string{
	"text": "String", "bpchar": "String", "varchar": "String", "bit": "String", "varbit": "String", "uuid": "String",
	"xml": "String", "inet": "String", "citext": "String", "bool": "Boolean", "int4": "Int", "int2": "Int", "oid": "Int",
	"int8": "BigInt", "float8": "Float", "float4": "Float", "numeric": "Decimal", "money": "Decimal",
	"timestamp": "DateTime", "timestamptz": "DateTime", "date": "DateTime", "time": "DateTime", "timetz": "DateTime",
	"json": "Json", "jsonb": "Json", "bytea": "Bytes",
}

// setType sets the type of a column in the language's words.
func (d *differ) setType(out *PulledColumn, c *column) {
	t := c.Type
	if e := d.have.enum(t.Enum); t.isEnum() && e != nil && c.Domain == nil {
		out.Enum = &DBName{t.Enum.Schema, t.Enum.Name}
		return
	}
	scalar := scalarOf[t.Name]
	if scalar == "" || t.isEnum() || !t.known() || c.Domain != nil {
		out.Unsupported, out.Type = true, strings.TrimPrefix(strings.TrimSuffix(t.Text, "[]"), "public.")
		return
	}
	out.Type = scalar
	standard := scalarTypes[scalar]
	args := t.fullArgs()
	if t.Name == standard.Name && slices.Equal(args, standard.fullArgs()) {
		return
	}
	out.Native = nativeOf(t.Name)
	if len(args) > 0 {
		out.Native += "(" + say.Join(args, ", ", strconv.Itoa) + ")"
	}
}

// nativeOf returns the name of the @db. attribute for one of the server's types.
func nativeOf(name string) string {
	for _, native := range slices.Sorted(maps.Keys(nativeNames)) {
		if nativeNames[native] == name {
			return native
		}
	}
	return ""
}

// foundDefault returns a default in the language's words. What has none is dbgenerated.
func (d *differ) foundDefault(out *PulledColumn, c *column) *PulledDefault {
	if c.Identity || c.AutoIncrement && c.Sequence != nil {
		return &PulledDefault{Text: "autoincrement()"}
	}
	if c.Default == nil {
		return nil
	}
	sql := c.Default.SQL
	if c.Type.List && !out.Unsupported {
		if list, ok := d.listDefault(out, sql); ok {
			return list
		}
	} else if f := scalarWords(out, sql); f != nil {
		return f
	}
	return &PulledDefault{Text: "dbgenerated(" + prisma.Quote(sql) + ")"}
}

// scalarWords returns a literal or now() in the language's words, or nil.
func scalarWords(out *PulledColumn, sql string) *PulledDefault {
	if out.Unsupported {
		return nil
	}
	text, isText := literalText(sql)
	if out.Enum != nil {
		if !isText {
			return nil
		}
		return &PulledDefault{Labels: []string{text}}
	}
	word := ""
	switch out.Type {
	case "Boolean":
		if sql == "true" || sql == "false" {
			word = sql
		}
	case "Int", "BigInt", "Float", "Decimal":
		word = numberWord(out, sql)
	case "DateTime":
		if sql == "CURRENT_TIMESTAMP" || sql == "now()" {
			word = "now()"
		}
	case "Bytes":
		if raw, err := hex.DecodeString(strings.TrimPrefix(text, `\x`)); isText && err == nil {
			word = prisma.Quote(base64.StdEncoding.EncodeToString(raw))
		}
	case "Json":
		if isText && json.Valid([]byte(text)) {
			word = prisma.Quote(text)
		}
	case "String":
		if isText {
			word = prisma.Quote(text)
		}
	}
	if word == "" {
		return nil
	}
	return &PulledDefault{Text: word}
}

func numberWord(out *PulledColumn, sql string) string {
	if out.Native == "Money" {
		return ""
	}
	text, ok := numberText(sql)
	if !ok || strings.ContainsAny(text, "eE/") || (out.Type == "Int" || out.Type == "BigInt") && strings.Contains(text, ".") {
		return ""
	}
	return text
}

// listDefault returns the default of a list, which the server prints as a text or as ARRAY[…].
func (d *differ) listDefault(out *PulledColumn, sql string) (*PulledDefault, bool) {
	if emptyList(sql) {
		return &PulledDefault{Text: "[]"}, true
	}
	element := *out
	list := &PulledDefault{List: true}
	var words []string
	for _, part := range arrayElements(sql) {
		w := scalarWords(&element, part)
		if w == nil {
			return nil, false
		}
		list.Labels = append(list.Labels, w.Labels...)
		words = append(words, w.Text)
	}
	list.Text = "[" + strings.Join(words, ", ") + "]"
	return list, len(words) > 0
}

// arrayElements returns the elements of ARRAY[a, b], cast or not; none for anything else.
func arrayElements(sql string) []string {
	body, found := strings.CutPrefix(sql, "ARRAY[")
	if !found {
		return nil
	}
	var parts []string
	from, depth := 0, 0
	for t := range sqltext.Tokens(body) {
		switch {
		case t.Is(body, '(') || t.Is(body, '['):
			depth++
		case depth == 0 && (t.Is(body, ',') || t.Is(body, ']')):
			parts = append(parts, strings.TrimSpace(body[from:t.Start]))
			from = t.End
			if t.Is(body, ']') {
				if rest := body[t.End:]; rest != "" && !isCast(rest) {
					return nil
				}
				return parts
			}
		case t.Is(body, ')') || t.Is(body, ']'):
			depth--
		}
	}
	return nil
}
