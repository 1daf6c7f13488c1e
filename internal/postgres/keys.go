package postgres

import (
	"encoding/json"
	"slices"
)

// keyFinder finds which columns identify a table's rows, and which are part of a key.
type keyFinder struct{ indexes []keyIndex }

type keyIndex struct {
	columns []int // attribute numbers; 0 for an expression
	unique  bool
	primary bool
	usable  bool // valid, not partial, and checked immediately
}

// keyColumns are the columns that add reads, beginning with column at.
const keyColumns = `i.indisunique, i.indisprimary, i.indisvalid AND i.indpred IS NULL AND i.indimmediate,
	(SELECT json_agg(k ORDER BY o) FROM unnest(i.indkey) WITH ORDINALITY u(k, o) WHERE o <= i.indnkeyatts)`

func (f *keyFinder) add(r textRow, at int) {
	x := keyIndex{unique: r.bool(at), primary: r.bool(at + 1), usable: r.bool(at + 2)}
	_ = json.Unmarshal(r[at+3], &x.columns)
	f.indexes = append(f.indexes, x)
}

// mark sets the columns' marks and the table's key.
func (f *keyFinder) mark(d *TableDetail) {
	at := map[int]*Column{}
	for i := range d.Columns {
		at[d.Columns[i].Number] = &d.Columns[i]
	}
	for _, x := range f.indexes {
		if c := at[x.columns[0]]; c != nil {
			c.Indexed = true
			c.Unique = c.Unique || x.unique && len(x.columns) == 1 && x.usable
		}
		if x.primary {
			d.HasKey = true
			for i, n := range x.columns {
				at[n].PrimaryKey = i + 1
			}
		}
	}
	for _, k := range d.Out {
		for i, name := range k.FromColumns {
			for j := range d.Columns {
				if c := &d.Columns[j]; c.Name == name && (c.References == nil || len(k.FromColumns) == 1) {
					c.References = &ColumnReference{Constraint: k.Name, Table: k.To, Column: k.ToColumns[i], Key: d.keyColumns(k.ForeignKeyEdge)}
				}
			}
		}
	}
	d.Key = f.best(at)
}

// keyColumns returns the columns of one of the table's own foreign keys.
func (d *TableDetail) keyColumns(k ForeignKeyEdge) []KeyColumn {
	out := make([]KeyColumn, len(k.FromColumns))
	for i, name := range k.FromColumns {
		out[i] = KeyColumn{From: name, To: k.ToColumns[i]}
		for _, c := range d.Columns {
			if c.Name == name {
				out[i].Type = c.SQLType
			}
		}
	}
	return out
}

// best returns the primary key, else the shortest unique key whose columns are never NULL.
func (f *keyFinder) best(at map[int]*Column) []string {
	var best []string
	for _, x := range f.indexes {
		if !x.unique || !x.usable {
			continue
		}
		var names []string
		for _, n := range x.columns {
			if c := at[n]; c != nil && c.NotNull && !slices.Contains(names, c.Name) {
				names = append(names, c.Name)
			}
		}
		if len(names) != len(x.columns) {
			continue
		}
		if x.primary {
			return names
		}
		if best == nil || len(names) < len(best) {
			best = names
		}
	}
	return best
}
