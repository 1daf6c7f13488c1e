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
	"github.com/livepeer/naap-dev/tui/screen"
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

// quietEdit reports whether an action that changes rows needs something else first.
func quietEdit(s screen.Root, a keymap.Action) bool {
	switch a {
	case keymap.Change, keymap.NewRow, keymap.DeleteRow:
		return !s.Unlocked()
	case keymap.Pending:
		return s.Live().Edits.Len() == 0
	case keymap.Unlock: // it locks then, which nobody is in need of
		return s.Unlocked()
	}
	return false
}

// unchangeable reports whether an action needs rows that can be told apart, and these cannot.
func unchangeable(keyed bool, a keymap.Action) bool {
	return !keyed && (a == keymap.Change || a == keymap.DeleteRow)
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

// editor changes rows of a table for a screen that shows them.
type editor struct {
	screen.Root
	slot    job.Slot
	ref     postgres.TableRef
	shownAs func(*rowedit.Row) (changed bool) // has the screen show a row as it was read, and reports whether it showed it otherwise
	then    func()                            // after something has become pending, or no longer is
	unmark  func()                            // after rows were deleted, or kept
	ahead   *screen.Awaited                   // what is typed while a row is read
}

// editor is that of the grid.
func (r *Grid) editor() editor {
	return editor{Root: r.Root, slot: job.Slot{Owner: r.Owner, Name: "the row"}, ref: r.ref, shownAs: r.shownAs, then: r.Measure, unmark: r.Unmark, ahead: &r.ahead}
}

// begin carries out an action that needs no row, and reports whether another one may go on.
func (e editor) begin(a keymap.Action) (tea.Cmd, bool) {
	switch {
	case a == keymap.Unlock:
		e.SetUnlock(!e.Unlocked())
	case a == keymap.Pending:
		return OpenPending(e.Root), false
	case !e.Unlocked():
		e.Hint(e.Label(keymap.Unlock) + " unlocks writes first; what is changed is committed only after a yes")
	case e.Live().Edits.Doubt != "":
		e.Hint("it is not known yet whether the last commit happened: " + e.Label(keymap.Pending) + " asks")
	default:
		return nil, !e.Jobs().Busy(e.slot)
	}
	return nil, false
}

// edit carries out an action that changes rows.
func (r *Grid) edit(a keymap.Action) tea.Cmd {
	e := r.editor()
	cmd, goOn := e.begin(a)
	switch {
	case !goOn:
		return cmd
	case a == keymap.NewRow, r.byNumber(), len(r.key) == 0: // without a key the backend says why not
		return e.askTable()
	case r.List.At >= len(r.Cursors):
		return nil
	case a == keymap.DeleteRow:
		return e.delete(r.placesMarked())
	}
	return e.change(r.Place(r.List.At), r.columnHere())
}

// askTable asks for what must be known to add a row, or why none can be.
func (e editor) askTable() tea.Cmd {
	e.ahead.Made = true
	backend, ref := e.Backend(), e.ref
	return job.Ask(e.Jobs(), e.slot, editLimit, func(ctx context.Context) (toAdd, error) {
		t, err := backend.EditTable(ctx, ref)
		if err == nil {
			err = t.Refused()
		}
		return toAdd{t}, err
	})
}

// change reads the row at a place, unless it is pending and known, and opens what a column of it is changed with.
func (e editor) change(at postgres.Cursor, column string) tea.Cmd {
	if c := e.Live().Edits.At(e.ref, at); c != nil {
		if c.Verb == rowedit.Delete {
			e.Hint("the row is to be deleted; " + e.Label(keymap.DeleteRow) + " keeps it")
			return nil
		}
		return e.openValue(c.Row, column)
	}
	e.ahead.Made = true
	backend, ref := e.Backend(), e.ref
	return job.Ask(e.Jobs(), e.slot, editLimit, func(ctx context.Context) (toChange, error) {
		row, err := backend.EditRow(ctx, ref, at)
		return toChange{row, column}, err
	})
}

// toBeChanged takes the row that was read. The screen shows it as it is by now: that is what a change is compared with.
func (e editor) toBeChanged(m job.Answer[toChange]) tea.Cmd {
	if m.Err != nil {
		return e.failed(m.Err)
	}
	e.Settled(changeRows)
	if e.shownAs(m.Value.row) {
		e.Hint("the row has changed since it was read: it is shown as it is now")
	}
	return e.opened(func() tea.Cmd { return e.openValue(m.Value.row, m.Value.column) })
}

// changeRows is what fails where rows cannot be changed.
const changeRows = "change rows"

func (e editor) failed(err error) tea.Cmd {
	e.ahead.Over()
	e.Fail(changeRows, err)
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
func (e editor) openValue(row *rowedit.Row, column string) tea.Cmd {
	i := row.Table.Find(column)
	if i < 0 {
		return nil
	}
	col := row.Table.Columns[i]
	if why := row.Table.Fixed(col, false); why != "" {
		e.Hint(why)
		return nil
	}
	now := func(column string) rowedit.Value {
		if c := e.Live().Edits.At(e.ref, row.At); c != nil {
			if v, ok := c.Set[column]; ok {
				return v
			}
		}
		return row.Cell(column).Value()
	}
	return valueOf{root: e.Root, table: row.Table, column: col, was: row.Cell(column), now: now(column), other: now, take: func(set map[string]rowedit.Value) {
		e.Live().Edits.Update(row, set)
		e.then()
		sayPending(e.Root)
	}}.open()
}

// sayPending says how many changes are pending.
func sayPending(s screen.Root) {
	n := s.Live().Edits.Len()
	if n == 0 {
		s.Hint("nothing is pending")
		return
	}
	s.Hint(say.Count(n, "change") + " pending; " + s.Label(keymap.Pending) + " shows the SQL and commits")
}

// placesMarked are those of the marked rows, or of the one under the cursor.
func (r *Grid) placesMarked() (places []postgres.Cursor) {
	for _, m := range r.Marked() {
		places = append(places, m.At)
	}
	if len(places) == 0 {
		places = append(places, r.Place(r.List.At))
	}
	return places
}

// delete reads rows and asks what would go along with them. Rows that are all to be deleted already are kept.
func (e editor) delete(places []postgres.Cursor) tea.Cmd {
	if len(places) > mostDeleted {
		e.Hint("more than " + say.Number(mostDeleted) + " rows at once are for the SQL console")
		return nil
	}
	if e.keepRows(places) {
		return nil
	}
	e.ahead.Made = true
	pending, backend, ref := e.Live().Edits.Plan(), e.Backend(), e.ref
	return job.Ask(e.Jobs(), e.slot, tryLimit, func(ctx context.Context) (out toDelete, err error) {
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
func (e editor) keepRows(places []postgres.Cursor) bool {
	var deletes []*rowedit.Change
	for _, at := range places {
		if c := e.Live().Edits.At(e.ref, at); c != nil && c.Verb == rowedit.Delete {
			deletes = append(deletes, c)
		}
	}
	if len(deletes) < len(places) {
		return false
	}
	for _, c := range deletes {
		e.Live().Edits.Drop(c)
	}
	e.deleted()
	return true
}

func (e editor) deleted() {
	e.unmark()
	e.then()
	sayPending(e.Root)
}

// toBeDeleted takes the rows that were read. It asks where more than these would go, or the server refuses.
func (e editor) toBeDeleted(m job.Answer[toDelete]) tea.Cmd {
	if m.Err != nil {
		return e.failed(m.Err)
	}
	e.Settled(changeRows)
	d := m.Value
	pend := func() tea.Cmd {
		for _, row := range d.rows {
			e.shownAs(row)
			e.Live().Edits.Delete(row)
		}
		e.deleted()
		return e.ahead.Over()
	}
	if d.rows[0].Table.MayDelete && len(d.along) == 0 && d.denied == nil && d.result.NoWayBack == "" {
		return pend()
	}
	e.ahead.Over() // a question is answered by what is typed once it is seen
	q := dialog.Confirmation{
		Title: "Delete " + say.Count(len(d.rows), "row") + " of " + e.ref.String() + "?",
		Text:  []string{"They are pending until the commit, which is asked about once more."},
		Yes:   "Delete", Do: pend,
	}
	for _, x := range d.along {
		q.Rows = append(q.Rows, dialog.Row{Label: "along: " + x.Table.String(), Value: x.What(), Role: draw.Bad})
	}
	if d.denied != nil {
		q.Rows = append(q.Rows, dialog.Row{Label: "as it is now", Value: d.denied.Error(), Role: draw.Bad})
	} else if d.result.NoWayBack != "" {
		q.Rows = append(q.Rows, dialog.Row{Label: "cannot be taken back", Value: d.result.NoWayBack, Role: draw.Warn})
	}
	return dialog.Ask(e.Root, q)
}

// toBeAdded takes the table to add a row to.
func (r *Grid) toBeAdded(m job.Answer[toAdd]) tea.Cmd {
	if m.Err != nil {
		return r.editor().failed(m.Err)
	}
	r.Settled(changeRows)
	t := m.Value.table
	if !t.MayInsert {
		r.ahead.Over()
		r.Hint("the role " + t.Role + " may not add rows to " + r.ref.String())
		return nil
	}
	return r.editor().opened(func() tea.Cmd {
		return openNewRow(r.Root, t, nil, func() { r.Measure(); sayPending(r.Root) })
	})
}
