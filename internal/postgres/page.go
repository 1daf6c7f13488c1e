package postgres

import "time"

// Direction says which page is asked for.
type Direction int

const (
	FirstPage Direction = iota
	NextPage            // the rows after Cursor
	PrevPage            // the rows before Cursor
	LastPage            // the last rows
	PageAt              // the rows from Cursor on, including its own: the same page again, or a row that was looked for
)

// PageRequest asks for one page of a relation's rows.
type PageRequest struct {
	Table   TableRef
	Columns []string    // those to fetch, in this order; all if empty
	Sort    []SortKey   // the order; the table's key if empty. The key always breaks ties.
	Where   []Condition // all of them must hold
	Raw     string      // a condition written by the user, as SQL; it runs in a read-only transaction
	Page    Direction
	Cursor  Cursor // for NextPage, PrevPage and PageAt: the cursor of a row of another Page with the same Sort
	Limit   int    // rows; 100 if zero, 10,000 at most
	MaxCell int    // characters of a value, the rest is cut off on the server; 256 if zero, no limit if negative
	CountTo int64  // count the rows that match up to this number (see DefaultCountTo); no count if zero
}

// DefaultCountTo is where counting the rows of a page's condition stops: it takes 14 ms on a table of 3 million rows.
const DefaultCountTo = 100_001

// SortKey is one column of an order. NULL is larger than any value, as in an index.
type SortKey struct {
	Column string
	Desc   bool
}

// Operator is how a Condition compares.
type Operator string

const (
	Equal        Operator = "="
	NotEqual     Operator = "<>" // NULL counts as different
	Less         Operator = "<"
	LessEqual    Operator = "<="
	Greater      Operator = ">"
	GreaterEqual Operator = ">="
	Contains     Operator = "contains" // the value's text contains this, ignoring case
	StartsWith   Operator = "starts"   // the value's text starts with this
	Matches      Operator = "~"        // the value's text matches a regular expression, ignoring case
	IsNull       Operator = "is null"  // Value is ignored
	IsNotNull    Operator = "not null" // Value is ignored
	AnyOf        Operator = "in"       // equals one of Values
)

// Condition compares one column with a value. Values are text as psql prints and reads them, whatever the type.
type Condition struct {
	Column string
	Op     Operator
	Value  string
	Values []string // for AnyOf

	// Type is the type as which Value is read, and Collation the collation by which it is compared, both as SQL; the
	// column's own if empty. Values of a foreign key may be written differently from those that they equal: 1.00 and 1.
	Type, Collation string
}

// Cursor is the place of one row in an order: the row's values of the sort columns and the key, as text. It remains
// valid when its row is deleted.
type Cursor []keyValue

// keyValue is one value of a Cursor.
type keyValue struct {
	Text string
	Null bool
}

// Page is one page of rows.
type Page struct {
	Table   TableRef
	Columns []PageColumn
	Rows    [][]Cell // each as long as Columns
	Cursors []Cursor // one for each row, for PageRequest.Cursor

	HasPrev, HasNext bool     // whether there are rows before and after
	Key              []string // the columns that identify rows; empty if there are none
	Method           string   // how it was paged: "keyset(id)", "ctid", "offset"
	Total            RowCount // the number of rows that match, if asked for
	Counted          bool     // whether Total was asked for
	Sorts            bool     // no index has the order that was asked for: the server sorts all rows that match for each page
	Took             time.Duration
	SQL              string // the query, with parameters as $1, $2 …
}

// PageColumn is a column of a Page or a Result.
type PageColumn struct {
	Name       string
	Type       string
	Kind       ColumnKind
	Key        bool // part of the table's key
	NotNull    bool
	References *ColumnReference // or nil
	Origin     Origin           // of a Result's column
}

// Origin is the column of a relation that a query returns as it is; the zero value for an expression.
type Origin struct {
	Table  uint32 // OID
	Number uint16 // attnum
}

// Cell is one value, as psql prints it. Show Text through visible.String; copy and export it raw.
type Cell struct {
	Text      string
	Null      bool
	Truncated bool  // Text is only the beginning
	Bytes     int64 // the length of the whole value's text, or of a bytea itself
}

// Record is one row in full.
type Record struct {
	Table   TableRef
	Columns []Column
	Values  []Cell       // one for each column; cut only beyond recordLimit
	Out     []RecordLink // its foreign keys, to follow
	In      []RecordLink // foreign keys of other rows that may refer to this one
	Cursor  Cursor       // its place in the requested order
}

// recordLimit is how many bytes of one value a Record holds at most.
const recordLimit = 1 << 20

// RecordLink is a foreign key seen from one row: Where selects the rows at its other end.
type RecordLink struct {
	ForeignKey ForeignKeyEdge
	Table      TableRef    // the other end
	Where      []Condition // for PageRequest.Where
	Null       bool        // the key is NULL, so that there is nothing at the other end
}
