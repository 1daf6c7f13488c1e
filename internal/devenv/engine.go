package devenv

import (
	"context"

	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/program"
)

// Engine chooses the instance's engine, and returns the reason as well.
func (e *Env) Engine(ctx context.Context) (engine.Engine, string, error) {
	return engine.Choose(ctx, e.engineConfig())
}

// Kind returns the engine that the settings or the last start name; nil where neither does.
func (e *Env) Kind() *engine.Kind { return engine.Settled(e.engineConfig()) }

// runsInside reports whether the instance's server has programs of its own: see engine.Kind.
func (e *Env) runsInside() bool {
	kind := e.Kind()
	return kind != nil && kind.Inside
}

func (e *Env) engineConfig() engine.Config {
	rec := readRecord(e.StateDir())
	return engine.Config{
		Workspace: e.ws, Folder: e.StateDir(), Programs: e.Programs(), Getenv: getenv, Bin: e.programsFolder,
		Last:    engine.Last{Engine: rec.Engine, Port: rec.Port, Asked: rec.Asked},
		Allowed: e.mayUse, MayConnect: e.MayConnect, IsHeldSQL: e.isHeldSQL,
	}
}

// Programs returns a finder for the programs that the verbs start, which finds none in the workspace.
func (e *Env) Programs() program.Finder {
	f := program.Here(e.ws.Dir, e.ws.Root)
	f.Path, f.Environ = getenv("PATH"), environ()
	return f
}
