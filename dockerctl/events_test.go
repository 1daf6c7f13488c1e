package dockerctl

import (
	"testing"

	"github.com/docker/docker/api/types/events"
)

func TestTheEnginesEventsAreSaidInOneWay(t *testing.T) {
	for want, said := range map[string]events.Message{
		"health: unhealthy":                    {Action: "health_status: unhealthy"},
		"die: die, exit code 137, naap dev up": {Action: "die", Actor: events.Actor{Attributes: map[string]string{"exitCode": "137"}}},
		"pause: pause, docker unpause naap-db": {Action: "pause"},
	} {
		e := eventOf(said, "naap-db")
		got := e.Kind + ": " + e.Text
		if e.Fix != nil {
			got += ", " + e.Fix.String()
		}
		if got != want {
			t.Errorf("%+v is %q, want %q", said, got, want)
		}
	}
}
