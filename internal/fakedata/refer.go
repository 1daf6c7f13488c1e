package fakedata

import (
	"slices"

	"github.com/livepeer/naap-dev/internal/lazy"
)

// unrelated is the percentage of rows that refer to nothing where they may.
const unrelated = 15

// refersToNothing reports whether a row's optional reference is NULL.
func (f *foreignKey) refersToNothing(i int64) bool {
	switch {
	case f.always:
		return true
	case f.nullAt != nil:
		return f.nullAt(i)
	case !f.nulls:
		return false
	case f.from == f.to && i == f.from.first && f.pinned == nil && f.only == nil:
		return true // the root of a tree
	}
	if r := f.nullRule(); r != nil {
		return r.leaves(f.key^0x17, i)
	}
	d := roll(f.key^0x17, i)
	return d.percent(max(unrelated, f.columns[0].rarity()))
}

// chooser returns a function that chooses the row of the other table to which a row refers, counted from 0. groups is
// the plan's number of groups.
func (f *foreignKey) chooser(groups int64) func(i int64) int64 {
	key, first, supply := f.key, f.from.first, f.supply()
	order := newShuffle(supply, f.to.key)
	switch {
	case f.pinned != nil:
		return f.pinned
	case f.only != nil:
		return f.chooseOnly()
	case f.group && f.exact:
		return func(i int64) int64 { return (i - first) % groups }
	case f.group:
		return func(i int64) int64 {
			d := roll(key, i)
			own := (i - first) % groups
			n := (supply - own + groups - 1) / groups
			if f.from == f.to {
				n = max((i-first)/groups, 1)
			}
			return own + groups*d.skewed(n)
		}
	case f.from == f.to:
		return func(i int64) int64 { // a row refers to an earlier one, the first to the last
			d := roll(key, i)
			if i == first {
				return supply - 1
			}
			return d.below(i - first)
		}
	}
	return func(i int64) int64 { d := roll(key, i); return order.at(d.skewed(supply)) }
}

// chooseOnly chooses among the rows that a rule names.
func (f *foreignKey) chooseOnly() func(i int64) int64 {
	r, key, n := f.columns[0].rule, f.key, int64(len(f.only))
	if r.Weights != nil {
		return r.weighted(f.only, key)
	}
	return func(i int64) int64 { d := roll(key, i); return d.below(n) }
}

// reference makes the values of a column that a foreign key determines: the key of the row referred to.
func (c *column) reference(groups int64) maker {
	f := c.owner
	nullable := f.nulls && c.mayBeNull() || f.always
	if f.supply() == 0 {
		return func(dst []byte, _ int64) ([]byte, bool) { return dst, false }
	}
	choose := f.chooser(groups)
	var value func(dst []byte, j int64) ([]byte, bool)
	if f.only != nil {
		value = func(dst []byte, j int64) ([]byte, bool) { return append(dst, f.only[j]...), true }
	} else if f.to.given() {
		rows, at := f.to.sample.rows, slices.Index(f.to.sample.columns, f.referenced[c.ownerAt])
		value = func(dst []byte, j int64) ([]byte, bool) { return append(dst, rows[j][at]...), true }
	} else {
		key, first := f.referenced[c.ownerAt].maker(groups), f.to.first
		value = func(dst []byte, j int64) ([]byte, bool) { return key(dst, first+j) }
	}
	return func(dst []byte, i int64) ([]byte, bool) {
		if nullable && f.refersToNothing(i) {
			return dst, false
		}
		return value(dst, choose(i))
	}
}

// maker makes the column's values: references, its own, NULLs. Each call returns a new one, since a maker keeps scratch
// space and belongs to one goroutine.
func (c *column) maker(groups int64) maker {
	if c.owner != nil {
		return c.reference(groups)
	}
	null := func(dst []byte, _ int64) ([]byte, bool) { return dst, false }
	if c.guide.null {
		return null
	}
	make := c.raw()
	if make == nil {
		return null
	}
	if c.grouped {
		inner, first := make, c.table.first
		make = func(dst []byte, i int64) ([]byte, bool) { return inner(dst, first+(i-first)%groups) }
	}
	return c.withNulls(make)
}

// withNulls leaves out some values where that is allowed and nothing depends on them.
func (c *column) withNulls(make maker) maker {
	key, share := c.key^0x2b, max(c.rarity(), 12) // in percent
	null := c.nullAt
	switch r := c.rule; {
	case null != nil:
	case !c.mayBeNull() || c.target || c.guide.slots > 0:
		return make
	case r != nil && r.Null != nil:
		null = func(i int64) bool { return r.leaves(key, i) }
	default:
		null = func(i int64) bool { d := roll(key, i); return d.percent(share) }
	}
	return func(dst []byte, i int64) ([]byte, bool) {
		if null(i) {
			return dst, false
		}
		return make(dst, i)
	}
}

// rarity returns a high percentage for what happens to few rows, and otherwise 0.
func (c *column) rarity() int64 {
	if says(c.name, &rareEvents) {
		return 85
	}
	return 0
}

var rareEvents = lazy.Words{Text: "deleted archived revoked banned removed cancelled canceled error failed disabled locked suspended deactivated rejected blocked"}
