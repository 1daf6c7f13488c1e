package screen

import (
	"context"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/backend"
	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/keymap"
)

// Root is what a screen may ask of the application that it is part of.
type Root interface {
	Backend() backend.Backend
	Jobs() *job.Jobs
	Live() *Live
	Look() *draw.Look
	Keys() *keymap.Map
	Label(a keymap.Action) string // how a key is named in a sentence
	Target() remedy.Target
	Pauses() Pauses
	Now() time.Time
	Size() (w, h int) // of the frame
	NewID() int       // of a new screen

	// Open puts a screen on top, and Close takes it and what lies over it away.
	Open(sc Screen) tea.Cmd
	Close(sc Screen) tea.Cmd
	Top() Screen
	// Before is the schema and the table that the user is looking at.
	Before() (schema string, table postgres.TableRef)

	// Say puts a line into the status line and the activity, Hint into the status line only, Log into the activity only.
	Say(role draw.Role, text string)
	Hint(text string)
	Log(role draw.Role, text string)
	// Fail shows an error and keeps it; without one it is Settled, which takes the last error of the same thing back.
	Fail(doing string, err error)
	Settled(doing string)
	LastError() (doing string, at time.Time, err error)

	Copy(what, text string) tea.Cmd
	// CopyFrom is Copy for a text that is asked for first, and may be called differently then.
	CopyFrom(limit time.Duration, text func(context.Context) (what, text string, err error)) tea.Cmd

	// EditText gives the terminal to the user's own editor with a text in a file whose name ends so. The answer, in the slot,
	// is an Edited of at most so many bytes.
	EditText(to job.Slot, text, end string, most files.Limit) tea.Cmd

	// Tell gives news to every screen. Changed says that the database was changed, and looks at it again: with fresh at all
	// of it.
	Tell(news tea.Msg) tea.Cmd
	Changed(fresh bool) tea.Cmd
	ListenLogs() tea.Cmd
	// After answers in a slot, with Passed, after a while.
	After(wait time.Duration, to job.Slot) tea.Cmd
	Every() time.Duration // the server is asked

	// Switch leaves for another instance, whose server is started first where that is asked for. AtWork is the verb that is
	// being carried out, or "", and Losing what would be lost, a line for each.
	Switch(to devenv.Instance, start bool) tea.Cmd
	AtWork() string
	Losing() []string

	Unlocked() bool // writes are allowed in the SQL console and in rows
	SetUnlock(on bool)
}

// Pauses are how long the program waits for more of the same before it acts; a test has none.
type Pauses struct {
	Rest   time.Duration // of the cursor on a table, before the server is asked about it
	Typing time.Duration // between letters of a filter, before the server is asked
}
