// Package prisma reads a schema.prisma: text → syntax tree → checked model, every node with its place in the file.
// It knows the PostgreSQL side of the Prisma schema language and nothing of any database.
package prisma

import "fmt"

// Pos is a place in a schema file. Line and Column count from 1; Column counts runes.
//
// Half of a syntax tree is places, so they are small, and without a pointer for the garbage collector to follow: with the
// file's name and ints in them, the tree of a large schema takes two thirds more.
type Pos struct {
	file         fileNumber
	Line, Column int32
	offset       int32 // a file is under 2 GiB
}

// File returns the name of the file: that of its Source.
func (p Pos) File() string { return p.file.name() }

// Offset returns the number of bytes before it in the file.
func (p Pos) Offset() int { return int(p.offset) }

// String returns file:line:column, as editors and compilers write it.
func (p Pos) String() string { return fmt.Sprintf("%s:%d:%d", p.File(), p.Line, p.Column) }

// Span is a range in a schema file, End exclusive.
type Span struct{ Start, End Pos }

// Source is one schema file.
type Source struct {
	Name string // as shown in errors: a path relative to the workspace
	Text string
}

// Schema is a schema that was checked: every reference is resolved and every rule holds.
type Schema struct {
	Sources    []Source
	Datasource *Datasource // nil where no file has one
	Generators []*Generator
	Models     []*Model // in file order, ignored ones included
	Views      []*Model // in file order; no tables are created for them
	Enums      []*Enum  // in file order
	// ManyToMany are the implicit many-to-many relations, in the order of their A side's model in the files.
	ManyToMany []*ManyToMany
	// Warnings are the findings that do not stop the schema from being used.
	Warnings []Diagnostic
}

// Datasource is the datasource block.
type Datasource struct {
	Span         Span
	Name         string // native types are @Name.X
	Provider     string // "postgresql" (also where the file says "postgres")
	URL          string // a literal URL, or ""
	URLEnv       string // the variable of env("…"), or ""
	RelationMode string // "foreignKeys" or "prisma"
	Schemas      []Name // schemas = […]; empty without multi-schema
	Extensions   []Extension
}

// Name is a name with its place.
type Name struct {
	Value string
	Span  Span
}

// Extension is one entry of extensions = […].
type Extension struct {
	Span    Span
	Name    string // as written
	DBName  string // map:, or Name
	Schema  string // schema:, or ""
	Version string // version:, or ""
}

// Generator is a generator block. Its settings are kept as text: none bears on the database.
type Generator struct {
	Span            Span
	Name            string
	Provider        string
	Output          string // the folder, relative to that of the block's file; "" where not given, env(NAME) for a variable
	PreviewFeatures []Name
}

// Model is a model or view block.
type Model struct {
	Span    Span   // of the whole block
	NameAt  Span   // of its name
	Name    string // in the schema
	DBName  string // @@map, or Name
	Schema  string // @@schema, or "" where the datasource lists none
	Doc     string // its /// comment
	View    bool
	Ignored bool // @@ignore; its table is created all the same
	Fields  []*Field

	PrimaryKey *Index // nil where the model has none
	// Indexes in the order in which Prisma creates them: @unique in field order, then @@index, then @@unique.
	Indexes []*Index
}

// Kind is what a field holds.
type Kind int

const (
	Scalar      Kind = iota // Type is String, Boolean, Int, BigInt, Float, Decimal, DateTime, Json or Bytes
	EnumValue               // Type is the enum's name, Enum is set
	Object                  // a relation field: Type is the model's name, Relation is set; has no column
	Unsupported             // Type is the database's own type, verbatim
)

// Arity is how many values a field holds.
type Arity int

const (
	Required Arity = iota
	Optional       // T?
	List           // T[]
)

// Field is one field of a model or view.
type Field struct {
	Span      Span // of the whole line's content
	NameAt    Span
	TypeAt    Span
	Name      string
	DBName    string // @map, or Name
	Doc       string
	Model     *Model // the model that contains it
	Kind      Kind
	Type      string
	Arity     Arity
	Enum      *Enum
	Native    *NativeType // nil where not given
	Default   *Default    // nil where not given
	UpdatedAt bool
	Ignored   bool
	Relation  *Relation
}

// HasColumn reports whether the field is a column of its table.
func (f *Field) HasColumn() bool { return f.Kind != Object }

// NativeType is @db.Name(args).
type NativeType struct {
	Span Span
	Name string   // "VarChar"
	Args []string // as given
}

// Default is @default(…).
type Default struct {
	Span Span
	// Function is autoincrement, now, uuid, cuid, nanoid, ulid, dbgenerated, …, or "" where Value holds.
	Function string
	Args     []Value // of the function
	Value    Value   // a literal, an enum value or an array
}

// ValueKind is the kind of a literal.
type ValueKind int

const (
	StringValue   ValueKind = iota // Text is the string, escapes resolved
	NumberValue                    // Text is the number as written
	BooleanValue                   // Text is true or false
	ConstantValue                  // Text is a bare word: an enum value's name in the schema
	ArrayValue                     // Elements
)

// Value is a literal in a schema file.
type Value struct {
	Span     Span
	Kind     ValueKind
	Text     string
	Elements []Value
}

// IndexKind is what an index is for.
type IndexKind int

const (
	PrimaryKey IndexKind = iota // @id, @@id
	Unique                      // @unique, @@unique
	Plain                       // @@index
)

// Index is a primary key, a unique index or an index, from a field's attribute or a block's.
type Index struct {
	Span      Span
	Kind      IndexKind
	Name      string // the client's name (name:), which does not affect the database, or ""
	Map       string // the database's name (map:, or name: of @@index), or "" for the default one
	Algorithm string // "BTree" where not given; Hash, Gin, Gist, SpGist, Brin
	Fields    []IndexField
	Where     *Predicate // partialIndexes; nil for a whole index
}

// IndexField is one column of an index.
type IndexField struct {
	Field  *Field
	Sort   string // "", "Asc" or "Desc"
	Ops    string // the operator class as named in the schema ("JsonbPathOps"), or the text of raw("…")
	OpsRaw bool
}

// Predicate is the where: of a partial index: either Raw SQL or Terms that all hold.
type Predicate struct {
	Span  Span
	Raw   string
	Terms []PredicateTerm
}

// PredicateTerm compares one field with Value, or with NULL where Null is set; Not inverts the comparison.
type PredicateTerm struct {
	Field *Field
	Not   bool
	Null  bool
	Value Value
}

// ReferentialAction is onDelete or onUpdate as the schema writes it; "" is the default.
type ReferentialAction string

const (
	Cascade    ReferentialAction = "Cascade"
	Restrict   ReferentialAction = "Restrict"
	NoAction   ReferentialAction = "NoAction"
	SetNull    ReferentialAction = "SetNull"
	SetDefault ReferentialAction = "SetDefault"
)

// Relation is what a relation field says, resolved. Both sides of a relation have one.
type Relation struct {
	Span     Span   // of @relation, or of the field where it has none
	Name     string // given or ""
	To       *Model
	Opposite *Field // the field on the other side
	// Fields and References are set on the side that holds the foreign key.
	Fields, References []*Field
	OnDelete, OnUpdate ReferentialAction
	Map                string // the constraint's name in the database, or ""
}

// Holds reports whether this side has the foreign key's columns.
func (r *Relation) Holds() bool { return len(r.Fields) > 0 }

// ManyToMany is an implicit many-to-many relation: two list fields without a model between them. A and B are its sides
// in the order that decides the join table's columns.
type ManyToMany struct {
	Name string // the relation's name where given, else ""
	A, B *Field // A.Model is the model that column "A" refers to
}

// Enum is an enum block.
type Enum struct {
	Span   Span
	NameAt Span
	Name   string
	DBName string // @@map, or Name
	Schema string // @@schema, or ""
	Doc    string
	Values []EnumMember
}

// EnumMember is one value of an enum.
type EnumMember struct {
	Span   Span
	Name   string
	DBName string // @map, or Name
}
