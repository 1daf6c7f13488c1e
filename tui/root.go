package tui

import (
	"context"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/backend"
	"github.com/livepeer/naap-dev/internal/devenv"
	"github.com/livepeer/naap-dev/internal/program"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/tui/clip"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/screen/console"
)

// app is the root: it keeps the data fresh, takes the global keys, and passes on everything else.
type app struct {
	*shared
	canvas   draw.Canvas
	mouse    bool
	cancels  time.Time // when ctrl+c was last pressed
	fallen   int       // panics in a row while drawing
	looks    looks
	question tea.Cmd // asks the terminal for its background; nil where a theme was chosen
}

// shared is what the root and all screens hold in common. Update alone writes it.
type shared struct {
	*feed
	target   remedy.Target
	keys     *keymap.Map
	look     *draw.Look
	pause    screen.Pauses
	clip     *clip.Clipboard
	programs program.Finder
	stateDir string

	interrupts func(ours bool) // see Options
	w, h       int             // of the frame

	next *Next // the instance to go to, or nil

	unlock  bool // writes are allowed in the SQL console and in rows
	history *console.History
}

// copied is what the clipboard answered.
type copied struct{ what, way string }

func (s *shared) Copy(what, text string) tea.Cmd {
	return s.CopyFrom(5*time.Second, func(context.Context) (string, string, error) { return what, text, nil })
}

func (s *shared) CopyFrom(limit time.Duration, text func(context.Context) (what, text string, err error)) tea.Cmd {
	c := s.clip
	return job.Ask(s.jobs, job.Slot{Name: "copy"}, limit, func(ctx context.Context) (copied, error) {
		what, t, err := text(ctx)
		if err != nil {
			return copied{}, err
		}
		way, err := c.Copy(ctx, t)
		return copied{what, way}, err
	})
}

func (s *shared) Backend() backend.Backend { return s.backend }
func (s *shared) Jobs() *job.Jobs          { return s.jobs }
func (s *shared) Live() *screen.Live       { return &s.live }
func (s *shared) Look() *draw.Look         { return s.look }
func (s *shared) Keys() *keymap.Map        { return s.keys }
func (s *shared) Target() remedy.Target    { return s.target }
func (s *shared) Pauses() screen.Pauses    { return s.pause }
func (s *shared) Now() time.Time           { return s.clock() }
func (s *shared) Size() (w, h int)         { return s.w, s.h }
func (s *shared) Unlocked() bool           { return s.unlock }

// SetUnlock allows writes in the SQL console and in rows, or forbids them again. A console follows with its next run.
func (s *shared) SetUnlock(on bool) {
	s.unlock = on
	if on {
		s.Say(draw.Warn, "writes are unlocked; nothing is committed without a yes")
		return
	}
	s.Say(draw.Good, "read-only again")
}

// Label is how a key is named in a sentence.
func (s *shared) Label(a keymap.Action) string { return s.keys.Label(a) }

func timedOut(limit time.Duration, err error) error {
	return remedy.New("query.timeout", remedy.ExitFailed, "no answer within %s", say.Took(limit)).Wrap(err).
		WithFix("look for who holds a lock: press 3 for the health pane", "try again with R")
}

// Switch leaves this instance for another one.
func (s *shared) Switch(to devenv.Instance, start bool) tea.Cmd {
	s.next = &Next{to, start}
	return tea.Quit
}

// Losing is what would be lost if the user left now, a line for each.
func (s *shared) Losing() []string {
	out := s.unsaved()
	if n := s.live.Edits.Len(); n > 0 {
		out = append(out, say.Count(n, "change")+" of rows, pending")
	}
	if n := len(s.live.Edits.Commits); n > 0 {
		out = append(out, "that "+say.Count(n, "commit")+" of rows can be taken back")
	}
	return out
}
