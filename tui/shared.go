package tui

import (
	"context"
	"errors"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/tui/clip"
	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/job"
	"github.com/livepeer/naap-dev/tui/keymap"
	"github.com/livepeer/naap-dev/tui/screen"
	"github.com/livepeer/naap-dev/tui/screen/console"
)

// shared is what the root and all screens hold in common. Update alone writes it.
type shared struct {
	backend  screen.Backend
	target   remedy.Target
	keys     *keymap.Map
	look     *draw.Look
	jobs     *job.Jobs
	pause    screen.Pauses
	clip     *clip.Clipboard
	clock    func() time.Time
	stateDir string
	lastID   int

	interrupts func(ours bool) // see Options
	w, h       int             // of the frame

	stack []screen.Screen
	live  screen.Live

	status  screen.Note // the line above the footer
	failure error       // the last error, for `!`; it goes when what failed succeeds
	failing string      // what failed
	failed  time.Time
	unlock  bool // writes are allowed in the SQL console
	history *console.History
}

// Say puts a line into the status line and the activity.
func (s *shared) Say(role draw.Role, text string) {
	s.status = screen.Note{At: s.clock(), Role: role, Text: text}
	s.Log(role, text)
}

// Hint puts a line into the status line only.
func (s *shared) Hint(text string) { s.status = screen.Note{At: s.clock(), Role: draw.Dim, Text: text} }

func (s *shared) Log(role draw.Role, text string) {
	s.note(screen.Note{At: s.clock(), Role: role, Text: text})
}

func (s *shared) note(n screen.Note) {
	s.live.Notes = append(s.live.Notes, n)
	if len(s.live.Notes) > screen.NotesKept {
		s.live.Notes = s.live.Notes[len(s.live.Notes)-screen.NotesKept:]
	}
}

// Fail shows an error and keeps it for `!`, or without one takes the last error of the same thing back. What a person
// cancelled is no error.
func (s *shared) Fail(doing string, err error) {
	switch {
	case err == nil:
		s.Settled(doing)
		return
	case cancelled(err):
		s.Say(draw.Warn, doing+" was cancelled")
		return
	}
	s.failure, s.failing, s.failed = err, doing, s.clock()
	s.Say(draw.Bad, doing+": "+err.Error())
}

// Settled takes the last error back where it was of the same thing, which has succeeded now.
func (s *shared) Settled(doing string) {
	if s.failure == nil || s.failing != doing {
		return
	}
	if s.saysFailure() {
		s.status = screen.Note{}
	}
	s.failure, s.failing = nil, ""
}

// saysFailure reports whether the status line is the last error.
func (s *shared) saysFailure() bool {
	return s.status.Role == draw.Bad && strings.HasPrefix(s.status.Text, s.failing+": ")
}

// cancelled tells of an error that a person brought about: here, or as the server says it.
func cancelled(err error) bool {
	return errors.Is(err, context.Canceled) || strings.Contains(err.Error(), "due to user request (SQLSTATE 57014)")
}

// Open puts a screen on top and asks its first questions.
func (s *shared) Open(sc screen.Screen) tea.Cmd {
	s.stack = append(s.stack, sc)
	return sc.Init()
}

// Close takes a screen, and what lies over it, off the stack. The lowest one stays.
func (s *shared) Close(sc screen.Screen) tea.Cmd {
	for i, other := range s.stack {
		if other.ID() != sc.ID() || i == 0 {
			continue
		}
		var cmds []tea.Cmd
		for _, gone := range s.stack[i:] {
			if l, ok := gone.(screen.Leaver); ok {
				cmds = append(cmds, l.Leave())
			}
			s.jobs.CloseOwner(gone.ID())
		}
		s.stack = s.stack[:i:i]
		return tea.Batch(cmds...)
	}
	return nil
}

func (s *shared) Top() screen.Screen { return s.stack[len(s.stack)-1] }

// find is the screen with an identity that is still on the stack.
func (s *shared) find(id int) (screen.Screen, bool) {
	for _, sc := range s.stack {
		if sc.ID() == id {
			return sc, true
		}
	}
	return nil, false
}

// Tell gives news to every screen.
func (s *shared) Tell(news tea.Msg) tea.Cmd {
	var cmds []tea.Cmd
	for _, sc := range s.stack {
		cmds = append(cmds, sc.Update(news))
	}
	return tea.Batch(cmds...)
}

// copied is what the clipboard answered.
type copied struct{ what, way string }

func (s *shared) Copy(what, text string) tea.Cmd {
	return s.CopyFrom(what, 5*time.Second, func(context.Context) (string, error) { return text, nil })
}

func (s *shared) CopyFrom(what string, limit time.Duration, text func(context.Context) (string, error)) tea.Cmd {
	c := s.clip
	return job.Ask(s.jobs, job.Slot{Name: "copy"}, limit, func(ctx context.Context) (copied, error) {
		t, err := text(ctx)
		if err != nil {
			return copied{}, err
		}
		way, err := c.Copy(ctx, t)
		return copied{what, way}, err
	})
}

func (s *shared) Changed(fresh bool) tea.Cmd {
	cmds := []tea.Cmd{s.askSnapshot(fresh)}
	if fresh {
		cmds = append(cmds, s.askFacts())
	}
	return tea.Batch(append(cmds, s.Tell(screen.ChangedNews{}))...)
}

func (s *shared) NewID() int {
	s.lastID++
	return s.lastID
}

func (s *shared) Backend() screen.Backend { return s.backend }
func (s *shared) Jobs() *job.Jobs         { return s.jobs }
func (s *shared) Live() *screen.Live      { return &s.live }
func (s *shared) Look() *draw.Look        { return s.look }
func (s *shared) Keys() *keymap.Map       { return s.keys }
func (s *shared) Target() remedy.Target   { return s.target }
func (s *shared) Pauses() screen.Pauses   { return s.pause }
func (s *shared) Now() time.Time          { return s.clock() }
func (s *shared) Size() (w, h int)        { return s.w, s.h }
func (s *shared) Unlocked() bool          { return s.unlock }
func (s *shared) LastError() (doing string, at time.Time, err error) {
	return s.failing, s.failed, s.failure
}

// SetUnlock allows writes in the SQL console, or forbids them again. A console follows with its next run.
func (s *shared) SetUnlock(on bool) {
	s.unlock = on
	if on {
		s.Say(draw.Warn, "writes are unlocked: what is written is shown and committed only after a yes")
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
