package fakedata

import (
	"context"
	"fmt"

	"github.com/livepeer/naap-dev/internal/lazy"
	"github.com/livepeer/naap-dev/internal/postgres"
)

// database is what the catalogue says.
type database struct {
	tables []*table
	byOID  map[uint32]*table
	types  map[uint32]*dataType
}

// inspect reads the tables that can hold rows, except those of extensions, of the server and of naap itself.
func inspect(ctx context.Context, q postgres.Querier) (*database, error) {
	db := &database{byOID: map[uint32]*table{}, types: map[uint32]*dataType{}}
	for _, part := range []struct {
		what string
		read func(context.Context, postgres.Querier) error
	}{
		{"types", db.readTypes}, {"fields", db.readFields}, {"tables", db.readTables}, {"columns", db.readColumns},
		{"unique keys", db.readKeys}, {"foreign keys", db.readForeignKeys}, {"checks", db.readChecks},
		{"exclusion constraints", db.readExclusions}, {"partitions", db.readPartitions},
	} {
		if err := part.read(ctx, q); err != nil {
			return nil, fmt.Errorf("read the catalogue's %s: %w", part.what, err)
		}
	}
	return db, nil
}

func (db *database) readTypes(ctx context.Context, q postgres.Querier) error {
	type link struct{ elem, base uint32 }
	links := map[uint32]link{}
	err := postgres.Each(ctx, q, func(r postgres.Rows) error {
		t := &dataType{}
		var l link
		var kind, category string
		if err := r.Scan(&t.oid, &t.schema, &t.name, &kind, &category, &l.elem, &l.base, &t.baseMod, &t.notNull, &t.labels, &t.checks); err != nil {
			return err
		}
		t.kind, t.category = kind[0], category[0]
		db.types[t.oid], links[t.oid] = t, l
		return nil
	}, typesSQL)
	for oid, l := range links {
		db.types[oid].elem, db.types[oid].base = db.types[l.elem], db.types[l.base]
	}
	return err
}

func (db *database) readFields(ctx context.Context, q postgres.Querier) error {
	return postgres.Each(ctx, q, func(r postgres.Rows) error {
		var owner, typ uint32
		var f field
		err := r.Scan(&owner, &f.name, &typ, &f.typmod)
		if t := db.types[owner]; t != nil {
			f.typ = db.types[typ]
			t.fields = append(t.fields, f)
		}
		return err
	}, fieldsSQL)
}

func (db *database) readTables(ctx context.Context, q postgres.Querier) error {
	return postgres.Each(ctx, q, func(r postgres.Rows) error {
		t := &table{}
		err := r.Scan(&t.oid, &t.ref.Schema, &t.ref.Name, &t.partitioned)
		db.tables, db.byOID[t.oid] = append(db.tables, t), t
		return err
	}, tablesSQL)
}

// nextval matches the sequence of a default such as nextval('"User_id_seq"'::regclass).
var nextval = lazy.Regexp{Text: `^nextval\('((?:[^']|'')+)'::regclass\)`}

func (db *database) readColumns(ctx context.Context, q postgres.Querier) error {
	return postgres.Each(ctx, q, func(r postgres.Rows) error {
		var rel, typ uint32
		c := &column{}
		if err := r.Scan(&rel, &c.num, &c.name, &typ, &c.typmod, &c.typeText, &c.notNull, &c.def, &c.identity, &c.generated, &c.sequence); err != nil {
			return err
		}
		t := db.byOID[rel]
		if t == nil {
			return nil
		}
		if m := nextval.Get().FindStringSubmatch(c.def); m != nil {
			c.sequence = m[1]
		}
		c.table, c.typ = t, db.types[typ]
		if c.typ == nil {
			return fmt.Errorf("column %s of %s has a type that is not in pg_type", c.name, t.ref)
		}
		t.columns = append(t.columns, c)
		return nil
	}, columnsSQL)
}

func (t *table) pick(nums []int32) []*column {
	var list []*column
	for _, n := range nums {
		if c := first(t.columns, func(c *column) bool { return c.num == int(n) }); c != nil {
			list = append(list, c)
		}
	}
	return list
}

func (db *database) readKeys(ctx context.Context, q postgres.Querier) error {
	return postgres.Each(ctx, q, func(r postgres.Rows) error {
		var rel uint32
		var nums []int32
		k := &uniqueKey{}
		err := r.Scan(&rel, &k.name, &k.primary, &nums, &k.predicate, &k.nullsSame, &k.folded)
		if t := db.byOID[rel]; t != nil {
			k.columns = t.pick(nums)
			t.keys = append(t.keys, k)
			for _, c := range k.columns {
				c.guide.notNull = c.guide.notNull || k.nullsSame
			}
		}
		return err
	}, keysSQL)
}

func (db *database) readForeignKeys(ctx context.Context, q postgres.Querier) error {
	return postgres.Each(ctx, q, func(r postgres.Rows) error {
		var from, to uint32
		var columns, referenced []int32
		f := &foreignKey{}
		if err := r.Scan(&f.name, &from, &to, &columns, &referenced, &f.full, &f.deferrable); err != nil {
			return err
		}
		f.from, f.to = db.byOID[from], db.byOID[to]
		if f.from == nil {
			return nil
		}
		if f.to == nil {
			f.from.refused = "its foreign key " + f.name + " points at a table that is not filled: one of an extension, or a partition"
			return nil
		}
		f.columns, f.referenced = f.from.pick(columns), f.to.pick(referenced)
		f.from.out = append(f.from.out, f)
		return nil
	}, foreignKeysSQL)
}

func (db *database) readChecks(ctx context.Context, q postgres.Querier) error {
	return postgres.Each(ctx, q, func(r postgres.Rows) error {
		var rel uint32
		var columns []int32
		k := &check{}
		err := r.Scan(&rel, &k.name, &k.text, &columns)
		if t := db.byOID[rel]; t != nil {
			k.columns = t.pick(columns)
			t.checks = append(t.checks, k)
		}
		return err
	}, checksSQL)
}

// readExclusions treats an exclusion constraint as a unique key over the first of its columns that can be kept apart:
// rows that differ there cannot conflict, whatever the others hold.
func (db *database) readExclusions(ctx context.Context, q postgres.Querier) error {
	return postgres.Each(ctx, q, func(r postgres.Rows) error {
		var rel uint32
		var nums []int32
		var operators []string
		k := &uniqueKey{disjoint: true}
		if err := r.Scan(&rel, &k.name, &nums, &operators, &k.predicate); err != nil {
			return err
		}
		t := db.byOID[rel]
		if t == nil {
			return nil
		}
		for i, c := range t.pick(nums) {
			if i < len(operators) && (operators[i] == "=" || operators[i] == "&&") {
				k.columns = append(k.columns, c)
			}
		}
		if len(k.columns) == 0 {
			t.refused = "its exclusion constraint " + k.name + " compares in a way that is not known here"
			return nil
		}
		t.keys = append(t.keys, k)
		return nil
	}, exclusionsSQL)
}

// readPartitions makes the bounds of one partition, the first that has any, a check of the partitioned table: every row
// goes there. A default partition, or one by hash, takes any row.
func (db *database) readPartitions(ctx context.Context, q postgres.Querier) error {
	return postgres.Each(ctx, q, func(r postgres.Rows) error {
		var rel uint32
		var open bool
		var bound string
		err := r.Scan(&rel, &open, &bound)
		t := db.byOID[rel]
		switch {
		case t == nil || open:
		case bound == "":
			t.refused = "it is partitioned and has no partition"
		default:
			t.checks = append(t.checks, &check{name: "the bounds of its first partition", text: bound})
		}
		return err
	}, partitionsSQL)
}
