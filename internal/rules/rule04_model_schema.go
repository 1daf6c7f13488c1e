package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/visible"
)

// ruleModelSchema: every model, enum and view says which schema it is in, and the datasource lists that schema. Source:
// the NaaP database architecture, rule 4; otherwise Prisma itself refuses the file.
var ruleModelSchema = &Rule{
	ID: "naap/4-model-schema", Number: 4,
	Title: "Every model, enum and view has @@schema of the datasource's list",
	Why:   "Without it nobody can tell whose table it is, and Prisma refuses the whole file, for every plugin at once.",
}

func checkModelSchema(r *run) {
	r.checkReadable()
	var unlisted *fault // where the datasource has no list, no model can say more than that
	if len(r.schema.types) > 0 && r.schema.list == nil {
		unlisted = r.unlisted()
	}
	for _, t := range r.schema.types {
		switch name := t.block.Name; {
		case t.block.Broken && t.schema.Value == "":
			// the line that could not be read may be the missing one
		case t.schema.Value == "":
			r.report(ruleModelSchema, Error, t.file, name.Span.Start.Offset(), name.Span.End.Offset(),
				fmt.Sprintf("the %s %s has no @@schema", t.block.Kind, visible.String(name.Value)), r.schemaFix(t))
			r.partOf(unlisted)
		case len(r.schema.schemas) > 0 && !r.schema.has(t.schema.Value):
			r.report(ruleModelSchema, Error, t.file, t.schema.Span.Start.Offset(), t.schema.Span.End.Offset(),
				fmt.Sprintf("%s is not one of the datasource's schemas: add it with  %s",
					visible.String(t.schema.Value), r.options.Target.Line(remedy.Naap("dev schema add", visible.String(t.schema.Value)))), nil, r.listPlace()...)
		}
	}
}

// unlisted reports that the datasource lists no schemas, which is one fault with the models that name none.
func (r *run) unlisted() *fault {
	whole := &fault{
		least: 2,
		label: func(part Finding) string { return part.Message },
		message: func(parts []Finding) string {
			return fmt.Sprintf("the datasource lists no schemas, and %s no @@schema: write  schemas = [\"public\", …]",
				say.Form(len(parts)-1, "one of its models has", fmt.Sprintf("%d of its models, enums and views have", len(parts)-1)))
		},
	}
	r.report(ruleModelSchema, Error, r.schema.types[0].file, 0, 0, "the datasource lists no schemas: write  schemas = [\"public\", …]", nil)
	r.partOf(whole)
	return whole
}

// checkReadable finds what Prisma cannot read in the unified schema: no rule checks what is there.
func (r *run) checkReadable() {
	for _, f := range r.schema.files {
		i := slices.IndexFunc(f.mistakes, func(d prisma.Diagnostic) bool { return d.Severity == prisma.Error })
		if i < 0 {
			continue
		}
		d := f.mistakes[i]
		r.report(ruleModelSchema, Error, f, d.Span.Start.Offset(), d.Span.End.Offset(),
			"this cannot be read, so that what it says is not checked: "+visible.String(d.Message), nil)
	}
}

func (r *run) listPlace() []Place {
	if r.schema.list == nil {
		return nil
	}
	p := r.schema.listIn.place(r.schema.list.Span.Start.Offset(), r.schema.list.Span.End.Offset())
	p.Label = "the datasource's list"
	return []Place{p}
}

// schemaFix adds the @@schema that the model's prefix implies. It is safe if the prefix is that of a single plugin.
func (r *run) schemaFix(t typeFacts) *Fix {
	schema, known := r.schemaOfPrefix(t.block.Name.Value)
	if schema == "" || !r.schema.has(schema) {
		return nil
	}
	at := closingBrace(t.file.data, t.block)
	if at < 0 {
		return nil
	}
	indent := "  "
	if len(t.block.Members) > 0 {
		indent = indentAt(t.file.data, t.block.Members[0].Span.Start.Offset())
	}
	nl := newline(t.file.data)
	text := indent + `@@schema("` + schema + `")` + nl
	if n := len(t.block.Members); n > 0 && t.block.Members[n-1].Kind == prisma.FieldMember {
		text = nl + text
	}
	return &Fix{Title: "put it into " + schema, Edits: []Edit{{t.file.path, at, at, text}}, Safe: known}
}

// closingBrace returns the beginning of the line that closes a block, or -1 if there is something else on that line.
func closingBrace(data []byte, b *prisma.Block) int {
	end := b.Span.End.Offset()
	if end < 1 || end > len(data) || data[end-1] != '}' {
		return -1
	}
	line := lineStart(data, end-1)
	if strings.TrimSpace(string(data[line:end-1])) != "" {
		return -1
	}
	return line
}

func lineStart(data []byte, at int) int {
	for at > 0 && data[at-1] != '\n' {
		at--
	}
	return at
}

// indentAt returns the white space at the beginning of the line that contains the offset.
func indentAt(data []byte, at int) string {
	start := lineStart(data, at)
	end := start
	for end < len(data) && (data[end] == ' ' || data[end] == '\t') {
		end++
	}
	return string(data[start:end])
}
