package main

import "github.com/livepeer/naap-dev/internal/engine"

// followSize does nothing: Windows sends no signal when the terminal's size changes.
func followSize(int, chan<- engine.Size) (stop func()) { return func() {} }
