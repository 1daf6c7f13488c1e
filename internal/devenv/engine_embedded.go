package devenv

import (
	"context"
	"fmt"
	"io"
	"path/filepath"

	"github.com/livepeer/naap-dev/internal/embedpg"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// embedded makes an Engine of the private server.
type embedded struct {
	*embedpg.Engine
	spec embedpg.Spec
}

func (e *Env) embeddedEngine() (Engine, error) {
	set := &e.ws.Settings
	if origin := set.Origin("embedded.confined"); !set.Embedded.Confined && !origin.IsPerson() {
		return nil, remedy.New("settings.confined", remedy.ExitRefused, "the embedded server is not let out of its confinement by a workspace's file").
			WithSeen(origin.String() + " says embedded.confined = false").
			WithFix("take that out; for yourself, on this machine: NAAP_EMBEDDED_CONFINED=false")
	}
	cache, err := embedpg.CacheDir(e.ws.Folders.Cache)
	if err != nil {
		return nil, err
	}
	eng, err := embedpg.New(embedpg.Options{
		Dir:    filepath.Join(e.stateDir(), "embedded"),
		Search: embedpg.Search{Bin: e.programsFolder(), Cache: cache, Programs: e.Programs()},
	})
	if err != nil {
		return nil, err
	}
	return embedded{eng, embedpg.Spec{
		Instance: set.Instance, Port: set.Port, PortPinned: pinned(set, "port"),
		User: set.User, Password: set.Password, Database: set.Database,
		Unconfined: !set.Embedded.Confined,
	}}, nil
}

// pinned tells whether a person asked for a setting's value here and now, or in a file of their own; a compose file
// describes the container, and a default nothing.
func pinned(set *workspace.Settings, name string) bool {
	return set.Origin(name).Layer > workspace.FromCompose
}

func (x embedded) Name() string { return EngineEmbedded }

func (x embedded) Plan(context.Context) (string, error) {
	plan, err := x.Engine.Plan(x.spec)
	if err == nil && plan.Refusal != nil {
		err = plan.Refusal
	}
	return plan.String(), err
}

func (x embedded) Ensure(ctx context.Context, probe Probe, report progress.Report) (Endpoint, error) {
	// It would be waited for until the patience for a start is at its end.
	if s, err := x.Describe(); err == nil && s.Server != nil {
		if paused, ok := processPaused(s.Server.PID); ok && paused {
			return Endpoint{}, remedy.New("server.paused", remedy.ExitNoServer, "the database's process is stopped by a signal").
				WithSeen(fmt.Sprintf("process %d", s.Server.PID)).WithFix(fmt.Sprintf("kill -CONT %d", s.Server.PID)).WithHelp(remedy.Again("dev up"))
		}
	}
	got, err := x.Engine.Ensure(ctx, x.spec, func(ctx context.Context, at embedpg.Endpoint) error {
		return probe(ctx, fromEmbedded(at))
	}, report)
	return fromEmbedded(got), err
}

func fromEmbedded(at embedpg.Endpoint) Endpoint {
	e := Endpoint{Host: at.Host, Port: at.Port, Identity: at.Identity, Created: at.Created, Started: at.Started, Confined: at.Confined, Version: at.Version}
	if at.Warning != "" {
		e.Warnings = append(e.Warnings, at.Warning)
	}
	return e
}

func (x embedded) Look(context.Context) (EngineState, error) {
	s, err := x.Describe()
	if err != nil {
		return EngineState{}, err
	}
	state := EngineState{State: Absent, Host: embedpg.BindHost, Port: s.LastPort, Identity: s.Data.Identity}
	if s.Binaries.Warning != "" {
		state.Warnings = append(state.Warnings, s.Binaries.Warning)
	}
	if !s.Data.Exists {
		return state, nil
	}
	state.State = Stopped
	state.Process = &StatusProcess{Data: s.Data.Path, Programs: s.Binaries.Dir}
	if s.Data.Damage != "" {
		state.State, state.Detail = Unhealthy, s.Data.Damage
	}
	if s.Server == nil {
		return state, nil
	}
	state.Process.PID, state.Port, state.Confined = s.Server.PID, s.Server.Port, s.Server.Confined
	switch s.Server.Status {
	case "ready", "standby":
		state.State = Running
	default:
		state.State, state.Detail = Starting, fmt.Sprintf("pid %d is %s", s.Server.PID, s.Server.Status)
	}
	return state, nil
}

func (x embedded) Stop(ctx context.Context, report progress.Report) (bool, error) {
	before, err := x.Describe()
	if err != nil {
		return false, err
	}
	return before.Server != nil, x.Engine.Stop(ctx, report)
}

func (x embedded) DataName() string { return filepath.Join(x.Dir(), "data") }

func (x embedded) Deletable(context.Context) (string, error) { return x.DataName(), nil }

func (x embedded) DeleteData(ctx context.Context, _ string, report progress.Report) (bool, error) {
	before, err := x.Describe()
	if err != nil {
		return false, err
	}
	return before.Data.Exists, x.Engine.DeleteData(ctx, report)
}

func (x embedded) Logs(ctx context.Context, w io.Writer, opt LogOptions) error {
	s, err := x.Describe()
	if err != nil {
		return err
	}
	if !s.Data.Exists {
		return noLog(x.spec.Instance, "there is no data folder "+x.DataName())
	}
	return x.Engine.Logs(ctx, w, embedpg.LogOptions{Tail: opt.Tail, Follow: opt.Follow})
}

func (x embedded) Close() error { return nil }
