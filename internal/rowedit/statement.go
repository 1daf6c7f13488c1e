package rowedit

import (
	"fmt"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/say"
)

// statement returns the change as a statement with parameters. It changes a row only while all of it is what was shown,
// and returns the key of what it changed; nothing where it changed nothing.
func (c *Change) statement() (sql string, p *params) {
	p = &params{}
	name, returning := c.Table.Quoted(), " RETURNING "+strings.Join(say.Each(c.Table.Key, c.keyText), ", ")
	if len(c.Table.Key) == 0 { // a row that is brought back
		returning = " RETURNING 1"
	}
	switch c.Verb {
	case Insert:
		return "INSERT INTO " + name + " AS t" + c.values(p) + returning, p
	case Delete:
		return "DELETE FROM " + name + " t WHERE " + c.unchanged(p) + returning, p
	}
	var sets []string
	for _, col := range c.Columns() {
		sets = append(sets, postgres.Ident(col.Name)+" = "+col.write(c.Set[col.Name], p))
	}
	return "UPDATE " + name + " t SET " + strings.Join(sets, ", ") + " WHERE " + c.unchanged(p) + returning, p
}

func (c *Change) keyText(column string) string {
	return asText(c.Table.Columns[c.Table.Find(column)])
}

// write returns the expression for a value.
func (c Column) write(v Value, p *params) string {
	switch v.Kind {
	case Null:
		return "NULL"
	case Default:
		return "DEFAULT"
	}
	return p.add(v.Text, c.Cast)
}

func (c *Change) values(p *params) string {
	var names, values []string
	for _, col := range c.Columns() {
		names, values = append(names, postgres.Ident(col.Name)), append(values, col.write(c.Set[col.Name], p))
	}
	if len(names) == 0 {
		return " DEFAULT VALUES"
	}
	return " (" + strings.Join(names, ", ") + ")" + c.overriding() + " VALUES (" + strings.Join(values, ", ") + ")"
}

// unchanged is the condition that a row has the key, and in every column that was read the text that was read. A row that
// another transaction changes meanwhile is looked at again once that is committed.
func (c *Change) unchanged(p *params) string {
	parts := []string{c.Table.keyIs(p, c.Row.keyOf())}
	for i, col := range c.Table.Columns {
		text, cell := asText(col), c.Row.Cells[i]
		switch {
		case cell.Unread:
		case cell.Null:
			parts = append(parts, "t."+postgres.Ident(col.Name)+" IS NOT DISTINCT FROM NULL")
		case cell.Digest != "":
			parts = append(parts, fmt.Sprintf("pg_catalog.octet_length(%s) = %d AND %s = %s", text, cell.Bytes, digestOf(text), p.add(cell.Digest, "text")))
		default:
			parts = append(parts, text+" = "+p.add(cell.Text, "text"))
		}
	}
	return strings.Join(parts, " AND ")
}
