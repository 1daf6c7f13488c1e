package schemaplan

import (
	"fmt"
	"strings"

	"github.com/livepeer/naap-dev/internal/prisma"
)

// schemaText returns a schema as text. The evolution test has its own printer because the tree was changed, so its
// positions in a file cannot be used.
func schemaText(s *prisma.Schema) string {
	var b strings.Builder
	preview := []string{}
	for _, g := range s.Generators {
		for _, f := range g.PreviewFeatures {
			preview = append(preview, fmt.Sprintf("%q", f.Value))
		}
	}
	if len(preview) > 0 {
		fmt.Fprintf(&b, "generator client {\n  provider = \"prisma-client-js\"\n  previewFeatures = [%s]\n}\n\n", strings.Join(preview, ", "))
	}
	b.WriteString("datasource db {\n  provider = \"postgresql\"\n  url = env(\"DATABASE_URL\")\n")
	if src := s.Datasource; src != nil {
		var names []string
		for _, n := range src.Schemas {
			names = append(names, fmt.Sprintf("%q", n.Value))
		}
		if len(names) > 0 {
			fmt.Fprintf(&b, "  schemas = [%s]\n", strings.Join(names, ", "))
		}
		if src.RelationMode == "prisma" {
			b.WriteString("  relationMode = \"prisma\"\n")
		}
	}
	b.WriteString("}\n")
	for _, e := range s.Enums {
		writeEnum(&b, e)
	}
	for _, m := range s.Models {
		writeModel(&b, m)
	}
	return b.String()
}

func writeEnum(b *strings.Builder, e *prisma.Enum) {
	fmt.Fprintf(b, "\nenum %s {\n", e.Name)
	for _, v := range e.Values {
		fmt.Fprintf(b, "  %s%s\n", v.Name, mapAttribute(v.Name, v.DBName, "@map"))
	}
	writeBlockAttributes(b, e.Name, e.DBName, e.Schema)
	b.WriteString("}\n")
}

func writeBlockAttributes(b *strings.Builder, name, dbName, schema string) {
	if a := mapAttribute(name, dbName, "@@map"); a != "" {
		b.WriteString(" " + a + "\n")
	}
	if schema != "" {
		fmt.Fprintf(b, "  @@schema(%q)\n", schema)
	}
}

func mapAttribute(name, dbName, attribute string) string {
	if name == dbName {
		return ""
	}
	return fmt.Sprintf(" %s(%s)", attribute, quotedText(dbName))
}

func quotedText(s string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(s) + `"`
}

func writeModel(b *strings.Builder, m *prisma.Model) {
	fmt.Fprintf(b, "\nmodel %s {\n", m.Name)
	for _, f := range m.Fields {
		writeField(b, m, f)
	}
	if k := m.PrimaryKey; k != nil && len(k.Fields) > 1 {
		fmt.Fprintf(b, "  @@id(%s)\n", indexArguments(k))
	}
	for _, x := range m.Indexes {
		switch {
		case x.Kind == prisma.Unique && (len(x.Fields) > 1 || x.Where != nil):
			fmt.Fprintf(b, "  @@unique(%s)\n", indexArguments(x))
		case x.Kind == prisma.Plain:
			fmt.Fprintf(b, "  @@index(%s)\n", indexArguments(x))
		}
	}
	if m.Ignored {
		b.WriteString("  @@ignore\n")
	}
	writeBlockAttributes(b, m.Name, m.DBName, m.Schema)
	b.WriteString("}\n")
}

func indexArguments(x *prisma.Index) string {
	var fields []string
	for _, f := range x.Fields {
		var args []string
		switch {
		case f.OpsRaw:
			args = append(args, "ops: raw("+quotedText(f.Ops)+")")
		case f.Ops != "":
			args = append(args, "ops: "+f.Ops)
		}
		if f.Sort != "" {
			args = append(args, "sort: "+f.Sort)
		}
		name := f.Field.Name
		if len(args) > 0 {
			name += "(" + strings.Join(args, ", ") + ")"
		}
		fields = append(fields, name)
	}
	s := "[" + strings.Join(fields, ", ") + "]"
	if x.Algorithm != "" && x.Algorithm != "BTree" {
		s += ", type: " + x.Algorithm
	}
	if x.Map != "" {
		s += ", map: " + quotedText(x.Map)
	}
	return s
}

func writeField(b *strings.Builder, m *prisma.Model, f *prisma.Field) {
	typ := f.Type
	if f.Kind == prisma.Unsupported {
		typ = "Unsupported(" + quotedText(f.Type) + ")"
	}
	fmt.Fprintf(b, "  %s %s%s", f.Name, typ, map[prisma.Arity]string{prisma.Optional: "?", prisma.List: "[]"}[f.Arity])
	if k := m.PrimaryKey; k != nil && len(k.Fields) == 1 && k.Fields[0].Field == f {
		b.WriteString(" @id" + mapArgument(k.Map, ""))
	}
	for _, x := range m.Indexes {
		if x.Kind == prisma.Unique && len(x.Fields) == 1 && x.Fields[0].Field == f && x.Where == nil {
			sort := ""
			if x.Fields[0].Sort != "" {
				sort = "sort: " + x.Fields[0].Sort
			}
			b.WriteString(" @unique" + mapArgument(x.Map, sort))
			break
		}
	}
	if f.Default != nil {
		b.WriteString(" @default(" + defaultText(f.Default) + ")")
	}
	if f.UpdatedAt {
		b.WriteString(" @updatedAt")
	}
	if f.Native != nil {
		args := ""
		if len(f.Native.Args) > 0 {
			args = "(" + strings.Join(f.Native.Args, ", ") + ")"
		}
		b.WriteString(" @db." + f.Native.Name + args)
	}
	if f.Kind != prisma.Object {
		b.WriteString(mapAttribute(f.Name, f.DBName, "@map"))
	}
	if f.Ignored {
		b.WriteString(" @ignore")
	}
	if f.Relation != nil {
		b.WriteString(relationText(f.Relation))
	}
	b.WriteString("\n")
}

func mapArgument(name, more string) string {
	var args []string
	if name != "" {
		args = append(args, "map: "+quotedText(name))
	}
	if more != "" {
		args = append(args, more)
	}
	if len(args) == 0 {
		return ""
	}
	return "(" + strings.Join(args, ", ") + ")"
}

func defaultText(d *prisma.Default) string {
	if d.Function == "" {
		return valueText(d.Value)
	}
	var args []string
	for _, a := range d.Args {
		args = append(args, valueText(a))
	}
	return d.Function + "(" + strings.Join(args, ", ") + ")"
}

func valueText(v prisma.Value) string {
	switch v.Kind {
	case prisma.StringValue:
		return quotedText(v.Text)
	case prisma.ArrayValue:
		var elements []string
		for _, e := range v.Elements {
			elements = append(elements, valueText(e))
		}
		return "[" + strings.Join(elements, ", ") + "]"
	}
	return v.Text
}

func relationText(r *prisma.Relation) string {
	var args []string
	if r.Name != "" {
		args = append(args, quotedText(r.Name))
	}
	if r.Holds() {
		names := func(fields []*prisma.Field) string {
			var out []string
			for _, f := range fields {
				out = append(out, f.Name)
			}
			return "[" + strings.Join(out, ", ") + "]"
		}
		args = append(args, "fields: "+names(r.Fields), "references: "+names(r.References))
		if r.OnDelete != "" {
			args = append(args, "onDelete: "+string(r.OnDelete))
		}
		if r.OnUpdate != "" {
			args = append(args, "onUpdate: "+string(r.OnUpdate))
		}
		if r.Map != "" {
			args = append(args, "map: "+quotedText(r.Map))
		}
	}
	if len(args) == 0 {
		return ""
	}
	return " @relation(" + strings.Join(args, ", ") + ")"
}
