// Package quiet keeps bubbletea from asking the terminal for its background colour while the program is being loaded.
//
// bubbletea v1 does so in its init function, for every command and not only for the terminal application: it writes
// escape sequences, and waits up to five seconds for a terminal that doesn't answer, such as a test's. It leaves a
// terminal named "dumb" alone, so that the name is changed until bubbletea is loaded. This package imports only the
// standard library, which makes the runtime initialise it before termenv, which lipgloss and bubbletea wait for.
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
