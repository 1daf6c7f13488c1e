package table

import (
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/job"
)

// freshTime is how long what a refresh brought is drawn as new.
const freshTime = 2 * time.Second

// freshRows is what a refresh brought, by the names of rows: nil for a row that is new, and for another the columns whose
// values are.
type freshRows map[string][]string

// seenRows are the rows that were here before a refresh.
type seenRows struct {
	columns []postgres.PageColumn
	rows    map[string][]postgres.Cell // by what tells them apart
	more    bool                       // others came after them
}

// sameQuestion reports whether two requests are for pages of the same rows in the same order.
func sameQuestion(a, b postgres.PageRequest) bool {
	same := func(x, y postgres.Condition) bool {
		return x.Column == y.Column && x.Op == y.Op && x.Value == y.Value && slices.Equal(x.Values, y.Values)
	}
	return a.Table == b.Table && a.Raw == b.Raw && slices.Equal(a.Sort, b.Sort) && slices.EqualFunc(a.Where, b.Where, same)
}

// identity is what tells a row that is here from others, whatever has come before it since: its key, or all that it holds.
func (r *Grid) identity(i int) string {
	if !r.byNumber() {
		return name(r.Place(i))
	}
	var b strings.Builder
	for _, c := range r.Rows[i] {
		if c.Null {
			b.WriteByte('n')
		}
		b.WriteString(c.Text)
		b.WriteByte(0)
	}
	return b.String()
}

// remember keeps the rows that are here, to compare them with those of a refresh.
func (r *Grid) remember() *seenRows {
	was := &seenRows{columns: r.Columns, rows: make(map[string][]postgres.Cell, len(r.Rows)), more: r.HasNext}
	for i := range r.Rows {
		was.rows[r.identity(i)] = r.Rows[i]
	}
	return was
}

// flash has what a refresh brought drawn as new for a moment. A row after the last of those that were here is not known to be
// new if there were others.
func (r *Grid) flash(was *seenRows) tea.Cmd {
	if was == nil {
		return nil
	}
	names, last := make([]string, len(r.Rows)), -1
	for i := range r.Rows {
		names[i] = r.identity(i)
		if _, there := was.rows[names[i]]; there {
			last = i
		}
	}
	fresh := freshRows{}
	for i, n := range names {
		old, there := was.rows[n]
		if !there {
			if i < last || !was.more {
				fresh[n] = nil
			}
			continue
		}
		if columns := r.changed(i, was.columns, old); len(columns) > 0 {
			fresh[n] = columns
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	r.fresh = &fresh
	return r.After(freshTime, job.Slot{Owner: r.Owner, Name: "fresh rows"})
}

// changed names the columns whose values in a row are others than they were.
func (r *Grid) changed(i int, columns []postgres.PageColumn, old []postgres.Cell) (out []string) {
	for j, c := range r.Columns {
		k := slices.IndexFunc(columns, func(x postgres.PageColumn) bool { return x.Name == c.Name })
		if k >= 0 && k < len(old) && old[k] != r.Rows[i][j] {
			out = append(out, c.Name)
		}
	}
	return out
}

// markFresh marks what is new in a row.
func (r *Grid) markFresh(a draw.Area, columns []seenColumn, i, y int) {
	if r.fresh == nil {
		return
	}
	names, ok := (*r.fresh)[r.identity(i)]
	switch {
	case !ok:
	case names == nil:
		a.Mark(0, y, a.W, draw.Fresh)
	default:
		for _, c := range columns {
			if slices.Contains(names, r.Columns[r.Order[c.at]].Name) {
				a.Mark(c.X, y, c.w-c.name, draw.Fresh)
			}
		}
	}
}
