package prisma

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/livepeer/naap-dev/internal/lazy"
)

// scalarTypes are the types that the language has.
var scalarTypes = []string{"String", "Boolean", "Int", "BigInt", "Float", "Decimal", "DateTime", "Json", "Bytes"}

// declare creates models, views and enums from the blocks, with their fields and values still unresolved.
func (c *checker) declare() {
	for _, f := range c.files {
		for _, b := range f.Blocks {
			c.incomplete = c.incomplete || b.Broken
			switch b.Kind {
			case DatasourceBlock:
				c.declareDatasource(b)
			case GeneratorBlock:
				c.declareGenerator(b)
			case ModelBlock, ViewBlock:
				c.declareModel(b)
			case EnumBlock:
				c.declareEnum(b)
			case TypeBlock:
				c.composites[b.Name.Value] = true
				if c.declareName(b) {
					c.fail(codeUnsupported, b.Name.Span, "Use a model of its own with a relation, or a Json field.",
						"PostgreSQL has no composite types in Prisma, so the type `%s` cannot be used.", b.Name.Value)
				}
			}
		}
	}
	for _, d := range c.found {
		if d.Code == codeSyntax {
			c.incomplete = true
		}
	}
	if c.schema.Datasource != nil {
		for _, s := range c.schema.Datasource.Schemas {
			c.schemas[s.Value] = true
		}
	}
}

// declareName checks a type's name and reports whether it is new.
func (c *checker) declareName(b *Block) bool {
	name := b.Name.Value
	c.checkName(b.Name, b.Kind.String())
	if slices.Contains(scalarTypes, name) {
		c.fail(codeName, b.Name.Span, "Choose another name.", "`%s` is the name of a type that the language has.", name)
	} else if reservedNames.Has(name) && b.Kind != TypeBlock {
		c.fail(codeName, b.Name.Span, fmt.Sprintf("Choose another name, and keep this one in the database with @@map(%q).", name),
			"`%s` is a reserved word and cannot name %s.", name, b.Kind.article())
	}
	if first, ok := c.declared[name]; ok {
		return c.fail(codeDuplicate, b.Name.Span, fmt.Sprintf("The first is at %s.", first.Start), "There is a model, view or enum `%s` already.", name)
	}
	c.declared[name] = b.Name.Span
	return true
}

// checkName checks the characters of a name.
func (c *checker) checkName(n Name, what string) {
	r, _ := utf8.DecodeRuneInString(n.Value)
	switch {
	case n.Value == "":
	case '0' <= r && r <= '9' || r == '_' || r == '-':
		c.fail(codeName, n.Span, fmt.Sprintf("Choose another name, and keep this one in the database with %s(%q).", mapMark(what), n.Value),
			"The name of this %s does not begin with a letter.", what)
	case strings.Contains(n.Value, "-"):
		c.fail(codeName, n.Span, fmt.Sprintf("Write `%s %s(%q)`.", strings.ReplaceAll(n.Value, "-", "_"), mapMark(what), n.Value),
			"The name of this %s has a `-`.", what)
	}
}

func mapMark(what string) string {
	if what == "field" || what == "value" {
		return "@map"
	}
	return "@@map"
}

func (c *checker) declareModel(b *Block) {
	info := &modelInfo{block: b, byName: make(map[string]*fieldInfo, len(b.Members)), mapAt: b.Name.Span}
	info.Model = &Model{Span: b.Span, NameAt: b.Name.Span, Name: b.Name.Value, DBName: b.Name.Value, Doc: docOf(b.Lead), View: b.Kind == ViewBlock,
		Fields: make([]*Field, 0, len(b.Members))}
	info.fields = make([]*fieldInfo, 0, len(b.Members))
	first := c.declareName(b)
	for _, m := range b.Members {
		if m.Kind == FieldMember {
			c.declareField(info, m)
		}
	}
	c.models = append(c.models, info)
	if first {
		c.byName[info.Name] = info
	}
	if info.View {
		c.schema.Views = append(c.schema.Views, info.Model)
	} else {
		c.schema.Models = append(c.schema.Models, info.Model)
	}
}

func (c *checker) declareField(info *modelInfo, m *Member) {
	c.checkName(m.Name, "field")
	f := c.fieldSlab.new()
	*f = fieldInfo{model: info, member: m, mapAt: m.Name.Span, bad: m.Broken, badRelation: m.Broken}
	f.Field = c.modelFields.new()
	*f.Field = Field{Span: m.Span, NameAt: m.Name.Span, TypeAt: m.Type.Span, Name: m.Name.Value, DBName: m.Name.Value,
		Doc: docOf(m.Lead, m.Trail...), Model: info.Model, Type: m.Type.Name, Arity: m.Type.Arity}
	if first := info.byName[f.Name]; first != nil {
		c.fail(codeDuplicate, m.Name.Span, fmt.Sprintf("The first is at %s.", first.NameAt.Start), "The %s `%s` has a field `%s` already.", info.block.Kind, info.Name, f.Name)
	} else {
		info.byName[f.Name] = f
	}
	info.fields = append(info.fields, f)
	info.Fields = append(info.Fields, f.Field)
}

func (c *checker) declareEnum(b *Block) {
	info := &enumInfo{block: b, values: make(map[string]bool, len(b.Members)), mapAt: b.Name.Span}
	info.Enum = &Enum{Span: b.Span, NameAt: b.Name.Span, Name: b.Name.Value, DBName: b.Name.Value, Doc: docOf(b.Lead)}
	first := c.declareName(b)
	for _, m := range b.Members {
		if m.Kind == ValueMember {
			info.values[m.Name.Value] = true
		}
	}
	if first {
		c.enums[info.Name] = info
	}
	c.schema.Enums = append(c.schema.Enums, info.Enum)
}

// docOf joins the /// comments among those before and after a line.
func docOf(lead []Comment, trail ...Comment) string {
	var lines []string
	for _, list := range [...][]Comment{lead, trail} {
		for _, comment := range list {
			if text, ok := strings.CutPrefix(comment.Text, "///"); ok {
				lines = append(lines, strings.TrimSpace(text))
			}
		}
	}
	return strings.Join(lines, "\n")
}

// reservedNames cannot name a model or enum: the client's code is generated from them.
var reservedNames = lazy.Words{Text: `PrismaClient async await break case catch class const continue debugger default
	delete do else enum export extends false finally for function if implements import in instanceof interface let
	new null package private protected public return super switch this throw true try using typeof var void while
	with yield`}

// Reserved reports whether a name can be neither a model's nor an enum's.
func Reserved(name string) bool { return reservedNames.Has(name) || scalarNames.Has(name) }

// scalarNames are the names of the language's own types.
var scalarNames = lazy.Words{Text: `String Boolean Int BigInt Float Decimal DateTime Json Bytes Unsupported`}
