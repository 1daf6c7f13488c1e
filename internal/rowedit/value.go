package rowedit

import (
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
)

// Kind is what a Value is.
type Kind int

const (
	Given   Kind = iota // its text
	Null                // NULL
	Default             // what the column's definition says
)

// Value is what a column is to hold.
type Value struct {
	Kind Kind
	Text string // as psql reads and prints it
}

// String returns the value for people: NULL, DEFAULT, or the text, in quotes where it could be taken for one of them.
func (v Value) String() string {
	switch v.Kind {
	case Null:
		return "NULL"
	case Default:
		return "DEFAULT"
	}
	if v.Text == "" || v.Text == "NULL" || v.Text == "DEFAULT" || strings.TrimSpace(v.Text) != v.Text {
		return `"` + v.Text + `"`
	}
	return v.Text
}

// literal returns the value as SQL, as far as it is shown.
func (v Value) literal(c Column) string {
	switch v.Kind {
	case Null:
		return "NULL"
	case Default:
		return "DEFAULT"
	}
	if c.Kind == postgres.NumberKind && plainNumber(v.Text) {
		return v.Text
	}
	return postgres.Literal(v.Text)
}

// plainNumber reports whether a text is a number that SQL takes without quotes.
func plainNumber(s string) bool {
	digits := strings.TrimPrefix(s, "-")
	return digits != "" && digits[0] != '.' && strings.Trim(digits, "0123456789.") == "" && strings.Count(digits, ".") < 2
}

// Cell is a value as it was read.
type Cell struct {
	Text   string // only its beginning where there is a Digest
	Null   bool
	Bytes  int64
	Digest string // SHA-256 of a text that is too long to be kept
	Unread bool   // the role may not read it
}

// Whole reports whether the cell holds the whole value.
func (c Cell) Whole() bool { return c.Digest == "" && !c.Unread }

// same reports whether two cells hold the same text.
func (c Cell) same(o Cell) bool {
	if c.Unread || o.Unread {
		return c.Unread == o.Unread
	}
	return c.Null == o.Null && c.Bytes == o.Bytes && c.Digest == o.Digest && c.Text == o.Text
}

// Value returns the cell as a value to write.
func (c Cell) Value() Value {
	if c.Null {
		return Value{Kind: Null}
	}
	return Value{Text: c.Text}
}

// String returns the cell for people.
func (c Cell) String() string {
	if c.Digest != "" {
		return c.Text + "…"
	}
	return c.Value().String()
}

// Row is a row as it was read: a cell for each of the table's columns.
type Row struct {
	Table *Table
	Cells []Cell
	At    postgres.Cursor // its place in the table's own order
	spot  string          // its place in the file, where the table has no key
}

// Cell returns the cell of a column.
func (r *Row) Cell(column string) Cell {
	if i := r.Table.Find(column); i >= 0 {
		return r.Cells[i]
	}
	return Cell{Unread: true}
}

// Name returns the row's key as people name it.
func (r *Row) Name() string {
	parts := make([]string, len(r.Table.Key))
	for i, k := range r.Table.Key {
		parts[i] = r.Cell(k).String()
	}
	return strings.Join(parts, ", ")
}

// differences returns the columns in which two states of a row differ.
func differences(a, b *Row) (columns []string) {
	for i, c := range a.Table.Columns {
		if !a.Cells[i].same(b.Cells[i]) {
			columns = append(columns, c.Name)
		}
	}
	return columns
}
