package postgres

import (
	"fmt"
	"strconv"
	"strings"
)

// term is one column of an order: a comparable expression over the row t, and the type to which its value's text is
// cast when it comes back in a cursor.
type term struct {
	expr     string
	cast     string
	desc     bool
	nullable bool
}

// order is a total order of a relation's rows: the columns that the user sorts by, then the key.
type order []term

// reversed returns the reverse order. Since NULL is the largest value either way, reversing every term is enough.
func (o order) reversed() order {
	out := make(order, len(o))
	for i, t := range o {
		t.desc = !t.desc
		out[i] = t
	}
	return out
}

// sql returns the order for ORDER BY, whose defaults put NULL last ascending and first descending.
func (o order) sql() string {
	var parts []string
	for _, t := range o {
		s := t.expr
		if t.desc {
			s += " DESC"
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, ", ")
}

// params collects the parameters of a query.
type params struct{ values [][]byte }

// add returns the placeholder of a new parameter of the type.
func (p *params) add(text, cast string) string {
	p.values = append(p.values, []byte(text))
	s := "$" + strconv.Itoa(len(p.values))
	if cast != "" {
		s += "::" + cast
	}
	return s
}

// segment is the condition for a part of an order that one index scan can read: if the first term may be NULL, the rows
// without NULL and those with it are two segments, one after the other. It adds its values to the parameters.
type segment func(*params) string

// segments selects, in this order, the rows after the cursor; all rows without one. inclusive includes the cursor's own
// row.
func (o order) segments(c Cursor, inclusive bool) []segment {
	if len(o) == 0 || !o[0].nullable {
		return []segment{func(p *params) string { return o.after(c, inclusive, p) }}
	}
	first := o[0]
	all := func(*params) string { return first.expr + " IS NOT NULL" }
	allNull := func(*params) string { return first.expr + " IS NULL" }
	if c == nil {
		if first.desc {
			return []segment{allNull, all}
		}
		return []segment{all, allNull}
	}
	if c[0].Null {
		null := func(p *params) string { return first.expr + " IS NULL AND " + o[1:].after(c[1:], inclusive, p) }
		if first.desc {
			return []segment{null, all}
		}
		return []segment{null}
	}
	rest := append(order{}, o...)
	rest[0].nullable = false
	notNull := func(p *params) string { return first.expr + " IS NOT NULL AND " + rest.after(c, inclusive, p) }
	if first.desc {
		return []segment{notNull}
	}
	return []segment{notNull, allNull}
}

// after returns the condition that a row comes after the cursor.
func (o order) after(c Cursor, inclusive bool, p *params) string {
	if c == nil {
		return "true"
	}
	if len(o) == 0 {
		return strconv.FormatBool(inclusive)
	}
	if o.uniform(c) {
		return o.rowComparison(c, inclusive, p)
	}
	t, v := o[0], c[0]
	rest := o[1:].after(c[1:], inclusive, p)
	if v.Null {
		same := fmt.Sprintf("(%s IS NULL AND %s)", t.expr, rest)
		if t.desc {
			return fmt.Sprintf("(%s IS NOT NULL OR %s)", t.expr, same)
		}
		return same
	}
	value := p.add(v.Text, t.cast)
	beyond, bound := ">", ">="
	if t.desc {
		beyond, bound = "<", "<="
	}
	cond := fmt.Sprintf("(%s %s %s OR (%s = %s AND %s)", t.expr, beyond, value, t.expr, value, rest)
	if t.nullable && !t.desc {
		return cond + fmt.Sprintf(" OR %s IS NULL)", t.expr)
	}
	// The bound is redundant, but unlike the OR it can be searched for in an index.
	return fmt.Sprintf("(%s %s %s AND %s))", t.expr, bound, value, cond)
}

// uniform reports whether a comparison of rows means the same: one direction, no NULL.
func (o order) uniform(c Cursor) bool {
	for i, t := range o {
		if t.nullable || c[i].Null || t.desc != o[0].desc {
			return false
		}
	}
	return true
}

// rowComparison returns (a, b) > ($1, $2), for which an index on (a, b) is searched directly.
func (o order) rowComparison(c Cursor, inclusive bool, p *params) string {
	var exprs, values []string
	for i, t := range o {
		exprs = append(exprs, t.expr)
		values = append(values, p.add(c[i].Text, t.cast))
	}
	op := ">"
	if o[0].desc {
		op = "<"
	}
	if inclusive {
		op += "="
	}
	return fmt.Sprintf("(%s) %s (%s)", strings.Join(exprs, ", "), op, strings.Join(values, ", "))
}
