package postgres

import (
	"time"

	"github.com/livepeer/naap-dev/internal/hidden"
)

// Snapshot is the result of one refresh of the dashboard: the server, every schema and table with its row count, and
// the server's health. It consists of values only, and shares nothing that can change with another Snapshot.
type Snapshot struct {
	TakenAt    time.Time
	Took       time.Duration
	RoundTrips int // exchanges with the server that it took: 1 if nothing had changed, else 2

	Server      ServerInfo
	Schemas     []SchemaInfo     // sorted by name
	ForeignKeys []ForeignKeyEdge // of every table in Schemas; see Relations
	Extensions  []extensionInfo
	Health      Health

	// Reused reports that nothing had been committed since the previous Snapshot, so that its tables, sizes and counts
	// still hold and were taken from there.
	Reused bool
	mark   string // says what was committed when the catalogue was read
}

// ServerInfo is what a server says about itself.
type ServerInfo struct {
	Version     Version
	Started     time.Time // by the server's clock
	Clock       time.Time // the server's clock when it was asked
	ClusterName string    // the identity that naap gives its servers; "" for others
	Database    string
	User        string
	Superuser   bool
	Encoding    string // of the database: "UTF8"
	Collation   string // "en_US.utf8", "C" …
	TimeZone    string // of our session
	DataFolder  string // "" if the user may not know it
	Address     string // what the server sees as its own address, "" over a Unix socket
	Port        int
	InRecovery  bool // a standby: every transaction is read-only
	ReadOnly    bool // sessions begin read-only (default_transaction_read_only)
}

// Uptime returns how long the server has run, by its own clock; zero if that is not known.
func (s ServerInfo) Uptime() time.Duration {
	if s.Started.IsZero() || s.Clock.IsZero() {
		return 0
	}
	return s.Clock.Sub(s.Started)
}

// RowCount is a number of rows and its accuracy.
type RowCount struct {
	N      int64
	Exact  bool // counted; otherwise the planner's estimate, shown with "~"
	Capped bool // counting stopped at N: there are at least that many
}

// TableRef names a table, view or other relation.
type TableRef struct{ Schema, Name string }

// String returns the name for the user, without quotes. Show it through visible.String.
func (t TableRef) String() string { return t.Schema + "." + t.Name }

// Quoted returns the name as SQL.
func (t TableRef) Quoted() string { return Ident(t.Schema, t.Name) }

// RelationKind is the kind of a relation, in the usual words.
type RelationKind string

const (
	KindTable       RelationKind = "table"
	kindPartitioned RelationKind = "partitioned table"
	KindView        RelationKind = "view"
	kindMatView     RelationKind = "materialized view"
	kindForeign     RelationKind = "foreign table"
)

// SchemaInfo is one schema and everything in it that can be browsed.
type SchemaInfo struct {
	OID     uint32
	Name    string
	Owner   string // the role that owns it
	Comment string
	Hidden  bool // it belongs to the server or to naap itself; present only if asked for

	Tables    []TableInfo // tables, partitioned and foreign tables, views; sorted by name
	Enums     []enumInfo
	Functions int
	Sequences int

	Rows  RowCount // of the developer's tables (not views); exact only if each of them is
	Bytes int64    // of all tables with their indexes and TOAST
}

// TableCount returns how many of Tables are the developer's and hold rows of their own: see TableInfo.Counts.
func (s SchemaInfo) TableCount() int {
	n := 0
	for _, t := range s.Tables {
		if t.Counts() {
			n++
		}
	}
	return n
}

// TableInfo is one relation as the list of tables shows it.
type TableInfo struct {
	OID       uint32
	Schema    string
	Name      string
	Kind      RelationKind
	Owner     string
	Comment   string
	Partition bool // whether it is a partition of another table
	Unlogged  bool
	Empty     bool // known to have no rows
	Locked    bool // another session holds, or waits for, an exclusive lock: Rows and Bytes are old estimates

	Rows         RowCount
	Bytes        int64 // with indexes and TOAST
	HeapBytes    int64 // of its rows alone
	Columns      int
	Indexes      int
	HasKey       bool       // a primary key
	Scans        int64      // sequential and index scans since the statistics were reset
	Changes      int64      // rows inserted, updated and deleted since the statistics were reset
	Dead         int64      // rows that vacuum has yet to remove, by the statistics
	References   []TableRef // the tables that its foreign keys refer to, each once, itself included
	ReferencedBy int        // foreign keys of any table that refer to it
	Triggers     int
	RowSecurity  bool
}

// Ref returns the table's name.
func (t TableInfo) Ref() TableRef { return TableRef{t.Schema, t.Name} }

// HoldsRows reports whether the relation is a table of some kind rather than a view.
func (t TableInfo) HoldsRows() bool { return t.Kind != KindView && t.Kind != kindMatView }

// Counts reports whether the relation is one of the developer's tables, wherever these are counted: not a view, not a single
// partition, and not the record of migrations.
func (t TableInfo) Counts() bool { return t.HoldsRows() && !t.Partition && t.Name != hidden.Migrations }

// enumInfo is an enum type with its labels in their order.
type enumInfo struct {
	OID    uint32
	Schema string
	Name   string
	Labels []string
}

// extensionInfo is an installed extension.
type extensionInfo struct{ Name, Schema, Version string }

// ForeignKeyEdge is a foreign key as a line between two tables.
type ForeignKeyEdge struct {
	OID         uint32
	Name        string
	From, To    TableRef
	FromColumns []string
	ToColumns   []string
	OnDelete    string // NO ACTION, RESTRICT, CASCADE, SET NULL, SET DEFAULT
	Valid       bool   // false after ADD CONSTRAINT … NOT VALID
}

// Table returns the table with a name.
func (s *Snapshot) Table(ref TableRef) (TableInfo, bool) {
	if sch, ok := s.Schema(ref.Schema); ok {
		for _, t := range sch.Tables {
			if t.Name == ref.Name {
				return t, true
			}
		}
	}
	return TableInfo{}, false
}

// Schema returns the schema with a name.
func (s *Snapshot) Schema(name string) (SchemaInfo, bool) {
	for _, sch := range s.Schemas {
		if sch.Name == name {
			return sch, true
		}
	}
	return SchemaInfo{}, false
}

// Totals returns the sums over all schemas: the tables that hold rows, their rows and bytes.
func (s *Snapshot) Totals() (tables int, rows RowCount, bytes int64) {
	rows.Exact = true
	for _, sch := range s.Schemas {
		tables += sch.TableCount()
		rows.N += sch.Rows.N
		rows.Exact = rows.Exact && sch.Rows.Exact
		bytes += sch.Bytes
	}
	return tables, rows, bytes
}
