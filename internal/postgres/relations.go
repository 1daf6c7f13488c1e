package postgres

import (
	"cmp"
	"slices"
)

// Relations says which schema refers to which.
type Relations struct {
	Schemas []string       // sorted by name
	Edges   []SchemaEdge   // one for each pair of schemas with a foreign key between them, or within one schema; largest first
	Counts  map[string]int // tables of each schema
}

// SchemaEdge counts the foreign keys from tables of one schema to those of another, or its own.
type SchemaEdge struct {
	From, To    string
	ForeignKeys int
	Tables      int // those that refer, each once
}

// Neighbours are the tables at the other ends of a table's foreign keys.
type Neighbours struct {
	Table TableRef
	Out   []ForeignKeyEdge // those that it refers to
	In    []ForeignKeyEdge // those that refer to it
}

// Relations counts the foreign keys between the snapshot's schemas.
func (s *Snapshot) Relations() Relations {
	r := Relations{Counts: map[string]int{}}
	for _, sch := range s.Schemas {
		r.Schemas = append(r.Schemas, sch.Name)
		r.Counts[sch.Name] = sch.TableCount()
	}
	type pair struct{ from, to string }
	keys := map[pair]int{}
	tables := map[pair]map[TableRef]bool{}
	for _, k := range s.ForeignKeys {
		p := pair{k.From.Schema, k.To.Schema}
		keys[p]++
		if tables[p] == nil {
			tables[p] = map[TableRef]bool{}
		}
		tables[p][k.From] = true
	}
	for p, n := range keys {
		r.Edges = append(r.Edges, SchemaEdge{From: p.from, To: p.to, ForeignKeys: n, Tables: len(tables[p])})
	}
	slices.SortFunc(r.Edges, func(a, b SchemaEdge) int {
		return cmp.Or(b.ForeignKeys-a.ForeignKeys, cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	return r
}

// Neighbours returns the tables that one table refers to, and those that refer to it.
func (s *Snapshot) Neighbours(table TableRef) Neighbours {
	n := Neighbours{Table: table}
	for _, k := range s.ForeignKeys {
		if k.From == table {
			n.Out = append(n.Out, k)
		}
		if k.To == table {
			n.In = append(n.In, k)
		}
	}
	return n
}
