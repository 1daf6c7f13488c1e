package main

import "github.com/livepeer/naap-dev/internal/server"

// followSize does nothing: Windows sends no signal when the terminal's size changes.
func followSize(int, chan<- server.Size) (stop func()) { return func() {} }
