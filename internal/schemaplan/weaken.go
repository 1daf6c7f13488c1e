package schemaplan

import (
	"fmt"
	"slices"
	"strings"
)

// weakens notes that a step takes a guarantee or an index away: no row and no value, but what nobody will notice before it
// is missed.
func (s *Step) weakens(what string) {
	if s.Destroys == nil {
		s.lose(&Loss{What: what, Takes: []string{what}, Weakens: true})
		return
	}
	s.takes(what)
}

// extras returns what an index that was found has and the Prisma language cannot say.
func (x *Index) extras() []string {
	var out []string
	var odd []string
	for _, c := range x.Columns {
		if !c.DefaultClass && c.Class != "" {
			out = append(out, "operator class "+c.Class)
		}
		if c.Collated {
			odd = append(odd, "COLLATE")
		}
		if c.NullsOdd {
			odd = append(odd, "NULLS FIRST or LAST")
		}
	}
	out = append(out, odd...)
	if len(x.Include) > 0 {
		out = append(out, "INCLUDE ("+strings.Join(x.Include, ", ")+")")
	}
	if x.NullsNotDistinct {
		out = append(out, "NULLS NOT DISTINCT")
	}
	if x.Deferrable {
		out = append(out, "DEFERRABLE")
	}
	if len(x.Storage) > 0 {
		out = append(out, "WITH ("+strings.Join(x.Storage, ", ")+")")
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// lostWith returns what goes with an index that is dropped and that none of the wanted ones stands in for; "" for
// nothing.
func (d *differ) lostWith(t *tableDiff, x *Index) string {
	if x.Invalid || !slices.ContainsFunc(x.columnNames(), func(c string) bool { return t.want.Column(c) != nil }) {
		return "" // it does nothing, or not for a column that stays
	}
	extras := x.extras()
	if len(extras) == 0 && d.standsIn(t, x) {
		return ""
	}
	text := fmt.Sprintf("%s %s on (%s)", indexNoun(x), x.Name, strings.Join(x.columnNames(), ", "))
	if len(extras) > 0 {
		text += " with " + strings.Join(extras, ", ")
	}
	return text
}

// standsIn reports whether a wanted index, or the primary key, does what one did that goes: keeps the same values apart, or
// finds rows by the same columns.
func (d *differ) standsIn(t *tableDiff, x *Index) bool {
	names := x.columnNames()
	if k := t.want.PrimaryKey; k != nil && x.Method == "btree" && (x.Unique && within(k.Columns, names) || !x.Unique && begins(k.Columns, names)) {
		return true
	}
	return slices.ContainsFunc(t.want.Indexes, func(w *Index) bool {
		if w.Predicate != "" && !d.samePredicate(t, x, w) {
			return false
		}
		if x.Unique {
			return w.Unique && within(w.columnNames(), names)
		}
		return w.Method == x.Method && begins(w.columnNames(), names)
	})
}

// uniqueStays reports whether something wanted keeps apart what a primary key did.
func (t *tableDiff) uniqueStays(columns []string) bool {
	if k := t.want.PrimaryKey; k != nil && within(k.Columns, columns) {
		return true
	}
	return slices.ContainsFunc(t.want.Indexes, func(w *Index) bool {
		return w.Unique && w.Predicate == "" && within(w.columnNames(), columns)
	})
}

// within reports whether every name of part is among all.
func within(part, all []string) bool {
	return !slices.ContainsFunc(part, func(name string) bool { return !slices.Contains(all, name) })
}

// begins reports whether all begins with part.
func begins(all, part []string) bool {
	return len(all) >= len(part) && slices.Equal(all[:len(part)], part)
}
