//go:build !linux

package devenv

import "time"

// processPaused is not looked at here.
func processPaused(int) (paused, ok bool) { return false, false }

// processTime is not looked at here.
func processTime(int) (total time.Duration, ok bool) { return 0, false }
