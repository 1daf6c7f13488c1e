package devenv

import (
	"context"
	"fmt"
	"os"
	"slices"

	"github.com/livepeer/naap-dev/internal/remedy"
)

// engine chooses the engine and says why: what was asked for, else what this instance used before, else Docker where it
// answers, else the embedded server.
func (e *Env) engine(ctx context.Context) (Engine, string, error) {
	set := &e.ws.Settings
	if set.DatabaseURL != "" {
		return newExternal(set.DatabaseURL), "database-url is set by " + set.Origin("database-url").String(), nil
	}
	switch set.Engine {
	case EngineDocker:
		eng, err := e.dockerEngine(ctx)
		return eng, "asked for by " + set.Origin("engine").String(), err
	case EngineEmbedded:
		eng, err := e.embeddedEngine()
		return eng, "asked for by " + set.Origin("engine").String(), err
	}
	return e.autoEngine(ctx)
}

func (e *Env) autoEngine(ctx context.Context) (Engine, string, error) {
	switch readRecord(e.stateDir()).Engine {
	case EngineDocker:
		eng, err := e.dockerEngine(ctx)
		if err != nil {
			return nil, "", e.lostDocker(err)
		}
		return eng, "this instance runs in Docker", nil
	case EngineEmbedded:
		eng, err := e.embeddedEngine()
		return eng, "this instance runs embedded", err
	}
	// The record is a hint that may be lost; the data is not.
	if eng, err := e.embeddedEngine(); err == nil {
		if state, err := eng.Look(ctx); err == nil && state.State != Absent {
			return eng, "this instance has an embedded database", nil
		}
	}
	docker, dockerErr := e.dockerEngine(ctx)
	if dockerErr == nil {
		return docker, "Docker answers", nil
	}
	if ctx.Err() != nil {
		return nil, "", ctx.Err()
	}
	eng, err := e.embeddedEngine()
	return eng, "Docker does not answer (" + remedy.Code(dockerErr) + ")", err
}

// lostDocker is for an instance whose data is in Docker while Docker is away: starting an empty embedded server in its
// place would look like lost data.
func (e *Env) lostDocker(err error) error {
	r, ok := remedy.Of(err)
	if !ok {
		return err
	}
	// The engine's own offer would be this one, without the word that nothing is in it.
	r.Fix = slices.DeleteFunc(r.Fix, func(line string) bool {
		return line == "or go on without Docker:" || line == "naap dev up --engine embedded"
	})
	return r.WithSeen("the data of this instance is in Docker").
		WithFix(fmt.Sprintf("or start an empty embedded database beside it: naap dev up --engine embedded%s", e.instanceFlag()))
}

// environ is the process's environment; a variable so that the choice of an engine can be tested.
var environ = os.Environ
