//go:build unix

package main

import (
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/term"

	"github.com/livepeer/naap-dev/internal/server"
)

// followSize sends the terminal's size whenever it changes, until the returned function is called.
func followSize(fd int, to chan<- server.Size) (stop func()) {
	changed := make(chan os.Signal, 1)
	done := make(chan struct{})
	signal.Notify(changed, syscall.SIGWINCH)
	go func() {
		for {
			select {
			case <-changed:
				if w, h, err := term.GetSize(fd); err == nil {
					to <- server.Size{Width: uint(w), Height: uint(h)}
				}
			case <-done:
				return
			}
		}
	}()
	return func() {
		signal.Stop(changed)
		close(done)
	}
}
