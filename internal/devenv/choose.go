package devenv

import (
	"context"
	"fmt"
	"strings"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// engine chooses the engine and says why: what was asked for, else what this instance used before, else Docker where it
// answers, else the embedded server.
func (e *Env) engine(ctx context.Context) (Engine, string, error) {
	set := &e.ws.Settings
	if set.DatabaseURL != "" {
		if err := e.MayConnect(); err != nil {
			return nil, "", err
		}
		return newExternal(set.DatabaseURL), "database-url is set by " + set.Origin("database-url").String(), nil
	}
	switch set.Engine {
	case EngineDocker:
		eng, err := e.dockerEngine(ctx)
		return eng, "asked for by " + set.Origin("engine").String(), orEmbedded(err)
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
	if remedy.Code(dockerErr) == codeUntrusted { // it was not asked whether it answers
		return nil, "", dockerErr
	}
	eng, err := e.embeddedEngine()
	if err != nil {
		return nil, "", withDockersReasons(err, dockerErr)
	}
	return lastChoice{eng, dockerErr}, "Docker does not answer: " + whyNot(dockerErr), nil
}

// whyNot is why Docker is not available, in a line: what was seen first, and how much more there is.
func whyNot(err error) string {
	r, ok := remedy.Of(err)
	if !ok || len(r.Seen) == 0 {
		return visible.String(err.Error())
	}
	if n := len(r.Seen) - 1; n > 0 {
		return fmt.Sprintf("%s (and %d more)", r.Seen[0], n)
	}
	return r.Seen[0]
}

// lastChoice is the embedded engine in the place of a Docker that does not answer: where it fails too, which of the two
// is to be mended is for the person to say.
type lastChoice struct {
	Engine
	docker error
}

func (x lastChoice) Plan(ctx context.Context) (string, error) {
	plan, err := x.Engine.Plan(ctx)
	return plan, withDockersReasons(err, x.docker)
}

func (x lastChoice) Ensure(ctx context.Context, probe Probe, report progress.Report) (Endpoint, error) {
	at, err := x.Engine.Ensure(ctx, probe, report)
	return at, withDockersReasons(err, x.docker)
}

// withDockersReasons completes the embedded engine's failure with what was tried of Docker and what would help there.
func withDockersReasons(err, docker error) error {
	r, ok := remedy.Of(err)
	d, isRemedy := remedy.Of(docker)
	if !ok || !isRemedy || strings.HasPrefix(r.Code, "port.") {
		return err // a port that is taken would be so in Docker too
	}
	r.WithSeen("Docker was tried first: " + d.Error()).WithSeen(d.Seen...)
	if len(d.Fix) > 0 {
		r.WithFix("or have Docker answer:").WithHelp(d.Fix...)
	}
	return err
}

// orEmbedded offers the other engine to a person who asked for Docker, which does not answer.
func orEmbedded(err error) error {
	if r, ok := remedy.Of(err); ok {
		r.WithFix("or go on without Docker:").WithHelp(remedy.Again("dev up", "--engine", EngineEmbedded))
	}
	return err
}

// lostDocker is for an instance whose data is in Docker while Docker is away: starting an empty embedded server in its
// place would look like lost data.
func (e *Env) lostDocker(err error) error {
	r, ok := remedy.Of(err)
	if !ok {
		return err
	}
	return r.WithSeen("the data of this instance is in Docker").
		WithHelp(remedy.Line("or start an empty embedded database beside it: ", remedy.Again("dev up", "--engine", EngineEmbedded)))
}

// environ is the process's environment; a variable so that the choice of an engine can be tested.
var environ = postgres.Environ
