// Package remedy defines an error that the user can act on: what happened, what was seen, and the exact command that
// helps, under a code that stays the same between versions.
package remedy

import (
	"errors"
	"fmt"
)

// Exit statuses of the command line. They are part of its contract.
const (
	ExitFailed   = 1 // it was tried and failed
	ExitUsage    = 2 // wrong usage
	ExitRefused  = 3 // it would destroy something, and was not told that it may
	ExitBusy     = 4 // another naap holds the lock
	ExitNoServer = 5 // no engine or no database is available
)

// Error is a failure with its remedy. The zero Exit means ExitFailed.
type Error struct {
	Code    string   // stable, lower case, dotted: "port.taken", "docker.permission"
	Exit    int      // one of the Exit constants
	Message string   // what happened, one sentence without a full stop
	Seen    []string // the evidence, a line each: what was looked at and what it said
	Excerpt string   // evidence of several lines, such as part of a file with the place marked; printed as it is
	Fix     []Advice // what helps, a line each; a command to be run is alone on its line
	Cause   error    // what is wrapped, or nil
}

// New returns an Error with a formatted message.
func New(code string, exit int, format string, args ...any) *Error {
	return &Error{Code: code, Exit: exit, Message: fmt.Sprintf(format, args...)}
}

// WithSeen adds evidence and returns the same error.
func (e *Error) WithSeen(lines ...string) *Error {
	e.Seen = append(e.Seen, lines...)
	return e
}

// WithFix adds remedies that contain no command of naap's own, and returns the same error.
func (e *Error) WithFix(lines ...string) *Error { return e.WithHelp(Lines(lines...)...) }

// WithHelp adds remedies and returns the same error.
func (e *Error) WithHelp(lines ...Advice) *Error {
	e.Fix = append(e.Fix, lines...)
	return e
}

// Wrap sets the cause and returns the same error.
func (e *Error) Wrap(err error) *Error {
	e.Cause = err
	return e
}

// Behind is like Wrap, for a cause whose words are in Seen already: errors.Is and errors.As find it, and Error does not
// repeat it.
func (e *Error) Behind(err error) *Error {
	e.Cause = unsaid{err}
	return e
}

// unsaid is an error without its words.
type unsaid struct{ error }

func (u unsaid) Error() string { return "" }
func (u unsaid) Unwrap() error { return u.error }

// Error returns the message and its cause, on one line. Seen and Fix are for callers that print the error at length.
func (e *Error) Error() string {
	if e.Cause == nil {
		return e.Message
	}
	cause := e.Cause.Error()
	if cause == "" {
		return e.Message
	}
	return e.Message + ": " + cause
}

func (e *Error) Unwrap() error { return e.Cause }

// Is makes errors.Is(err, &Error{Code: "port.taken"}) compare the code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// Of returns the outermost Error in err's chain.
func Of(err error) (*Error, bool) {
	var e *Error
	ok := errors.As(err, &e)
	return e, ok
}

// Code returns the code of err's remedy, or "internal" where it has none.
func Code(err error) string {
	if e, ok := Of(err); ok {
		return e.Code
	}
	return "internal"
}

// Exit returns the exit status for err: 0 for nil.
func Exit(err error) int {
	if err == nil {
		return 0
	}
	if e, ok := Of(err); ok && e.Exit != 0 {
		return e.Exit
	}
	return ExitFailed
}
