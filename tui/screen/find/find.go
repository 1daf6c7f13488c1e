// Package find is the screen on which a value is looked for everywhere.
package find

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/tui/dialog"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/screen/table"
	"github.com/livepeer/naap-dev/tui/widget"
)

// Open looks for a value in the whole database; without one it is asked for.
func Open(s screen.Root, value string) tea.Cmd {
	if value == "" {
		return dialog.Prompt{Name: "Find a value everywhere", Label: "value", Do: func(value string) tea.Cmd { return Open(s, value) }}.Ask(s)
	}
	return s.Open(&findScreen{Base: screen.NewBase(s), req: postgres.FindRequest{Value: value}})
}

// findScreen is a search, under way or over.
type findScreen struct {
	screen.Base
	req    postgres.FindRequest
	now    postgres.FindNews // the last that was told
	items  []item
	values int // of items
	tables map[postgres.TableRef]bool
	cut    int // tables that were not looked in to their end

	at     []int
	list   widget.List
	filter widget.Filter

	over  bool
	ended bool // by the user
	most  bool // there is more than is shown
	err   error
	took  time.Duration
}

// item is a line of the list: a value, or what there is to say of a table.
type item struct {
	postgres.Found
	note string
}

// valuesMost is how many values a search shows.
const valuesMost = 2000

// begin looks from the beginning.
func (f *findScreen) begin() tea.Cmd {
	f.now, f.items, f.values, f.tables, f.cut = postgres.FindNews{}, nil, 0, map[postgres.TableRef]bool{}, 0
	f.over, f.ended, f.most, f.err, f.took = false, false, false, nil, 0
	f.choose()
	backend, req := f.Backend(), f.req
	return job.Follow(f.Jobs(), f.slot(), false, func(ctx context.Context, emit func(postgres.FindNews) bool) (most bool, err error) {
		values := 0
		err = backend.Find(ctx, req, func(n postgres.FindNews) bool {
			values += len(n.Found)
			most = most || values >= valuesMost
			return emit(n) && !most
		})
		return most, err
	})
}

func (f *findScreen) slot() job.Slot { return f.Slot("find") }

// Init begins.
func (f *findScreen) Init() tea.Cmd { return f.begin() }

// Title names the screen.
func (f *findScreen) Title() string { return "find" }

// Actions are what it can do.
func (f *findScreen) Actions() []keymap.Action {
	return []keymap.Action{keymap.Open, keymap.Wide, keymap.Filter, keymap.CopyCell, keymap.NextMatch, keymap.PrevMatch}
}

// Word names what the keys do here.
func (f *findScreen) Word(a keymap.Action) string {
	switch {
	case a == keymap.Back && !f.over:
		return "stop"
	case a == keymap.Open:
		return "its row"
	case a == keymap.Wide && f.req.Wide:
		return "as it reads"
	}
	return ""
}

// Raw takes the keys while the filter is typed.
func (f *findScreen) Raw(k tea.KeyMsg) (tea.Cmd, bool) {
	if f.filter.Key(k) {
		f.choose()
		return nil, true
	}
	return nil, false
}

// Hints are the keys while the filter is typed.
func (f *findScreen) Hints() [][2]string { return f.filter.Hints() }

// Back drops the filter.
func (f *findScreen) Back() (tea.Cmd, bool) {
	if !f.filter.Active() {
		return nil, false
	}
	f.filter.Clear()
	f.choose()
	return nil, true
}

// Update takes what is found, and its end.
func (f *findScreen) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case job.Batch[postgres.FindNews]:
		for _, n := range m.Items {
			f.take(n)
		}
		f.choose()
	case job.Answer[bool]:
		f.over, f.most, f.took = true, m.Value, m.Took
		if f.ended = errors.Is(m.Err, context.Canceled); m.Err != nil && !f.ended {
			f.err = m.Err
			f.Fail("find", m.Err)
			return nil
		}
		f.Settled("find")
	case screen.ChangedNews:
		if f.Top().ID() == f.ID() {
			return f.begin()
		}
	}
	return nil
}

// take takes one piece of news.
func (f *findScreen) take(n postgres.FindNews) {
	f.now = n
	for _, found := range n.Found {
		f.items = append(f.items, item{Found: found})
		f.values++
		f.tables[found.Table] = true
	}
	note := n.Problem
	if n.More {
		note = "more rows than these have it"
	}
	if n.Problem != "" {
		f.cut++
	}
	if note != "" {
		f.items = append(f.items, item{Found: postgres.Found{Table: n.Table}, note: note})
	}
}

func (f *findScreen) choose() {
	f.at = f.filter.Choose(len(f.items), func(i int) string {
		it := f.items[i]
		return place(it) + " " + keyOf(it) + " " + it.Piece + it.note
	})
	f.list.Size(len(f.at))
}

func (f *findScreen) chosen() (item, bool) {
	if f.list.At < len(f.at) {
		return f.items[f.at[f.list.At]], true
	}
	return item{}, false
}

// Act moves, opens the row, or looks in another way.
func (f *findScreen) Act(a keymap.Action) tea.Cmd {
	it, ok := f.chosen()
	switch {
	case a == keymap.Filter:
		f.filter.Begin()
	case a == keymap.Wide:
		f.req.Wide = !f.req.Wide
		return f.begin()
	case a == keymap.Open && ok:
		return table.OpenAt(f.Root, it.Table, it.Where, it.Column)
	case a == keymap.CopyCell && ok:
		return f.Copy("the place and the value", strings.TrimSpace(place(it)+"  "+keyOf(it)+"  "+it.Piece+it.note))
	default:
		f.list.Move(a)
	}
	return nil
}

// Click goes to a line, or opens its row.
func (f *findScreen) Click(x, y int) tea.Cmd {
	return f.list.Click(x, y, func() tea.Cmd { return f.Act(keymap.Open) })
}

// place is where an item is: schema.table.column.
func place(it item) string {
	if it.Column == "" {
		return it.Table.String()
	}
	return it.Table.String() + "." + it.Column
}

// keyOf is the key of an item's row.
func keyOf(it item) string {
	switch {
	case it.note != "":
		return ""
	case !it.Keyed:
		return "no key"
	case len(it.Where) == 1:
		return it.Where[0].Value
	}
	return say.Join(it.Where, ", ", func(c postgres.Condition) string { return c.Column + " " + c.Value })
}

// way says how it is looked for.
func (f *findScreen) way() string {
	w, more := f.now.Way, "; "+f.Label(keymap.Wide)
	switch {
	case w.Wide && (w.UUID || w.Number):
		return "equal, and inside of texts, JSON, XML and arrays"
	case w.Wide:
		return "inside of texts, JSON, XML and arrays, in any case"
	case w.UUID:
		return "equal, in uuid and text columns" + more + " inside of texts and JSON, too"
	case w.Number:
		return "equal, in number and text columns" + more + " inside of texts and JSON, too"
	case w.Inside:
		return "inside of texts, in any case, equal ones first" + more + " in JSON, too"
	}
	return ""
}

// progress says how far it is, or what came of it.
func (f *findScreen) progress() string {
	n := f.now
	count := say.Count(f.values, "value") + " in " + say.Count(len(f.tables), "table")
	if f.values == 0 {
		count = "nothing"
	}
	at := fmt.Sprintf("table %s of %s", strconv.Itoa(n.Step), strconv.Itoa(n.Steps))
	switch {
	case f.err != nil:
		return count + ", then it failed"
	case f.ended:
		return count + ", then it was stopped at " + at
	case f.most:
		return "the first " + count + ", at " + at + "; " + f.Label(keymap.Filter) + " narrows what is here"
	case f.over:
		text := count + ", after " + say.Took(f.took)
		if f.cut > 0 {
			text += "; " + say.Count(f.cut, "table") + " not looked in to the end"
		}
		return text
	case n.Steps == 0:
		return "asking which tables there are…"
	case n.Indexed:
		return count + " so far; " + at + ", by its indexes: " + n.Table.String()
	}
	return count + " so far; " + at + ": " + n.Table.String()
}
