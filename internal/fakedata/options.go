// Package fakedata makes up rows for any table: read from the catalogue, keys consistent across schemas, by COPY.
package fakedata

import (
	"fmt"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
)

// Options say which rows to make.
type Options struct {
	Schemas []string            // only tables in these; all where this and Tables are empty
	Tables  []postgres.TableRef // only these, and what they must refer to
	Rows    int64               // for each table
	RowsOf  map[string]int64    // for single tables, which it also chooses, by "schema.table", or "table" where there is only one; 0 leaves it out
	Seed    int64               // the same seed makes the same rows
	Append  bool                // add to tables that have rows
	Edge    bool                // mix in extremes
	Rules   []Rule              `json:",omitempty"` // for columns
	Hints   Hints               `json:"-"`
}

// Hints are what the Prisma file knows and the database does not.
type Hints struct {
	Defaults  map[Column]string   // "cuid", "uuid", "ulid", "nanoid": how the client makes keys
	Relations []Relation          // without a foreign key in the database
	Comments  map[Column]string   // comments on columns, without the comment marks
	Seen      map[Column][]string // values that seed files have
}

// Column names a column.
type Column struct {
	Table postgres.TableRef
	Name  string
}

// Relation is a reference from one table's columns to another's.
type Relation struct {
	Name       string
	From, To   postgres.TableRef
	Columns    []string
	Referenced []string
}

// Plan describes what Apply would do: which tables get how many rows, in which order, and which get none and why.
type Plan struct {
	Seed    int64
	Tables  []PlannedTable // in order, each after those that it refers to
	Refused []Refusal

	options Options
	db      *database
	jobs    []*job
	groups  int64
	resumed *run // the unfinished run that is continued, or nil
}

// PlannedTable is one table of a Plan.
type PlannedTable struct {
	Table     postgres.TableRef
	Rows      int64
	Limited   string   // why there are fewer than asked for, or ""
	Note      string   // what else to know, or ""
	Done      bool     // it already has its rows, from the run that is continued
	Rules     []string // of its columns, such as "email: pattern … (naap.toml:12)"
	Conflicts []string // where these contradict constraints
	Named     []string // what columns refer to by their names alone, such as "userId → public.User.id"
}

// Refusal is a table that gets no rows, and why.
type Refusal struct {
	Table  postgres.TableRef
	Reason string
}

// Rows returns how many rows the plan makes.
func (p *Plan) Rows() (n int64) {
	for _, t := range p.Tables {
		if !t.Done {
			n += t.Rows
		}
	}
	return n
}

// String returns the plan for people, one line per table.
func (p *Plan) String() string {
	var b strings.Builder
	for _, t := range p.Tables {
		fmt.Fprintf(&b, "%10d rows  %s", t.Rows, t.Table)
		if t.Done {
			b.WriteString("  (there already)")
		}
		for _, note := range []string{t.Limited, t.Note} {
			if note != "" {
				fmt.Fprintf(&b, "  (%s)", note)
			}
		}
		b.WriteByte('\n')
		for _, list := range [][]string{t.Rules, t.Conflicts} {
			for _, text := range list {
				fmt.Fprintf(&b, "%17s%s\n", "", text)
			}
		}
		if len(t.Named) > 0 {
			fmt.Fprintf(&b, "%17sby name: %s\n", "", strings.Join(t.Named, ", "))
		}
	}
	for _, r := range p.Refused {
		fmt.Fprintf(&b, "%10s rows  %s: %s\n", "no", r.Table, r.Reason)
	}
	return b.String()
}
