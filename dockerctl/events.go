package dockerctl

import (
	"context"
	"strings"
	"time"

	"github.com/docker/docker/api/types/events"
	"github.com/docker/docker/api/types/filters"

	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/server"
)

// Events hands emit what happens to the container of a name from now on, even if it is made later, until ctx ends or emit
// returns false. Its error is that the engine went away.
func (e *Engine) Events(ctx context.Context, name string, emit func(server.Event) bool) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	messages, errs := e.cli.Events(ctx, events.ListOptions{Filters: filters.NewArgs(
		filters.Arg("type", string(events.ContainerEventType)),
		filters.Arg("container", name),
	)})
	for {
		select {
		case m := <-messages:
			if !emit(eventOf(m, name)) {
				return nil
			}
		case err := <-errs:
			if err == nil || ctx.Err() != nil {
				return nil
			}
			return e.lost(ctx, "follow the container's events", err)
		}
	}
}

// eventOf is what the engine reports of a container, in naap's words: it says "health_status: healthy".
func eventOf(m events.Message, name string) server.Event {
	action, at := string(m.Action), time.Unix(0, m.TimeNano)
	if health, ok := strings.CutPrefix(action, "health_status: "); ok {
		return server.Event{At: at, Kind: "health", Text: health}
	}
	ev := server.Event{At: at, Kind: action, Text: action, Fix: remedy.Again("dev up")}
	if code := m.Actor.Attributes["exitCode"]; code != "" {
		ev.Text += ", exit code " + code
	}
	if action == "pause" {
		ev.Fix = remedy.Words(Unpausing(name))
	}
	return ev
}

// Unpausing returns the command that unpauses a container.
func Unpausing(name string) string { return "docker unpause " + remedy.ShellWord(name) }
