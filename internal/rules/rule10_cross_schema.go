package rules

import (
	"fmt"

	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/visible"
)

// ruleCrossSchema: a foreign key from one plugin's schema to another plugin's is a warning; one to public is not.
// Source: the NaaP database architecture, rule 10.
var ruleCrossSchema = &Rule{
	ID: "naap/10-cross-schema", Number: 10,
	Title: "No foreign key from one plugin's schema to another plugin's",
	Why: "Plugins are installed, reset and removed one by one. A foreign key between two of them makes one hold on to " +
		"the other's rows.",
}

func checkCrossSchema(r *run) {
	byName := map[string]typeFacts{}
	for _, t := range r.schema.types {
		if t.block.Kind == prisma.ModelBlock {
			byName[t.block.Name.Value] = t
		}
	}
	for _, t := range r.schema.types {
		if t.block.Kind != prisma.ModelBlock {
			continue
		}
		for _, m := range t.block.Members {
			to, ok := byName[m.Type.Name]
			if m.Kind != prisma.FieldMember || !ok || !crosses(t.schema.Value, to.schema.Value) || !makesKey(m, t, to) {
				continue
			}
			p := to.file.place(to.block.Name.Span.Start.Offset(), to.block.Name.Span.End.Offset())
			p.Label = to.block.Name.Value
			r.report(ruleCrossSchema, Warning, t.file, m.Span.Start.Offset(), m.Span.End.Offset(),
				fmt.Sprintf("%s.%s is a foreign key from %s to %s in %s: keep the id in a plain field, without a relation",
					visible.String(t.block.Name.Value), visible.String(m.Name.Value), t.schema.Value, visible.String(to.block.Name.Value), to.schema.Value),
				nil, p)
		}
	}
}

func crosses(from, to string) bool {
	return from != to && from != "" && to != "" && from != coreSchema && to != coreSchema
}

// makesKey reports whether a relation field makes a foreign key: it has @relation(fields: …), or it is one side of an
// implicit many-to-many relation, of which only the first by name is reported.
func makesKey(m *prisma.Member, t, to typeFacts) bool {
	if relationFields(m) {
		return true
	}
	if m.Type.Arity != prisma.List || t.block.Name.Value > to.block.Name.Value {
		return false
	}
	for _, back := range to.block.Members {
		if back.Kind == prisma.FieldMember && back.Type.Name == t.block.Name.Value {
			return back.Type.Arity == prisma.List && !relationFields(back)
		}
	}
	return false
}

func relationFields(m *prisma.Member) bool {
	for _, a := range m.Attributes {
		for _, arg := range a.Args {
			if a.Name == "relation" && arg.Name == "fields" {
				return true
			}
		}
	}
	return false
}
