package postgres

import "time"

// TableDetail is everything about one relation, as the tabs of its screen show it.
type TableDetail struct {
	TableInfo                 // Rows is an estimate here
	Columns      []Column     // in their order
	Indexes      []Index      // the primary key first, then by name
	Out          []ForeignKey // its own foreign keys, by name
	In           []ForeignKey // foreign keys of any table, itself included, that refer to it
	Checks       []Check
	Triggers     []trigger
	Policies     []policy
	Stats        TableStats
	ViewQuery    string // a view's definition
	Partitioning partitioning

	Key []string // the columns that identify its rows: the primary key, else a unique key without NULL; else none

	ForcedRowSecurity bool
	accessMethod      string
	DDL               string // the statements that make it, much as pg_dump writes them
}

// partitioning says how a partitioned table is divided, or what a partition belongs to.
type partitioning struct {
	Key    string     // for a partitioned table: "RANGE (day)"
	Bound  string     // for a partition: "FOR VALUES FROM …"
	Parent *TableRef  // for a partition, or nil
	Parts  []TableRef // the partitions of a partitioned table
}

// ColumnKind is how a value of a column is best shown.
type ColumnKind string

const (
	TextKind      ColumnKind = "text"
	NumberKind    ColumnKind = "number"
	BoolKind      ColumnKind = "bool"
	TimeKind      ColumnKind = "time" // dates, times, intervals
	JSONKind      ColumnKind = "json"
	BytesKind     ColumnKind = "bytes" // bytea
	UUIDKind      ColumnKind = "uuid"
	EnumKind      ColumnKind = "enum"
	ArrayKind     ColumnKind = "array"
	CompositeKind ColumnKind = "composite"
	RangeKind     ColumnKind = "range"
	otherKind     ColumnKind = "other"
)

// Column is one column of a relation.
type Column struct {
	Number     int // attnum
	Name       string
	Type       string // as psql names it: "character varying(20)", "numeric(10,2)[]", without the table's own schema or public
	SQLType    string // the same, with the schema of every type that is not the server's
	TypeOID    uint32
	Kind       ColumnKind
	NotNull    bool
	Default    string // the expression, or ""
	Identity   string // "ALWAYS", "BY DEFAULT" or ""
	Generated  string // the expression of GENERATED ALWAYS AS (…) STORED, or ""
	Collation  string // if it is not the type's own
	Comment    string
	PrimaryKey int              // 1 for the key's first column …; 0 if not in the key
	Unique     bool             // it is a unique key by itself
	Indexed    bool             // it is the first column of an index
	References *ColumnReference // what a foreign key with this column refers to, or nil
	EnumLabels []string         // those of an enum, or of an array or domain of one
}

// ColumnReference is what a column's foreign key refers to.
type ColumnReference struct {
	Constraint string
	Table      TableRef
	Column     string
	Key        []KeyColumn // all columns of the key, this one among them
}

// KeyColumn is one column of a foreign key, and the column that it refers to.
type KeyColumn struct {
	From, To string
	Type     string // of From, as SQL
}

// Row returns conditions that select the row which the key of a given row refers to; value returns that row's values.
// missing is a column whose value is not complete, so that the key cannot be followed, or "". null is a column that is
// NULL, or "": one is enough for the key to refer to nothing, as with MATCH SIMPLE.
func (c ColumnReference) Row(value func(column string) (Cell, bool)) (where []Condition, null, missing string) {
	for _, k := range c.Key {
		v, ok := value(k.From)
		switch {
		case !ok || v.Truncated:
			missing = k.From
		case v.Null:
			null = k.From
		}
		where = append(where, Condition{Column: k.To, Op: Equal, Value: v.Text, Type: k.Type})
	}
	return where, null, missing
}

// Index is an index of a table.
type Index struct {
	Name       string
	Definition string   // CREATE INDEX …
	Method     string   // btree, gin …
	Columns    []string // names or expressions, without those of INCLUDE
	Predicate  string   // for a partial index
	Unique     bool
	Primary    bool
	Constraint bool // it belongs to a constraint of the same name

	ConstraintDefinition string // "PRIMARY KEY (id)", or ""

	Valid    bool
	Bytes    int64
	Scans    int64
	RowsRead int64
	Comment  string
}

// ForeignKey is a foreign key in full.
type ForeignKey struct {
	ForeignKeyEdge
	OnUpdate   string
	Definition string // FOREIGN KEY (…) REFERENCES …
	Deferrable bool
	Deferred   bool // initially
	Comment    string
}

// Check is a CHECK or EXCLUDE constraint.
type Check struct {
	Name       string
	Definition string
	Valid      bool
	Comment    string
}

// trigger is a trigger that the user created.
type trigger struct {
	Name       string
	Definition string
	Enabled    bool
}

// policy is a row security policy.
type policy struct {
	Name       string
	Permissive bool
	Command    string // ALL, SELECT, INSERT, UPDATE, DELETE
	Roles      []string
	Using      string
	WithCheck  string
}

// TableStats are a table's sizes and the server's statistics of it. Times are zero for "never".
type TableStats struct {
	Rows                              RowCount
	HeapBytes, IndexBytes, ToastBytes int64
	TotalBytes                        int64
	Live, Dead                        int64
	Inserted, Updated, Deleted        int64
	HotUpdated                        int64
	SeqScans, SeqRowsRead             int64
	IndexScans, IndexRowsFetched      int64
	HeapHit, HeapRead                 int64 // blocks read from the cache, and not from it
	IndexHit, IndexRead               int64
	Vacuumed, AutoVacuumed            time.Time
	Analyzed, AutoAnalyzed            time.Time
	Options                           string // storage options, as written: "fillfactor=70"
}
