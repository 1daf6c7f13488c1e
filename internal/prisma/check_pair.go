package prisma

import (
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/say"
)

// checkPairs checks each relation once, from the side that comes first.
func (c *checker) checkPairs() {
	done := map[*Field]bool{}
	for _, m := range c.models {
		for _, f := range m.relations {
			if f.Relation.Opposite == nil || done[f.Field] {
				continue
			}
			o := f.to.byName[f.Relation.Opposite.Name]
			if o == nil || o.Field != f.Relation.Opposite {
				continue // the second of two fields of one name, which was reported
			}
			done[f.Field], done[o.Field] = true, true
			c.checkIgnored(f)
			c.checkIgnored(o)
			switch {
			case f.Arity == List && o.Arity == List:
				c.manyToMany(f, o)
			case f.Arity == List:
				c.oneToMany(o, f)
			case o.Arity == List:
				c.oneToMany(f, o)
			default:
				c.oneToOne(f, o)
			}
		}
	}
}

// checkIgnored reports a relation to an ignored model that the client would offer.
func (c *checker) checkIgnored(f *fieldInfo) {
	if f.to.Ignored && !f.Ignored && !f.model.Ignored {
		c.fail(codeIgnore, f.NameAt, "Add @ignore.", "The field `%s` refers to the model `%s`, which is ignored, and is not ignored itself.", f.Name, f.to.Name)
	}
}

// oneToMany checks a relation with one list; the other side holds the foreign key.
func (c *checker) oneToMany(one, many *fieldInfo) {
	if many.fieldsArg || many.referencesArg {
		c.fail(codeRelation, many.relation.Span, fmt.Sprintf("Give them on `%s.%s`.", one.model.Name, one.Name), "The list `%s` has no column, so it takes neither `fields` nor `references`.", many.Name)
		c.drop(one, many)
		return
	}
	c.noActions(many, one)
	if c.hasForeignKey(one) {
		c.foreignKey(one)
	} else {
		c.drop(one, many)
	}
}

// noActions reports onDelete and onUpdate on the side without the foreign key.
func (c *checker) noActions(f, o *fieldInfo) {
	if f.Relation.OnDelete != "" || f.Relation.OnUpdate != "" {
		c.fail(codeRelation, f.relation.Span, fmt.Sprintf("Give them on `%s.%s`.", o.model.Name, o.Name), "The field `%s` has no foreign key, so it takes neither `onDelete` nor `onUpdate`.", f.Name)
		f.Relation.OnDelete, f.Relation.OnUpdate = "", ""
	}
}

// drop removes a relation that was reported from the further checks.
func (c *checker) drop(fields ...*fieldInfo) {
	for _, f := range fields {
		f.badRelation = true
		f.Relation.Fields, f.Relation.References = nil, nil
	}
}

// hasForeignKey reports whether both fields: and references: are given, and reports what is missing.
func (c *checker) hasForeignKey(f *fieldInfo) bool {
	if f.fieldsArg && f.referencesArg {
		return true
	}
	at := f.NameAt
	if f.relation != nil {
		at = f.relation.Span
	}
	missing := "`fields` and `references`"
	switch {
	case f.fieldsArg:
		missing = "`references`"
	case f.referencesArg:
		missing = "`fields`"
	}
	return c.fail(codeRelation, at, c.foreignKeyHelp(f), "The relation `%s` of `%s` lacks %s: the columns of its foreign key.", f.Name, f.model.Name, missing)
}

// foreignKeyHelp returns the @relation that is missing, with the other model's id.
func (c *checker) foreignKeyHelp(f *fieldInfo) string {
	id := "id"
	if pk := f.to.PrimaryKey; pk != nil && len(pk.Fields) == 1 {
		id = pk.Fields[0].Field.Name
	}
	column := f.Name + strings.ToUpper(id[:1]) + id[1:]
	for _, g := range f.model.fields {
		if g.Kind == Scalar && strings.EqualFold(g.Name, f.Name+id) {
			column = g.Name
		}
	}
	return fmt.Sprintf("Write @relation(fields: [%s], references: [%s]).", column, id)
}

// oneToOne checks a relation without lists: one side holds the foreign key, which is unique; the other is optional.
func (c *checker) oneToOne(a, b *fieldInfo) {
	holder, back := a, b
	switch holdsA, holdsB := a.fieldsArg || a.referencesArg, b.fieldsArg || b.referencesArg; {
	case holdsA && holdsB:
		c.fail(codeRelation, b.relation.Span, "Remove them on one side.", "Both `%s.%s` and `%s.%s` give `fields` or `references`; one side holds the foreign key.", a.model.Name, a.Name, b.model.Name, b.Name)
		c.drop(a, b)
		return
	case holdsB:
		holder, back = b, a
	case !holdsA:
		if a.Arity == Optional && b.Arity == Required {
			holder, back = b, a
		}
		c.fail(codeRelation, holder.NameAt, c.foreignKeyHelp(holder), "Neither `%s.%s` nor `%s.%s` gives `fields` and `references`; one side holds the foreign key.", a.model.Name, a.Name, b.model.Name, b.Name)
		c.drop(a, b)
		return
	}
	c.noActions(back, holder)
	if back.Arity == Required {
		c.fail(codeRelation, back.TypeAt, fmt.Sprintf("Write %s?.", back.Type), "The field `%s` of `%s` has no column, so nothing can make it required.", back.Name, back.model.Name)
	}
	if !c.hasForeignKey(holder) {
		c.drop(a, b)
		return
	}
	c.foreignKey(holder)
	if !holder.badRelation && !holder.model.uniquesBad && !holder.model.isUnique(holder.Relation.Fields) {
		names := fieldNames(holder.Relation.Fields)
		help := fmt.Sprintf("Add @unique to `%s`, or make `%s.%s` a list.", names[0], back.model.Name, back.Name)
		if len(names) > 1 {
			help = fmt.Sprintf("Add @@unique([%s]), or make `%s.%s` a list.", strings.Join(names, ", "), back.model.Name, back.Name)
		}
		c.fail(codeRelation, holder.relation.Span, help, "The one-to-one relation `%s` has a foreign key that is not unique.", holder.Name)
	}
}

func fieldNames(fields []*Field) []string {
	return say.Each(fields, func(f *Field) string { return f.Name })
}

// isUnique reports whether the model's id or a unique index has exactly these fields, in this order.
func (m *modelInfo) isUnique(fields []*Field) bool {
	return m.hasUnique(func(i *Index) bool {
		return slices.EqualFunc(i.Fields, fields, func(x IndexField, f *Field) bool { return x.Field == f })
	})
}

// refersTo reports whether these fields, in any order, are the model's id or all of a unique index.
func (m *modelInfo) refersTo(fields []*Field) bool {
	return m.hasUnique(func(i *Index) bool {
		return i.Where == nil && len(i.Fields) == len(fields) &&
			!slices.ContainsFunc(i.Fields, func(x IndexField) bool { return !slices.Contains(fields, x.Field) })
	})
}

// foreignKey checks the columns of the side that holds the foreign key.
func (c *checker) foreignKey(f *fieldInfo) {
	r := f.Relation
	if f.badRelation || len(r.Fields) != len(r.References) {
		return
	}
	for i, from := range r.Fields {
		if to := r.References[i]; !sameType(from, to) {
			c.fail(codeRelation, f.relation.Span, fmt.Sprintf("Make them the same: `%s` is at line %d.", to.Name, to.Span.Start.Line), "The field `%s` is %s and refers to `%s.%s`, which is %s.",
				from.Name, from.typeText(), f.to.Name, to.Name, to.typeText())
		}
	}
	if !f.to.uniquesBad && !f.to.refersTo(r.References) {
		names := fieldNames(r.References)
		help := fmt.Sprintf("Add @unique to `%s.%s`, or refer to its id.", f.to.Name, names[0])
		if len(names) > 1 {
			help = fmt.Sprintf("Add @@unique([%s]) to `%s`, or refer to its id.", strings.Join(names, ", "), f.to.Name)
		}
		c.fail(codeRelation, f.relation.Span, help, "`references` names %s of `%s`, which is not unique.", "`"+strings.Join(names, "`, `")+"`", f.to.Name)
	}
	c.checkOptional(f)
}

func (f *Field) typeText() string {
	s := f.Type
	if f.Kind == Unsupported {
		s = fmt.Sprintf("Unsupported(%q)", f.Type)
	}
	if f.Arity == List {
		s += "[]"
	}
	return s
}

func sameType(a, b *Field) bool {
	return a.Kind == b.Kind && a.Type == b.Type && (a.Arity == List) == (b.Arity == List)
}

// checkOptional checks that a relation is optional where its columns are, and warns of SetNull where they are not.
func (c *checker) checkOptional(f *fieldInfo) {
	r := f.Relation
	var optional, required *Field
	for _, g := range r.Fields {
		if g.Arity == Optional {
			optional = g
		} else {
			required = g
		}
	}
	if optional != nil && f.Arity == Required {
		c.fail(codeRelation, f.TypeAt, fmt.Sprintf("Write %s?, or make `%s` required.", f.Type, optional.Name), "The relation `%s` is required, and its field `%s` is optional.", f.Name, optional.Name)
	}
	for _, x := range [...]struct {
		name   string
		action ReferentialAction
	}{{"onDelete", r.OnDelete}, {"onUpdate", r.OnUpdate}} {
		if x.action == SetNull && required != nil {
			c.warn(codeRisk, f.relation.Span, fmt.Sprintf("Make `%s` optional, or choose another action.", required.Name),
				"`%s: SetNull` sets the required field `%s` to NULL, which PostgreSQL will refuse each time.", x.name, required.Name)
		}
	}
}

// manyToMany checks a relation with two lists and adds it to the schema.
func (c *checker) manyToMany(f, o *fieldInfo) {
	ok := true
	for _, x := range [...]*fieldInfo{f, o} {
		if x.fieldsArg || x.referencesArg {
			c.fail(codeRelation, x.relation.Span, "Remove them, or write the model between the two yourself.", "A many-to-many relation has its columns in a table of its own, so `%s` takes neither `fields` nor `references`.", x.Name)
			ok = false
		}
		if x.Relation.OnDelete != "" || x.Relation.OnUpdate != "" {
			c.fail(codeRelation, x.relation.Span, "Write the model between the two yourself.", "An implicit many-to-many relation takes neither `onDelete` nor `onUpdate`.")
			ok = false
		}
		if x.to.View {
			c.fail(codeRelation, x.NameAt, "", "A view cannot be in an implicit many-to-many relation.")
			ok = false
		} else if !x.to.uniquesBad && !x.to.block.Broken && (x.to.PrimaryKey == nil || len(x.to.PrimaryKey.Fields) != 1) {
			c.fail(codeRelation, x.NameAt, "Write the model between the two yourself.", "The model `%s` has no id of a single field, which an implicit many-to-many relation needs.", x.to.Name)
			ok = false
		}
	}
	if !ok {
		return
	}
	a, b := f, o
	if a.model == b.model && b.Name < a.Name || a.model != b.model && b.model.Name < a.model.Name {
		a, b = b, a
	}
	c.schema.ManyToMany = append(c.schema.ManyToMany, &ManyToMany{Name: f.Relation.Name, A: a.Field, B: b.Field})
}
