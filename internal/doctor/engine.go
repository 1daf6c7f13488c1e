package doctor

import (
	"context"
	"fmt"

	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// engineCheck says which engine it is, has it examined, and finds out whether the server runs.
var engineCheck = check{nothing, func(ctx context.Context, l *look) {
	eng, reason, err := l.Engine(ctx)
	if remedy.Code(err) == "database.unknown" {
		l.failed("engine", "The database was not looked at", err)
		return
	}
	if err != nil {
		l.failed("engine", "No engine is available", err)
		return
	}
	defer eng.Close()
	l.kind = eng.Kind()
	l.fine("engine", "Engine "+l.kind.Name, reason)
	if asked := engine.Named(l.Workspace().Settings.Engine); asked != nil && asked != l.kind && !l.IsExternal() {
		l.add("engine.changed", remedy.Warning, "The settings ask for another engine than the one that has this instance",
			[]string{"it was made with " + l.kind.Title, l.Workspace().Settings.Origin("engine").String() + " asks for " + asked.Title},
			remedy.Naap("dev up", engine.Second(&l.Workspace().Settings, asked.Name)...).Note("a database of its own beside it"))
	}
	if line := engine.OtherMajor(ctx, l.kind, l.Workspace()); line != "" {
		l.add("engine.major", remedy.Warning, "The files name another major version of PostgreSQL", []string{line})
	}
	examined := eng.Examine(ctx)
	for _, f := range examined.Findings {
		l.take(f)
	}
	for _, s := range examined.Space {
		l.disk(s.Free, s.Where)
	}
	if l.server, err = eng.Look(ctx); err != nil {
		l.failed("engine", "The engine can't be asked", err)
		return
	}
	l.judge(ctx, eng)
}}

func (l *look) judge(ctx context.Context, eng engine.Engine) {
	switch s := l.server; {
	case s.Paused:
		l.failed("server", "The server is paused", engine.Gone(eng, s, postgres.NoAnswer, remedy.Naap("dev doctor")))
		return
	case s.State == engine.Running:
		l.fine("server", "The server runs", fmt.Sprintf("%s:%d", s.Host, s.Port))
		l.has = running
		return
	case s.State == engine.Stopped, s.State == engine.Absent:
		l.add("server", remedy.Warning, "The server does not run", []string{string(s.State) + " " + s.Detail}, remedy.Again("dev up"))
	default:
		l.add("server", remedy.Broken, "The server is "+string(s.State), []string{s.Detail}, remedy.Again("dev up"), remedy.Naap("dev logs"))
	}
	l.start(ctx, eng)
}

// start finds what would stop the server from starting, such as a port that another program has.
func (l *look) start(ctx context.Context, eng engine.Engine) {
	_, err := eng.Plan(ctx)
	switch {
	case err == nil:
	case remedy.Code(err) == "port.taken":
		l.failed("port", "The port is taken", err)
	default:
		l.failed("start", "The server would not start", err)
	}
}
