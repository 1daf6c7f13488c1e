package table

import (
	"slices"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/tui/keymap"
)

// shownColumns puts the columns in the order in which they are shown: the key, those that are pinned, the others; and says
// how many of them stay while the others scroll. Those that are hidden are left out.
func (r *Grid) shownColumns() (order []int, frozen int) {
	add := func(which func(c postgres.PageColumn) bool) {
		for i, c := range r.Columns {
			if which(c) && !slices.Contains(r.hidden, c.Name) {
				order = append(order, i)
			}
		}
	}
	pinned := func(c postgres.PageColumn) bool { return slices.Contains(r.pinned, c.Name) }
	add(func(c postgres.PageColumn) bool { return c.Key && !pinned(c) })
	frozen = min(len(order), 2)
	keys := order[frozen:]
	order = slices.Clone(order[:frozen])
	for _, name := range r.pinned { // in the order in which they were
		add(func(c postgres.PageColumn) bool { return c.Name == name })
	}
	frozen = len(order)
	order = append(order, keys...)
	add(func(c postgres.PageColumn) bool { return !c.Key && !pinned(c) })
	return order, frozen
}

// arrange hides or pins the column under the cursor, or shows all again. The cursor stays on its column.
func (r *Grid) arrange(a keymap.Action) {
	name := r.columnHere()
	switch {
	case a == keymap.ShowAll:
		if len(r.hidden) == 0 && len(r.pinned) == 0 {
			r.Hint("no column is hidden or pinned")
		}
		r.hidden, r.pinned = nil, nil
	case name == "":
		return
	case a == keymap.Hide && len(r.Order) == 1:
		r.Hint("the last column stays; " + r.Label(keymap.ShowAll) + " shows the others again")
		return
	case a == keymap.Hide:
		r.hidden = append(slices.Clone(r.hidden), name)
		r.pinned = without(r.pinned, name)
		r.Hint(say.Count(len(r.hidden), "column") + " hidden; " + r.Label(keymap.ShowAll) + " shows all")
	case slices.Contains(r.pinned, name):
		r.pinned = without(r.pinned, name)
	default:
		r.pinned = append(slices.Clone(r.pinned), name)
	}
	r.Measure()
	for at, i := range r.Order {
		if r.Columns[i].Name == name {
			r.Col = at
		}
	}
}

func without(list []string, name string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == name })
}
