package fakedata

import (
	"fmt"
	"slices"
)

// Two foreign keys of a table that share a column, such as (tenant, project) and (tenant, team), must refer to rows
// that agree in it. Rows are therefore put into groups, by their number modulo the number of groups, in all tables that
// such keys link: a row refers to rows of its own group, and the shared column is the same in all rows of a group.

// settleReferences decides which foreign key determines each column, which may refer to nothing, and which keep to
// groups.
func (db *database) settleReferences() {
	for _, t := range db.tables {
		for _, f := range t.out {
			f.key = hashOf("reference", t.ref.String(), f.name)
			for _, c := range f.referenced {
				c.target = c.target || !f.named // a column that another refers to by name is a key, which is never NULL
			}
		}
		for _, c := range t.columns {
			c.settleOwner()
		}
		for _, f := range t.out {
			f.settleNulls()
		}
	}
	for _, t := range db.tables {
		for _, c := range t.columns {
			c.settleGroup()
		}
	}
}

// settleOwner chooses the foreign key that determines the column's values: preferably one whose columns may not be
// NULL, and never one in which the column refers to itself.
func (c *column) settleOwner() {
	best := -1
	for _, f := range c.table.out {
		at := slices.Index(f.columns, c)
		if at < 0 || f.referenced[at] == c {
			continue
		}
		score := 10 - len(f.columns)
		if !f.optional() {
			score += 100
		}
		if f.to == f.from {
			score -= 5
		}
		if score > best {
			best, c.owner, c.ownerAt = score, f, at
		}
	}
}

func (f *foreignKey) optional() bool {
	return slices.ContainsFunc(f.columns, func(c *column) bool { return c.mayBeNull() })
}

// settleNulls decides whether rows may refer to nothing. With MATCH FULL, all columns must then be NULL together.
func (f *foreignKey) settleNulls() {
	n := 0
	for _, c := range f.columns {
		if c.owner == f && c.mayBeNull() {
			n++
		}
	}
	f.nulls = n > 0 && (!f.full || n == len(f.columns))
	if r := f.nullRule(); r != nil {
		f.always = f.nulls && *r.Null == 1
		f.nulls = f.nulls && *r.Null > 0
	}
}

// root returns the column from which a column's values ultimately come; nil for a circle.
func (c *column) root() *column {
	seen := map[*column]bool{}
	for c.owner != nil {
		if seen[c] {
			return nil
		}
		seen[c] = true
		c = c.owner.referenced[c.ownerAt]
	}
	return c
}

// settleGroup puts the column and those linked with it into groups, if several foreign keys share it, or two rows of
// which one refers to the other.
func (c *column) settleGroup() {
	var in []*foreignKey
	for _, f := range c.table.out {
		if slices.Contains(f.columns, c) {
			in = append(in, f)
		}
	}
	if len(in) < 2 && (len(in) == 0 || c.owner != nil) {
		return
	}
	root := c.root()
	if root == nil {
		c.table.refused = "the values of its column " + c.name + " come from a circle of foreign keys"
		return
	}
	for _, f := range in {
		if f == c.owner || f.referenced[slices.Index(f.columns, c)].root() == root {
			continue
		}
		if !f.nulls {
			c.table.refused = fmt.Sprintf("its column %s must be a key of %s and of %s at once", c.name, root.table.ref, f.to.ref)
			return
		}
		f.always = true
	}
	c.putInGroups(map[*column]bool{})
}

// putInGroups follows a column to the source of its values, and makes every foreign key on the way keep to groups.
func (c *column) putInGroups(seen map[*column]bool) {
	if seen[c] {
		return
	}
	seen[c] = true
	if c.owner == nil && !c.alone() {
		c.grouped = true
	}
	for _, f := range c.table.out {
		at := slices.Index(f.columns, c)
		if at < 0 || f.always {
			continue
		}
		f.group = true
		to := f.referenced[at]
		to.putInGroups(seen)
		if to.owner == nil && !to.grouped {
			f.exact = true
		}
	}
}

// alone reports whether the column is a unique key by itself, so that rows of a group cannot share its value.
func (c *column) alone() bool {
	return slices.ContainsFunc(c.table.keys, func(k *uniqueKey) bool { return len(k.columns) == 1 && k.columns[0] == c && k.predicate == "" })
}
