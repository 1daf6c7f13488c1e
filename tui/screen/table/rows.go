package table

import (
	"context"
	"errors"
	"slices"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/tui/edit"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/widget"
)

// Grid pages through the rows of a table: a window of rows that grows at the end that the cursor comes to, and
// shrinks at the other.
type Grid struct {
	screen.Root
	Owner int
	ref   postgres.TableRef

	Given   []postgres.Condition // that a key was followed by, or that hold the value under the cursor
	typed   []typedFilter        // one a column at most, the last typed last; all hold, with those given
	Sort    []postgres.SortKey
	line    edit.Text // the filter that is being typed
	about   string    // the column that it is about
	typOn   bool
	editing int // which of typed it changes; −1 for another

	Columns []postgres.PageColumn
	Rows    [][]postgres.Cell
	Cursors []postgres.Cursor
	First   int64 // the place of the first row in the whole, from 0; −1 where it isn't known
	HasPrev bool
	HasNext bool
	total   postgres.RowCount
	known   bool // total was counted
	method  string
	took    time.Duration
	err     error
	Loaded  bool
	key     []string             // the columns that identify rows
	sorted  []postgres.SortKey   // the order of the rows that are here
	sorts   bool                 // no index has it
	shownBy postgres.PageRequest // what the rows that are here were asked for with
	marks   marks
	names   keyNames
	ahead   screen.Awaited // what is typed while a row is read to be changed
	fresh   *freshRows     // what the last refresh brought, for a moment
	hidden  []string       // columns by name
	pinned  []string

	List       widget.List
	Order      []int  // columns as they are shown: the key first
	frozen     int    // how many of them stay when the others scroll
	Widths     []int  // of the columns as they are shown
	nameWidths []int  // of what the rows are called that these refer to
	Col        int    // the cursor's column as shown
	aim        string // the column that the cursor is to be in, once there are any
	left       int    // first column seen after the frozen ones
	seen       int    // columns seen after the frozen ones, at the last drawing
	lastWidth  int    // of the area at the last drawing
	narrow     bool   // the widths are for a narrow frame
}

// typedFilter is a filter that the user typed about a column.
type typedFilter struct{ column, text string }

// PageOf is a page and what it was asked for.
type PageOf struct {
	page  *postgres.Page
	req   postgres.PageRequest
	again bool // it is asked for once more
	stay  bool // it is rows that were here before: the cursor stays on its row
	from  int  // where the first of them was among those that were here
}

const (
	pageRows  = 100
	RowsKept  = 600 // by a Grid, of those that it has had
	pageLimit = 30 * time.Second
)

// turnTo forgets the rows and turns to a table.
func (r *Grid) turnTo(ref postgres.TableRef) {
	r.Jobs().Cancel(r.slot())
	r.Jobs().Cancel(r.namesSlot())
	*r = Grid{Root: r.Root, Owner: r.Owner, ref: ref}
}

// slot is the place for an answer with rows.
func (r *Grid) slot() job.Slot { return job.Slot{Owner: r.Owner, Name: "rows"} }

// ask asks for a page. A newer question cancels it.
func (r *Grid) ask(page postgres.Direction, at postgres.Cursor, wait time.Duration) tea.Cmd {
	req := r.request()
	req.Page, req.Cursor = page, at
	if page != postgres.NextPage && page != postgres.PrevPage {
		req.CountTo = postgres.DefaultCountTo
	}
	r.Jobs().Cancel(r.namesSlot())
	backend := r.Backend()
	return job.Ask(r.Jobs(), r.slot(), pageLimit, func(ctx context.Context) (PageOf, error) {
		if err := settle(ctx, wait); err != nil {
			return PageOf{}, err
		}
		p, err := backend.Page(ctx, req)
		return PageOf{page: p, req: req}, err
	})
}

func (r *Grid) request() postgres.PageRequest {
	where, raw := r.Where()
	return postgres.PageRequest{Table: r.ref, Where: where, Raw: raw, Sort: r.Sort, Limit: pageRows}
}

// again asks for the rows around the cursor, which stays where it is.
func (r *Grid) again() tea.Cmd {
	if len(r.Cursors) > 0 && !sameQuestion(r.shownBy, r.request()) { // another one is under way
		return r.restart(0)
	}
	return r.askAround(pageLimit, postgres.DefaultCountTo)
}

// askAround asks for the rows around the cursor and counts all of them up to a bound.
func (r *Grid) askAround(limit time.Duration, countTo int64) tea.Cmd {
	req := r.request()
	req.Page, req.CountTo = postgres.FirstPage, countTo
	from := max(0, min(r.List.At-pageRows, len(r.Cursors)-1))
	if len(r.Cursors) > 0 {
		req.Limit = 2 * pageRows
		if from > 0 || r.First != 0 {
			req.Page, req.Cursor = postgres.PageAt, r.Cursors[from]
		}
	}
	r.Jobs().Cancel(r.namesSlot())
	stay, backend := len(r.Cursors) > 0, r.Backend()
	return job.Ask(r.Jobs(), r.slot(), limit, func(ctx context.Context) (PageOf, error) {
		p, err := backend.Page(ctx, req)
		return PageOf{p, req, true, stay, from}, err
	})
}

// restart asks for the first page of other rows: the filter or the order changed.
func (r *Grid) restart(wait time.Duration) tea.Cmd {
	r.err = nil
	return r.ask(postgres.FirstPage, nil, wait)
}

// arrived takes a page. The rows that were there stay if it failed.
func (r *Grid) arrived(m job.Answer[PageOf]) tea.Cmd {
	if m.Err != nil {
		if errors.Is(m.Err, context.Canceled) {
			r.Hint("the query was cancelled")
			return nil
		}
		r.err, r.Loaded = m.Err, true
		if r.Live().Lost == nil {
			r.Fail("rows of "+r.ref.Name, m.Err)
		}
		return nil
	}
	r.Settled("rows of " + r.ref.Name)
	p := m.Value.page
	var was *seenRows
	if m.Value.again && r.Loaded && sameQuestion(r.shownBy, m.Value.req) {
		was = r.remember()
	} else if m.Value.req.Page != postgres.NextPage && m.Value.req.Page != postgres.PrevPage {
		r.fresh = nil
	}
	r.shownBy = m.Value.req
	r.err, r.Loaded, r.method, r.took = nil, true, p.Method, p.Took
	r.key, r.sorted, r.sorts = p.Key, m.Value.req.Sort, p.Sorts
	switch {
	case m.Value.stay:
		r.renew(p, m.Value.from)
	case m.Value.req.Page == postgres.NextPage:
		r.append(p)
	case m.Value.req.Page == postgres.PrevPage:
		r.prepend(p)
	default:
		r.replaceWith(p, m.Value.req.Page)
	}
	if p.Counted {
		r.total, r.known = p.Total, true
	}
	r.Measure()
	r.aimed()
	return tea.Batch(r.askNames(m.Value.again), r.flash(was))
}

func (r *Grid) replaceWith(p *postgres.Page, d postgres.Direction) {
	same := len(r.Columns) == len(p.Columns)
	r.Columns, r.Rows, r.Cursors = p.Columns, p.Rows, p.Cursors
	r.HasPrev, r.HasNext = p.HasPrev, p.HasNext
	r.First = -1
	if !p.HasPrev {
		r.First = 0
	}
	r.List.Size(len(r.Rows))
	switch d {
	case postgres.FirstPage:
		r.First, r.List.At, r.List.Top = 0, 0, 0
	case postgres.LastPage:
		r.List.At = max(0, len(r.Rows)-1)
		if p.Counted && p.Total.Exact && !p.Total.Capped {
			r.First = p.Total.N - int64(len(r.Rows))
		}
	}
	if !same {
		r.Col, r.left = 0, 0
	}
}

// renew takes rows that were here from one on. The cursor goes to the row it stood on, or to the place of that row where
// it is gone.
func (r *Grid) renew(p *postgres.Page, from int) {
	first, at, below := r.First, r.List.At-from, r.List.At-r.List.Top
	if r.List.At < len(r.Cursors) {
		row := r.Cursors[r.List.At]
		if i := slices.IndexFunc(p.Cursors, func(c postgres.Cursor) bool { return slices.Equal(c, row) }); i >= 0 {
			at = i
		}
	}
	r.replaceWith(p, postgres.PageAt)
	if p.HasPrev && first >= 0 {
		r.First = first + int64(from)
	}
	r.List.At, r.List.Top = at, at-below
	r.List.Size(len(r.Rows))
}

func (r *Grid) append(p *postgres.Page) {
	stay := len(p.Rows) > 0 && r.List.At == len(r.Rows)-1
	r.Rows, r.Cursors = append(r.Rows, p.Rows...), append(r.Cursors, p.Cursors...)
	r.HasNext = p.HasNext
	if extra := len(r.Rows) - RowsKept; extra > 0 {
		r.Rows, r.Cursors = append([][]postgres.Cell(nil), r.Rows[extra:]...), append([]postgres.Cursor(nil), r.Cursors[extra:]...)
		r.List.At, r.List.Top = r.List.At-extra, r.List.Top-extra
		r.HasPrev = true
		if r.First >= 0 {
			r.First += int64(extra)
		}
	}
	r.List.N = len(r.Rows)
	if stay {
		r.List.At++
	}
	r.List.Size(len(r.Rows))
}

func (r *Grid) prepend(p *postgres.Page) {
	n := len(p.Rows)
	stay := n > 0 && r.List.At == 0
	r.Rows, r.Cursors = append(append([][]postgres.Cell(nil), p.Rows...), r.Rows...), append(append([]postgres.Cursor(nil), p.Cursors...), r.Cursors...)
	r.HasPrev = p.HasPrev
	r.List.At, r.List.Top = r.List.At+n, r.List.Top+n
	if r.First >= 0 {
		r.First -= int64(n)
	}
	if !p.HasPrev {
		r.First = 0
	}
	if len(r.Rows) > RowsKept {
		r.Rows, r.Cursors, r.HasNext = r.Rows[:RowsKept], r.Cursors[:RowsKept], true
	}
	r.List.N = len(r.Rows)
	if stay {
		r.List.At--
	}
	r.List.Size(len(r.Rows))
}

// countAll counts the rows that fulfil the conditions, however many they are.
func (r *Grid) countAll() tea.Cmd { return r.askAround(CountLimit, 1<<60) }

// Cell is the cell under the cursor.
func (r *Grid) Cell() (postgres.PageColumn, postgres.Cell, bool) {
	if r.List.At >= len(r.Rows) || r.Col >= len(r.Order) {
		return postgres.PageColumn{}, postgres.Cell{}, false
	}
	i := r.Order[r.Col]
	if i >= len(r.Rows[r.List.At]) {
		return postgres.PageColumn{}, postgres.Cell{}, false
	}
	return r.Columns[i], r.Rows[r.List.At][i], true
}
