package prisma

import (
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/say"
)

var blockAttributeNames = []string{"id", "unique", "index", "map", "schema", "ignore", "fulltext"}

// resolveFields gives every field its type and reads its attributes.
func (c *checker) resolveFields() {
	names := c.typeNames()
	for _, m := range c.models {
		for _, f := range m.fields {
			c.resolveType(f, names)
		}
	}
	for _, m := range c.models {
		for _, f := range m.fields {
			c.fieldAttributes(f)
		}
	}
}

// typeNames returns the names that a field's type can have.
func (c *checker) typeNames() []string {
	return slices.Concat(scalarTypes, say.Each(c.models, func(m *modelInfo) string { return m.Name }),
		say.Each(c.schema.Enums, func(e *Enum) string { return e.Name }), []string{"Unsupported"})
}

// foreignTypes are names that people know from other languages and from older Prisma.
var foreignTypes = map[string]string{
	"ID": "String or Int with @id", "Id": "String or Int with @id", "Integer": "Int", "Number": "Int or Float", "Bool": "Boolean",
	"Text": "String @db.Text", "VarChar": "String @db.VarChar", "Char": "String @db.Char", "UUID": "String @db.Uuid", "Uuid": "String @db.Uuid",
	"Date": "DateTime @db.Date", "Time": "DateTime @db.Time", "Timestamp": "DateTime @db.Timestamp", "Timestamptz": "DateTime @db.Timestamptz",
	"Double": "Float", "Real": "Float @db.Real", "Numeric": "Decimal", "Long": "BigInt", "SmallInt": "Int @db.SmallInt", "JsonB": "Json", "JSONB": "Json",
	"Blob": "Bytes", "Buffer": "Bytes", "ByteA": "Bytes",
}

func (c *checker) resolveType(f *fieldInfo, names []string) {
	t := f.member.Type
	switch {
	case t.Unsupported:
		f.Kind = Unsupported
		if t.Name == "" && !f.bad {
			c.fail(codeUnknownType, t.Span, `Write Unsupported("circle").`, "The type of the field `%s` has no name.", f.Name)
			f.bad = true
		}
	case slices.Contains(scalarTypes, t.Name):
		f.Kind = Scalar
	case c.enums[t.Name] != nil:
		f.Kind, f.Enum = EnumValue, c.enums[t.Name].Enum
	case c.byName[t.Name] != nil:
		f.Kind, f.to = Object, c.byName[t.Name]
		f.Relation = &Relation{Span: f.Span, To: f.to.Model}
		f.model.relations = append(f.model.relations, f)
	case t.Name == "", c.composites[t.Name]:
		f.bad = true
	default:
		f.bad = true
		c.unknownType(f, names)
	}
}

func (c *checker) unknownType(f *fieldInfo, names []string) {
	t := f.member.Type
	help := ""
	switch foreign := foreignTypes[t.Name]; {
	case t.Name == "Unsupported":
		help = `Write Unsupported("circle"), with the database's type in quotes.`
	case foreign != "":
		help = fmt.Sprintf("Prisma writes it %s.", foreign)
	default:
		help = c.did(t.Name, names, "A type is one of the language's ("+strings.Join(scalarTypes, ", ")+"), a model or an enum.")
	}
	c.fail(codeUnknownType, t.Span, help, "There is no type `%s`.", t.Name)
}

var fieldAttributeNames = []string{"id", "unique", "default", "map", "relation", "updatedAt", "ignore"}

// maxAttributes bounds how many of a field's attributes are compared with each other; the language does not have more.
const maxAttributes = 32

// fieldAttributes reads what follows a field's type.
func (c *checker) fieldAttributes(f *fieldInfo) {
	for i, a := range f.member.Attributes {
		if slices.ContainsFunc(f.member.Attributes[:min(i, maxAttributes)], func(b *Attribute) bool { return a.Name == b.Name }) {
			c.fail(codeDuplicate, a.Span, "Remove one of them.", "The field `%s` has `@%s` twice.", f.Name, a.Name)
			continue
		}
		if !f.bad || a.Name == "map" {
			c.fieldAttribute(f, a)
		}
		if f.bad && (a.Name == "id" || a.Name == "unique") {
			f.model.uniquesBad = true
		}
	}
}

func (c *checker) fieldAttribute(f *fieldInfo, a *Attribute) {
	switch a.Name {
	case "id":
		c.idAttribute(f, a)
	case "unique":
		c.uniqueAttribute(f, a)
	case "default":
		c.defaultAttribute(f, a)
	case "map":
		c.mapAttribute(f, a)
	case "relation":
		c.relationAttribute(f, a)
	case "updatedAt":
		c.updatedAtAttribute(f, a)
	case "ignore":
		c.ignoreAttribute(f, a)
	default:
		if strings.Contains(a.Name, ".") {
			c.native(f, a)
			return
		}
		if near := say.Nearest(a.Name, fieldAttributeNames); near == "id" || near == "unique" {
			f.model.uniquesBad = true
		}
		c.unknownAttribute(a, "@", fieldAttributeNames, blockAttributeNames, "A field has @"+strings.Join(fieldAttributeNames, ", @")+" and native types such as @db.Text.")
	}
}

// unknownAttribute reports an attribute that does not exist here; it may exist with the other mark.
func (c *checker) unknownAttribute(a *Attribute, mark string, here, elsewhere []string, otherwise string) {
	other := map[string]string{"@": "@@", "@@": "@"}[mark]
	where := map[string]string{"@": "on a line of its own", "@@": "after a field"}[mark]
	help := otherwise
	if slices.Contains(elsewhere, a.Name) {
		help = fmt.Sprintf("Write %s%s, %s.", other, a.Name, where)
	} else if near := c.nearest(a.Name, here); near != "" {
		help = fmt.Sprintf("Did you mean `%s%s`?", mark, near)
	}
	c.fail(codeAttribute, a.Span, help, "There is no attribute `%s%s`.", mark, a.Name)
}

func (c *checker) mapAttribute(f *fieldInfo, a *Attribute) {
	args := c.readArgs(a, "@", "name", "name")
	if f.Kind == Object && !f.bad {
		c.fail(codeAttribute, a.Span, "Put it on the fields of the foreign key.", "The field `%s` is a relation and has no column that could be named.", f.Name)
		return
	}
	c.mapName(&args, &f.DBName, &f.mapAt)
}

// mapName reads the name of @map or @@map, and its place.
func (c *checker) mapName(args *arguments, name *string, at *Span) {
	if args.get("name") == nil && !args.bad {
		args.fail(args.attr.Span, fmt.Sprintf(`Write %s%s("name").`, args.mark, args.attr.Name), "%s lacks the name in the database.", args.label())
	}
	if s, ok := args.nonempty("name"); ok {
		*name, *at = s, args.get("name").Span
	}
}

func (c *checker) updatedAtAttribute(f *fieldInfo, a *Attribute) {
	c.readArgs(a, "@", "")
	switch {
	case f.Kind != Scalar || f.Type != "DateTime":
		c.fail(codeAttribute, a.Span, "Make it a DateTime, or remove the attribute.", "`@updatedAt` belongs to a DateTime, and the field `%s` is %s.", f.Name, f.Field.describe())
	case f.Arity == List:
		c.fail(codeAttribute, a.Span, "", "`@updatedAt` belongs to a single DateTime, and the field `%s` is a list.", f.Name)
	default:
		f.UpdatedAt = true
	}
}

func (c *checker) ignoreAttribute(f *fieldInfo, a *Attribute) {
	c.readArgs(a, "@", "")
	f.Ignored = true
	switch {
	case f.Kind == Unsupported:
		c.fail(codeIgnore, a.Span, "Remove it.", "The field `%s` is of an unsupported type, which the client ignores anyway.", f.Name)
	case f.model.block.has("ignore"):
		c.fail(codeIgnore, a.Span, "Remove it.", "The whole model `%s` is ignored, so its field `%s` is too.", f.model.Name, f.Name)
	}
}

// has reports whether the block has the attribute @@name.
func (b *Block) has(name string) bool {
	return slices.ContainsFunc(b.Members, func(m *Member) bool { return m.Kind == AttributeMember && m.Attributes[0].Name == name })
}
