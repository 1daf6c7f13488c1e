package dockerctl

import (
	"context"
	"time"

	"github.com/docker/docker/api/types/events"
	"github.com/docker/docker/api/types/filters"
)

// Event is something that happened to a container.
type Event struct {
	Action   string // start, die, oom, pause, unpause, stop, kill, destroy, restart, health_status: healthy …
	ExitCode string // of a die; else empty
	Time     time.Time
}

// Events reports what happens to the container of a name from now on, even if it is made later, until ctx ends.
// Both channels are then closed; before that an error, if there is one, comes through the second: the engine went away.
func (e *Engine) Events(ctx context.Context, name string) (<-chan Event, <-chan error) {
	out, failed := make(chan Event, 16), make(chan error, 1)
	messages, errs := e.cli.Events(ctx, events.ListOptions{Filters: filters.NewArgs(
		filters.Arg("type", string(events.ContainerEventType)),
		filters.Arg("container", name),
	)})
	go func() {
		defer close(failed)
		defer close(out)
		for {
			select {
			case m := <-messages:
				select {
				case out <- eventOf(m):
				case <-ctx.Done():
					return
				}
			case err := <-errs:
				if ctx.Err() == nil && err != nil {
					failed <- e.lost(ctx, "follow the container's events", err)
				}
				return
			}
		}
	}()
	return out, failed
}

func eventOf(m events.Message) Event {
	return Event{
		Action: string(m.Action), ExitCode: m.Actor.Attributes["exitCode"],
		Time: time.Unix(0, m.TimeNano),
	}
}
