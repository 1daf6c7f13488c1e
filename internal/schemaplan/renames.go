package schemaplan

import (
	"fmt"
	"slices"

	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// candidate is a rename that is possible: something that goes, and something of the same form that comes.
type candidate struct {
	Rename
	table, to  QName // of a column: its table; of a table or an enum: from and to
	column     string
	wantColumn string
	likely     bool // nothing else fits either side
	pos        prisma.Pos
}

// candidates finds the possible renames between what was found and what is wanted.
func candidates(have, want *Database, limit []string) []candidate {
	d := &differ{have: have, want: want, limit: limit}
	var out []candidate
	out = append(out, enumCandidates(d)...)
	out = append(out, tableCandidates(d)...)
	for _, w := range want.Tables {
		if h := have.table(w.QName); h != nil && h.Unmanaged == "" && d.in(w.Schema) {
			out = append(out, columnCandidates(h, w)...)
		}
	}
	return out
}

// pairUp settles which pairs are likely: those that leave no choice.
func pairUp(pairs []candidate) []candidate {
	from, to := map[string]int{}, map[string]int{}
	for _, p := range pairs {
		from[p.From]++
		to[p.To]++
	}
	for i := range pairs {
		pairs[i].likely = from[pairs[i].From] == 1 && to[pairs[i].To] == 1
	}
	return pairs
}

func columnCandidates(h, w *Table) []candidate {
	var out []candidate
	for _, hc := range h.Columns {
		if w.Column(hc.Name) != nil || hc.Generated {
			continue
		}
		for _, wc := range w.Columns {
			if h.Column(wc.Name) == nil && sameType(hc.Type, wc.Type, "") {
				from, to := h.String()+"."+hc.Name, h.String()+"."+wc.Name
				out = append(out, candidate{
					Rename: Rename{Key: from + ">" + wc.Name, Kind: "column", From: from, To: to, At: wc.Pos.String()},
					table:  h.QName, column: hc.Name, wantColumn: wc.Name, pos: wc.Pos,
				})
			}
		}
	}
	return pairUp(out)
}

func tableCandidates(d *differ) []candidate {
	var out []candidate
	for _, h := range d.have.Tables {
		if !d.in(h.Schema) || h.Unmanaged != "" || d.want.table(h.QName) != nil {
			continue
		}
		for _, w := range d.want.Tables {
			if d.in(w.Schema) && d.have.table(w.QName) == nil && alike(h, w) {
				out = append(out, candidate{
					Rename: Rename{Key: h.String() + ">" + w.String(), Kind: "table", From: h.String(), To: w.String(), At: w.Pos.String()},
					table:  h.QName, to: w.QName, pos: w.Pos,
				})
			}
		}
	}
	return pairUp(out)
}

// alike tells whether two tables have the same columns; enum types count by their names, since they may move too.
func alike(h, w *Table) bool {
	if len(h.Columns) != len(w.Columns) {
		return false
	}
	for _, hc := range h.Columns {
		wc := w.Column(hc.Name)
		if wc == nil {
			return false
		}
		if hc.Type.IsEnum() && wc.Type.IsEnum() {
			if hc.Type.Name != wc.Type.Name || hc.Type.List != wc.Type.List {
				return false
			}
		} else if !sameType(hc.Type, wc.Type, "") {
			return false
		}
	}
	return true
}

func enumCandidates(d *differ) []candidate {
	var out []candidate
	for _, h := range d.have.Enums {
		if h.Unmanaged != "" || !d.in(h.Schema) || d.want.enum(h.QName) != nil {
			continue
		}
		for _, w := range d.want.Enums {
			if d.in(w.Schema) && d.have.enum(w.QName) == nil && slices.Equal(h.Values, w.Values) {
				out = append(out, candidate{
					Rename: Rename{Key: h.String() + ">" + w.String(), Kind: "enum", From: h.String(), To: w.String(), At: w.Pos.String()},
					table:  h.QName, to: w.QName, pos: w.Pos,
				})
			}
		}
	}
	return pairUp(out)
}

// applyRenames is the database as it will be after the renames that were asked for, and the steps that do them. A key
// that names no possible rename is an error.
func applyRenames(have, want *Database, opt ComputeOptions) (*Database, []*Step, error) {
	if len(opt.Renames) == 0 {
		return have, nil, nil
	}
	after := have.clone()
	d := &differ{have: after, want: want, limit: opt.Schemas}
	left := slices.Clone(opt.Renames)
	for len(left) > 0 {
		possible := candidates(after, want, opt.Schemas)
		done := false
		for _, c := range possible {
			if i := slices.Index(left, c.Key); i >= 0 {
				c.apply(d)
				left, done = slices.Delete(left, i, i+1), true
				break // a table that has its new name has new columns to look at
			}
		}
		if !done {
			e := remedy.New("push.rename", remedy.ExitUsage, "%q is no rename that could be made", left[0])
			for _, c := range possible {
				e.WithSeen("possible: " + c.Key)
			}
			return nil, nil, e
		}
	}
	return after, d.steps, nil
}

func (c candidate) apply(d *differ) {
	summary := fmt.Sprintf("rename %s %s to %s", c.Kind, c.From, c.To)
	switch c.Kind {
	case "column":
		d.add(RenameColumn, Changes, c.To, c.pos, summary,
			fmt.Sprintf("ALTER TABLE %s RENAME COLUMN %s", c.table.SQL(), identList([]string{c.column, c.wantColumn}, " TO "))).
			needs(tableKey(c.table)).gives(columnKey(c.table, c.wantColumn))
		d.have.renameColumn(c.table, c.column, c.wantColumn)
	case "table":
		s := d.add(RenameTable, Changes, c.To, c.pos, summary, moveSQL("TABLE", c.table, c.to)...)
		s.needs(schemaKey(c.to.Schema), freeKey(c.to.Schema, c.to.Name)).
			gives(tableKey(c.to), freeKey(c.table.Schema, c.table.Name))
		d.have.renameTable(c.table, c.to)
	case "enum":
		s := d.add(RenameTable, Changes, c.To, c.pos, summary, moveSQL("TYPE", c.table, c.to)...)
		s.needs(schemaKey(c.to.Schema), freeKey(c.to.Schema, c.to.Name)).
			gives(typeKey(c.to), freeKey(c.table.Schema, c.table.Name))
		d.have.renameEnum(c.table, c.to)
	}
}

// moveSQL takes a table or a type to another schema, another name, or both.
func moveSQL(what string, from, to QName) []string {
	var out []string
	if from.Schema != to.Schema {
		out = append(out, fmt.Sprintf("ALTER %s %s SET SCHEMA %s", what, from.SQL(), quoteIdent(to.Schema)))
		from.Schema = to.Schema
	}
	if from.Name != to.Name {
		out = append(out, fmt.Sprintf("ALTER %s %s RENAME TO %s", what, from.SQL(), quoteIdent(to.Name)))
	}
	return out
}

// suggestRenames are the likely renames that were not asked for, with what each would keep.
func suggestRenames(steps []*Step, have, want *Database, limit []string) []Rename {
	var out []Rename
	losses := map[string]*Loss{}
	for _, s := range steps {
		if s.Destroys != nil {
			losses[s.Object] = s.Destroys
		}
	}
	for _, c := range candidates(have, want, limit) {
		if !c.likely {
			continue
		}
		if l := losses[c.From]; l != nil {
			c.Keeps = l.What
		} else if c.Kind == "enum" {
			c.Keeps = valuesOf(have, c.table, losses)
		}
		out = append(out, c.Rename)
	}
	return out
}

// valuesOf is what columns of an enum type lose because it goes.
func valuesOf(have *Database, enum QName, losses map[string]*Loss) string {
	n := int64(0)
	for _, t := range have.Tables {
		for _, c := range t.Columns {
			if l := losses[t.String()+"."+c.Name]; l != nil && c.Type.Enum == enum {
				n += max(1, l.NonNull) // a loss that was not counted is one
			}
		}
	}
	if n == 0 {
		return ""
	}
	return valueCount(n) + " of its type"
}

// clone copies what renames change.
func (d *Database) clone() *Database {
	out := *d
	out.Enums, out.Tables = nil, nil
	for _, e := range d.Enums {
		copied := *e
		out.Enums = append(out.Enums, &copied)
	}
	for _, t := range d.Tables {
		out.Tables = append(out.Tables, t.clone())
	}
	out.inbound = nil
	for _, in := range d.inbound {
		key := *in.Key
		key.RefColumns = slices.Clone(key.RefColumns)
		out.inbound = append(out.inbound, inboundKey{in.From, &key})
	}
	return &out
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
		copied.Columns = slices.Clone(x.Columns)
		out.Indexes = append(out.Indexes, &copied)
	}
	for _, k := range t.ForeignKeys {
		copied := *k
		copied.Columns, copied.RefColumns = slices.Clone(k.Columns), slices.Clone(k.RefColumns)
		out.ForeignKeys = append(out.ForeignKeys, &copied)
	}
	return &out
}

func (d *Database) keys() map[*ForeignKey]QName {
	out := map[*ForeignKey]QName{}
	for _, t := range d.Tables {
		for _, k := range t.ForeignKeys {
			out[k] = t.QName
		}
	}
	for _, in := range d.inbound {
		out[in.Key] = in.From
	}
	return out
}

func (d *Database) renameColumn(table QName, from, to string) {
	swap := func(names []string) {
		for i, n := range names {
			if n == from {
				names[i] = to
			}
		}
	}
	t := d.table(table)
	t.Column(from).Name = to
	if t.PrimaryKey != nil {
		swap(t.PrimaryKey.Columns)
	}
	for _, x := range t.Indexes {
		for i := range x.Columns {
			if x.Columns[i].Name == from {
				x.Columns[i].Name = to
			}
		}
	}
	for k, owner := range d.keys() {
		if owner == table {
			swap(k.Columns)
		}
		if k.References == table {
			swap(k.RefColumns)
		}
	}
}

func (d *Database) renameTable(from, to QName) {
	for k := range d.keys() {
		if k.References == from {
			k.References = to
		}
	}
	t := d.table(from)
	t.QName = to
	for _, c := range t.Columns {
		if c.Sequence != nil { // it moves with its table
			c.Sequence.Schema = to.Schema
		}
	}
}

func (d *Database) renameEnum(from, to QName) {
	d.enum(from).QName = to
	for _, t := range d.Tables {
		for _, c := range t.Columns {
			if c.Type.Enum == from {
				c.Type.Enum, c.Type.Name = to, to.Name
			}
		}
	}
}
