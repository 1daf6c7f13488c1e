package tui

import (
	"context"
	"errors"
	"slices"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/tui/edit"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/widget"
)

// rowsView pages through the rows of a table: a window of rows that grows at the end that the cursor comes to, and
// shrinks at the other.
type rowsView struct {
	screen.Root
	owner int
	ref   devenv.TableRef

	given []devenv.Condition // that a key was followed by, or that hold the value under the cursor
	typed []typedFilter      // one a column at most, the last typed last; all hold, with those given
	sort  []devenv.SortKey
	line  edit.Text // the filter that is being typed
	about string    // the column that it is about
	typOn bool

	columns []devenv.PageColumn
	rows    [][]devenv.Cell
	cursors []devenv.Cursor
	first   int64 // the place of the first row in the whole, from 0; −1 where it isn't known
	hasPrev bool
	hasNext bool
	total   devenv.RowCount
	known   bool // total was counted
	method  string
	took    time.Duration
	err     error
	loaded  bool

	list      widget.List
	order     []int // columns as they are shown: the key first
	frozen    int   // how many of them stay when the others scroll
	widths    []int // of the columns as they are shown
	col       int   // the cursor's column as shown
	left      int   // first column seen after the frozen ones
	seen      int   // columns seen after the frozen ones, at the last drawing
	lastWidth int   // of the area at the last drawing
	narrow    bool  // the widths are for a narrow frame
}

// typedFilter is a filter that a person typed about a column.
type typedFilter struct{ column, text string }

// pageOf is a page and what it was asked for.
type pageOf struct {
	page *devenv.Page
	req  devenv.PageRequest
	stay bool // it is rows that were here before: the cursor stays on its row
	from int  // where the first of them was among those that were here
}

const (
	pageRows  = 100
	rowsKept  = 600
	pageLimit = 30 * time.Second
)

// turnTo forgets the rows and turns to a table.
func (r *rowsView) turnTo(ref devenv.TableRef) {
	*r = rowsView{Root: r.Root, owner: r.owner, ref: ref}
}

func (r *rowsView) slot() job.Slot { return job.Slot{Owner: r.owner, Name: "rows"} }

// ask asks for a page. A newer question cancels it.
func (r *rowsView) ask(page devenv.Direction, at devenv.Cursor, wait time.Duration) tea.Cmd {
	req := r.request()
	req.Page, req.Cursor = page, at
	if page != devenv.NextPage && page != devenv.PrevPage {
		req.CountTo = devenv.DefaultCountTo
	}
	backend := r.Backend()
	return job.Ask(r.Jobs(), r.slot(), pageLimit, func(ctx context.Context) (pageOf, error) {
		if err := settle(ctx, wait); err != nil {
			return pageOf{}, err
		}
		p, err := backend.Page(ctx, req)
		return pageOf{page: p, req: req}, err
	})
}

func (r *rowsView) request() devenv.PageRequest {
	where, raw := r.where()
	return devenv.PageRequest{Table: r.ref, Where: where, Raw: raw, Sort: r.sort, Limit: pageRows}
}

// again asks for the rows around the cursor, which stays where it is.
func (r *rowsView) again() tea.Cmd { return r.askAround(pageLimit, devenv.DefaultCountTo) }

// askAround asks for the rows around the cursor and counts all of them up to a bound.
func (r *rowsView) askAround(limit time.Duration, countTo int64) tea.Cmd {
	req := r.request()
	req.Page, req.CountTo = devenv.FirstPage, countTo
	from := max(0, min(r.list.At-pageRows, len(r.cursors)-1))
	if len(r.cursors) > 0 {
		req.Limit = 2 * pageRows
		if from > 0 || r.first != 0 {
			req.Page, req.Cursor = devenv.PageAt, r.cursors[from]
		}
	}
	stay, backend := len(r.cursors) > 0, r.Backend()
	return job.Ask(r.Jobs(), r.slot(), limit, func(ctx context.Context) (pageOf, error) {
		p, err := backend.Page(ctx, req)
		return pageOf{p, req, stay, from}, err
	})
}

// restart asks for the first page of other rows: the filter or the order changed.
func (r *rowsView) restart(wait time.Duration) tea.Cmd {
	r.err = nil
	return r.ask(devenv.FirstPage, nil, wait)
}

// arrived takes a page. The rows that were there stay if it failed.
func (r *rowsView) arrived(m job.Answer[pageOf]) tea.Cmd {
	if m.Err != nil {
		if errors.Is(m.Err, context.Canceled) {
			r.Hint("the query was cancelled")
			return nil
		}
		r.err, r.loaded = m.Err, true
		if r.Live().Lost == nil {
			r.Fail("rows of "+r.ref.Name, m.Err)
		}
		return nil
	}
	r.Settled("rows of " + r.ref.Name)
	p := m.Value.page
	r.err, r.loaded, r.method, r.took = nil, true, p.Method, p.Took
	switch {
	case m.Value.stay:
		r.renew(p, m.Value.from)
	case m.Value.req.Page == devenv.NextPage:
		r.append(p)
	case m.Value.req.Page == devenv.PrevPage:
		r.prepend(p)
	default:
		r.replaceWith(p, m.Value.req.Page)
	}
	if p.Counted {
		r.total, r.known = p.Total, true
	}
	r.measure()
	return nil
}

func (r *rowsView) replaceWith(p *devenv.Page, d devenv.Direction) {
	same := len(r.columns) == len(p.Columns)
	r.columns, r.rows, r.cursors = p.Columns, p.Rows, p.Cursors
	r.hasPrev, r.hasNext = p.HasPrev, p.HasNext
	r.first = -1
	if !p.HasPrev {
		r.first = 0
	}
	r.list.Size(len(r.rows))
	switch d {
	case devenv.FirstPage:
		r.first, r.list.At, r.list.Top = 0, 0, 0
	case devenv.LastPage:
		r.list.At = max(0, len(r.rows)-1)
		if p.Counted && p.Total.Exact && !p.Total.Capped {
			r.first = p.Total.N - int64(len(r.rows))
		}
	}
	if !same {
		r.col, r.left = 0, 0
	}
}

// renew takes rows that were here from one on. The cursor goes to the row it stood on, or to the place of that row where
// it is gone.
func (r *rowsView) renew(p *devenv.Page, from int) {
	first, at, below := r.first, r.list.At-from, r.list.At-r.list.Top
	if r.list.At < len(r.cursors) {
		row := r.cursors[r.list.At]
		if i := slices.IndexFunc(p.Cursors, func(c devenv.Cursor) bool { return slices.Equal(c, row) }); i >= 0 {
			at = i
		}
	}
	r.replaceWith(p, devenv.PageAt)
	if p.HasPrev && first >= 0 {
		r.first = first + int64(from)
	}
	r.list.At, r.list.Top = at, at-below
	r.list.Size(len(r.rows))
}

func (r *rowsView) append(p *devenv.Page) {
	stay := len(p.Rows) > 0 && r.list.At == len(r.rows)-1
	r.rows, r.cursors = append(r.rows, p.Rows...), append(r.cursors, p.Cursors...)
	r.hasNext = p.HasNext
	if extra := len(r.rows) - rowsKept; extra > 0 {
		r.rows, r.cursors = append([][]devenv.Cell(nil), r.rows[extra:]...), append([]devenv.Cursor(nil), r.cursors[extra:]...)
		r.list.At, r.list.Top = r.list.At-extra, r.list.Top-extra
		r.hasPrev = true
		if r.first >= 0 {
			r.first += int64(extra)
		}
	}
	r.list.N = len(r.rows)
	if stay {
		r.list.At++
	}
	r.list.Size(len(r.rows))
}

func (r *rowsView) prepend(p *devenv.Page) {
	n := len(p.Rows)
	stay := n > 0 && r.list.At == 0
	r.rows, r.cursors = append(append([][]devenv.Cell(nil), p.Rows...), r.rows...), append(append([]devenv.Cursor(nil), p.Cursors...), r.cursors...)
	r.hasPrev = p.HasPrev
	r.list.At, r.list.Top = r.list.At+n, r.list.Top+n
	if r.first >= 0 {
		r.first -= int64(n)
	}
	if !p.HasPrev {
		r.first = 0
	}
	if len(r.rows) > rowsKept {
		r.rows, r.cursors, r.hasNext = r.rows[:rowsKept], r.cursors[:rowsKept], true
	}
	r.list.N = len(r.rows)
	if stay {
		r.list.At--
	}
	r.list.Size(len(r.rows))
}

// countAll counts the rows that fulfil the conditions, however many they are.
func (r *rowsView) countAll() tea.Cmd { return r.askAround(countLimit, 1<<60) }

// cell is the cell under the cursor.
func (r *rowsView) cell() (devenv.PageColumn, devenv.Cell, bool) {
	if r.list.At >= len(r.rows) || r.col >= len(r.order) {
		return devenv.PageColumn{}, devenv.Cell{}, false
	}
	i := r.order[r.col]
	if i >= len(r.rows[r.list.At]) {
		return devenv.PageColumn{}, devenv.Cell{}, false
	}
	return r.columns[i], r.rows[r.list.At][i], true
}
