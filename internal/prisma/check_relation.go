package prisma

import (
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/say"
)

// relationAttribute reads @relation. Its fields are resolved once those of every model are known.
func (c *checker) relationAttribute(f *fieldInfo, a *Attribute) {
	if f.Kind != Object {
		c.fail(codeAttribute, a.Span, "Remove it, or make the field's type a model.", "`@relation` belongs to a field whose type is a model, and `%s` is %s.", f.Name, f.Field.describe())
		return
	}
	args := c.readArgs(a, "@", "name", "name", "fields", "references", "onDelete", "onUpdate", "map")
	f.relation = a
	r := f.Relation
	r.Span = a.Span
	r.Name, _ = args.nonempty("name")
	r.Map, _ = args.nonempty("map")
	r.OnDelete = c.action(&args, "onDelete")
	r.OnUpdate = c.action(&args, "onUpdate")
	f.fieldsArg = notEmpty(args.get("fields"))
	f.referencesArg = notEmpty(args.get("references"))
	f.badRelation = args.bad || f.member.Broken
}

func notEmpty(e *Expr) bool { return e != nil && len(e.elements()) > 0 }

var actionNames = []string{"Cascade", "Restrict", "NoAction", "SetNull", "SetDefault"}

func (c *checker) action(args *arguments, name string) ReferentialAction {
	s, _ := args.oneOf(name, actionNames...)
	if s == "" || c.schema.Datasource == nil || c.schema.Datasource.RelationMode != "prisma" {
		return ReferentialAction(s)
	}
	if s == "NoAction" || s == "SetDefault" {
		help := "There is Cascade, Restrict and SetNull."
		if s == "NoAction" {
			help = "Restrict is the nearest."
		}
		args.fail(args.get(name).Span, help, "With relationMode = \"prisma\" there is no `%s`.", s)
	}
	return ReferentialAction(s)
}

// checkRelations pairs relation fields and checks each pair.
func (c *checker) checkRelations() {
	for _, m := range c.models {
		for _, f := range m.relations {
			c.resolveRelationFields(f)
		}
	}
	for _, m := range c.models {
		m.pairs = make(map[pairKey][]*fieldInfo, len(m.relations))
		for _, f := range m.relations {
			k := pairKey{f.to, f.Relation.Name}
			m.pairs[k] = append(m.pairs[k], f)
		}
	}
	for _, m := range c.models {
		c.checkAmbiguous(m)
	}
	for _, m := range c.models {
		for _, f := range m.relations {
			if f.Relation.Opposite == nil && !f.badRelation {
				c.pair(f)
			}
		}
	}
	c.checkPairs()
	c.checkCycles()
}

// resolveRelationFields resolves fields: and references:.
func (c *checker) resolveRelationFields(f *fieldInfo) {
	if f.relation == nil {
		return
	}
	var fields, references *Expr
	for i := range f.relation.Args {
		switch a := &f.relation.Args[i]; a.Name {
		case "fields":
			fields = a.Value
		case "references":
			references = a.Value
		}
	}
	r := f.Relation
	ok, ok2 := true, true
	if fields != nil {
		r.Fields, ok = c.columns(f.model, "fields", fields)
	}
	if references != nil {
		r.References, ok2 = c.columns(f.to, "references", references)
	}
	if !ok || !ok2 {
		f.badRelation = true
		r.Fields, r.References = nil, nil
		return
	}
	if fields != nil && references != nil && len(r.Fields) != len(r.References) && f.fieldsArg && f.referencesArg {
		c.fail(codeRelation, f.relation.Span, "", "`fields` has %d and `references` has %d; each field needs the one that it refers to.", len(r.Fields), len(r.References))
		f.badRelation = true
	}
}

// columns resolves a list of field names of a model.
func (c *checker) columns(m *modelInfo, what string, e *Expr) ([]*Field, bool) {
	var fields []*Field
	ok := true
	for _, item := range e.elements() {
		f := c.column(m, item, codeRelation, what, columnHelp, WordExpr)
		switch {
		case f == nil:
			ok = false
		case slices.Contains(fields, f.Field):
			c.fail(codeRelation, item.Span, "Remove one of them.", "`%s` has the field `%s` twice.", what, f.Name)
			ok = false
		default:
			fields = append(fields, f.Field)
		}
	}
	return fields, ok
}

// column resolves a field in a list of a model's fields, each written as one of the kinds, or reports it and returns nil.
// help says what to write in place of a relation.
func (c *checker) column(m *modelInfo, item *Expr, code, list string, help func(*fieldInfo) string, kinds ...ExprKind) *fieldInfo {
	if !slices.Contains(kinds, item.Kind) {
		c.fail(code, item.Span, item.unquoted(), "`%s` lists fields, and this is %s.", list, item.describe())
		return nil
	}
	f := m.byName[item.Text]
	switch {
	case f == nil && m.block.Broken && c.nearest(item.Text, m.fieldNames()) == "":
	case f == nil:
		c.noField(m, item.Text, item.Span)
	case f.bad:
		return nil
	case f.Kind == Object:
		c.fail(code, item.Span, help(f), "The field `%s` is a relation and has no column.", f.Name)
		return nil
	}
	return f
}

// noField reports the name of a field that a model does not have.
func (c *checker) noField(m *modelInfo, name string, at Span) {
	c.fail(codeUnknown, at, c.did(name, m.fieldNames(), m.fieldList()), "The %s `%s` has no field `%s`.", m.block.Kind, m.Name, name)
}

func columnHelp(f *fieldInfo) string {
	if names := foreignFields(f); len(names) > 0 && !slices.Contains(names, f.Name) {
		return fmt.Sprintf("Did you mean `%s`?", strings.Join(names, "`, `"))
	}
	return "Name a field that has one."
}

// checkAmbiguous reports relation fields between the same models that only names could distinguish.
func (c *checker) checkAmbiguous(m *modelInfo) {
	for _, first := range m.relations {
		k := pairKey{first.to, first.Relation.Name}
		group := m.pairs[k]
		self := k.to == m
		if group[0] != first || len(group) < 2 || self && k.name != "" && len(group) == 2 {
			continue
		}
		c.ambiguous(m, group, self, k.name)
		for _, f := range group {
			f.badRelation = true
		}
		for _, other := range k.to.pairs[pairKey{m, k.name}] {
			other.badRelation = true
		}
	}
}

func (c *checker) ambiguous(m *modelInfo, group []*fieldInfo, self bool, name string) {
	list := say.And(say.Each(group, func(f *fieldInfo) string { return "`" + f.Name + "`" }))
	at := group[1].NameAt
	to := group[0].to.Name
	switch {
	case self && name == "" && len(group) == 2:
		c.fail(codeAmbiguous, at, fmt.Sprintf("Give both the same name where they are its two sides: @relation(%q).", m.Name+group[0].Name),
			"The fields %s of `%s` both refer to `%s` itself.", list, m.Name, m.Name)
	case self && name != "":
		c.fail(codeAmbiguous, group[2].NameAt, "A relation has two sides: give the others another name.", "The fields %s of `%s` share the relation's name %q.", list, m.Name, name)
	case name == "":
		c.fail(codeAmbiguous, at, fmt.Sprintf("Give each a name, and its opposite in `%s` the same: @relation(%q).", to, group[1].Name),
			"The fields %s of `%s` refer to `%s`, and nothing tells them apart.", list, m.Name, to)
	default:
		c.fail(codeAmbiguous, at, "Give each a name of its own.", "The fields %s of `%s` share the relation's name %q.", list, m.Name, name)
	}
}

// pair finds a relation field's opposite.
func (c *checker) pair(f *fieldInfo) {
	for _, o := range f.to.pairs[pairKey{f.model, f.Relation.Name}] {
		if o == f {
			continue
		}
		if o.badRelation {
			f.badRelation = true
			return
		}
		f.Relation.Opposite, o.Relation.Opposite = o.Field, f.Field
		return
	}
	f.badRelation = true
	if f.to.block.Broken || f.bad || c.unreadable(f) {
		return
	}
	c.fail(codeOpposite, f.NameAt, c.oppositeHelp(f), "The relation field `%s` of `%s` has no opposite in `%s`.", f.Name, f.model.Name, f.to.Name)
}

// unreadable reports whether a relation field on the other side could not be read, and so may be the opposite.
func (c *checker) unreadable(f *fieldInfo) bool {
	return slices.ContainsFunc(f.to.relations, func(o *fieldInfo) bool { return o.to == f.model && o != f && o.bad })
}

// oppositeHelp suggests the line that is missing on the other side, or points out the name that differs.
func (c *checker) oppositeHelp(f *fieldInfo) string {
	for _, o := range f.to.relations {
		if o != f && o.to == f.model && o.Relation.Opposite == nil {
			return fmt.Sprintf("The names differ: %s here, %s on `%s.%s`.", quotedOrNone(f.Relation.Name), quotedOrNone(o.Relation.Name), f.to.Name, o.Name)
		}
	}
	lower := strings.ToLower(f.model.Name[:1]) + f.model.Name[1:]
	name := ""
	if f.Relation.Name != "" {
		name = fmt.Sprintf("%q", f.Relation.Name)
	}
	switch {
	case f.to == f.model && name == "":
		return fmt.Sprintf("A relation of a model with itself has two fields and a name: write @relation(%q) on this one and on the other.", f.model.Name+f.Name)
	case f.Arity == List:
		id := "id"
		if pk := f.model.PrimaryKey; pk != nil && len(pk.Fields) == 1 {
			id = pk.Fields[0].Field.Name
		}
		if name != "" {
			name += ", "
		}
		return fmt.Sprintf("For one-to-many, write in `%s`: %s %s @relation(%sfields: [%sId], references: [%s]), and the field `%sId`.", f.to.Name, lower, f.model.Name, name, lower, id, lower)
	case name != "":
		name = " @relation(" + name + ")"
	}
	return fmt.Sprintf("Write in `%s`: %ss %s[]%s", f.to.Name, lower, f.model.Name, name)
}

func quotedOrNone(name string) string {
	if name == "" {
		return "none"
	}
	return fmt.Sprintf("%q", name)
}
