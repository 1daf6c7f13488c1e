package table

import (
	"context"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/rowedit"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/screen"
)

const (
	namesLimit = 5 * time.Second
	aroundName = 3  // cells: a blank, and brackets, which tell a name from a value without colours
	widestName = 24 // cells
	leastName  = 8  // of one that is cut
)

// keyNames are what the rows are called that foreign keys refer to, by constraint and whole key. They are shown beside the
// keys, and are no part of any value.
type keyNames struct {
	of     map[string]string
	widest map[string]int // cells, by constraint
}

// named is the answer of asking for names: those that were asked for, and what came, a list a foreign key.
type named struct {
	constraints []string
	keys        [][]string // of keyNames
	names       [][]string
}

// keyName is the key of keyNames for what a row refers to by a foreign key, and the values of the columns of that; ok is
// false where it refers to nothing, or a value is not here whole.
func keyName(ref *postgres.ColumnReference, value func(column string) (postgres.Cell, bool)) (name string, values []string, ok bool) {
	where, null, missing := ref.Row(value)
	if null != "" || missing != "" {
		return "", nil, false
	}
	for _, w := range where {
		values = append(values, w.Value)
	}
	return ref.Constraint + "\x00" + strings.Join(values, "\x00"), values, true
}

// namesToAsk gathers the keys of rows, each once: all of them, or those whose name is not known yet.
type namesToAsk struct {
	reqs []postgres.NameRequest
	to   named
	at   map[string]int // by constraint
	seen map[string]bool
}

func (n *namesToAsk) add(ref *postgres.ColumnReference, value func(string) (postgres.Cell, bool), known keyNames) {
	name, values, ok := keyName(ref, value)
	if !ok || n.seen[name] {
		return
	}
	if _, there := known.of[name]; there {
		return
	}
	if n.seen == nil {
		n.seen, n.at = map[string]bool{}, map[string]int{}
	}
	i, there := n.at[ref.Constraint]
	if !there {
		i = len(n.reqs)
		n.at[ref.Constraint] = i
		n.reqs = append(n.reqs, postgres.NameRequest{Table: ref.Table, Key: ref.Key})
		n.to.constraints, n.to.keys = append(n.to.constraints, ref.Constraint), append(n.to.keys, nil)
	}
	n.seen[name] = true
	n.reqs[i].Values, n.to.keys[i] = append(n.reqs[i].Values, values), append(n.to.keys[i], name)
}

// ask asks for all of them at once. Nobody waits for the answer.
func (n *namesToAsk) ask(s screen.Root, to job.Slot) tea.Cmd {
	s.Jobs().Cancel(to)
	if len(n.reqs) == 0 {
		return nil
	}
	backend, reqs, answer := s.Backend(), n.reqs, n.to
	return job.AskQuietly(s.Jobs(), to, namesLimit, func(ctx context.Context) (_ named, err error) {
		answer.names, err = backend.RowNames(ctx, reqs)
		return answer, err
	})
}

// take takes the names that came. Without an answer those that were known stay: they are only an ornament.
func (k *keyNames) take(m job.Answer[named]) {
	if m.Err != nil {
		return
	}
	if k.of == nil {
		k.of, k.widest = map[string]string{}, map[string]int{}
	}
	for i, names := range m.Value.names {
		constraint := m.Value.constraints[i]
		for j, name := range names {
			name = oneLineOf(strings.TrimSpace(name))
			k.of[m.Value.keys[i][j]] = name
			k.widest[constraint] = max(k.widest[constraint], draw.Width(name))
		}
	}
}

// endsKey reports whether a column is where a key's name is shown: the last of those that lead by this key. A column that has
// a key to itself leads by that one.
func endsKey(column string, references func(column string) *postgres.ColumnReference) bool {
	ref := references(column)
	if ref == nil {
		return false
	}
	for _, k := range slices.Backward(ref.Key) {
		if other := references(k.From); other != nil && other.Constraint == ref.Constraint {
			return k.From == column
		}
	}
	return false
}

// references is the foreign key by which a column leads, or nil.
func (r *Grid) references(column string) *postgres.ColumnReference {
	i := slices.IndexFunc(r.Columns, func(c postgres.PageColumn) bool { return c.Name == column })
	if i < 0 {
		return nil
	}
	return r.Columns[i].References
}

func (t *recordScreen) references(column string) *postgres.ColumnReference {
	i := slices.IndexFunc(t.rec.Columns, func(c postgres.Column) bool { return c.Name == column })
	if i < 0 {
		return nil
	}
	return t.rec.Columns[i].References
}

// namesSlot is the place for names.
func (r *Grid) namesSlot() job.Slot { return job.Slot{Owner: r.Owner, Name: "names"} }

// askNames asks what the rows are called that the rows here refer to, if that is not known, or again.
func (r *Grid) askNames(again bool) tea.Cmd {
	var n namesToAsk
	known := r.names
	if again {
		known = keyNames{}
	}
	for _, c := range r.Columns {
		if !endsKey(c.Name, r.references) {
			continue
		}
		for i := range r.Rows {
			n.add(c.References, func(column string) (postgres.Cell, bool) { return r.valueIn(i, column) }, known)
		}
	}
	return n.ask(r.Root, r.namesSlot())
}

// nameIn is what the row is called that a row here refers to by a column; "" where that is not known, or the key is to be
// changed.
func (r *Grid) nameIn(i, col int) string {
	c := r.Columns[col]
	if len(r.names.of) == 0 || c.References == nil || !endsKey(c.Name, r.references) {
		return ""
	}
	name, _, ok := keyName(c.References, func(column string) (postgres.Cell, bool) { return r.valueIn(i, column) })
	if !ok || changesKey(r.pendingAt(i), c.References) {
		return ""
	}
	return r.names.of[name]
}

// measureNames is how much room the names beside each shown column would take, with a blank before them.
func (r *Grid) measureNames() {
	r.nameWidths = make([]int, len(r.Order))
	for shown, col := range r.Order {
		if c := r.Columns[col]; endsKey(c.Name, r.references) && r.names.widest[c.References.Constraint] > 0 {
			r.nameWidths[shown] = aroundName + min(r.names.widest[c.References.Constraint], widestName)
		}
	}
}

// giveNames gives the columns of a layout room for names out of what nothing else needs: where a column has not all the room
// that its values take, there are none.
func (r *Grid) giveNames(out []seenColumn, width int) []seenColumn {
	last := len(out) - 1
	if last < 0 || len(r.nameWidths) != len(r.Order) || out[last].at != len(r.Order)-1 {
		return out
	}
	for _, c := range out {
		if c.w < r.Widths[c.at] {
			return out
		}
	}
	spare, moved := width-1-out[last].X-r.Widths[out[last].at], 0
	for i := range out {
		c := &out[i]
		c.X += moved
		give := min(r.nameWidths[c.at], spare)
		if give <= 0 || give < min(r.nameWidths[c.at], aroundName+leastName) {
			continue
		}
		if i == last { // which a layout gives more than its values take
			c.w = r.Widths[c.at]
		}
		c.w, c.name = c.w+give, give
		spare, moved = spare-give, moved+give
	}
	out[last].w = min(out[last].w, width-out[last].X)
	return out
}

// nameBeside draws the name beside a key in the room that is for it.
func (r *Grid) nameBeside(a draw.Area, x, y, room int, name string) {
	if name == "" {
		return
	}
	if most := room - aroundName; draw.Width(name) > most {
		dots := r.Look().Glyphs.Ellipsis
		name = draw.Clip(name, most-draw.Width(dots)) + dots
	}
	a.Cut(x+1, y, room-1, "("+name+")", draw.Dim)
}

// changesKey reports whether a change gives a foreign key another value, or deletes its row.
func changesKey(c *rowedit.Change, ref *postgres.ColumnReference) bool {
	return slices.ContainsFunc(ref.Key, func(k postgres.KeyColumn) bool { return changes(c, k.From) })
}

// askNames asks what the rows are called that this one points at.
func (t *recordScreen) askNames() tea.Cmd {
	var n namesToAsk
	for _, c := range t.rec.Columns {
		if endsKey(c.Name, t.references) {
			n.add(c.References, t.valueOf, keyNames{})
		}
	}
	return n.ask(t.Root, t.Slot("names"))
}

// valueOf is a value of the row.
func (t *recordScreen) valueOf(column string) (postgres.Cell, bool) {
	i := slices.IndexFunc(t.rec.Columns, func(c postgres.Column) bool { return c.Name == column })
	if i < 0 {
		return postgres.Cell{}, false
	}
	return t.rec.Values[i], true
}

// nameBeside is what the row is called that a column points at, behind two blanks; "" where that is not known, or is to
// change.
func (t *recordScreen) nameBeside(column string, ref *postgres.ColumnReference, change *rowedit.Change) string {
	name, _, ok := keyName(ref, t.valueOf)
	if !ok || !endsKey(column, t.references) || t.names.of[name] == "" || changesKey(change, ref) {
		return ""
	}
	return "  " + t.names.of[name]
}
