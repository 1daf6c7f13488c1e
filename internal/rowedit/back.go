package rowedit

import (
	"context"
	"slices"
	"strings"
	"time"
)

// wayBack returns what was done, with the changes that take it back: from the rows as they are at the end of the
// transaction, whatever triggers made of them, to what they were before it.
func (a *attempt) wayBack(ctx context.Context) (*Commit, error) {
	b := &way{a: a, done: &Commit{At: time.Now(), Changes: a.order, Why: a.kept.why}}
	for _, c := range slices.Backward(a.order) {
		if err := b.change(ctx, c); err != nil {
			return nil, err
		}
	}
	own := map[string]bool{}
	for _, c := range a.order {
		own[placeOf(c.Row)] = c.Verb == Delete
	}
	for _, k := range a.kept.rows {
		if own[k.place] {
			continue
		}
		if k.deleted {
			b.restore(k.row)
			continue
		}
		now, err := k.row.Table.read(ctx, a.tx, k.row.keyOf(), "")
		if err != nil {
			return nil, err
		}
		b.reset(k.row, now)
	}
	if b.done.Why != "" {
		b.done.Back = nil
	}
	return b.done, nil
}

// way collects the changes of a way back.
type way struct {
	a    *attempt
	done *Commit
}

func (b *way) change(ctx context.Context, c *Change) error {
	if c.Verb == Delete {
		b.restore(c.Row)
		return nil
	}
	if len(c.Table.Key) == 0 {
		b.no(c.Table.String() + " has no key")
		return nil
	}
	now, err := c.Table.read(ctx, b.a.tx, b.a.keys[c], "")
	switch {
	case err != nil:
		return err
	case now == nil:
		b.no("the server made another row of " + c.Name())
		return nil
	}
	if err := b.a.compare(ctx, c, now); err != nil {
		return err
	}
	switch {
	case c.Verb == Insert:
		b.done.Back = append(b.done.Back, &Change{Verb: Delete, Table: c.Table, Row: now})
	default:
		b.reset(c.Row, now)
	}
	return nil
}

// restore brings a deleted row back.
func (b *way) restore(row *Row) {
	c := &Change{Verb: Insert, Table: row.Table, Set: map[string]Value{}}
	for i, col := range row.Table.Columns {
		switch cell := row.Cells[i]; {
		case col.Generated != "":
		case !cell.Whole():
			b.no("the value of " + col.Name + " cannot be kept: it is too long, or may not be read")
		default:
			c.Set[col.Name] = cell.Value()
			c.System = c.System || col.Identity == "ALWAYS"
		}
	}
	b.done.Back = append(b.done.Back, c)
}

// reset gives a row's columns back what they were.
func (b *way) reset(was, now *Row) {
	if now == nil {
		b.no("the server made another row of " + was.Table.String() + " " + was.Name())
		return
	}
	c := &Change{Verb: Update, Table: now.Table, Row: now, Set: map[string]Value{}}
	for _, name := range differences(was, now) {
		col, cell := now.Table.Columns[now.Table.Find(name)], was.Cell(name)
		switch {
		case col.Generated != "":
		case !cell.Whole():
			b.no("the earlier value of " + name + " is too long to be kept")
		case now.Table.Fixed(col, false) != "":
			b.no(now.Table.Fixed(col, false))
		default:
			c.Set[name] = cell.Value()
		}
	}
	if len(c.Set) > 0 {
		b.done.Back = append(b.done.Back, c)
	}
}

func (b *way) no(why string) {
	if b.done.Why == "" {
		b.done.Why = why
	}
}

// What says what a commit changed, in one line.
func (c *Commit) What() string {
	var parts []string
	for _, x := range c.Changes {
		parts = append(parts, x.Verb.Sign()+" "+x.Name())
	}
	return strings.Join(parts, ", ")
}
