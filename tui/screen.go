package tui

import (
	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/keymap"
)

// screen is one layer of what a person sees: a whole page, or a dialog over it.
type screen interface {
	ID() int
	Title() string                    // its breadcrumb
	Init() tea.Cmd                    // its first questions
	Update(msg tea.Msg) tea.Cmd       // answers to its questions, and the root's news
	Act(a keymap.Action) tea.Cmd      // an action among those it names
	Draw(a draw.Area)                 // draws its whole area
	Actions() []keymap.Action         // what it can do, most wanted first: the footer
	Raw(k tea.KeyMsg) (tea.Cmd, bool) // a key before it becomes an action, for typing
	Shape() shape
}

// shape is how much of the frame a screen covers.
type shape struct {
	floats bool // lies over the screen below as a dialog
	w, h   int  // the dialog's size, border included
}

// base is what all screens have; a screen embeds it and overrides what it needs.
type base struct {
	Root
	id int
}

func newBase(r Root) base { return base{r, r.NewID()} }

func (b *base) ID() int                        { return b.id }
func (b *base) Init() tea.Cmd                  { return nil }
func (b *base) Update(tea.Msg) tea.Cmd         { return nil }
func (b *base) Act(keymap.Action) tea.Cmd      { return nil }
func (b *base) Actions() []keymap.Action       { return nil }
func (b *base) Raw(tea.KeyMsg) (tea.Cmd, bool) { return nil, false }
func (b *base) Shape() shape                   { return shape{} }

// slot is a place for an answer to this screen.
func (b *base) slot(name string) job.Slot { return job.Slot{Owner: b.id, Name: name} }

// News that the root tells every screen.
type (
	snapshotNews struct{} // shared.snap is new
	factsNews    struct{} // shared.facts is new
	changedNews  struct{} // a verb changed the database: what is shown may be old
	tickNews     struct{} // a second passed
	wakeNews     struct{} // the server is back, or the program is seen again
)

// clicker is a screen that the mouse means something to: a click, or the wheel (by −1 or 1), at a place in the frame.
type clicker interface {
	Click(x, y int) tea.Cmd
	Wheel(x, y, by int) tea.Cmd
}

// sizer is a screen that wants to know the size of the frame before it draws.
type sizer interface{ Resized(w, h int) }

// hinter is a screen whose keys of the moment are others than its actions: while something is typed, in a dialog. Each
// hint is a key and what it does; none leaves the footer to the actions.
type hinter interface{ Hints() [][2]string }

// worder is a screen on which an action has a word of its own in the footer; "" leaves the usual one.
type worder interface{ Word(a keymap.Action) string }

// leaver is a screen that must tidy up when it closes.
type leaver interface{ Leave() tea.Cmd }

// backer is a screen that does something else with esc before it closes; it tells whether it did.
type backer interface{ Back() (tea.Cmd, bool) }
