package engine

import (
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// Gone returns the error for a server that no longer runs. end is how that showed itself, and again the command to
// repeat, nil where there is none.
func Gone(eng Engine, state Server, end postgres.End, again remedy.Advice) *remedy.Error {
	up, logs := remedy.Naap("dev up"), remedy.Naap("dev logs")
	where := "engine " + eng.Kind().Name + ": " + string(state.State)
	if state.Detail != "" {
		where += ": " + visible.String(state.Detail)
	}
	how := func(code, format string, args ...any) *remedy.Error {
		return remedy.New(code, remedy.ExitNoServer, format, args...).WithSeen(where)
	}
	if state.Gone != nil {
		r := *state.Gone
		r.Seen = append([]string{where}, r.Seen...)
		if state.Paused && again != nil {
			r.WithHelp(again)
		}
		return &r
	}
	switch {
	case state.State == Unhealthy:
		return how("server.unhealthy", "the database does not answer").WithHelp(up, remedy.Naap("dev doctor"))
	case end == postgres.Crashed:
		return how("server.crashed", "the database crashed, and did not come back").WithHelp(up, logs)
	}
	return how("server.stopped", "the database was stopped, or died").WithHelp(up, remedy.Line("why: ", logs))
}
