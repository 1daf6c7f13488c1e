// Package schemaplan makes a database match a Prisma schema. It derives the database that the schema describes
// (Desired), inspects the real one, computes the difference as a Plan that can be read, weighed and applied
// in part (Compute), and carries that out (Apply). The effect is that of Prisma's db push, but in one transaction, and
// with each loss counted before it happens.
package schemaplan

import (
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/prisma"
	"github.com/livepeer/naap-dev/internal/say"
)

// Database is the part of a database that a schema can describe: as desired, or as found.
type Database struct {
	// Scope are the schemas that the schema file manages: what is in them and not in the file is dropped.
	Scope      []string
	Schemas    []schema // desired: those that are not empty; found: all but the system's
	Extensions []extensionInfo
	Enums      []*enum
	Tables     []*Table
	// Others are relations in Scope that are left alone but use a name: views, sequences, foreign tables.
	Others []relation
	// Types are types in Scope that the Prisma language cannot express and that use a name: domains, composite and
	// range types.
	Types []relation

	inbound   []inboundKey      // foreign keys from outside Scope to a table within it
	external  External          // desired: what was left out of it
	outside   outside           // the same
	partial   bool              // the schema file can express partial indexes, so those found are compared too
	texts     map[string]string // of the schema file, by the names of its parts
	enumUsers []enumUser
	tables    map[qName]*Table // Tables and Enums by their names: a plan looks them up for every step
	enums     map[qName]*enum
	renaming  *renaming // of a clone
	lockRoom  int64     // found: how many objects the server can have locked at once
}

// inboundKey is a foreign key of a table outside the scope.
type inboundKey struct {
	From qName
	Key  *foreignKey
}

// schema is a namespace.
type schema struct {
	Name string
	Pos  prisma.Pos
}

// relation is something found that is not managed.
type relation struct {
	qName
	Kind string // "view", "sequence", "foreign table", …
}

// qName is a name within a schema.
type qName struct {
	Schema, Name string
}

// enumUser is a column of an enum type, in a managed table or elsewhere.
type enumUser struct {
	columnName
	list    bool
	enum    qName
	dflt    string     // its default, as the server prints it
	managed *tableDiff // nil for a table that the schema file does not manage
	asIs    columnName // before any rename
}

// External are the tables and enums that a schema file may name and that something else manages: they are neither
// created nor changed nor dropped, and foreign keys may refer to them. Names are "schema.name", as Prisma requires; one
// without a schema matches in every schema.
type External struct{ Tables, Enums []string }

// domain is the domain that is a column's type. Prisma takes the underlying type for the column's, which is not a
// reason to change the column.
type domain struct {
	Bases   []columnType // from the type just below it to the one that is not a domain
	NotNull bool         // one of them refuses NULL
}

// columnDefault is a column's default on the server.
type columnDefault struct {
	SQL  string // as a statement spells it; for a default that was found, as the server prints it
	Pos  prisma.Pos
	kind defaultKind
	text string // of a literal: its value, without quotes
	size int    // of a list: the number of elements
}

// sql returns the name as a statement spells it.
func (q qName) sql() string { return postgres.Ident(q.Schema, q.Name) }

// String returns the name as the user reads it.
func (q qName) String() string { return q.Schema + "." + q.Name }

// extensionInfo is an extension of the server.
type extensionInfo struct {
	Name, Schema, Version string // Schema and Version are empty where the file leaves them to the server
	Pos                   prisma.Pos
}

// enum is an enum type.
type enum struct {
	qName
	Values []string
	Pos    prisma.Pos
	// Unmanaged says why an enum that was found is left alone, or is empty.
	Unmanaged string
}

// Table is a table with everything that belongs to it.
type Table struct {
	qName
	Pos         prisma.Pos
	Columns     []*column
	PrimaryKey  *key // nil where it has none
	Indexes     []*index
	ForeignKeys []*foreignKey
	// Unmanaged says why a table that was found is left alone, or is empty.
	Unmanaged string
	// Children are the tables that inherit from one that was found, except partitions.
	Children []qName

	oid uint32
	was qName // its name in the database, where a rename is planned
}

// asIs returns the table's current name.
func (t *Table) asIs() qName {
	if t.was.Name != "" {
		return t.was
	}
	return t.qName
}

// column finds a column by name, or returns nil.
func (t *Table) column(name string) *column {
	for _, c := range t.Columns {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// column is a column of a table.
type column struct {
	Name          string
	Pos           prisma.Pos
	Type          columnType
	NotNull       bool
	Default       *columnDefault // nil where the server sets none
	AutoIncrement bool           // filled from a sequence
	// ClientDefault names the function with which Prisma's client fills the column, such as "uuid"; the server has no
	// default.
	ClientDefault string
	// Optional is what the schema file says; a nullable autoincrement is NOT NULL in the database all the same.
	Optional bool
	// AnyDefault marks @default(dbgenerated()): any default on the server is right.
	AnyDefault bool

	// Only when found:
	Identity  bool   // GENERATED … AS IDENTITY
	Generated bool   // GENERATED ALWAYS AS (…) STORED
	Sequence  *qName // the sequence that it owns
	Domain    *domain
	Inherited bool // it comes from a table that this one inherits from

	was string // its name in the database, where a rename is planned
}

// asIs returns the column's current name.
func (c *column) asIs() string {
	if c.was != "" {
		return c.was
	}
	return c.Name
}

// key is a primary key.
type key struct {
	Name    string
	Columns []string
	Pos     prisma.Pos
}

// index is an index other than the primary key's.
type index struct {
	Name      string
	Pos       prisma.Pos
	Unique    bool
	Method    string // "btree", "hash", "gin", …
	Columns   []indexColumn
	Predicate string // of a partial index, without the word WHERE
	// Constraint reports that the index that was found belongs to a UNIQUE constraint, which has to be dropped instead.
	Constraint bool
	// Include and what follows is set only when found: the Prisma language cannot express it.
	Include          []string // further columns, which are not part of the key
	NullsNotDistinct bool
	Deferrable       bool     // of a constraint: it may be checked at the transaction's end
	Storage          []string // parameters, such as "fillfactor=50"
	// Invalid marks an incomplete index, which CREATE INDEX CONCURRENTLY leaves when it fails.
	Invalid bool
	// Unmanaged says why an index that was found is left alone, or is empty.
	Unmanaged string
}

// indexColumn is a column of an index.
type indexColumn struct {
	Name         string
	Desc         bool
	Asc          bool   // the file says so; to the server it is the default
	Class        string // operator class; "" for the type's default one
	DefaultClass bool   // found: Class is the type's default
	Collated     bool   // found: the collation is not the column's
	NullsOdd     bool   // found: NULLs are not where they are by default for the direction
}

// columnNames returns the index's columns in order.
func (x *index) columnNames() []string {
	return say.Each(x.Columns, func(c indexColumn) string { return c.Name })
}

// foreignKey is a foreign key.
type foreignKey struct {
	Name       string
	Pos        prisma.Pos
	Columns    []string
	References qName
	RefColumns []string
	OnDelete   string // "CASCADE", "SET NULL", …
	OnUpdate   string
}

// table returns the table with a name, or nil.
func (d *Database) table(name qName) *Table { return d.tables[name] }

// enum returns the enum type with a name, or nil.
func (d *Database) enum(name qName) *enum { return d.enums[name] }

func (d *Database) addTable(t *Table) {
	d.Tables = append(d.Tables, t)
	if d.tables == nil {
		d.tables = map[qName]*Table{}
	}
	d.tables[t.qName] = t
}

func (d *Database) addEnum(e *enum) {
	d.Enums = append(d.Enums, e)
	if d.enums == nil {
		d.enums = map[qName]*enum{}
	}
	d.enums[e.qName] = e
}

// line returns the trimmed text of a line of the schema file. It looks only around the place, not through the file: a
// plan of many steps asks for as many lines.
func (d *Database) line(p prisma.Pos) string {
	text, at := d.texts[p.File()], p.Offset()
	if at < 0 || at > len(text) {
		return ""
	}
	from := strings.LastIndexAny(text[:at], "\r\n") + 1
	to := len(text)
	if i := strings.IndexAny(text[at:], "\r\n"); i >= 0 {
		to = at + i
	}
	return strings.TrimSpace(text[from:to])
}

// identList returns column names, quoted and joined.
func identList(names []string, separator string) string {
	return say.Join(names, separator, func(n string) string { return postgres.Ident(n) })
}

// literal returns a string literal that means the same regardless of standard_conforming_strings.
func literal(s string) string { return strings.TrimSpace(postgres.Literal(s)) }

func indexNoun(x *index) string {
	switch {
	case x.Constraint:
		return "unique constraint"
	case x.Unique:
		return "unique index"
	}
	return "index"
}
