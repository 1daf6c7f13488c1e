package prisma

import (
	"fmt"
	"slices"

	"github.com/livepeer/naap-dev/internal/say"
)

// Parse reads and checks a schema of one or more files. If anything is wrong, the error is a *Diagnostics with every
// finding; warnings alone do not fail and are in Schema.Warnings. A provider other than PostgreSQL is the only finding.
//
// What real Prisma accepts is accepted, and what it refuses is refused, by the rules of 6.19 and 7.10. Deliberate
// differences:
//
//   - The url of a datasource may be present (Prisma <= 6 requires it) or absent (Prisma 7 forbids it). Preview features
//     are neither required nor checked: views, extensions and partial indexes work without theirs.
//   - Names of more than 63 bytes for tables, columns, enums, schemas and many-to-many tables are refused. Prisma creates
//     them truncated, and takes the result for something else at each push.
//   - What PostgreSQL refuses each time is refused: empty names and types, lengths out of range (@db.VarChar(0)),
//     a list as a foreign key of a single value, autoincrement() on a list, two values of an enum with one name in the
//     database, sort: on indexes other than BTree, Hash of two fields, indexes on XML, an index or a many-to-many table
//     with another table's name, references to a partial unique index. A decimal default has no underscores.
//   - What Prisma drops silently is refused: words after a block's opening brace, unknown or nameless arguments of an
//     index's field, operator classes of an id, a second argument of raw(…).
//   - A byte order mark at a file's beginning is skipped.
//
// testdata/cases has each of these as a case with its reason.
func Parse(sources ...Source) (*Schema, error) {
	c := newChecker(sources)
	for _, s := range sources {
		f, found := ParseFile(s)
		c.found = append(c.found, found...)
		c.files = append(c.files, f)
	}
	if d, provider := foreignProvider(c.files); d != nil {
		return nil, &Diagnostics{List: []Diagnostic{*d}, Sources: sources, foreign: provider}
	}
	return c.check()
}

// checker turns syntax trees into a Schema. Its stages run in the order of check, each over everything, and all
// findings are collected; what was found wrong is marked, so that the same fault is not reported twice.
type checker struct {
	schema *Schema
	files  []*File
	found  []Diagnostic

	models      []*modelInfo // models and views, in file order
	byName      map[string]*modelInfo
	enums       map[string]*enumInfo
	composites  map[string]bool
	declared    map[string]Span // every type's name
	schemas     map[string]bool // of the datasource
	datasource  *Block          // nil where there is none
	compared    int             // names, in the search for near ones
	fieldSlab   slab[fieldInfo]
	modelFields slab[Field]
	incomplete  bool // some block could not be read: what is missing may be in it
}

// modelInfo is a model while it is checked.
type modelInfo struct {
	*Model
	block  *Block
	fields []*fieldInfo // as in Model.Fields
	byName map[string]*fieldInfo
	// idFields are the fields with @id.
	idFields   []*fieldInfo
	mapAt      Span // of @@map, or of the name
	relations  []*fieldInfo
	pairs      map[pairKey][]*fieldInfo // the relations by what pairs them
	uniquesBad bool                     // a unique criterion could not be read
}

// pairKey is what the two fields of a relation have in common.
type pairKey struct {
	to   *modelInfo
	name string
}

// fieldInfo is a field while it is checked.
type fieldInfo struct {
	*Field
	model    *modelInfo
	member   *Member
	relation *Attribute // @relation, or nil
	mapAt    Span
	to       *modelInfo // of a relation field
	bad      bool       // its type is unknown, or its line could not be read
	// fieldsArg and referencesArg report which arguments @relation has; they are used before the fields are resolved.
	fieldsArg, referencesArg bool
	badRelation              bool // its @relation could not be read
}

// enumInfo is an enum while it is checked.
type enumInfo struct {
	*Enum
	block  *Block
	values map[string]bool
	mapAt  Span
}

func newChecker(sources []Source) *checker {
	return &checker{
		schema:     &Schema{Sources: sources},
		byName:     map[string]*modelInfo{},
		enums:      map[string]*enumInfo{},
		composites: map[string]bool{},
		declared:   map[string]Span{},
		schemas:    map[string]bool{},
	}
}

func (c *checker) check() (*Schema, error) {
	c.declare()
	c.resolveFields()
	c.checkEnums()
	c.checkModels()
	c.checkRelations()
	c.checkNames()
	c.found = sortDiagnostics(c.found, c.schema.Sources)
	c.schema.Warnings = c.found
	if slices.ContainsFunc(c.found, Diagnostic.isError) {
		return nil, &Diagnostics{List: c.found, Sources: c.schema.Sources}
	}
	return c.schema, nil
}

// fail adds an error, and returns false: what it is about cannot be used.
func (c *checker) fail(code string, span Span, help, format string, args ...any) bool {
	c.found = append(c.found, Diagnostic{Error, code, span, fmt.Sprintf(format, args...), help})
	return false
}

// warn adds a warning.
func (c *checker) warn(code string, span Span, help, format string, args ...any) {
	c.found = append(c.found, Diagnostic{Warning, code, span, fmt.Sprintf(format, args...), help})
}

// did returns the help that offers the nearest name, or the given one where none is near.
func (c *checker) did(name string, candidates []string, otherwise string) string {
	if near := c.nearest(name, candidates); near != "" {
		return fmt.Sprintf("Did you mean `%s`?", near)
	}
	return otherwise
}

// maxCompared bounds how many names are compared in the search for near ones: in a large schema where nothing fits, the
// first findings get their help and the others do without.
const maxCompared = 200_000

func (c *checker) nearest(name string, candidates []string) string {
	if c.compared += len(candidates); c.compared > maxCompared {
		return ""
	}
	return say.Nearest(name, candidates)
}
