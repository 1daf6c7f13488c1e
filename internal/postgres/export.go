package postgres

import "time"

// ExportFormat is the format in which rows are written.
type ExportFormat string

const (
	ExportCSV       ExportFormat = "csv"   // as COPY … (FORMAT csv, HEADER): NULL is nothing, an empty string is ""
	ExportJSONLines ExportFormat = "jsonl" // an object on each line
	ExportJSON      ExportFormat = "json"  // one array of objects

	ExportTSV      ExportFormat = "tsv"      // as CSV, with tabs: what spreadsheets paste
	ExportMarkdown ExportFormat = "markdown" // a table
	ExportInsert   ExportFormat = "insert"   // a statement a row, for Table or the table that all Given columns are of
	ExportUpdate   ExportFormat = "update"   // the same, which sets the columns of the row with the same key
)

// ExportRequest says what to write: Table, with its filter and order or only some of its rows; Query; or what is Given.
type ExportRequest struct {
	Table  TableRef
	Sort   []SortKey
	Where  []Condition
	Raw    string
	Query  string    // one statement that returns rows; it runs in a read-only transaction
	Args   Arguments // of Query
	Format ExportFormat

	// At are the places of the rows of Table to write, in this order: cursors of pages without a Sort, or the number of one
	// row where only numbers tell them apart, as in a view. Rows that are gone are left out.
	At []Cursor

	Given *Given // rows that were read before, which are written as they are
}

// Given is rows of a Page or a Result.
type Given struct {
	Columns []PageColumn
	Rows    [][]Cell
}

// ExportResult is what was written.
type ExportResult struct {
	Rows  int64
	Bytes int64
	Took  time.Duration
}
