package prisma

import (
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/say"
)

// checkModels reads the attributes of models and views, and checks that rows can be identified.
func (c *checker) checkModels() {
	for _, m := range c.models {
		seen := map[string]bool{}
		// Prisma creates a table's indexes in this order: fields' @unique, then @@index, then @@unique.
		for _, pass := range [...]string{"", "unique"} {
			for _, member := range m.block.Members {
				if member.Kind == AttributeMember && (member.Attributes[0].Name == "unique") == (pass == "unique") {
					c.blockAttribute(m, member.Attributes[0], seen)
				}
			}
		}
		c.checkSchemaGiven(m.Schema, m.block)
		c.checkIndexes(m)
		c.checkID(m)
		c.checkUniqueNames(m)
	}
}

func (c *checker) blockAttribute(m *modelInfo, a *Attribute, seen map[string]bool) {
	if a.Name != "unique" && a.Name != "index" && c.twice(m.block, a, seen) {
		return
	}
	switch a.Name {
	case "id", "unique", "index":
		c.blockIndex(m, a)
	case "map":
		args := c.readArgs(a, "@@", "name", "name")
		c.mapName(&args, &m.DBName, &m.mapAt)
	case "schema":
		m.Schema = c.schemaAttribute(a)
	case "ignore":
		c.readArgs(a, "@@", "")
		m.Ignored = true
	case "fulltext":
		c.fail(codeAttribute, a.Span, `Use @@index([field(ops: raw("gin_trgm_ops"))], type: Gin) with the extension pg_trgm, for example.`, "PostgreSQL has no `@@fulltext`.")
	default:
		if near := say.Nearest(a.Name, blockAttributeNames); near == "id" || near == "unique" {
			m.uniquesBad = true
		}
		c.unknownAttribute(a, "@@", blockAttributeNames[:6], fieldAttributeNames, "A model has @@"+strings.Join(blockAttributeNames[:6], ", @@")+".")
	}
}

// schemaAttribute reads @@schema("name").
func (c *checker) schemaAttribute(a *Attribute) string {
	args := c.readArgs(a, "@@", "map", "map")
	if args.get("map") == nil {
		if !args.bad {
			c.fail(codeArgument, a.Span, `Write @@schema("public").`, "`@@schema` lacks the schema's name.")
		}
		return ""
	}
	name, ok := args.text("map")
	if !ok {
		return ""
	}
	if !c.schemas[name] && !(c.datasource == nil && c.incomplete) {
		help := fmt.Sprintf("Write schemas = [%q] in the datasource, with every other schema in use.", name)
		if d := c.schema.Datasource; d != nil && len(d.Schemas) > 0 {
			listed := say.Each(d.Schemas, func(s Name) string { return s.Value })
			help = c.did(name, listed, fmt.Sprintf("It lists %s.", strings.Join(listed, ", ")))
		}
		c.fail(codeSchema, args.get("map").Span, help, "The datasource does not list the schema %q.", name)
	}
	return name
}

// checkSchemaGiven reports a block without @@schema where the datasource lists schemas.
func (c *checker) checkSchemaGiven(given string, b *Block) {
	if given == "" && len(c.schemas) > 0 && !b.Broken && !b.has("schema") {
		first := c.schema.Datasource.Schemas[0].Value
		c.fail(codeSchema, b.Name.Span, fmt.Sprintf("Write @@schema(%q) or another of the datasource's schemas.", first), "The %s `%s` does not say its schema.", b.Kind, b.Name.Value)
	}
}

// checkID checks that a model has at most one id, and something that identifies its rows.
func (c *checker) checkID(m *modelInfo) {
	if len(m.idFields) > 1 {
		names := say.Join(m.idFields, ", ", func(f *fieldInfo) string { return f.Name })
		c.fail(codeIndex, m.idFields[1].member.attribute("id").Span, fmt.Sprintf("Write @@id([%s]) on a line of its own.", names),
			"The model `%s` has an `@id` already, at line %d.", m.Name, m.idFields[0].Span.Start.Line)
	}
	if len(m.idFields) > 0 && m.block.has("id") {
		c.fail(codeIndex, m.idFields[0].member.attribute("id").Span, "Keep one of them.", "The model `%s` has both `@id` and `@@id`.", m.Name)
	}
	if m.View || m.Ignored || m.uniquesBad || m.block.Broken || m.hasUniqueCriterion() {
		return
	}
	help := "Mark a field with @id or @unique, or write @@id([a, b])."
	if len(m.Indexes) > 0 || m.PrimaryKey != nil {
		help = "A unique field counts where it is required and of a supported type: mark another, or write @@id([a, b])."
	}
	c.fail(codeNoUnique, m.NameAt, help, "The model `%s` has nothing that tells its rows apart.", m.Name)
}

// hasUniqueCriterion reports whether the id or a unique index has only required fields. Views do not need one.
func (m *modelInfo) hasUniqueCriterion() bool {
	return m.hasUnique(func(i *Index) bool {
		return !slices.ContainsFunc(i.Fields, func(f IndexField) bool { return f.Field.Arity == Optional || f.Field.Kind == Unsupported })
	})
}

// hasUnique reports whether the model's id or a unique index fits.
func (m *Model) hasUnique(fits func(*Index) bool) bool {
	for i := range m.allIndexes() {
		if i.Kind != Plain && fits(i) {
			return true
		}
	}
	return false
}

func (m *Member) attribute(name string) *Attribute {
	for _, a := range m.Attributes {
		if a.Name == name {
			return a
		}
	}
	return nil
}

// checkUniqueNames checks the names that the client gives to ids and unique indexes of several fields.
func (c *checker) checkUniqueNames(m *modelInfo) {
	seen := map[string]*Index{}
	for i := range m.allIndexes() {
		if i.Kind == Plain {
			continue
		}
		name := i.Name
		if name == "" && len(i.Fields) > 1 {
			name = say.Join(i.Fields, "_", func(f IndexField) string { return f.Field.Name })
		}
		switch {
		case name == "":
		case m.byName[name] != nil && (len(i.Fields) > 1):
			c.fail(codeDuplicate, i.Span, `Give it another with name: "…".`, "The client's name of this index, `%s`, is the name of a field.", name)
		case i.Name != "" && seen[name] != nil && seen[name].Name != "":
			c.fail(codeDuplicate, i.Span, "Choose another.", "The name `%s` is used already, at line %d.", name, seen[name].Span.Start.Line)
		}
		if name != "" && seen[name] == nil {
			seen[name] = i
		}
	}
}
