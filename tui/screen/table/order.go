package table

import (
	"slices"
	"strconv"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/postgres"
)

// sortHere orders by the column under the cursor alone: up, down, not at all.
func (r *Grid) sortHere() tea.Cmd {
	name := r.columnHere()
	if name == "" {
		return nil
	}
	switch {
	case len(r.Sort) != 1 || r.Sort[0].Column != name:
		r.Sort = []postgres.SortKey{{Column: name}}
	case !r.Sort[0].Desc:
		r.Sort = []postgres.SortKey{{Column: name, Desc: true}}
	default:
		r.Sort = nil
	}
	return r.restart(0)
}

// sortAlso orders by the column under the cursor within the order that is there: up, down, not by it.
func (r *Grid) sortAlso() tea.Cmd {
	name := r.columnHere()
	if name == "" {
		return nil
	}
	sort := slices.Clone(r.Sort)
	switch i := r.sortedBy(name); {
	case i < 0:
		sort = append(sort, postgres.SortKey{Column: name})
	case !sort[i].Desc:
		sort[i].Desc = true
	default:
		sort = slices.Delete(sort, i, i+1)
	}
	r.Sort = sort
	return r.restart(0)
}

// sortedBy is which of the columns of the order one is, or −1.
func (r *Grid) sortedBy(name string) int {
	return slices.IndexFunc(r.Sort, func(k postgres.SortKey) bool { return k.Column == name })
}

// orderSign is what the head of a column says of the order: "↑", or of several columns "2↓".
func (r *Grid) orderSign(name string) string {
	i := r.sortedBy(name)
	if i < 0 {
		return ""
	}
	sign := r.Look().Glyphs.Up
	if r.Sort[i].Desc {
		sign = r.Look().Glyphs.Down
	}
	if len(r.Sort) > 1 {
		sign = strconv.Itoa(i+1) + sign
	}
	return " " + sign
}
