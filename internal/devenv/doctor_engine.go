package devenv

import (
	"context"
	"fmt"

	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// checkEngine says which engine it is, and has it examined. It returns whether the server runs.
func (d *doctor) checkEngine(ctx context.Context) bool {
	eng, reason, err := d.env.engine(ctx)
	if remedy.Code(err) == "database.unknown" {
		d.failed("engine", "The database was not looked at", err)
		return false
	}
	if err != nil {
		d.failed("engine", "No engine is available", err)
		return false
	}
	defer eng.Close()
	d.fine("engine", "Engine "+eng.Kind().Name, reason)
	examined := eng.Examine(ctx)
	for _, f := range examined.Findings {
		d.take(f)
	}
	for _, s := range examined.Space {
		d.disk(s.Free, s.Where)
	}
	look, err := eng.Look(ctx)
	if err != nil {
		d.failed("engine", "The engine can't be asked", err)
		return false
	}
	switch {
	case look.Paused:
		d.failed("server", "The server is paused", d.env.gone(eng, look, postgres.NoAnswer, remedy.Naap("dev doctor")))
		return false
	case look.State == Running:
		d.fine("server", "The server runs", fmt.Sprintf("%s:%d", look.Host, look.Port))
		d.checkOthers(look.RunsAsYou)
		return true
	case look.State == Stopped, look.State == Absent:
		d.add("server", Warning, "The server does not run", []string{string(look.State) + " " + look.Detail}, remedy.Again("dev up"))
	default:
		d.add("server", Broken, "The server is "+string(look.State), []string{look.Detail}, remedy.Again("dev up"), remedy.Naap("dev logs"))
	}
	d.checkStart(ctx, eng)
	return false
}

// checkStart finds what would stop the server from starting, such as a port that another program has.
func (d *doctor) checkStart(ctx context.Context, eng engine.Engine) {
	_, err := eng.Plan(ctx)
	switch {
	case err == nil:
	case remedy.Code(err) == "port.taken":
		d.failed("port", "The port is taken", err)
	default:
		d.failed("start", "The server would not start", err)
	}
}
