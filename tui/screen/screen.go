// Package screen is what a screen is, what it may ask of the application that it is part of, and what the application knows.
package screen

import (
	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/keymap"
)

// Screen is one layer of what the user sees: a whole page, or a dialog over it. The root looks for further methods, which
// few screens have: tui/optional.go.
type Screen interface {
	ID() int
	Title() string                    // its breadcrumb
	Init() tea.Cmd                    // its first questions
	Update(msg tea.Msg) tea.Cmd       // answers to its questions, and the root's news
	Act(a keymap.Action) tea.Cmd      // an action among those it names
	Draw(a draw.Area)                 // draws its whole area
	Actions() []keymap.Action         // what it can do, most wanted first: the footer
	Raw(k tea.KeyMsg) (tea.Cmd, bool) // a key before it becomes an action, for typing
	Shape() Shape
}

// Shape is how much of the frame a screen covers.
type Shape struct {
	Floats bool // lies over the screen below as a dialog
	W, H   int  // the dialog's size, border included
}

// Base is what all screens have; a screen embeds it and overrides what it needs.
type Base struct {
	Root
	id int
}

// NewBase is the base of a new screen.
func NewBase(r Root) Base { return Base{r, r.NewID()} }

// ID tells screens apart.
func (b *Base) ID() int { return b.id }

// Title is none: dialogs have no breadcrumb.
func (b *Base) Title() string { return "" }

// Init asks nothing.
func (b *Base) Init() tea.Cmd { return nil }

// Update takes nothing.
func (b *Base) Update(tea.Msg) tea.Cmd { return nil }

// Act does nothing.
func (b *Base) Act(keymap.Action) tea.Cmd { return nil }

// Actions are none.
func (b *Base) Actions() []keymap.Action { return nil }

// Raw leaves all keys to be actions.
func (b *Base) Raw(tea.KeyMsg) (tea.Cmd, bool) { return nil, false }

// Shape is a whole page.
func (b *Base) Shape() Shape { return Shape{} }

// Slot is a place for an answer to this screen.
func (b *Base) Slot(name string) job.Slot { return job.Slot{Owner: b.id, Name: name} }

// News that the root tells every screen.
type (
	SnapshotNews struct{} // Live.Snap is new
	FactsNews    struct{} // Live.Facts is new
	ChangedNews  struct{} // a verb changed the database: what is shown may be old
	WakeNews     struct{} // the server is back, or the program is seen again
)

// Passed is the answer of Root.After.
type Passed struct{}
