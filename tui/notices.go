package tui

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/livepeer/naap-dev/tui/draw"
	"github.com/livepeer/naap-dev/tui/screen"
)

// notesKept is how many notes Live keeps.
const notesKept = 500

// notices are what the user is told: the status line, the activity, and the last error.
type notices struct {
	clock func() time.Time
	live  screen.Live

	status  screen.Note // the line above the footer
	failure error       // the last error, for `!`; it goes when what failed succeeds
	failing string      // what failed
	failed  time.Time
}

// Say puts a line into the status line and the activity.
func (n *notices) Say(role draw.Role, text string) {
	n.status = screen.Note{At: n.clock(), Role: role, Text: text}
	n.Log(role, text)
}

// Hint puts a line into the status line only.
func (n *notices) Hint(text string) {
	n.status = screen.Note{At: n.clock(), Role: draw.Dim, Text: text}
}

func (n *notices) Log(role draw.Role, text string) {
	n.note(screen.Note{At: n.clock(), Role: role, Text: text})
}

func (n *notices) note(line screen.Note) {
	n.live.Notes = append(n.live.Notes, line)
	if len(n.live.Notes) > notesKept {
		n.live.Notes = n.live.Notes[len(n.live.Notes)-notesKept:]
	}
}

// Fail shows an error and keeps it for `!`, or without one takes the last error of the same thing back. What the user
// cancelled is not an error.
func (n *notices) Fail(doing string, err error) {
	switch {
	case err == nil:
		n.Settled(doing)
		return
	case cancelled(err):
		n.Say(draw.Warn, doing+" was cancelled")
		return
	}
	n.failure, n.failing, n.failed = err, doing, n.clock()
	n.Say(draw.Bad, doing+": "+err.Error())
}

// Settled takes the last error back where it was of the same thing, which has succeeded now.
func (n *notices) Settled(doing string) {
	if n.failure == nil || n.failing != doing {
		return
	}
	if n.saysFailure() {
		n.status = screen.Note{}
	}
	n.failure, n.failing = nil, ""
}

// saysFailure reports whether the status line is the last error.
func (n *notices) saysFailure() bool {
	return n.status.Role == draw.Bad && strings.HasPrefix(n.status.Text, n.failing+": ")
}

func (n *notices) LastError() (doing string, at time.Time, err error) {
	return n.failing, n.failed, n.failure
}

// cancelled reports whether an error is one that the user brought about: here, or as the server says it.
func cancelled(err error) bool {
	return errors.Is(err, context.Canceled) || strings.Contains(err.Error(), "due to user request (SQLSTATE 57014)")
}
