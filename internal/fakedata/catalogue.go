package fakedata

import (
	"slices"

	"github.com/livepeer/naap-dev/internal/postgres"
)

// table is a table of the database, and what is decided for it.
type table struct {
	oid     uint32
	ref     postgres.TableRef
	columns []*column
	keys    []*uniqueKey
	out     []*foreignKey // its foreign keys
	checks  []*check

	hasRows     bool
	partitioned bool

	// Decided:
	planned   bool
	wanted    int64    // rows asked for
	conflicts []string // of rules for its columns with constraints
	left      bool     // deliberately no rows were asked for
	rows      int64    // rows it gets
	first     int64    // number of its first new row; the rows before it exist already
	refused   string   // why it gets none
	staged    bool     // its rows pass through a temporary table, because the server alone can judge them
	key       uint64   // of its dice
	sample    *sample
	again     bool         // how its rows differ must be decided again
	orders    [][2]*column // pairs of columns of which the first must be less
	done      bool         // in the run that is continued

	// Found while filling:
	got  int64 // rows
	last int64 // number after that of its last row: some numbers may have been skipped
}

// column is a column of a table.
type column struct {
	table     *table
	num       int
	name      string
	typ       *dataType // a domain's own type is in typ.base
	typmod    int32
	typeText  string // as the server writes it: "character varying(40)"
	notNull   bool
	def       string // the default's expression, or ""
	identity  bool
	generated bool
	sequence  string   // the quoted name of the sequence that its default or identity draws from, or ""
	hint      string   // what the Prisma file's default is: "cuid", "uuid", "ulid", "nanoid"
	comment   string   // the Prisma file's comment on it
	told      []string // texts that seed files give it
	seen      []string // these, and those of existing rows

	shown    []string    // values that it is likely to have
	shape    *jsonShape  // of its documents, or nil
	showing  bool        // these distinguish rows, together with other columns
	rule     *Rule       // the rule that naap.toml gives it, or nil
	template *pattern    // the rule's pattern
	accepted []string    // those of the rule's values that constraints allow
	hopeless bool        // constraints allow none
	owner    *foreignKey // the foreign key that determines its values, or nil
	ownerAt  int         // its position in that key
	guide    guide
	carrier  bool  // its value alone distinguishes rows
	start    int64 // of a carrier of whole numbers: the first
	target   bool  // a foreign key refers to it
	forced   func(i int64) int64
	nullAt   func(i int64) bool // rows in which it must be NULL, or nil
	grouped  bool               // the same in all rows of a group
	omit     bool               // not written: the server fills it
	sample   string             // a value that the server accepts for a type unknown here
	key      uint64
	subject  uint64 // of the dice that it shares with other columns of the row that describe the same thing
}

// dataType is a type of the server.
type dataType struct {
	oid      uint32
	schema   string
	name     string
	kind     byte // pg_type.typtype: b, c, d, e, r, m
	category byte
	elem     *dataType // of an array or a range
	base     *dataType // of a domain
	baseMod  int32
	notNull  bool     // of a domain
	labels   []string // of an enum
	fields   []field  // of a composite type
	checks   []string // of a domain
}

type field struct {
	name   string
	typ    *dataType
	typmod int32
}

// isArray reports whether the type is an array with elements.
func (t *dataType) isArray() bool { return t.category == 'A' && t.elem != nil && t.kind == 'b' }

// uniqueKey is a primary key, a unique index, or what an exclusion constraint is treated as.
type uniqueKey struct {
	name      string
	primary   bool
	columns   []*column
	predicate string // of a partial index
	nullsSame bool   // NULLS NOT DISTINCT
	folded    bool   // over an expression, such as lower(email)
	disjoint  bool   // of an exclusion constraint: values may not even overlap
}

// foreignKey is a foreign key, or a relation that only the Prisma file knows.
type foreignKey struct {
	name       string
	from, to   *table
	columns    []*column
	referenced []*column
	full       bool // MATCH FULL
	deferrable bool
	virtual    bool     // without a constraint in the database
	only       []string // keys of existing rows that a rule names; nil for any
	named      bool     // derived from a column's name: a likely guess

	key    uint64
	nulls  bool // rows may refer to nothing: a column that no other key determines may be NULL
	always bool // all rows refer to nothing
	nullAt func(i int64) bool
	pinned func(i int64) int64 // the row of the other table, where a unique key determines it
	single bool                // no two rows refer to the same one
	group  bool                // rows refer to rows of their own group
	exact  bool                // and there is only one such row
}

// check is a CHECK constraint of a table.
type check struct {
	name    string
	text    string    // the expression
	columns []*column // the columns that it is about, where the catalogue says so
}

func (t *table) named(name string) *column {
	return first(t.columns, func(c *column) bool { return c.name == name })
}

// first returns the first element for which ok is true, or nil.
func first[T any](list []*T, ok func(*T) bool) *T {
	if i := slices.IndexFunc(list, ok); i >= 0 {
		return list[i]
	}
	return nil
}

// given reports whether the table's rows exist and are referred to, but none are made.
func (t *table) given() bool { return !t.planned && t.sample != nil }

// supply returns the number of rows that others can refer to.
func (t *table) supply() int64 {
	switch {
	case t.given():
		return int64(len(t.sample.rows))
	case t.planned && t.refused == "":
		return t.rows
	}
	return 0
}

// supply returns the number of rows that the foreign key's rows can refer to.
func (f *foreignKey) supply() int64 {
	if f.only != nil {
		return int64(len(f.only))
	}
	return f.to.supply()
}

// underlying returns the type below any domains, with its modifier.
func (c *column) underlying() (*dataType, int32) { return underlying(c.typ, c.typmod) }

func underlying(t *dataType, mod int32) (*dataType, int32) {
	for t.kind == 'd' && t.base != nil {
		if t.baseMod >= 0 {
			mod = t.baseMod
		}
		t = t.base
	}
	return t, mod
}

// mayBeNull reports whether NULL is allowed.
func (c *column) mayBeNull() bool {
	if c.notNull || c.guide.notNull {
		return false
	}
	for t := c.typ; t.kind == 'd'; t = t.base {
		if t.notNull {
			return false
		}
	}
	return true
}
