// Package quiet keeps bubbletea from asking the terminal for its background colour while the program is being loaded.
//
// bubbletea v1.3.10 does so in its init function (v2 no longer does), for every command and not only for the terminal
// application. On a terminal that does not answer, such as a recorder's or a CI's, `naap version` took 5.04 s without this
// package and 0.04 s with it, and its output began with "\x1b]11;?\x1b\\\x1b[6n". bubbletea leaves a terminal named "dumb"
// alone, so the name is changed until bubbletea is loaded. This package imports only the standard library, which makes the
// runtime initialise it before termenv, which lipgloss and bubbletea wait for.
package quiet

import "os"

var name, named = os.LookupEnv("TERM")

func init() { _ = os.Setenv("TERM", "dumb") }

// Restore gives the terminal its name back. Whoever imports bubbletea calls it from an init function.
func Restore() {
	if !named {
		_ = os.Unsetenv("TERM")
		return
	}
	_ = os.Setenv("TERM", name)
}
