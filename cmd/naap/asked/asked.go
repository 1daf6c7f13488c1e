// Package asked catches the signals that ask a process to end, from before the libraries' own initialisation on: one
// that arrives while the program still starts is answered as one that arrives later. It imports the standard library
// only, and Go initialises packages that are ready in the order of their paths, which makes this one of the first.
package asked

import (
	"os"
	"os/signal"
	"syscall"
)

// ToEnd are the signals that asked this process to end, in their order.
var ToEnd = make(chan os.Signal, 8)

// A signal that whoever started us wants to be ignored stays so: nohup ignores SIGHUP, and a shell's background job
// without job control ignores SIGINT.
func init() {
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		if !signal.Ignored(s) {
			signal.Notify(ToEnd, s)
		}
	}
}
