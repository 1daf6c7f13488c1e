package devenv

import (
	"context"
	"strings"

	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/postgres"
)

// engine chooses the instance's engine, and returns the reason as well.
func (e *Env) engine(ctx context.Context) (engine.Engine, string, error) {
	return engine.Choose(ctx, e.engineConfig())
}

// kind returns the engine that the settings or the last start name; nil where neither does.
func (e *Env) kind() *engine.Kind { return engine.Settled(e.engineConfig()) }

// runsInside reports whether the instance's server has programs of its own: see engine.Kind.
func (e *Env) runsInside() bool {
	kind := e.kind()
	return kind != nil && kind.Inside
}

func (e *Env) engineConfig() engine.Config {
	rec := readRecord(e.stateDir())
	return engine.Config{
		Workspace: e.ws, Folder: e.stateDir(), Programs: e.Programs(), Getenv: getenv, Bin: e.programsFolder,
		Last:    engine.Last{Engine: rec.Engine, Port: rec.Port, Asked: rec.Asked},
		Allowed: e.mayUse, MayConnect: e.MayConnect, IsHeldSQL: e.isHeldSQL,
	}
}

// environ returns the process's environment; it is a variable so that the choice of an engine can be tested.
var environ = postgres.Environ

// getenv returns a variable of the environment that the process was started with.
func getenv(key string) string {
	for _, kv := range environ() {
		if name, value, ok := strings.Cut(kv, "="); ok && name == key {
			return value
		}
	}
	return ""
}
