// Package asked catches the signals that ask a process to end, before the libraries initialize: a signal that arrives
// while the program is still starting is answered like one that arrives later. It imports only the standard library,
// and Go initializes packages that are ready in the order of their paths, which makes this one of the first.
package asked

import (
	"os"
	"os/signal"
	"syscall"
)

// ToEnd receives the signals that asked this process to end, in order.
var ToEnd = make(chan os.Signal, 8)

// A signal that our parent set to be ignored stays ignored: nohup ignores SIGHUP, and a shell without job control
// ignores SIGINT for its background jobs.
func init() {
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		if !signal.Ignored(s) {
			signal.Notify(ToEnd, s)
		}
	}
}
