package rowedit

import (
	"maps"
	"slices"

	"github.com/livepeer/naap-dev/internal/postgres"
)

// Pending is what the user has changed and not committed yet. The zero value is empty.
type Pending struct {
	list []*Change

	// Doubt is the id of the transaction that was to commit them, where the answer got lost; see Plan.
	Doubt string
}

// List returns the changes in the order in which they were made.
func (p *Pending) List() []*Change { return slices.Clone(p.list) }

// Len returns how many there are.
func (p *Pending) Len() int { return len(p.list) }

// At returns the change of a row of a table that is shown at a place, or nil.
func (p *Pending) At(table postgres.TableRef, at postgres.Cursor) *Change {
	for _, c := range p.list {
		if c.Row != nil && c.Table.TableRef == table && slices.Equal(c.Row.At, at) {
			return c
		}
	}
	return nil
}

// New returns the new rows of a table.
func (p *Pending) New(table postgres.TableRef) (out []*Change) {
	for _, c := range p.list {
		if c.Verb == Insert && c.Table.TableRef == table {
			out = append(out, c)
		}
	}
	return out
}

// Update sets columns of a row. A column that is set to what it was is no longer changed, and a row without any is not
// either. What is pending for the row keeps the state in which it was first shown.
func (p *Pending) Update(row *Row, set map[string]Value) {
	c := p.At(row.Table.TableRef, row.At)
	if c == nil || c.Verb == Delete {
		p.Drop(c)
		c = &Change{Verb: Update, Table: row.Table, Row: row, Set: map[string]Value{}}
		p.list = append(p.list, c)
	}
	for column, v := range set {
		if was := c.Row.Cell(column); was.Whole() && was.Value() == v {
			delete(c.Set, column)
		} else {
			c.Set[column] = v
		}
	}
	if len(c.Set) == 0 {
		p.Drop(c)
	}
}

// Replace gives a new row other values.
func (p *Pending) Replace(c *Change, set map[string]Value) { c.Set = maps.Clone(set) }

// Insert adds a new row.
func (p *Pending) Insert(table *Table, set map[string]Value) {
	p.list = append(p.list, &Change{Verb: Insert, Table: table, Set: maps.Clone(set)})
}

// Delete deletes a row, whatever was pending for it.
func (p *Pending) Delete(row *Row) {
	p.Drop(p.At(row.Table.TableRef, row.At))
	p.list = append(p.list, &Change{Verb: Delete, Table: row.Table, Row: row})
}

// Drop forgets a change, which may be a Plan's.
func (p *Pending) Drop(c *Change) {
	c = c.original()
	p.list = slices.DeleteFunc(p.list, func(x *Change) bool { return x == c })
}

// original is the pending change that one of a Plan is a copy of.
func (c *Change) original() *Change {
	if c != nil && c.of != nil {
		return c.of
	}
	return c
}

// Renew has a change go on from the row as it is now. What is equal by now is no longer changed, and a row that is gone, whose
// now is nil, is no longer deleted.
func (p *Pending) Renew(c *Change, now *Row) {
	if c = c.original(); now == nil {
		if c.Verb == Delete {
			p.Drop(c)
		}
		return
	}
	now.At = c.Row.At
	c.Row, c.Table = now, now.Table
	for column, v := range c.Set {
		if was := now.Cell(column); was.Whole() && was.Value() == v {
			delete(c.Set, column)
		}
	}
	if c.Verb == Update && len(c.Set) == 0 {
		p.Drop(c)
	}
}

// Clear forgets all.
func (p *Pending) Clear() { *p = Pending{} }

// Plan returns what a commit would carry out: copies, which do not change while that goes on.
func (p *Pending) Plan() Plan {
	var out Plan
	for _, c := range p.list {
		one := *c
		one.Set, one.of = maps.Clone(c.Set), c
		out.Changes = append(out.Changes, &one)
	}
	return out
}

// Plan is changes to carry out together.
type Plan struct {
	Changes []*Change
}
