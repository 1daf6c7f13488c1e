package dialog

import (
	"context"
	"slices"
	"strconv"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/widget"
)

// listScreen is a page with a list of things from the backend, and what is to be said of the chosen one below it.
type listScreen[T any] struct {
	screen.Base
	spec   ListSpec[T]
	items  []T
	at     []int
	list   widget.List
	filter widget.Filter
	loaded bool
	early  bool // open was asked for before the list had come
	err    error
	asked  time.Time // for items, for screens about files
	asking time.Time
	old    bool   // files have changed since
	order  int    // of spec.Orders
	stands string // what the cursor stands on, by spec.ID
}

// ListSpec is what makes one such page differ from another.
type ListSpec[T any] struct {
	Name    string
	Fetch   func(ctx context.Context) ([]T, error)
	Begin   func() func(ctx context.Context) ([]T, error) // makes a Fetch of what the program knows by then; may be nil
	Columns []widget.Column
	Cell    func(item T, col int) (string, draw.Role)
	Words   func(item T) string                            // what the filter looks at
	About   func(item T, w int) []draw.Line                // the lower part; nil for none
	Empty   string                                         // what to say when there is nothing
	Open    string                                         // what Open does, in a word; "" for opening
	Actions []keymap.Action                                // further than Open, Filter, CopyCell
	Do      func(a keymap.Action, item T, ok bool) tea.Cmd // ok: item is the chosen one
	Sum     func(items []T) string                         // at the right of the title
	Files   fileUse
	Typing  bool                      // its filter is typed from the start
	Took    func(msg tea.Msg) tea.Cmd // takes what else was asked for on the page; may be nil

	Live    bool                           // it is asked for again with every refresh of the application's data
	Commits bool                           // it is asked for again when something was committed
	ID      func(item T) string            // what the cursor stays on when the list is asked for again; nil for the place
	Orders  []string                       // what Sort goes through; none where there is one order
	Arrange func(items []T, order int) []T // puts items into an order; nil leaves them as they came

	First func(items []T) int                           // where the cursor begins; nil for the first
	Can   func(a keymap.Action, items []T, at int) bool // whether one of Actions would do something now; nil if they always do
	Named map[keymap.Action]string                      // words of further actions; nil for the usual ones
}

// fileUse is what a list has to do with the workspace's files.
type fileUse int

const (
	noFiles     fileUse = iota
	SpeaksOf            // it says when it was made, and that files have changed since
	FollowsThem         // it is made again when they change
)

// listLimit is how long the backend may take to list things.
const listLimit = 30 * time.Second

// OpenList opens a page with a list.
func OpenList[T any](s screen.Root, spec ListSpec[T]) tea.Cmd {
	l := &listScreen[T]{Base: screen.NewBase(s), spec: spec}
	if spec.Typing {
		l.filter.Begin()
	}
	return s.Open(l)
}

func (l *listScreen[T]) Title() string { return l.spec.Name }

func (l *listScreen[T]) Init() tea.Cmd {
	l.asking, l.old = l.Now(), false
	return job.Ask(l.Jobs(), l.Slot(l.spec.Name), listLimit, l.fetch())
}

// again asks once more, while the user goes on: what is there stays until the answer comes.
func (l *listScreen[T]) again() tea.Cmd {
	if to := l.Slot(l.spec.Name); l.loaded && !l.Jobs().Busy(to) {
		l.asking = l.Now()
		return job.AskQuietly(l.Jobs(), to, listLimit, l.fetch())
	}
	return nil
}

// fetch is how the things are asked for now.
func (l *listScreen[T]) fetch() func(context.Context) ([]T, error) {
	if l.spec.Begin != nil {
		return l.spec.Begin()
	}
	return l.spec.Fetch
}

func (l *listScreen[T]) Actions() []keymap.Action {
	own := append(slices.DeleteFunc(slices.Clone(l.spec.Actions), l.idle), keymap.Open, keymap.Filter, keymap.CopyCell, keymap.NextMatch, keymap.PrevMatch)
	if len(l.spec.Orders) > 0 {
		own = append(own, keymap.Sort)
	}
	return own
}

// idle reports whether one of the list's own actions would do nothing now.
func (l *listScreen[T]) idle(a keymap.Action) bool {
	if l.spec.Can == nil {
		return false
	}
	at := -1
	if l.list.At < len(l.at) {
		at = l.at[l.list.At]
	}
	return l.err != nil || !l.spec.Can(a, l.items, at)
}

func (l *listScreen[T]) Word(a keymap.Action) string {
	if a == keymap.Open {
		return l.spec.Open
	}
	return l.spec.Named[a]
}

func (l *listScreen[T]) Raw(k tea.KeyMsg) (tea.Cmd, bool) {
	typing := l.filter.Typing
	if !l.filter.Key(k) {
		return nil, false
	}
	l.choose()
	l.stand()
	if l.spec.Typing && typing && k.String() == "enter" { // it was opened to look for one, which is found
		return l.Act(keymap.Open), true
	}
	return nil, true
}

func (l *listScreen[T]) Hints() [][2]string {
	if l.spec.Typing && l.filter.Typing {
		return [][2]string{{"↑↓", "choose"}, {"enter", "takes it"}, {"esc", "drops the filter"}}
	}
	return l.filter.Hints()
}

func (l *listScreen[T]) Back() (tea.Cmd, bool) {
	if !l.filter.Active() {
		return nil, false
	}
	l.filter.Clear()
	l.choose()
	return nil, true
}

func (l *listScreen[T]) Update(msg tea.Msg) tea.Cmd {
	switch m := msg.(type) {
	case job.Answer[[]T]:
		return l.arrived(m)
	case screen.SnapshotNews:
		if l.spec.Live || l.spec.Commits && l.Live().Snap != nil && !l.Live().Snap.Reused {
			return l.again()
		}
	case screen.ChangedNews, screen.WakeNews:
		return l.Init()
	case screen.FilesNews:
		l.old = true
		if l.spec.Files == FollowsThem {
			return l.Init()
		}
	default:
		if l.spec.Took != nil {
			return l.spec.Took(msg)
		}
	}
	return nil
}

// arrived takes the list. Of one that is asked for again and again, what was there stays where that failed.
func (l *listScreen[T]) arrived(m job.Answer[[]T]) tea.Cmd {
	early, first := l.early, !l.loaded
	l.early = false
	if m.Err != nil && (l.spec.Live || l.spec.Commits) && !first && l.err == nil {
		l.Fail(l.spec.Name, m.Err)
		return nil
	}
	l.loaded, l.err, l.asked = true, m.Err, l.asking
	if m.Err != nil {
		l.Fail(l.spec.Name, m.Err)
		return nil
	}
	l.Settled(l.spec.Name)
	l.items = m.Value
	l.arrange()
	if first && l.spec.First != nil && len(l.at) > 0 && !l.filter.Active() {
		l.list.At = l.spec.First(l.items)
		l.stand()
	}
	if early {
		return l.Act(keymap.Open)
	}
	return nil
}

// arrange puts the items into their order, and leaves the cursor on the item that it stood on.
func (l *listScreen[T]) arrange() {
	if l.spec.Arrange != nil {
		l.items = l.spec.Arrange(l.items, l.order)
	}
	l.choose()
	if l.spec.ID == nil {
		return
	}
	for i, at := range l.at {
		if l.spec.ID(l.items[at]) == l.stands {
			l.list.At = i
		}
	}
	l.stand()
}

// stand notes what the cursor stands on.
func (l *listScreen[T]) stand() {
	if item, ok := l.chosen(); ok && l.spec.ID != nil {
		l.stands = l.spec.ID(item)
	}
}

func (l *listScreen[T]) choose() {
	l.at = l.filter.Choose(len(l.items), func(i int) string { return l.spec.Words(l.items[i]) })
	l.list.Size(len(l.at))
}

func (l *listScreen[T]) chosen() (item T, ok bool) {
	if l.list.At < len(l.at) {
		return l.items[l.at[l.list.At]], true
	}
	return item, false
}

func (l *listScreen[T]) Act(a keymap.Action) tea.Cmd {
	if a == keymap.Filter {
		l.filter.Begin()
		return nil
	}
	if l.list.Move(a) {
		l.stand()
		return nil
	}
	if a == keymap.Sort && len(l.spec.Orders) > 0 {
		l.order = (l.order + 1) % len(l.spec.Orders)
		l.Hint(l.spec.Name + " by " + l.spec.Orders[l.order])
		l.arrange()
		return nil
	}
	if a == keymap.Open && !l.loaded {
		l.early = true
		return nil
	}
	item, ok := l.chosen()
	if a == keymap.CopyCell {
		if !ok {
			return nil
		}
		text, _ := l.spec.Cell(item, 0)
		if l.spec.About != nil {
			for _, line := range l.spec.About(item, 4000) {
				text += "\n" + line.String()
			}
		}
		return l.Copy("the entry", text)
	}
	return l.spec.Do(a, item, ok)
}

func (l *listScreen[T]) Draw(a draw.Area) {
	right := ""
	if n := len(l.at); n > 0 {
		right = " " + strconv.Itoa(l.list.At+1) + "/" + strconv.Itoa(n) + " "
	}
	if l.spec.Sum != nil && l.loaded {
		if sum := l.spec.Sum(l.items); sum != "" {
			right = " " + sum + right
		}
	}
	in := a.Box(draw.Frame{Title: " " + l.spec.Name + l.age() + " ", Right: right, Focused: true})
	if l.err != nil {
		for y, line := range ErrorLines(l.Root, l.err, in.W) {
			line.Draw(in, 0, y)
		}
		return
	}
	if len(l.items) == 0 {
		text := l.spec.Empty
		if !l.loaded {
			text = "asking…"
		}
		for y, line := range draw.Wrap(text, max(1, in.W-2)) {
			in.Text(1, y, line, draw.Dim)
		}
		return
	}
	item, ok := l.chosen()
	below := 0
	var about []draw.Line
	if l.spec.About != nil && ok && in.H >= 8 {
		about = l.spec.About(item, in.W-2)
		below = min(len(about)+1, max(in.H/2, in.H-2-len(l.at)))
	}
	if l.filter.Draw(in, in.H-1-below) {
		below++
		in.Sub(0, in.H-below, in.W, 1)
	}
	foot := 0
	if l.filter.Typing || l.filter.Active() {
		foot = 1
	}
	widget.Table{
		Columns: l.spec.Columns, List: &l.list, Focused: true, Match: l.filter.Match(),
		Cell: func(line, col int) (string, draw.Role) { return l.spec.Cell(l.items[l.at[line]], col) },
	}.Draw(in.Sub(0, 0, in.W, in.H-below))
	if lines := below - foot; lines > 1 {
		in.Run(0, in.H-lines, in.W, in.Look().Glyphs.H, draw.Border)
		for y, line := range about[:min(len(about), lines-1)] {
			line.Draw(in, 1, in.H-lines+1+y)
		}
	}
}

// age says which state of the files the list speaks of.
func (l *listScreen[T]) age() string {
	switch {
	case l.spec.Files == noFiles || !l.loaded:
		return ""
	case l.old:
		return " as of " + l.asked.Format("15:04:05") + ", files changed since: " + l.Label(keymap.Refresh)
	}
	return " as of " + l.asked.Format("15:04:05")
}

func (l *listScreen[T]) Click(x, y int) tea.Cmd {
	defer l.stand()
	return l.list.Click(x, y, func() tea.Cmd { return l.Act(keymap.Open) })
}
