package rowedit

import (
	"slices"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
)

// Verb is what a Change does.
type Verb int

const (
	Update Verb = iota
	Insert
	Delete
)

// Sign is how a change is marked in a list: ~, + or -.
func (v Verb) Sign() string { return []string{"~", "+", "-"}[v] }

// Change is one row to change, add or delete.
type Change struct {
	Verb  Verb
	Table *Table
	Row   *Row             // as it was shown; nil for Insert
	Set   map[string]Value // by column: what is to change, or what is given for a new row

	// System gives an identity column that is GENERATED ALWAYS the value in Set: the change brings a row back.
	System bool

	of *Change // what it is a copy of, in a Plan
}

// Columns returns the columns that the change sets, in the table's order.
func (c *Change) Columns() []Column {
	var out []Column
	for _, col := range c.Table.Columns {
		if _, ok := c.Set[col.Name]; ok {
			out = append(out, col)
		}
	}
	return out
}

// Name says which row it is: "public.User 42"; of a new row what is given for its key.
func (c *Change) Name() string {
	if c.Row != nil {
		return c.Table.String() + " " + c.Row.Name()
	}
	var parts []string
	for _, k := range c.Table.Key {
		if v, ok := c.Set[k]; ok && v.Kind == Given {
			parts = append(parts, v.String())
		}
	}
	if len(parts) == 0 {
		return c.Table.String() + " (new)"
	}
	return c.Table.String() + " (" + strings.Join(parts, ", ") + ")"
}

// What says what changes, in one line: "email a@x.org → b@x.org".
func (c *Change) What() string {
	var parts []string
	for _, col := range c.Columns() {
		v := c.Set[col.Name].String()
		if c.Verb == Update {
			v = c.Row.Cell(col.Name).String() + " → " + v
		}
		parts = append(parts, col.Name+" "+v)
	}
	if c.Verb == Delete {
		for i, col := range c.Table.Columns {
			if cell := c.Row.Cells[i]; !slices.Contains(c.Table.Key, col.Name) && !cell.Null && !cell.Unread {
				parts = append(parts, col.Name+" "+cell.String())
			}
		}
	}
	return strings.Join(parts, ", ")
}

// SQL returns the change as the statement that it is, a line for each part. It says what an UPDATE replaces. What the
// statement checks besides (that the row is still what was shown) would take a line for each column, and is left out.
func (c *Change) SQL() []string {
	switch c.Verb {
	case Insert:
		return c.insertSQL()
	case Delete:
		return append([]string{"DELETE FROM " + c.Table.Quoted()}, c.whereSQL()...)
	}
	out := []string{"UPDATE " + c.Table.Quoted()}
	cols := c.Columns()
	for i, col := range cols {
		head, tail := "   SET ", ","
		if i > 0 {
			head = "       "
		}
		if i == len(cols)-1 {
			tail = ""
		}
		out = append(out, head+postgres.Ident(col.Name)+" = "+oneLine(c.Set[col.Name].literal(col))+tail+"  -- was "+oneLine(c.Row.Cell(col.Name).String()))
	}
	return append(out, c.whereSQL()...)
}

func (c *Change) insertSQL() []string {
	cols := c.Columns()
	if len(cols) == 0 {
		return []string{"INSERT INTO " + c.Table.Quoted() + " DEFAULT VALUES;"}
	}
	names, values := make([]string, len(cols)), make([]string, len(cols))
	for i, col := range cols {
		names[i], values[i] = postgres.Ident(col.Name), oneLine(c.Set[col.Name].literal(col))
	}
	return []string{"INSERT INTO " + c.Table.Quoted() + " (" + strings.Join(names, ", ") + ")" + c.overriding(), "VALUES (" + strings.Join(values, ", ") + ");"}
}

func (c *Change) overriding() string {
	if c.System {
		return " OVERRIDING SYSTEM VALUE"
	}
	return ""
}

func (c *Change) whereSQL() []string {
	parts := make([]string, len(c.Table.Key))
	for i, k := range c.Table.Key {
		parts[i] = postgres.Ident(k) + " = " + oneLine(c.Row.Cell(k).Value().literal(c.Table.Columns[c.Table.Find(k)]))
	}
	return []string{" WHERE " + strings.Join(parts, " AND ") + ";"}
}

// oneLine keeps a text within one line of SQL: what is shown is to be read.
func oneLine(s string) string {
	s = strings.NewReplacer("\r", "␍", "\n", "⏎").Replace(s)
	const most = 400
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
