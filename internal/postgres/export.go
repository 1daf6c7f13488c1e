package postgres

import "time"

// ExportFormat is the format in which rows are written.
type ExportFormat string

const (
	ExportCSV       ExportFormat = "csv"   // as COPY … (FORMAT csv, HEADER): NULL is nothing, an empty string is ""
	ExportJSONLines ExportFormat = "jsonl" // an object on each line
	ExportJSON      ExportFormat = "json"  // one array of objects
)

// ExportRequest says what to write. Either Table, with its filter and order, or Query.
type ExportRequest struct {
	Table  TableRef
	Sort   []SortKey
	Where  []Condition
	Raw    string
	Query  string // one statement that returns rows; it runs in a read-only transaction
	Format ExportFormat
}

// ExportResult is what was written.
type ExportResult struct {
	Rows  int64
	Bytes int64
	Took  time.Duration
}
