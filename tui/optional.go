package tui

import (
	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
)

// What a screen may be besides a screen.Screen.

// clicker is a screen that a click means something to, at a place in the frame.
type clicker interface{ Click(x, y int) tea.Cmd }

// wheeler is a screen on which the wheel (by −1 or 1) does something else than three steps up or down.
type wheeler interface{ Wheel(x, y, by int) tea.Cmd }

// sizer is a screen that needs to know the size of the frame before it draws.
type sizer interface{ Resized(w, h int) }

// hinter is a screen whose keys of the moment are others than its actions: while something is typed, in a dialog. Each
// hint is a key and what it does; none leaves the footer to the actions.
type hinter interface{ Hints() [][2]string }

// worder is a screen on which an action has a word of its own in the footer; "" leaves the usual one.
type worder interface{ Word(a keymap.Action) string }

// quieter is a screen on which some actions do nothing but say what they need first: the footer leaves them out.
type quieter interface{ Quiet(a keymap.Action) bool }

// leaver is a screen that must tidy up when it closes.
type leaver interface{ Leave() tea.Cmd }

// backer is a screen that does something else with esc before it closes; it reports whether it did.
type backer interface{ Back() (tea.Cmd, bool) }

// worker is a screen that carries out a verb of naap's own; it names the verb while it does, and is "" otherwise.
type worker interface{ Working() string }

// keeper is a screen with something that is lost where the user leaves: a question without an answer, changes that are not
// committed. It says what, in a few words; "" for nothing.
type keeper interface{ Unsaved() string }

// finisher is a dialog about something that ends; once it has, what opens another screen closes it.
type finisher interface{ Finished() bool }

// pointer is a screen that stands on a schema, and maybe a table, for the verbs that need one.
type pointer interface {
	Subject() (schema string, table postgres.TableRef)
}

// holder is a screen of several pages, one of which it is. Answers to the others come to them all the same: Part is the
// page with an identity.
type holder interface {
	Part(id int) (screen.Screen, bool)
}
