package table

import (
	"context"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/rowedit"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/keymap"
)

// editLimit is how long the server may take for a question about rows to be changed, tryLimit for trying what is pending.
const (
	editLimit = 15 * time.Second
	tryLimit  = 2 * time.Minute
)

// editActions are what rows can be changed with; mostDeleted is how many can be deleted at once.
var editActions = []keymap.Action{keymap.Change, keymap.NewRow, keymap.DeleteRow, keymap.Pending, keymap.Unlock}

const mostDeleted = 500

// edits reports whether an action changes rows.
func edits(a keymap.Action) bool {
	for _, e := range editActions {
		if a == e {
			return true
		}
	}
	return false
}

// toChange is a row that was read to change a column of it.
type toChange struct {
	row    *rowedit.Row
	column string
}

// toAdd is a table that was read to add a row.
type toAdd struct{ table *rowedit.Table }

// toDelete is rows that were read to be deleted, and what would go along.
type toDelete struct {
	rows   []*rowedit.Row
	along  []rowedit.Effect
	result *rowedit.Result
	denied error
}

// editSlot is the place for answers about rows to be changed.
func (r *Grid) editSlot() job.Slot { return job.Slot{Owner: r.Owner, Name: "the row"} }

// edit carries out an action that changes rows.
func (r *Grid) edit(a keymap.Action) tea.Cmd {
	switch {
	case a == keymap.Unlock:
		r.SetUnlock(!r.Unlocked())
		return nil
	case a == keymap.Pending:
		return OpenPending(r.Root)
	case !r.Unlocked():
		r.Hint(r.Label(keymap.Unlock) + " unlocks writes first; what is changed is committed only after a yes")
		return nil
	case r.Live().Edits.Doubt != "":
		r.Hint("it is not known yet whether the last commit happened: " + r.Label(keymap.Pending) + " asks")
		return nil
	case r.Jobs().Busy(r.editSlot()):
		return nil
	case a == keymap.NewRow, r.byNumber(), len(r.key) == 0: // without a key the backend says why not
		return r.askTable()
	case r.List.At >= len(r.Cursors):
		return nil
	case a == keymap.DeleteRow:
		return r.deleteRows()
	}
	return r.changeCell()
}

// askTable asks for what must be known to add a row, or why none can be.
func (r *Grid) askTable() tea.Cmd {
	backend, ref := r.Backend(), r.ref
	return job.Ask(r.Jobs(), r.editSlot(), editLimit, func(ctx context.Context) (toAdd, error) {
		t, err := backend.EditTable(ctx, ref)
		if err == nil {
			err = t.Refused()
		}
		return toAdd{t}, err
	})
}

// changeCell reads the row under the cursor, unless it is pending and known, and opens what its cell is changed with.
func (r *Grid) changeCell() tea.Cmd {
	at, column := r.Place(r.List.At), r.columnHere()
	if c := r.Live().Edits.At(r.ref, at); c != nil {
		if c.Verb == rowedit.Delete {
			r.Hint("the row is to be deleted; " + r.Label(keymap.DeleteRow) + " keeps it")
			return nil
		}
		return r.openValue(c.Row, column)
	}
	backend, ref := r.Backend(), r.ref
	return job.Ask(r.Jobs(), r.editSlot(), editLimit, func(ctx context.Context) (toChange, error) {
		row, err := backend.EditRow(ctx, ref, at)
		return toChange{row, column}, err
	})
}

// toBeChanged takes the row that was read. The grid shows it as it is by now: that is what a change is compared with.
func (r *Grid) toBeChanged(m job.Answer[toChange]) tea.Cmd {
	if m.Err != nil {
		return r.noEdit(m.Err)
	}
	r.Settled("change rows")
	if r.shownAs(m.Value.row) {
		r.Hint("the row has changed since it was read: it is shown as it is now")
	}
	return r.openValue(m.Value.row, m.Value.column)
}

func (r *Grid) noEdit(err error) tea.Cmd {
	r.Fail("change rows", err)
	return nil
}

// shownAs has the grid show a row as it was read, and reports whether it showed it otherwise.
func (r *Grid) shownAs(row *rowedit.Row) (changed bool) {
	for i := range r.Cursors {
		if name(r.Place(i)) != name(row.At) {
			continue
		}
		for j, c := range r.Columns {
			now, was := row.Cell(c.Name), r.Rows[i][j]
			if now.Unread || c.Kind == postgres.BytesKind {
				continue
			}
			same := was.Null == now.Null && (was.Text == now.Text || was.Truncated && strings.HasPrefix(now.Text, was.Text) && was.Bytes == now.Bytes)
			if !same {
				changed = true
				r.Rows[i][j] = shortCell(now)
			}
		}
	}
	if changed {
		r.Measure()
	}
	return changed
}

// shortCell is a cell as a page has it.
func shortCell(c rowedit.Cell) postgres.Cell {
	const most = 256
	out := postgres.Cell{Text: c.Text, Null: c.Null, Bytes: c.Bytes, Truncated: !c.Whole()}
	if len(out.Text) > most {
		out.Text, out.Truncated = firstN(out.Text, most), true
	}
	return out
}

// openValue opens what a column of a row is changed with.
func (r *Grid) openValue(row *rowedit.Row, column string) tea.Cmd {
	i := row.Table.Find(column)
	if i < 0 {
		return nil
	}
	col := row.Table.Columns[i]
	if why := row.Table.Fixed(col, false); why != "" {
		r.Hint(why)
		return nil
	}
	now := row.Cell(column).Value()
	if c := r.Live().Edits.At(r.ref, row.At); c != nil {
		if v, ok := c.Set[column]; ok {
			now = v
		}
	}
	return valueOf{root: r.Root, table: row.Table, column: col, was: row.Cell(column), now: now, take: func(set map[string]rowedit.Value) {
		r.Live().Edits.Update(row, set)
		r.Measure()
		r.sayPending()
	}}.open()
}

// sayPending says how many changes are pending.
func (r *Grid) sayPending() {
	n := r.Live().Edits.Len()
	if n == 0 {
		r.Hint("nothing is pending")
		return
	}
	r.Hint(say.Count(n, "change") + " pending; " + r.Label(keymap.Pending) + " shows the SQL and commits")
}

// deleteRows reads the marked rows, or the one under the cursor, and asks what would go along. Rows that are all to be
// deleted already are kept.
func (r *Grid) deleteRows() tea.Cmd {
	var places []postgres.Cursor
	for _, m := range r.Marked() {
		places = append(places, m.At)
	}
	if len(places) == 0 {
		places = append(places, r.Place(r.List.At))
	}
	if len(places) > mostDeleted {
		r.Hint("more than " + say.Number(mostDeleted) + " rows at once are for the SQL console")
		return nil
	}
	if r.keepRows(places) {
		return nil
	}
	pending, backend, ref := r.Live().Edits.Plan(), r.Backend(), r.ref
	return job.Ask(r.Jobs(), r.editSlot(), tryLimit, func(ctx context.Context) (out toDelete, err error) {
		var trial rowedit.Pending
		for _, at := range places {
			row, err := backend.EditRow(ctx, ref, at)
			if err != nil {
				return out, err
			}
			out.rows = append(out.rows, row)
			trial.Delete(row)
		}
		for _, c := range pending.Changes { // which may be what is in the way
			if c.Verb == rowedit.Delete {
				trial.Delete(c.Row)
			}
		}
		plan := trial.Plan()
		if out.result, out.denied = backend.TryRows(ctx, plan); out.denied == nil {
			out.along = plan.Along(out.result.Effects)
		}
		return out, ctx.Err()
	})
}

// keepRows drops the deletes of rows, if all of them are to be deleted, and reports whether that is so.
func (r *Grid) keepRows(places []postgres.Cursor) bool {
	var deletes []*rowedit.Change
	for _, at := range places {
		if c := r.Live().Edits.At(r.ref, at); c != nil && c.Verb == rowedit.Delete {
			deletes = append(deletes, c)
		}
	}
	if len(deletes) < len(places) {
		return false
	}
	for _, c := range deletes {
		r.Live().Edits.Drop(c)
	}
	r.Unmark()
	r.sayPending()
	return true
}

// toBeDeleted takes the rows that were read. It asks where more than these would go, or the server refuses.
func (r *Grid) toBeDeleted(m job.Answer[toDelete]) tea.Cmd {
	if m.Err != nil {
		return r.noEdit(m.Err)
	}
	r.Settled("change rows")
	d := m.Value
	pend := func() tea.Cmd {
		for _, row := range d.rows {
			r.shownAs(row)
			r.Live().Edits.Delete(row)
		}
		r.Unmark()
		r.sayPending()
		return nil
	}
	if d.rows[0].Table.MayDelete && len(d.along) == 0 && d.denied == nil && d.result.NoWayBack == "" {
		return pend()
	}
	q := dialog.Confirmation{
		Title: "Delete " + say.Count(len(d.rows), "row") + " of " + r.ref.String() + "?",
		Text:  []string{"They are pending until the commit, which is asked about once more."},
		Yes:   "Delete", Do: pend,
	}
	for _, e := range d.along {
		q.Rows = append(q.Rows, dialog.Row{Label: "along: " + e.Table.String(), Value: e.What(), Role: draw.Bad})
	}
	if d.denied != nil {
		q.Rows = append(q.Rows, dialog.Row{Label: "as it is now", Value: d.denied.Error(), Role: draw.Bad})
	} else if d.result.NoWayBack != "" {
		q.Rows = append(q.Rows, dialog.Row{Label: "cannot be taken back", Value: d.result.NoWayBack, Role: draw.Warn})
	}
	return dialog.Ask(r.Root, q)
}

// toBeAdded takes the table to add a row to.
func (r *Grid) toBeAdded(m job.Answer[toAdd]) tea.Cmd {
	if m.Err != nil {
		return r.noEdit(m.Err)
	}
	r.Settled("change rows")
	t := m.Value.table
	if !t.MayInsert {
		r.Hint("the role " + t.Role + " may not add rows to " + r.ref.String())
		return nil
	}
	return openNewRow(r.Root, t, nil, func() { r.Measure(); r.sayPending() })
}
