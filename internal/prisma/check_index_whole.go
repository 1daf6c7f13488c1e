package prisma

import (
	"fmt"
	"iter"
)

// checkIndexes checks a model's id and indexes as a whole, once their fields' native types are known.
func (c *checker) checkIndexes(m *modelInfo) {
	for i := range m.allIndexes() {
		c.checkIndexFields(i)
		switch {
		case i.Algorithm == "Hash" && len(i.Fields) > 1, i.Algorithm == "SpGist" && len(i.Fields) > 1:
			c.fail(codeIndex, i.Span, "Make an index for each field, or use a BTree.", "An index of type %s has one field.", i.Algorithm)
		case m.View && i.Kind == Plain:
			c.fail(codeIndex, i.Span, "Make the index on the view's tables, or in SQL where it is a materialized view.", "A view has no indexes.")
		}
	}
}

func (c *checker) checkIndexFields(i *Index) {
	for _, f := range i.Fields {
		switch {
		case i.Kind == PrimaryKey && f.Field.Arity != Required:
			c.fail(codeIndex, i.Span, fmt.Sprintf("Make its type %s.", f.Field.Type), "The field `%s` is part of the id and cannot be optional or a list.", f.Field.Name)
		case f.Field.nativeName() == "Xml" && !f.OpsRaw:
			c.fail(codeIndex, i.Span, "", "PostgreSQL cannot compare XML, so the field `%s` cannot be in an index.", f.Field.Name)
		case f.Sort != "" && i.Algorithm != "BTree":
			c.fail(codeIndex, i.Span, "Remove sort:.", "An index of type %s has no order.", i.Algorithm)
		case f.Ops == "" && !hasDefaultClass(i.Algorithm, f.Field):
			c.fail(codeIndex, i.Span, fmt.Sprintf("Give it one: %s(ops: …).", f.Field.Name), "An index of type %s has no operator class of its own for the field `%s`, which is %s.",
				i.Algorithm, f.Field.Name, f.Field.nativeDescription())
		}
	}
}

// allIndexes returns the primary key, where there is one, and the indexes.
func (m *Model) allIndexes() iter.Seq[*Index] {
	return func(yield func(*Index) bool) {
		if m.PrimaryKey != nil && !yield(m.PrimaryKey) {
			return
		}
		for _, i := range m.Indexes {
			if !yield(i) {
				return
			}
		}
	}
}
