package screen

import (
	"time"

	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/server"
)

// UpFor is how long an engine has run: nothing where it does not run, or nobody knows since when.
func UpFor(e *server.Stats, now time.Time) string {
	if e.Started.IsZero() || e.Status != "running" && e.Status != "paused" {
		return ""
	}
	return say.Age(now.Sub(e.Started))
}
