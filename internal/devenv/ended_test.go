package devenv

import (
	"slices"
	"testing"

	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
)

func TestOfAPausedServerTheScreensSayHowItGoesOnAndVerbsThatTheyAreToBeRepeated(t *testing.T) {
	e := testEnv(t, nil, "NAAP_ENGINE=embedded")
	eng, _, err := e.Engine(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	server := engine.Server{State: engine.Running, Paused: true, Gone: remedy.New("server.paused", remedy.ExitNoServer, "it is paused").WithFix("kill -CONT 1")}
	for _, c := range []struct {
		again remedy.Advice
		want  []string
	}{{nil, []string{"kill -CONT 1"}}, {remedy.Again("dev push"), []string{"kill -CONT 1", "naap dev push"}}} {
		r := engine.Gone(eng, server, postgres.NoAnswer, c.again)
		if got := (remedy.Target{}).Lines(r.Fix); !slices.Equal(got, c.want) || r.Code != "server.paused" || len(r.Seen) != 1 {
			t.Errorf("%q, seen %q; want %q", got, r.Seen, c.want)
		}
	}
	if len(server.Gone.Fix) != 1 || len(server.Gone.Seen) != 0 {
		t.Errorf("what the engine said was changed: %+v", server.Gone)
	}
}
