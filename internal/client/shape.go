package client

import (
	"cmp"
	"strings"

	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/say"
)

// block is a model, view or enum as a client's code depends on it: without comments, native types, plain indexes and
// what happens in the database when a row is deleted.
type block struct {
	schema, name string
	members      []member
}

// member is a field, a value, or what holds for the whole block, with everything about it that a client knows; the text
// is never empty.
type member struct{ name, text string }

// shapeOf returns what a client generated for a schema consists of. It has no ignored models and fields, nor those of
// types that Prisma does not support.
func shapeOf(s *prisma.Schema) []block {
	var all []block
	for _, list := range [][]*prisma.Model{s.Models, s.Views} {
		for _, m := range list {
			if !m.Ignored {
				all = append(all, modelShape(m))
			}
		}
	}
	for _, e := range s.Enums {
		b := begin(e.Schema, e.Name, e.DBName)
		for _, v := range e.Values {
			b.members = append(b.members, member{v.Name, v.Name + mapped(v.Name, v.DBName)})
		}
		all = append(all, b)
	}
	return all
}

// begin returns a block with what is said of it as a whole.
func begin(schema, name, dbName string) block {
	b := block{schema: cmp.Or(schema, "public"), name: name}
	if dbName != name {
		b.members = append(b.members, member{"@@map", quoted(dbName)})
	}
	return b
}

func modelShape(m *prisma.Model) block {
	b := begin(m.Schema, m.Name, m.DBName)
	for _, f := range m.Fields {
		if !f.Ignored && f.Kind != prisma.Unsupported {
			b.members = append(b.members, member{f.Name, fieldText(f)})
		}
	}
	if m.PrimaryKey != nil {
		b.members = append(b.members, key("@@id", m.PrimaryKey))
	}
	for _, i := range m.Indexes {
		if i.Kind == prisma.Unique {
			b.members = append(b.members, key("@@unique", i))
		}
	}
	return b
}

// key is a key by which a client finds one row.
func key(attribute string, i *prisma.Index) member {
	text := "[" + say.Join(i.Fields, ", ", func(f prisma.IndexField) string { return f.Field.Name }) + "]"
	if i.Name != "" {
		text += ", name: " + quoted(i.Name)
	}
	text = attribute + "(" + text + ")"
	return member{text, text}
}

// fieldText writes a field's type and those of its attributes that a client's code or its queries depend on.
func fieldText(f *prisma.Field) string {
	text := f.Type + [...]string{prisma.Required: "", prisma.Optional: "?", prisma.List: "[]"}[f.Arity]
	if d := f.Default; d != nil {
		text += " @default(" + defaultText(d) + ")"
	}
	if f.UpdatedAt {
		text += " @updatedAt"
	}
	if r := f.Relation; r != nil && r.Holds() {
		name := func(f *prisma.Field) string { return f.Name }
		text += " @relation(" + say.Join(r.Fields, ", ", name) + " → " + say.Join(r.References, ", ", name) + ")"
	}
	return text + mapped(f.Name, f.DBName)
}

func mapped(name, dbName string) string {
	if dbName == name || dbName == "" {
		return ""
	}
	return " @map(" + quoted(dbName) + ")"
}

func defaultText(d *prisma.Default) string {
	if d.Function != "" {
		return d.Function + "(" + say.Join(d.Args, ", ", valueText) + ")"
	}
	return valueText(d.Value)
}

func valueText(v prisma.Value) string {
	switch v.Kind {
	case prisma.StringValue:
		return quoted(v.Text)
	case prisma.ArrayValue:
		return "[" + say.Join(v.Elements, ", ", valueText) + "]"
	}
	return v.Text
}

func quoted(text string) string { return `"` + strings.ReplaceAll(text, `"`, `\"`) + `"` }

// difference returns the blocks that differ.
func difference(then, now []block) []Model {
	known := map[string]block{}
	for _, b := range then {
		known[b.name] = b
	}
	var out []Model
	for _, b := range now {
		old, ok := known[b.name]
		delete(known, b.name)
		switch fields := fieldsBetween(old, b); {
		case !ok:
			out = append(out, Model{Schema: b.schema, Name: b.name, How: Added})
		case len(fields) > 0:
			out = append(out, Model{Schema: b.schema, Name: b.name, How: Changed, Fields: fields})
		}
	}
	for _, b := range then {
		if _, left := known[b.name]; left {
			out = append(out, Model{Schema: b.schema, Name: b.name, How: Removed})
		}
	}
	return out
}

func fieldsBetween(then, now block) []Field {
	var out []Field
	if then.schema != now.schema {
		out = append(out, Field{"@@schema", quoted(now.schema), quoted(then.schema)})
	}
	known := map[string]string{}
	for _, m := range then.members {
		known[m.name] = m.text
	}
	for _, m := range now.members {
		if old := known[m.name]; old != m.text {
			out = append(out, Field{m.name, m.text, old})
		}
		delete(known, m.name)
	}
	for _, m := range then.members {
		if old, left := known[m.name]; left {
			out = append(out, Field{m.name, "", old})
		}
	}
	return out
}
