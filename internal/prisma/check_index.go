package prisma

import (
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/say"
)

// indexContext is an index while it is being read.
type indexContext struct {
	model *modelInfo
	args  *arguments
	index *Index
}

// idAttribute reads @id.
func (c *checker) idAttribute(f *fieldInfo, a *Attribute) {
	args := c.readArgs(a, "@", "map", "map", "sort", "length", "clustered")
	f.model.idFields = append(f.model.idFields, f)
	f.model.uniquesBad = f.model.uniquesBad || args.bad
	i := &Index{Span: a.Span, Kind: PrimaryKey, Algorithm: "BTree", Fields: []IndexField{{Field: f.Field}}}
	i.Map, _ = args.nonempty("map")
	c.refuse(&args, "a primary key", "sort", "length", "clustered")
	switch {
	case f.Kind == Object:
		c.fail(codeIndex, a.Span, c.foreignHelp(f, "@id"), "The field `%s` is a relation and cannot be the id.", f.Name)
	case f.Arity != Required:
		c.fail(codeIndex, a.Span, fmt.Sprintf("Make its type %s.", f.Type), "The field `%s` is the id and cannot be optional or a list.", f.Name)
	case f.model.PrimaryKey != nil:
		// The second @id is reported with the block, where both are known.
	case f.model.View:
		c.fail(codeIndex, a.Span, "Use @unique to tell its rows apart.", "A view has no primary key.")
	default:
		f.model.PrimaryKey = i
	}
}

// foreignHelp suggests the foreign key's fields in place of their relation field.
func (c *checker) foreignHelp(f *fieldInfo, attribute string) string {
	names := foreignFields(f)
	switch len(names) {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf("Put it on `%s`.", names[0])
	}
	return fmt.Sprintf("Write @%s([%s]) on a line of its own.", attribute, strings.Join(names, ", "))
}

// foreignFields returns the names in fields: [...] of a relation field, as written.
func foreignFields(f *fieldInfo) []string {
	var names []string
	for _, a := range f.member.Attributes {
		for _, arg := range a.Args {
			if a.Name == "relation" && arg.Name == "fields" && arg.Value != nil {
				names = append(names, say.Each(arg.Value.elements(), func(e *Expr) string { return e.Text })...)
			}
		}
	}
	return names
}

// uniqueAttribute reads @unique.
func (c *checker) uniqueAttribute(f *fieldInfo, a *Attribute) {
	args := c.readArgs(a, "@", "map", "map", "sort", "length", "clustered", "where")
	f.model.uniquesBad = f.model.uniquesBad || args.bad
	if f.Kind == Object {
		c.fail(codeIndex, a.Span, c.foreignHelp(f, "@unique"), "The field `%s` is a relation and cannot be unique.", f.Name)
		return
	}
	i := &Index{Span: a.Span, Kind: Unique, Algorithm: "BTree", Fields: []IndexField{{Field: f.Field}}}
	i.Map, _ = args.nonempty("map")
	c.refuse(&args, "an index", "length", "clustered")
	i.Fields[0].Sort, _ = args.oneOf("sort", "Asc", "Desc")
	if where := args.get("where"); where != nil {
		i.Where = c.predicate(f.model, where)
	}
	f.model.Indexes = append(f.model.Indexes, i)
}

// refuse reports arguments that only exist for other databases.
func (c *checker) refuse(args *arguments, what string, names ...string) {
	for _, name := range names {
		if e := args.get(name); e != nil {
			args.bad = true
			c.fail(codeIndex, e.Span, "Remove it.", "PostgreSQL has no `%s` of %s.", name, what)
		}
	}
}

// blockIndex reads @@id, @@unique or @@index.
func (c *checker) blockIndex(m *modelInfo, a *Attribute) {
	x := indexContext{model: m, index: &Index{Span: a.Span, Algorithm: "BTree"}}
	i := x.index
	known := []string{"fields", "name", "map", "clustered"}
	switch a.Name {
	case "id":
		i.Kind = PrimaryKey
	case "unique":
		i.Kind = Unique
		known = append(known, "where")
	default:
		i.Kind = Plain
		known = append(known, "type", "where")
	}
	args := c.readArgs(a, "@@", "fields", known...)
	x.args = &args
	c.refuse(&args, "an index", "clustered")
	i.Map, _ = args.nonempty("map")
	c.indexName(x)
	if s, ok := args.oneOf("type", indexTypes...); ok {
		i.Algorithm = s
	}
	if where := args.get("where"); where != nil {
		i.Where = c.predicate(m, where)
	}
	if !c.indexFields(x) {
		m.uniquesBad = m.uniquesBad || i.Kind != Plain
		return
	}
	switch {
	case i.Kind != PrimaryKey:
		m.Indexes = append(m.Indexes, i)
	case m.View:
		c.fail(codeIndex, a.Span, "Use @@unique to tell its rows apart.", "A view has no primary key.")
	case m.PrimaryKey == nil:
		m.PrimaryKey = i
	}
}

// indexName reads name:, which on @@index is a synonym of map: and elsewhere names the client's argument.
func (c *checker) indexName(x indexContext) {
	name, ok := x.args.nonempty("name")
	if !ok {
		return
	}
	span := x.args.get("name").Span
	if x.index.Kind == Plain {
		if x.args.get("map") != nil {
			c.fail(codeIndex, span, "Keep map:.", "On `@@index` `name` is an old word for `map`, and both are given.")
			return
		}
		x.index.Map = name
		return
	}
	for _, r := range name {
		if r != '_' && (r > 127 || !isDigit(byte(r)) && !isLetter(byte(r))) {
			c.fail(codeIndex, span, "The name in the database, which may have others, is given with map:.", "`name` is the client's name of the index and has letters, digits and _ only.")
			return
		}
	}
	x.index.Name = name
}

// indexFields reads fields: [...] and reports whether all of it could be resolved.
func (c *checker) indexFields(x indexContext) bool {
	e := x.args.get("fields")
	if e == nil {
		if !x.args.bad {
			c.fail(codeIndex, x.index.Span, fmt.Sprintf("Write %s([field]).", x.mark()), "`%s` does not say its fields.", x.mark())
		}
		return false
	}
	items := e.elements()
	if len(items) == 0 {
		return c.fail(codeIndex, e.Span, "Name at least one field.", "`%s` has no field.", x.mark())
	}
	ok := true
	seen := map[string]bool{}
	for _, item := range items {
		f := c.column(x.model, item, codeIndex, x.mark(), x.foreignHelp, WordExpr, CallExpr)
		switch {
		case f == nil:
			ok = false
		case seen[f.Name]:
			c.fail(codeIndex, item.Span, "Remove one of them.", "The field `%s` is in this index twice.", f.Name)
			ok = false
		default:
			seen[f.Name] = true
			ok = c.indexFieldArgs(x, f, item) && ok
		}
	}
	return ok
}

func (x indexContext) mark() string { return "@@" + x.args.attr.Name }

// foreignHelp suggests the fields of a relation's foreign key in its place.
func (x indexContext) foreignHelp(f *fieldInfo) string {
	if names := foreignFields(f); len(names) > 0 {
		return fmt.Sprintf("Did you mean `%s([%s])`?", x.mark(), strings.Join(names, ", "))
	}
	return "Name the fields of its foreign key instead."
}

func (m *modelInfo) fieldNames() []string {
	return say.Each(m.fields, func(f *fieldInfo) string { return f.Name })
}

// fieldList lists a model's fields for help, unless there are too many.
func (m *modelInfo) fieldList() string {
	names := m.fieldNames()
	if len(names) == 0 {
		return "It has no fields."
	}
	if len(names) > 12 {
		return fmt.Sprintf("It has %d fields: %s, …", len(names), strings.Join(names[:12], ", "))
	}
	return "Its fields are " + strings.Join(names, ", ") + "."
}

// indexFieldArgs reads the sort: and ops: of one field and adds the field to the index.
func (c *checker) indexFieldArgs(x indexContext, f *fieldInfo, item *Expr) bool {
	field := IndexField{Field: f.Field}
	if item.Kind == CallExpr {
		args := c.readArgs(&Attribute{Name: item.Text, Span: item.Span, Args: item.Args}, "", "", "sort", "ops", "length")
		if x.index.Kind == PrimaryKey {
			c.refuse(&args, "a primary key", "sort", "length", "ops")
		} else {
			c.refuse(&args, "an index", "length")
		}
		field.Sort, _ = args.oneOf("sort", "Asc", "Desc")
		if ops := args.get("ops"); ops != nil && x.index.Kind != PrimaryKey {
			c.operator(x, &args, &field, ops)
		}
		if args.bad {
			return false
		}
	}
	x.index.Fields = append(x.index.Fields, field)
	return true
}

// operator reads ops: Name or ops: raw("name").
func (c *checker) operator(x indexContext, args *arguments, field *IndexField, e *Expr) {
	switch {
	case x.index.Kind != Plain:
		args.fail(e.Span, "Remove it.", "Only `@@index` has operator classes.")
	case e.Kind == CallExpr && e.Text == "raw":
		if field.Ops, field.OpsRaw = e.onlyString(); field.Ops == "" {
			args.fail(e.Span, `Write raw("gin_trgm_ops"), for example.`, "`raw` takes the operator class's name in quotes.")
		}
	case e.Kind != WordExpr:
		help := `Write a bare word, or raw("…") for a class that the language does not name.`
		if e.Kind == StringExpr {
			help = fmt.Sprintf("Write raw(%q).", e.Text)
		}
		args.fail(e.Span, help, "An operator class is a bare word or raw(…), not %s.", e.describe())
	default:
		o, ok := operatorClasses.Get()[e.Text]
		native := field.Field.nativeName()
		switch {
		case !ok:
			args.fail(e.Span, c.did(e.Text, operatorNames(""), `One that the language does not name is written raw("…").`), "There is no operator class `%s`.", e.Text)
		case !slices.Contains(o.indexes, x.index.Algorithm):
			args.fail(e.Span, fmt.Sprintf("It belongs to an index with type: %s.", say.Or(o.indexes)), "The operator class `%s` does not go with the index type %s.", e.Text, x.index.Algorithm)
		case !o.fits(field.Field):
			args.fail(e.Span, operatorHelp(native), "The operator class `%s` does not fit the field `%s`, which is %s.", e.Text, field.Field.Name, field.Field.nativeDescription())
		default:
			field.Ops = e.Text
		}
	}
}

func operatorHelp(native string) string {
	if names := operatorNames(native); native != "" && len(names) > 0 {
		return fmt.Sprintf("For %s there is %s.", native, strings.Join(names, ", "))
	}
	return `One that the language does not name is written raw("…").`
}

func (f *Field) nativeDescription() string {
	s := f.describe()
	if n := f.nativeName(); n != "" {
		s = n
	}
	if f.Arity == List {
		s += "[]"
	}
	return s
}
