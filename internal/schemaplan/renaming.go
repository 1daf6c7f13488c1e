package schemaplan

import (
	"slices"
	"strings"
)

// clone copies what renames change.
func (d *Database) clone() *Database {
	out := *d
	out.Enums, out.Tables, out.enums, out.tables = nil, nil, nil, nil
	for _, e := range d.Enums {
		copied := *e
		out.addEnum(&copied)
	}
	for _, t := range d.Tables {
		out.addTable(t.clone())
	}
	out.inbound = nil
	for _, in := range d.inbound {
		key := *in.Key
		key.RefColumns = slices.Clone(key.RefColumns)
		out.inbound = append(out.inbound, inboundKey{in.From, &key})
	}
	out.renaming = newRenaming(&out)
	return &out
}

// renaming is what a rename looks for in a whole database: kept from one rename to the next, because there may be as
// many as tables.
type renaming struct {
	keysOf map[qName][]*foreignKey // by the table that they belong to
	keysTo map[qName][]*foreignKey // by the table that they refer to
	users  map[qName][]columnUse
}

func newRenaming(d *Database) *renaming {
	r := &renaming{map[qName][]*foreignKey{}, map[qName][]*foreignKey{}, d.enumColumns()}
	note := func(of qName, k *foreignKey) {
		r.keysOf[of] = append(r.keysOf[of], k)
		r.keysTo[k.References] = append(r.keysTo[k.References], k)
	}
	for _, t := range d.Tables {
		for _, k := range t.ForeignKeys {
			note(t.qName, k)
		}
	}
	for _, in := range d.inbound {
		note(in.From, in.Key)
	}
	return r
}

// move gives what is noted under one name another.
func move[T any](all map[qName][]T, from, to qName) {
	if list, found := all[from]; found {
		delete(all, from)
		all[to] = list
	}
}

func (t *Table) clone() *Table {
	out := *t
	out.was = t.asIs()
	out.Columns, out.Indexes, out.ForeignKeys = nil, nil, nil
	for _, c := range t.Columns {
		copied := *c
		copied.was = c.asIs()
		if c.Sequence != nil {
			sequence := *c.Sequence
			copied.Sequence = &sequence
		}
		out.Columns = append(out.Columns, &copied)
	}
	if t.PrimaryKey != nil {
		key := *t.PrimaryKey
		key.Columns = slices.Clone(key.Columns)
		out.PrimaryKey = &key
	}
	for _, x := range t.Indexes {
		copied := *x
		copied.Columns, copied.Include = slices.Clone(x.Columns), slices.Clone(x.Include)
		out.Indexes = append(out.Indexes, &copied)
	}
	for _, k := range t.ForeignKeys {
		copied := *k
		copied.Columns, copied.RefColumns = slices.Clone(k.Columns), slices.Clone(k.RefColumns)
		out.ForeignKeys = append(out.ForeignKeys, &copied)
	}
	return &out
}

func (d *Database) renameColumn(table qName, from, to string) {
	swap := func(names []string) {
		for i, n := range names {
			if n == from {
				names[i] = to
			}
		}
	}
	t := d.table(table)
	t.column(from).Name = to
	if t.PrimaryKey != nil {
		swap(t.PrimaryKey.Columns)
	}
	for _, x := range t.Indexes {
		swap(x.Include)
		for i := range x.Columns {
			if x.Columns[i].Name == from {
				x.Columns[i].Name = to
			}
		}
	}
	for _, k := range d.renaming.keysOf[table] {
		swap(k.Columns)
	}
	for _, k := range d.renaming.keysTo[table] {
		swap(k.RefColumns)
	}
}

func (d *Database) renameTable(from, to qName) {
	for _, k := range d.renaming.keysTo[from] {
		k.References = to
	}
	move(d.renaming.keysTo, from, to)
	move(d.renaming.keysOf, from, to)
	t := d.table(from)
	t.qName = to
	delete(d.tables, from)
	d.tables[to] = t
	for _, c := range t.Columns {
		if c.Sequence != nil { // it moves with its table
			c.Sequence.Schema = to.Schema
		}
	}
}

// renameValue renames a value of an enum, including in the defaults of columns: the server keeps them by number.
func (d *Database) renameValue(enum qName, from, to string) {
	e := d.enum(enum)
	e.Values = slices.Clone(e.Values)
	e.Values[slices.Index(e.Values, from)] = to
	for _, u := range d.renaming.users[enum] {
		c := u.column
		if c.Default == nil {
			continue
		}
		if text, ok := literalText(c.Default.SQL); ok && text == from {
			renamed := *c.Default
			renamed.SQL = strings.TrimSpace(literal(to)) + strings.TrimPrefix(renamed.SQL, literal(from))
			c.Default = &renamed
		}
	}
}

func (d *Database) renameEnum(from, to qName) {
	e := d.enum(from)
	e.qName = to
	delete(d.enums, from)
	d.enums[to] = e
	for _, u := range d.renaming.users[from] {
		u.column.Type.Enum, u.column.Type.Name = to, to.Name
	}
	move(d.renaming.users, from, to)
}
