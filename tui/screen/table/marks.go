package table

import (
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/tui/keymap"
)

// Mark is a row that the user marked.
type Mark struct {
	At  postgres.Cursor // its place in the table's own order, without a Sort: its key
	Row []postgres.Cell // as it was shown, in the order of the table's columns

	name string
}

// marks are the rows of a table that are marked. They stay while the user pages, filters and sorts.
type marks struct {
	list []Mark // in the order in which they were marked
	by   map[string]bool
	last string // the row that was marked or unmarked last: where a range begins
}

// name is a row's place as a key of a map.
func name(at postgres.Cursor) string {
	var b strings.Builder
	for _, v := range at {
		if v.Null {
			b.WriteByte('n')
		}
		b.WriteString(v.Text)
		b.WriteByte(0)
	}
	return b.String()
}

func (m *marks) has(at postgres.Cursor) bool { return len(m.list) > 0 && m.by[name(at)] }

func (m *marks) add(at postgres.Cursor, row []postgres.Cell) {
	n := name(at)
	if m.last = n; m.by[n] {
		return
	}
	if m.by == nil {
		m.by = map[string]bool{}
	}
	m.by[n], m.list = true, append(m.list, Mark{at, row, n})
}

func (m *marks) drop(at postgres.Cursor) {
	n := name(at)
	m.last = n
	delete(m.by, n)
	m.list = slices.DeleteFunc(m.list, func(k Mark) bool { return k.name == n })
}

// Marked lists the rows that are marked, in the order in which they were; none where the row under the cursor is meant.
func (r *Grid) Marked() []Mark { return slices.Clone(r.marks.list) }

// Unmark drops all marks.
func (r *Grid) Unmark() { r.marks = marks{} }

// Place is where a row that is here is in the table's own order, whatever order it is shown in.
func (r *Grid) Place(i int) postgres.Cursor {
	at := r.Cursors[i]
	if len(r.sorted) == 0 || r.byNumber() {
		return at
	}
	var by []string // a cursor has these columns first, then those of the key that are not among them
	for _, k := range r.sorted {
		if !slices.Contains(by, k.Column) {
			by = append(by, k.Column)
		}
	}
	rest := at[len(by):]
	if len(r.key) == 0 { // the place of the row in the file
		return rest
	}
	own := make(postgres.Cursor, 0, len(r.key))
	for _, column := range r.key {
		if n := slices.Index(by, column); n >= 0 {
			own = append(own, at[n])
		} else {
			own, rest = append(own, rest[0]), rest[1:]
		}
	}
	return own
}

// byNumber reports whether nothing but their number tells the rows apart, as in a view.
func (r *Grid) byNumber() bool { return r.method == "offset" }

// isMarked reports whether a row that is here is marked.
func (r *Grid) isMarked(i int) bool {
	return len(r.marks.list) > 0 && i < len(r.Cursors) && r.marks.has(r.Place(i))
}

// mark carries out an action on marks.
func (r *Grid) mark(a keymap.Action) tea.Cmd {
	if a == keymap.Unmark {
		r.Unmark()
		return nil
	}
	if r.List.At >= len(r.Cursors) {
		return nil
	}
	if r.byNumber() {
		r.Hint("nothing identifies the rows of " + r.ref.String() + ", so that marks would not find them again")
		return nil
	}
	switch a {
	case keymap.Mark:
		if at := r.Place(r.List.At); r.marks.has(at) {
			r.marks.drop(at)
		} else {
			r.marks.add(at, r.Rows[r.List.At])
		}
		return r.step(keymap.Down)
	case keymap.MarkRange:
		r.markRange()
	case keymap.MarkAll:
		r.markAll()
	}
	return nil
}

// markRange marks the rows from the one that was marked last to the one under the cursor.
func (r *Grid) markRange() {
	from := r.List.At
	if r.marks.last != "" {
		from = -1
		for i := range r.Cursors {
			if name(r.Place(i)) == r.marks.last {
				from = i
			}
		}
	}
	if from < 0 {
		r.Hint("the row that was marked last is not among those that are here; " + r.Label(keymap.Mark) + " marks where a range begins")
		return
	}
	for i := min(from, r.List.At); i <= max(from, r.List.At); i++ {
		r.marks.add(r.Place(i), r.Rows[i])
	}
	r.marks.last = name(r.Place(r.List.At))
}

// markAll marks all rows that are here, or unmarks them where they all are marked.
func (r *Grid) markAll() {
	all := true
	for i := range r.Cursors {
		all = all && r.isMarked(i)
	}
	last := r.marks.last
	for i := range r.Cursors {
		if all {
			r.marks.drop(r.Place(i))
		} else {
			r.marks.add(r.Place(i), r.Rows[i])
		}
	}
	r.marks.last = last
	text := say.Count(len(r.Cursors), "row") + " marked"
	if all {
		text = say.Count(len(r.Cursors), "row") + " no longer marked"
	}
	if r.HasNext || r.HasPrev {
		text += ", those that are here: there are more"
	}
	r.Hint(text)
}
