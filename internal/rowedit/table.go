// Package rowedit changes rows: what is to be changed, as plain values; one transaction that carries it out only while
// the rows are still what was shown; and what takes it back.
package rowedit

import (
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// Table is what must be known of a table to change its rows.
type Table struct {
	postgres.TableRef
	OID       uint32
	Columns   []Column
	Key       []string // the columns that identify a row
	Keys      []ForeignKey
	Role      string // who changes rows, as the server knows them
	MayInsert bool   // into some column
	MayDelete bool
	Refusal   string            // why no row of it can be changed, or ""
	kept      bool              // the role may lock its rows
	root      postgres.TableRef // itself, or what it is a partition of
}

// Column is a column of a Table, with what the role may do with it.
type Column struct {
	postgres.Column
	Cast string // the type without its modifier, as SQL: a value that is too long is then an error, and is not cut

	MayRead, MayUpdate, MayInsert bool
}

// ForeignKey is a foreign key of a Table: its columns, and those that they refer to.
type ForeignKey struct {
	Name        string
	Columns, To []string
	Table       postgres.TableRef
}

// Refused returns why no row of the table can be changed, or nil.
func (t *Table) Refused() error {
	if t.Refusal == "" {
		return nil
	}
	return remedy.New("rows.refused", remedy.ExitRefused, "rows of %s cannot be changed here: %s", visible.String(t.String()), t.Refusal)
}

// Find returns the place of a column, or −1.
func (t *Table) Find(name string) int {
	return slices.IndexFunc(t.Columns, func(c Column) bool { return c.Name == name })
}

// KeyOf returns the foreign key that a column belongs to, the one with the fewest columns, or nil.
func (t *Table) KeyOf(column string) (best *ForeignKey) {
	for i := range t.Keys {
		if k := &t.Keys[i]; slices.Contains(k.Columns, column) && (best == nil || len(k.Columns) < len(best.Columns)) {
			best = k
		}
	}
	return best
}

// Fixed returns why a column's value cannot be changed, or "". Of a row that is new, it says why none can be given.
func (t *Table) Fixed(c Column, isNew bool) string {
	switch {
	case c.Generated != "":
		return c.Name + " is generated: " + c.Generated
	case c.Identity == "ALWAYS" && isNew:
		return c.Name + " is numbered by the server (GENERATED ALWAYS AS IDENTITY)"
	case c.Identity == "ALWAYS":
		return c.Name + " is numbered by the server (GENERATED ALWAYS AS IDENTITY): delete the row and make a new one"
	case isNew && !c.MayInsert, !isNew && !c.MayUpdate:
		return "the role " + t.Role + " may not write " + c.Name
	case !isNew && !c.MayRead:
		return "the role " + t.Role + " may not read " + c.Name
	}
	return ""
}

// HasDefault reports whether DEFAULT gives a column something else than NULL.
func (c Column) HasDefault() bool { return c.Default != "" || c.Identity != "" }

// Nullable reports whether a column may be NULL.
func (c Column) Nullable() bool { return !c.NotNull }

// DefaultText says what DEFAULT gives a column.
func (c Column) DefaultText() string {
	switch {
	case c.Identity != "":
		return "the next number"
	case c.Default != "":
		return c.Default
	}
	return "NULL"
}

// refusalOf returns why rows of a relation cannot be changed, or "".
func refusalOf(d *postgres.TableDetail, readOnly string) string {
	switch kind := string(d.Kind); {
	case readOnly != "":
		return readOnly
	case strings.Contains(kind, "view"):
		return "it is a " + kind + "; change the tables that it shows"
	case strings.Contains(kind, "foreign"):
		return "it is a foreign table: its rows are on another server, whose own keys are not known"
	case len(d.Key) > 0:
		return ""
	case d.HasKey:
		return "its primary key is DEFERRABLE: until a transaction ends, two rows may have the same one"
	}
	return "it has no primary key, and no unique key whose columns are NOT NULL, so that nothing says which row is meant"
}

// named are names of columns that say what a row is called, best first.
const named = "name title label displayname display_name fullname full_name email username user_name handle slug subject description code key"

// unnamed are parts of the names of columns that hold no name: keys of other rows, and what nobody is to see by the way.
var unnamed = []string{"token", "secret", "password", "hash", "salt"}

// nameRank is how well a column says what a row is called: the less, the better, and −1 for not at all.
func nameRank(words []string, column string) int {
	lower := strings.ToLower(column)
	switch at := slices.Index(words, lower); {
	case at >= 0:
		return at
	case slices.ContainsFunc(unnamed, func(part string) bool { return strings.Contains(lower, part) }),
		strings.HasSuffix(column, "Id"), strings.HasSuffix(column, "ID"), strings.HasSuffix(lower, "_id"), lower == "id":
		return -1
	case strings.HasSuffix(lower, "name"), strings.HasSuffix(lower, "title"), strings.HasSuffix(lower, "email"):
		return len(words)
	}
	return len(words) + 1
}

// NameColumn returns the column that says what a row is called, or "".
func NameColumn(columns []postgres.Column) string {
	best, rank := "", 1<<30
	words := strings.Fields(named)
	for _, c := range columns {
		if c.Kind != postgres.TextKind || c.PrimaryKey > 0 {
			continue
		}
		if at := nameRank(words, c.Name); at >= 0 && at < rank {
			best, rank = c.Name, at
		}
	}
	return best
}
