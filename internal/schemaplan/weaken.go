package schemaplan

import (
	"fmt"
	"slices"
	"strings"
)

// weakens notes that a step removes a guarantee or an index: no row and no value, but something that is not missed
// until it is needed.
func (s *Step) weakens(what string) {
	if s.Destroys == nil {
		s.lose(&Loss{What: what, Takes: []string{what}, Weakens: true})
		return
	}
	s.takes(what)
}

// extras returns what an index that was found has and the Prisma language cannot express.
func (x *index) extras() []string {
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

// lostWith returns what is lost with an index that is dropped and that no desired one replaces; "" for nothing.
func (d *differ) lostWith(t *tableDiff, x *index) string {
	if x.Invalid || !slices.ContainsFunc(x.columnNames(), func(c string) bool { return t.want.column(c) != nil }) {
		return "" // it has no effect, or none for a column that stays
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

// standsIn reports whether a desired index, or the primary key, does what a dropped one did: it keeps the same values
// unique, or finds rows by the same columns.
func (d *differ) standsIn(t *tableDiff, x *index) bool {
	names := x.columnNames()
	if k := t.want.PrimaryKey; k != nil && x.Method == "btree" && (x.Unique && within(k.Columns, names) || !x.Unique && begins(k.Columns, names)) {
		return true
	}
	return slices.ContainsFunc(t.want.Indexes, func(w *index) bool {
		if w.Predicate != "" && !d.samePredicate(t, x, w) {
			return false
		}
		if x.Unique {
			return w.Unique && within(w.columnNames(), names)
		}
		return w.Method == x.Method && begins(w.columnNames(), names)
	})
}

// uniqueStays reports whether something desired keeps unique what a primary key did.
func (t *tableDiff) uniqueStays(columns []string) bool {
	if k := t.want.PrimaryKey; k != nil && within(k.Columns, columns) {
		return true
	}
	return slices.ContainsFunc(t.want.Indexes, func(w *index) bool {
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
