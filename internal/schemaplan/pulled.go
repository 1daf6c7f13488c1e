package schemaplan

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/say"
)

// Pulled is a database in Prisma's words: what Desired makes of a schema file, the other way round. Where a part is what
// the file says, it has the part's place in the file.
type Pulled struct {
	Tables []PulledTable // by schema and name, in byte order; without those that are left alone
	Enums  []PulledEnum
	// Gone are the places of the models and enums whose table or type is not there any more.
	Gone []prisma.Pos
	// Left are objects that the language has no words for, each as the user reads it.
	Left []string
}

// PulledTable is a table.
type PulledTable struct {
	Schema, Name string
	Pos          prisma.Pos // of the model's name; Line is 0 for a table that the file does not have
	Columns      []PulledColumn
	Key          *PulledIndex // the primary key; nil where it has none
	Indexes      []PulledIndex
	ForeignKeys  []PulledKey
}

// PulledColumn is a column.
type PulledColumn struct {
	Name     string
	Pos      prisma.Pos // of the field; Line is 0 for one that the file does not have
	Same     bool       // the field says exactly this: type, nullability and default
	SameType bool       // as for the type alone
	SameNull bool
	SameDflt bool

	Type        string  // a scalar type's name, or the text of Unsupported
	Enum        *DBName // of an enum; Type is empty then
	Unsupported bool
	Native      string // "VarChar(80)", or "" where the scalar type has it by default
	Arity       prisma.Arity
	Default     *PulledDefault
}

// DBName is a name in a schema.
type DBName struct{ Schema, Name string }

// PulledDefault is a column's default: a function's call or a literal as the language writes it, or an enum's values by
// their names in the database.
type PulledDefault struct {
	Text   string
	Labels []string // of an enum
	List   bool
}

// PulledIndex is an index or a primary key.
type PulledIndex struct {
	Name      string
	Default   bool       // the name is the one that Prisma gives
	Pos       prisma.Pos // of the attribute; Line is 0 for one that the file does not have
	SameName  bool       // the file gives it this name, too
	Unique    bool
	Algorithm string // "" for BTree
	Columns   []PulledIndexColumn
	Where     string
}

// PulledIndexColumn is a column of an index.
type PulledIndexColumn struct {
	Name string
	Desc bool
	Ops  string // the operator class, where it is not the type's default one
}

// PulledKey is a foreign key.
type PulledKey struct {
	Name               string
	Default            bool
	Pos                prisma.Pos // of @relation; Line is 0 for one that the file does not have
	Same               bool       // the file says the same actions and name
	Columns            []string
	To                 DBName
	RefColumns         []string
	OnDelete, OnUpdate prisma.ReferentialAction
}

// Read returns what is in the schemas that the file rules, compared with the file. It changes nothing.
func Read(ctx context.Context, q postgres.Querier, desired *Database, opt ComputeOptions) (*Pulled, error) {
	var found *Pulled
	err := onConnection(ctx, q, opt.Watch, opt.LockTimeout, func(c *postgres.Conn) error {
		have, err := inspect(ctx, c, desired.Scope, settings{lockTimeout: opt.LockTimeout})
		if err != nil {
			return err
		}
		have.setApart(desired.external)
		canon, err := settle(ctx, c, have, desired, settings{searchPath: desired.searchPath(), lockTimeout: opt.LockTimeout}, opt.WithImage)
		if err != nil {
			return err
		}
		d := newDiffer(have, desired, canon, opt.Schemas)
		d.compareTables()
		found = d.found()
		return d.unsaid(ctx, c, found, opt)
	})
	return found, err
}

// askUnsaid returns what belongs to a table and is not read otherwise, since a plan leaves it alone.
const askUnsaid = `SELECT n.nspname::text, c.relname::text, x.what FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace,
	LATERAL (
		SELECT 'check constraint ' || k.conname AS what FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'c' AND k.conislocal
		UNION ALL SELECT 'deferrable constraint ' || k.conname FROM pg_constraint k WHERE k.conrelid = c.oid AND k.condeferrable
		UNION ALL SELECT 'trigger ' || t.tgname FROM pg_trigger t WHERE t.tgrelid = c.oid AND NOT t.tgisinternal
		UNION ALL SELECT 'generated column ' || a.attname FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attgenerated <> '' AND NOT a.attisdropped
		UNION ALL SELECT 'row-level security' WHERE c.relrowsecurity
		UNION ALL SELECT 'partitions' WHERE c.relkind = 'p'
		UNION ALL SELECT 'comments' WHERE EXISTS (SELECT FROM pg_description d WHERE d.classoid = 'pg_class'::regclass AND d.objoid = c.oid)
	) x
	WHERE n.nspname = ANY ($1) AND c.relkind IN ('r', 'p') ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C", x.what COLLATE "C"`

// unsaid adds to what is left out what belongs to the tables that were found.
func (d *differ) unsaid(ctx context.Context, c *postgres.Conn, found *Pulled, opt ComputeOptions) error {
	batch := &postgres.Batch{}
	batch.Queue(settings{lockTimeout: opt.LockTimeout}.enter())
	batch.Queue(askUnsaid, d.have.Scope)
	batch.Queue(leave)
	read := func(row postgres.Rows) error {
		var table qName
		var what string
		err := row.Scan(&table.Schema, &table.Name, &what)
		if t := d.have.table(table); t != nil && t.Unmanaged == "" && d.in(table.Schema) {
			found.Left = append(found.Left, what+" of "+table.String())
		}
		return err
	}
	if err := postgres.ReadBatch(ctx, c, batch, []func(postgres.Rows) error{ignoreRow, read, ignoreRow}); err != nil {
		return fmt.Errorf("look for what the Prisma file cannot say: %w", err)
	}
	return nil
}

func (d *differ) found() *Pulled {
	out := &Pulled{}
	for _, t := range d.have.Tables {
		if !d.in(t.Schema) || t.Unmanaged != "" {
			continue
		}
		out.Tables = append(out.Tables, d.foundTable(out, t))
	}
	for _, e := range d.have.Enums {
		if d.in(e.Schema) && e.Unmanaged == "" {
			out.Enums = append(out.Enums, PulledEnum{DBName: DBName{e.Schema, e.Name}, Values: e.Values, Pos: d.placeOf(e.qName)})
		}
	}
	d.gone(out)
	for _, r := range d.have.Others {
		if d.in(r.Schema) && r.Kind != "sequence" && r.Kind != "partition" {
			out.Left = append(out.Left, r.Kind+" "+r.String())
		}
	}
	for _, r := range d.have.Types {
		if d.in(r.Schema) {
			out.Left = append(out.Left, r.Kind+" "+r.String())
		}
	}
	return out
}

// PulledEnum is an enum type.
type PulledEnum struct {
	DBName
	Values []string
	Pos    prisma.Pos // of the enum's name; Line is 0 for one that the file does not have
}

func (d *differ) placeOf(enum qName) prisma.Pos {
	if w := d.want.enum(enum); w != nil {
		return w.Pos
	}
	return noPos
}

// gone notes what the file has and the database does not.
func (d *differ) gone(out *Pulled) {
	for _, w := range d.want.Tables {
		if d.in(w.Schema) && d.have.table(w.qName) == nil {
			out.Gone = append(out.Gone, w.Pos)
		}
	}
	for _, w := range d.want.Enums {
		if d.in(w.Schema) && d.have.enum(w.qName) == nil {
			out.Gone = append(out.Gone, w.Pos)
		}
	}
}

func (d *differ) foundTable(out *Pulled, have *Table) PulledTable {
	t := PulledTable{Schema: have.Schema, Name: have.Name}
	diff := d.byName[have.qName]
	if diff != nil {
		t.Pos = diff.want.Pos
	}
	for _, c := range have.Columns {
		t.Columns = append(t.Columns, d.foundColumn(diff, c))
	}
	if k := have.PrimaryKey; k != nil {
		key := PulledIndex{Name: k.Name, Default: k.Name == prisma.DefaultKeyName(have.Name), Unique: true}
		key.Columns = say.Each(k.Columns, func(name string) PulledIndexColumn { return PulledIndexColumn{Name: name} })
		if diff != nil && diff.want.PrimaryKey != nil && slices.Equal(diff.want.PrimaryKey.Columns, k.Columns) {
			key.Pos, key.SameName = diff.want.PrimaryKey.Pos, diff.want.PrimaryKey.Name == k.Name
		}
		t.Key = &key
	}
	for _, x := range have.Indexes {
		if d.unmanagedIndex(x) {
			out.Left = append(out.Left, strings.TrimPrefix(strings.TrimPrefix(x.Unmanaged, "an "), "a ")+" "+x.Name+" of "+have.String())
			continue
		}
		f := foundIndex(diff, have, x)
		if f.Pos.Line == 0 && diff != nil && d.besides(diff, x) {
			continue // it is the same as another one in all that the language can say
		}
		t.Indexes = append(t.Indexes, f)
	}
	t.ForeignKeys = foundKeys(diff, have)
	return t
}

func foundIndex(diff *tableDiff, t *Table, x *index) PulledIndex {
	out := PulledIndex{Name: x.Name, Default: x.Name == prisma.DefaultIndexName(x.Unique, t.Name, x.columnNames()), Unique: x.Unique, Where: x.Predicate}
	if x.Method != "btree" {
		out.Algorithm = algorithms[x.Method]
	}
	for _, c := range x.Columns {
		f := PulledIndexColumn{Name: c.Name, Desc: c.Desc}
		if !c.DefaultClass {
			f.Ops = c.Class
		}
		out.Columns = append(out.Columns, f)
	}
	if diff != nil {
		for _, pair := range diff.kept {
			if pair[0] == x {
				out.Pos, out.SameName = pair[1].Pos, pair[1].Name == x.Name
			}
		}
	}
	return out
}

// algorithms are the access methods as the language writes them.
var algorithms = map[string]string{"hash": "Hash", "gin": "Gin", "gist": "Gist", "spgist": "SpGist", "brin": "Brin"}

// foundKeys pairs the foreign keys with the file's: those that agree in all, then those of the same columns.
func foundKeys(diff *tableDiff, t *Table) []PulledKey {
	var want []*foreignKey
	if diff != nil {
		want = slices.Clone(diff.want.ForeignKeys)
	}
	pairs := map[*foreignKey]*foreignKey{}
	for _, agree := range []func(h, w *foreignKey) bool{
		func(h, w *foreignKey) bool { return sameForeignKey(h, w) && h.Name == w.Name },
		sameForeignKey,
		func(h, w *foreignKey) bool {
			return h.References == w.References && slices.Equal(h.Columns, w.Columns) && slices.Equal(h.RefColumns, w.RefColumns)
		},
	} {
		for _, h := range t.ForeignKeys {
			i := slices.IndexFunc(want, func(w *foreignKey) bool { return agree(h, w) })
			if pairs[h] == nil && i >= 0 {
				pairs[h] = want[i]
				want = slices.Delete(want, i, i+1)
			}
		}
	}
	var out []PulledKey
	for _, h := range t.ForeignKeys {
		k := PulledKey{Name: h.Name, Default: h.Name == prisma.DefaultForeignKeyName(t.Name, h.Columns), Columns: h.Columns,
			To: DBName(h.References), RefColumns: h.RefColumns, OnDelete: actionWords[h.OnDelete], OnUpdate: actionWords[h.OnUpdate]}
		if w := pairs[h]; w != nil {
			k.Pos, k.Same = w.Pos, sameForeignKey(h, w) && h.Name == w.Name
		}
		out = append(out, k)
	}
	return out
}

// actionWords are the referential actions as the language writes them.
var actionWords = map[string]prisma.ReferentialAction{
	"CASCADE": prisma.Cascade, "RESTRICT": prisma.Restrict, "NO ACTION": prisma.NoAction,
	"SET NULL": prisma.SetNull, "SET DEFAULT": prisma.SetDefault,
}
