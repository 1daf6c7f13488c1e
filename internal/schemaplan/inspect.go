package schemaplan

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/livepeer/naap-dev/internal/hidden"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/say"
)

// migrationsTable is where Prisma's migrate keeps its history; it is left to Prisma.
const migrationsTable = hidden.Migrations

// inspect reads what is in the named schemas, in one round trip. What the Prisma language cannot express is marked and
// left alone. Within a transaction, c is its connection.
func inspect(ctx context.Context, c *postgres.Conn, scope []string, s settings) (*Database, error) {
	var within []string
	for _, s := range scope {
		if !hidden.IsOwn(s) && !slices.Contains(within, s) {
			within = append(within, s)
		}
	}
	in := &inspection{
		db: &Database{Scope: within}, tables: map[uint32]*Table{}, names: map[attribute]string{},
		owners: map[uint32]owner{}, classes: map[uint32]operatorClassName{},
		domains: map[uint32]domainStep{}, collations: map[attribute]uint32{},
	}
	whole := within
	if len(s.only) > 0 {
		whole = s.only
	}
	batch := &postgres.Batch{}
	batch.Queue(s.enter())
	batch.Queue(askSchemas)
	batch.Queue(askExtensions)
	batch.Queue(askDomains)
	for _, question := range []string{askEnums, askTypes, askRelations, askChildren} {
		batch.Queue(question, within)
	}
	batch.Queue(askColumns, whole)
	batch.Queue(askConstraints, within)
	batch.Queue(askClasses)
	batch.Queue(indexesOn(c), whole)
	batch.Queue(postgres.AskLockRoom)
	batch.Queue(leave)

	readers := []func(postgres.Rows) error{
		ignoreRow, in.schema, in.extension, in.domain, in.enum, in.namedType, in.relation, in.child, in.column, in.constraint, in.class, in.index, in.lockRoom, ignoreRow,
	}
	if err := postgres.ReadBatch(ctx, c, batch, readers); err != nil {
		return nil, fmt.Errorf("read the database's catalogue: %w", err)
	}
	return in.db, nil
}

func ignoreRow(postgres.Rows) error { return nil }

type inspection struct {
	db         *Database
	tables     map[uint32]*Table
	names      map[attribute]string
	owners     map[uint32]owner // the constraints that own an index, by the index's oid
	classes    map[uint32]operatorClassName
	domains    map[uint32]domainStep
	collations map[attribute]uint32
}

// owner is a constraint that owns an index.
type owner struct {
	kind       string // 'u' or 'x'
	deferrable bool
}

// attribute is a column, identified by the catalogue's numbers.
type attribute struct {
	table  uint32
	number int16
}

type operatorClassName struct {
	name      string
	isDefault bool
}

// columnNames returns the names of a table's columns, "" for an expression.
func (in *inspection) columnNames(table uint32, numbers []int16) []string {
	return say.Each(numbers, func(n int16) string { return in.names[attribute{table, n}] })
}

// learn records the names of columns that are not read otherwise, each as its number and its name.
func (in *inspection) learn(table uint32, columns []string) {
	for _, c := range columns {
		number, name, _ := strings.Cut(c, " ")
		if n, err := strconv.ParseInt(number, 10, 16); err == nil {
			in.names[attribute{table, int16(n)}] = name
		}
	}
}

func (in *inspection) lockRoom(row postgres.Rows) error { return row.Scan(&in.db.lockRoom) }

func (in *inspection) schema(row postgres.Rows) error {
	var s schema
	err := row.Scan(&s.Name)
	in.db.Schemas = append(in.db.Schemas, s)
	return err
}

func (in *inspection) extension(row postgres.Rows) error {
	var e extensionInfo
	err := row.Scan(&e.Name, &e.Schema, &e.Version)
	in.db.Extensions = append(in.db.Extensions, e)
	return err
}

func (in *inspection) enum(row postgres.Rows) error {
	e := &enum{}
	err := row.Scan(&e.Schema, &e.Name, &e.Values)
	if err == nil {
		in.db.addEnum(e)
	}
	return err
}

func (in *inspection) namedType(row postgres.Rows) error {
	var r relation
	err := row.Scan(&r.Schema, &r.Name, &r.Kind)
	in.db.Types = append(in.db.Types, r)
	return err
}

func (in *inspection) child(row postgres.Rows) error {
	var parent uint32
	var child qName
	err := row.Scan(&parent, &child.Schema, &child.Name)
	if t := in.tables[parent]; t != nil {
		t.Children = append(t.Children, child)
	}
	return err
}

// kindNames are the meanings of pg_class.relkind.
var kindNames = map[string]string{
	"v": "view", "m": "materialized view", "f": "foreign table", "S": "sequence",
}

func (in *inspection) relation(row postgres.Rows) error {
	var (
		oid                 uint32
		name                qName
		kind                string
		partition, extended bool
	)
	if err := row.Scan(&oid, &name.Schema, &name.Name, &kind, &partition, &extended); err != nil {
		return err
	}
	if other, ok := kindNames[kind]; ok {
		in.db.Others = append(in.db.Others, relation{name, other})
		return nil
	}
	if partition {
		in.db.Others = append(in.db.Others, relation{name, "partition"})
		return nil
	}
	t := &Table{qName: name, oid: oid}
	switch {
	case extended:
		t.Unmanaged = "it belongs to an extension"
	case name.Name == migrationsTable:
		t.Unmanaged = "Prisma's migrate keeps its history there"
	}
	in.tables[oid] = t
	in.db.addTable(t)
	return nil
}

func (in *inspection) column(row postgres.Rows) error {
	var (
		oid                                   uint32
		number                                int16
		c                                     = &column{}
		typeName, typeSchema, typeKind        string
		modifier                              int32
		expr, identity, generated, seqS, seqN string
		typeOID, collation                    uint32
	)
	err := row.Scan(&oid, &number, &c.Name, &typeName, &typeSchema, &typeKind, &c.Type.List, &modifier, &c.Type.Text,
		&c.NotNull, &expr, &identity, &generated, &seqS, &seqN, &typeOID, &collation, &c.Inherited)
	t := in.tables[oid]
	if err != nil || t == nil {
		return err
	}
	in.names[attribute{oid, number}] = c.Name
	in.collations[attribute{oid, number}] = collation
	c.Type.found(typeName, typeSchema, typeKind, modifier)
	if typeKind == "d" && !c.Type.List {
		c.Domain = in.domainOf(typeOID)
	}
	c.Identity = identity != ""
	c.Generated = generated != ""
	if seqN != "" {
		c.Sequence = &qName{seqS, seqN}
	}
	c.AutoIncrement = c.Identity || strings.HasPrefix(expr, "nextval(")
	if expr != "" && !c.Generated {
		c.Default = &columnDefault{SQL: expr}
	}
	t.Columns = append(t.Columns, c)
	return nil
}

// actionLetters are the values of pg_constraint.confdeltype and confupdtype.
var actionLetters = map[string]string{
	"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT",
}

func (in *inspection) constraint(row postgres.Rows) error {
	var (
		table, index       uint32
		refTable           uint32
		name, kind         string
		columns, refs      []int16
		from, to           qName
		onDelete, onUpdate string
		fromNames, toNames []string
		deferrable         bool
	)
	err := row.Scan(&table, &name, &kind, &index, &columns, &refs, &refTable, &from.Schema, &from.Name, &to.Schema, &to.Name,
		&onDelete, &onUpdate, &deferrable, &fromNames, &toNames)
	if err != nil {
		return err
	}
	in.learn(table, fromNames)
	in.learn(refTable, toNames)
	t := in.tables[table]
	switch {
	case kind == "f":
		k := &foreignKey{
			Name: name, Columns: in.columnNames(table, columns), References: to, RefColumns: in.columnNames(refTable, refs),
			OnDelete: actionLetters[onDelete], OnUpdate: actionLetters[onUpdate],
		}
		if t == nil {
			in.db.inbound = append(in.db.inbound, inboundKey{from, k})
			return nil
		}
		t.ForeignKeys = append(t.ForeignKeys, k)
	case t == nil:
	case kind == "p":
		t.PrimaryKey = &key{Name: name, Columns: in.columnNames(table, columns)}
	default:
		in.owners[index] = owner{kind, deferrable}
	}
	return nil
}

func (in *inspection) class(row postgres.Rows) error {
	var oid uint32
	var c operatorClassName
	err := row.Scan(&oid, &c.name, &c.isDefault)
	in.classes[oid] = c
	return err
}

func (in *inspection) index(row postgres.Rows) error {
	var (
		table, oid    uint32
		x             = &index{}
		primary, expr bool
		valid         bool
		keys, options []int16
		keyColumns    int16
		classes       []uint32
		collations    []uint32
	)
	err := row.Scan(&table, &oid, &x.Name, &x.Unique, &primary, &x.Method, &keys, &keyColumns, &options, &classes,
		&x.Predicate, &expr, &valid, &collations, &x.NullsNotDistinct, &x.Storage)
	t := in.tables[table]
	if err != nil || t == nil || primary {
		return err
	}
	x.Include = in.columnNames(table, keys[keyColumns:])
	for i, name := range in.columnNames(table, keys[:keyColumns]) {
		class := in.classes[classes[i]]
		c := indexColumn{Name: name, Class: class.name, DefaultClass: class.isDefault}
		c.Desc = options[i]&1 != 0                 // INDOPTION_DESC
		c.NullsOdd = c.Desc != (options[i]&2 != 0) // INDOPTION_NULLS_FIRST
		own := in.collations[attribute{table, keys[i]}]
		c.Collated = collations[i] != 0 && own != 0 && collations[i] != own
		x.Columns = append(x.Columns, c)
	}
	x.Constraint, x.Invalid, x.Deferrable = in.owners[oid].kind == "u", !valid, in.owners[oid].deferrable
	switch {
	case in.owners[oid].kind == "x":
		x.Unmanaged = "an exclusion constraint"
	case expr:
		x.Unmanaged = "an index on an expression"
	case x.Predicate != "":
		x.Unmanaged = "a partial index"
	}
	t.Indexes = append(t.Indexes, x)
	return nil
}
