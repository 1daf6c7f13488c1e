package schemaplan

import (
	"context"
	"slices"
	"sort"

	"github.com/livepeer/naap-dev/internal/postgres"
)

// Found returns a database as what another one is to become: the part of it that a Prisma file can describe, in the
// schemas that the given one rules. It is for plans from one database to another.
func Found(ctx context.Context, q postgres.Querier, like *Database) (*Database, error) {
	var have *Database
	err := onConnection(ctx, q, nil, 0, func(c *postgres.Conn) (err error) {
		have, err = inspect(ctx, c, like.Scope, settings{})
		return err
	})
	if err != nil {
		return nil, err
	}
	have.setApart(like.external)
	out := like.emptied()
	out.partial = true
	for _, e := range have.Enums {
		if e.Unmanaged == "" {
			out.addEnum(e)
		}
	}
	for _, t := range have.Tables {
		if t.Unmanaged == "" && t.Name != migrationsTable {
			out.addTable(t.wanted())
		}
	}
	out.fillSchemas()
	return out, nil
}

// Nothing returns the empty database, in the schemas that the given one rules.
func Nothing(like *Database) *Database { return like.emptied() }

func (d *Database) emptied() *Database {
	return &Database{Scope: d.Scope, external: d.external, outside: d.outside, partial: d.partial}
}

// fillSchemas adds the schemas that something is in.
func (d *Database) fillSchemas() {
	seen := map[string]bool{}
	add := func(name string) {
		if !seen[name] {
			seen[name] = true
			d.Schemas = append(d.Schemas, schema{Name: name})
		}
	}
	for _, e := range d.Enums {
		add(e.Schema)
	}
	for _, t := range d.Tables {
		add(t.Schema)
	}
	sort.Slice(d.Schemas, func(i, j int) bool { return d.Schemas[i].Name < d.Schemas[j].Name })
}

// wanted returns a table that was found as one that is to be made.
func (t *Table) wanted() *Table {
	w := &Table{qName: t.qName, PrimaryKey: t.PrimaryKey, ForeignKeys: t.ForeignKeys}
	for _, c := range t.Columns {
		copied := *c
		copied.Optional = !c.NotNull
		if c.AutoIncrement {
			copied.Default = nil
		}
		w.Columns = append(w.Columns, &copied)
	}
	for _, x := range t.Indexes {
		if x.Unmanaged != "" && x.Unmanaged != "a partial index" || x.Invalid {
			continue
		}
		copied := *x
		copied.Columns = slices.Clone(x.Columns)
		for i := range copied.Columns {
			if copied.Columns[i].DefaultClass {
				copied.Columns[i].Class = ""
			}
		}
		w.Indexes = append(w.Indexes, &copied)
	}
	return w
}
