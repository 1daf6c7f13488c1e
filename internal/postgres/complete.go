package postgres

// Completion is what a SQL console offers while the user types.
type Completion struct {
	Schemas   []string
	Tables    []CompletionTable
	Functions []string // names, each once; those of pg_catalog without their schema
	Types     []string
	Keywords  []string // in upper case
	Settings  []string // names of run-time parameters, after SET and SHOW
	Reserved  []string // the Keywords that cannot be names without quotes, sorted
}

// CompletionTable is a relation and its columns.
type CompletionTable struct {
	TableRef
	Kind    RelationKind
	Columns []CompletionColumn
	Visible bool // found by the search path without its schema
}

// CompletionColumn is a column's name and type.
type CompletionColumn struct{ Name, Type string }
