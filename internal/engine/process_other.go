//go:build !linux

package engine

import "time"

// noProcesses is why the embedded server's process cannot be watched.
const noProcesses Reason = "this system does not say what becomes of a process"

// processPaused is not looked at here.
func processPaused(int) (paused, ok bool) { return false, false }

// processTime is not looked at here.
func processTime(int) (total time.Duration, ok bool) { return 0, false }

// processMemory is not looked at here.
func processMemory(int) int64 { return 0 }
