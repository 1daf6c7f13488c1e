package schemaplan

import (
	"slices"

	"github.com/livepeer/naap-dev/internal/say"
)

// suggestRenames returns the likely renames that were not requested, with what each would keep, and after them those
// that only appear once the others are done: of the columns of a renamed table, or of columns whose enum is renamed.
func suggestRenames(steps []*Step, have, want *Database, limit []string) []Rename {
	likely := func(have *Database) []candidate {
		return slices.DeleteFunc(candidates(have, want, limit, nil), func(c candidate) bool { return !c.likely })
	}
	found := likely(have)
	if len(found) == 0 {
		return nil // most plans: no copy is made
	}
	var out []Rename
	d := newDiffer(have.clone(), want, nil, limit)
	lost := newLost(steps, have)
	done, seen := newMade(want), map[string]bool{}
	for len(found) > 0 {
		for _, c := range found {
			seen[c.Key] = true
			c.Keeps = lost.without(c)
			c.With = done.needed(c)
			out = append(out, c.Rename)
			c.apply(d)
			done.add(c)
		}
		found = slices.DeleteFunc(likely(d.have), func(c candidate) bool { return seen[c.Key] })
	}
	return out
}

// made are renames that were suggested, by what others build upon: a table or an enum has one new name.
type made struct {
	want          *Database
	tables, enums map[qName]candidate
	users         map[qName][]columnUse // of the enums, in the desired tables
}

func newMade(want *Database) *made {
	return &made{want, map[qName]candidate{}, map[qName]candidate{}, want.enumColumns()}
}

func (m *made) add(c candidate) {
	switch c.Kind {
	case "table":
		m.tables[c.to] = c
	case "enum":
		m.enums[c.to] = c
	}
}

// needed returns the keys of those of the earlier renames that a rename builds upon.
func (m *made) needed(c candidate) []string {
	var keys []string
	builds := func(on map[qName]candidate, name qName) {
		if e, found := on[name]; found {
			keys = append(append(keys, e.With...), e.Key)
		}
	}
	switch c.Kind {
	case "column":
		builds(m.tables, c.table)
		builds(m.enums, m.want.table(c.table).column(c.wantColumn).Type.Enum)
	case "enum":
		for _, u := range m.users[c.to] {
			builds(m.tables, u.table.qName)
		}
	case "enum value":
		builds(m.enums, c.table)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// lost is what a plan loses, by what it is about.
type lost struct {
	losses  map[string]*Loss
	rebuilt map[string]*Step // enums that are recreated
	users   map[qName][]columnUse
}

func newLost(steps []*Step, have *Database) lost {
	l := lost{map[string]*Loss{}, map[string]*Step{}, have.enumColumns()}
	for _, s := range steps {
		if s.Destroys != nil {
			l.losses[s.Object] = s.Destroys
		}
		if s.Kind == rebuildEnum {
			l.rebuilt[s.Object] = s
		}
	}
	return l
}

// without returns what the plan would lose without a rename, or cannot do without it; "" for nothing.
func (l lost) without(c candidate) string {
	switch c.Kind {
	case "enum":
		return l.valuesOf(c.table)
	case "enum value":
		if s := l.rebuilt[c.table.String()]; s != nil && s.removed > 0 {
			return say.Count(s.removed, "value") + " of its type"
		}
		return ""
	}
	if loss := l.losses[c.From]; loss != nil {
		return loss.What
	}
	return ""
}

// valuesOf returns what columns of an enum type lose because it is dropped.
func (l lost) valuesOf(enum qName) string {
	n := int64(0)
	for _, u := range l.users[enum] {
		if loss := l.losses[u.table.String()+"."+u.column.Name]; loss != nil {
			n += max(1, loss.NonNull) // a loss that was not counted counts as one
		}
	}
	if n == 0 {
		return ""
	}
	return say.Count(n, "value") + " of its type"
}
