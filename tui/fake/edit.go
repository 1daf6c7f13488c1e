package fake

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/rowedit"
)

// Editing is what becomes of rows that the user changes. Its exported fields may be set before a question.
type Editing struct {
	Refusal  string                  // why no row can be changed
	Who      []rowedit.Writer        // who changed a row that is not what was shown
	Effects  []rowedit.Effect        // what foreign keys and triggers do
	Left     map[string]rowedit.Cell // what triggers make of the columns of each row
	Denied   error                   // what the server says to a commit
	Doubt    string                  // a transaction of which nobody knows what became of it
	Happened bool                    // what became of it
	Changed  []rowedit.Plan          // what was committed

	mu   sync.RWMutex
	rows map[postgres.TableRef]map[int64][]postgres.Cell // rows that were written, by number
	gone map[postgres.TableRef]map[int64]bool            // rows that were deleted
}

// written is a row that was written, or nil.
func (e *Editing) written(ref postgres.TableRef, n int64) []postgres.Cell {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return slices.Clone(e.rows[ref][n])
}

// deleted is the rows of a table that were deleted.
func (e *Editing) deleted(ref postgres.TableRef) map[int64]bool {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return maps.Clone(e.gone[ref])
}

// Poisoned is a string as those that come from outside are.
func (b *Backend) Poisoned(s string) string { return b.str(s) }

// EditTable is a table whose id identifies its rows.
func (b *Backend) EditTable(ctx context.Context, ref postgres.TableRef) (*rowedit.Table, error) {
	if err := b.enter(ctx); err != nil {
		return nil, err
	}
	t, err := b.real(ref)
	if err != nil {
		return nil, err
	}
	return b.editable(ref, t), nil
}

func (b *Backend) editable(ref postgres.TableRef, t *table) *rowedit.Table {
	out := &rowedit.Table{TableRef: ref, Key: []string{b.str("id")}, Role: b.str("postgres"), MayInsert: true, MayDelete: true, Refusal: b.Refusal}
	for _, c := range b.columns(t) {
		if c.Kind == postgres.NumberKind && len(t.columns) > 8 {
			c.Generated = b.str("1 + 1")
		}
		out.Columns = append(out.Columns, rowedit.Column{Column: c, Cast: c.Type, MayRead: true, MayUpdate: true, MayInsert: true})
	}
	for _, p := range t.points {
		out.Keys = append(out.Keys, rowedit.ForeignKey{Name: b.str(t.ref.Name + "_fkey"), Columns: []string{b.str(t.columns[p.column].Name)}, To: []string{b.str("id")}, Table: b.ref(p.to)})
	}
	return out
}

// EditRow is the row at a place.
func (b *Backend) EditRow(ctx context.Context, ref postgres.TableRef, at postgres.Cursor) (*rowedit.Row, error) {
	if err := b.enter(ctx); err != nil {
		return nil, err
	}
	t, err := b.real(ref)
	if err != nil {
		return nil, err
	}
	et := b.editable(ref, t)
	if err := et.Refused(); err != nil {
		return nil, err
	}
	n := number(at)
	if n >= t.rows || b.deleted(t.ref)[n] {
		return nil, remedy.New("row.missing", remedy.ExitFailed, "the row is not there any more").WithFix("read the page again")
	}
	return b.editRow(et, t, n), nil
}

func (b *Backend) editRow(et *rowedit.Table, t *table, n int64) *rowedit.Row {
	row := &rowedit.Row{Table: et, At: b.cursor(t, n, nil)}
	for _, c := range b.row(t, n, 1<<20) {
		row.Cells = append(row.Cells, rowedit.Cell{Text: c.Text, Null: c.Null, Bytes: c.Bytes})
	}
	return row
}

// CheckValue takes all but "wrong", and what is no number.
func (b *Backend) CheckValue(ctx context.Context, c rowedit.Column, text string) (rowedit.Checked, error) {
	if err := b.enter(ctx); err != nil {
		return rowedit.Checked{}, err
	}
	if strings.Contains(text, "wrong") || c.Kind == postgres.NumberKind && strings.Trim(text, "-0123456789.") != "" {
		return rowedit.Checked{}, remedy.New("rows.value", remedy.ExitFailed, "%s", b.str(fmt.Sprintf("invalid input syntax for type %s: %q", c.Type, text)))
	}
	return rowedit.Checked{Text: text}, nil
}

// KeyChoices are the first rows of the other table.
func (b *Backend) KeyChoices(ctx context.Context, key rowedit.ForeignKey, search string) (out []rowedit.Choice, err error) {
	if err := b.enter(ctx); err != nil {
		return nil, err
	}
	t, err := b.real(key.Table)
	if err != nil {
		return nil, err
	}
	for n := range min(t.rows, 30) {
		row := b.row(t, n, 1<<20)
		c := rowedit.Choice{Key: []string{row[0].Text}, Name: row[2].Text}
		if strings.Contains(strings.ToLower(c.Key[0]+c.Name), strings.ToLower(search)) {
			out = append(out, c)
		}
	}
	return out, nil
}

// TryRows says what ChangeRows would.
func (b *Backend) TryRows(ctx context.Context, plan rowedit.Plan) (*rowedit.Result, error) {
	if err := b.enter(ctx); err != nil {
		return nil, err
	}
	if b.Denied != nil {
		return nil, b.Denied
	}
	res := &rowedit.Result{Effects: slices.Clone(b.Effects)}
	for i := range res.Effects {
		res.Effects[i].Table = b.ref(res.Effects[i].Table)
	}
	for _, c := range plan.Changes {
		l := rowedit.Left{Change: c}
		for name, cell := range b.Left {
			l.Names, l.Cells = append(l.Names, name), append(l.Cells, cell)
		}
		if len(l.Names) > 0 {
			res.Left = append(res.Left, l)
		}
		if x := b.conflict(c); x != nil {
			res.Conflicts = append(res.Conflicts, *x)
		}
	}
	return res, nil
}

// conflict compares a row with what was shown of it.
func (b *Backend) conflict(c *rowedit.Change) *rowedit.Conflict {
	if c.Row == nil {
		return nil
	}
	t, err := b.real(c.Table.TableRef)
	n := number(c.Row.At)
	if err != nil || n >= t.rows || b.deleted(t.ref)[n] {
		return &rowedit.Conflict{Change: c, Who: b.Who}
	}
	if now := b.editRow(c.Table, t, n); !slices.Equal(now.Cells, c.Row.Cells) {
		return &rowedit.Conflict{Change: c, Now: now, Who: b.Who}
	}
	return nil
}

// ChangeRows makes the changes.
func (b *Backend) ChangeRows(ctx context.Context, plan rowedit.Plan) (*rowedit.Result, error) {
	res, err := b.TryRows(ctx, plan)
	if err != nil || len(res.Conflicts) > 0 {
		return res, err
	}
	res.Commit = &rowedit.Commit{At: Now, Changes: plan.Changes}
	if b.Doubt != "" {
		res.Doubt = b.Doubt
		return res, remedy.New("rows.doubt", remedy.ExitFailed, "nobody can be asked yet whether the changes were committed")
	}
	b.Changed = append(b.Changed, plan)
	for _, c := range plan.Changes {
		back, err := b.write(c)
		if err != nil {
			return nil, err
		}
		res.Commit.Back = append(res.Commit.Back, back)
	}
	return res, nil
}

// write makes one change, and returns what takes it back.
func (b *Backend) write(c *rowedit.Change) (*rowedit.Change, error) {
	t, err := b.real(c.Table.TableRef)
	if err != nil {
		return nil, err
	}
	b.Editing.mu.Lock()
	defer b.Editing.mu.Unlock()
	e := &b.Editing
	if e.rows == nil {
		e.rows, e.gone = map[postgres.TableRef]map[int64][]postgres.Cell{}, map[postgres.TableRef]map[int64]bool{}
	}
	if e.rows[t.ref] == nil {
		e.rows[t.ref], e.gone[t.ref] = map[int64][]postgres.Cell{}, map[int64]bool{}
	}
	n, cells := t.rows, make([]postgres.Cell, len(t.columns))
	if c.Row != nil {
		n = number(c.Row.At)
		for i, cell := range c.Row.Cells {
			cells[i] = postgres.Cell{Text: cell.Text, Null: cell.Null, Bytes: cell.Bytes}
		}
	}
	back := &rowedit.Change{Verb: rowedit.Update, Table: c.Table, Set: map[string]rowedit.Value{}}
	switch c.Verb {
	case rowedit.Delete:
		e.gone[t.ref][n] = true
		back.Verb = rowedit.Insert
		for i, col := range c.Table.Columns {
			back.Set[col.Name] = c.Row.Cells[i].Value()
		}
		return back, nil
	case rowedit.Insert:
		t.rows++
		back.Verb = rowedit.Delete
		for i := range cells {
			cells[i].Null = true
		}
	}
	row := &rowedit.Row{Table: c.Table, At: b.cursorOf(n)}
	for i, col := range c.Table.Columns {
		if v, ok := c.Set[col.Name]; ok {
			if c.Row != nil {
				back.Set[col.Name] = c.Row.Cells[i].Value()
			}
			cells[i] = postgres.Cell{Text: v.Text, Null: v.Kind != rowedit.Given, Bytes: int64(len(v.Text))}
		}
		row.Cells = append(row.Cells, rowedit.Cell{Text: cells[i].Text, Null: cells[i].Null, Bytes: cells[i].Bytes})
	}
	e.rows[t.ref][n], back.Row = cells, row
	return back, nil
}

// RowsFate says what became of the transaction in doubt.
func (b *Backend) RowsFate(ctx context.Context, _ string) (committed bool, err error) {
	if err := b.enter(ctx); err != nil {
		return false, err
	}
	b.Doubt = ""
	return b.Happened, nil
}
