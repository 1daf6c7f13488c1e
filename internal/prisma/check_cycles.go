package prisma

import "slices"

// checkCycles reports relations whose actions form a cycle, where the client carries them out itself: with relationMode
// = "prisma" it would never finish.
func (c *checker) checkCycles() {
	if d := c.schema.Datasource; d == nil || d.RelationMode != "prisma" {
		return
	}
	for _, m := range c.models {
		for _, f := range m.relations {
			if !c.acts(f) {
				continue
			}
			if f.to == m {
				c.fail(codeRelation, f.relation.Span, "Give it onDelete: Restrict and onUpdate: Restrict, or remove relationMode.",
					"With relationMode = \"prisma\" a relation of a model with itself cannot change rows on its own.")
			} else if c.reaches(f.to, m, map[*modelInfo]bool{}) {
				c.fail(codeRelation, f.relation.Span, "Give one of them onDelete: Restrict and onUpdate: Restrict, or remove relationMode.",
					"With relationMode = \"prisma\" this relation is part of a circle of relations that change rows on their own.")
			}
		}
	}
}

// acts reports whether a foreign key changes rows on its own when the row that it refers to changes.
func (c *checker) acts(f *fieldInfo) bool {
	r := f.Relation
	if !r.Holds() || f.badRelation {
		return false
	}
	still := func(a ReferentialAction) bool { return a == Restrict || a == NoAction }
	onDelete := r.OnDelete
	if onDelete == "" && f.Arity == Required {
		onDelete = Restrict
	}
	return !still(onDelete) || !still(r.OnUpdate)
}

func (c *checker) reaches(from, to *modelInfo, seen map[*modelInfo]bool) bool {
	if from == to {
		return true
	}
	if seen[from] {
		return false
	}
	seen[from] = true
	return slices.ContainsFunc(from.relations, func(f *fieldInfo) bool { return c.acts(f) && f.to != from && c.reaches(f.to, to, seen) })
}
