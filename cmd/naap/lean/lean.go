// Package lean lets the garbage collector wait, from before the libraries' own initialisation on: a collection in the
// middle of that took 2 of the 17 ms that any command takes to start. It imports the standard library only, and Go
// initialises packages that are ready in the order of their paths, which makes this one of the first.
package lean

import (
	"os"
	"runtime/debug"
)

// A command lives for a tenth of a second on a few megabytes: collecting at Go's pace is an eighth of its processor time.
// GOGC still says otherwise.
func init() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
}
