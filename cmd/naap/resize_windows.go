package main

import "github.com/livepeer/naap-dev/internal/devenv"

// followSize does nothing: Windows sends no signal when the terminal's size changes.
func followSize(int, chan<- devenv.Size) (stop func()) { return func() {} }
