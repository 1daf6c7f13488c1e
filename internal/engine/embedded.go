package engine

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"sync"
	"time"

	"github.com/livepeer/naap-dev/internal/embedpg"
	"github.com/livepeer/naap-dev/internal/loopback"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/server"
	"github.com/livepeer/naap-dev/internal/trust"
	"github.com/livepeer/naap-dev/internal/workspace"
)

var embeddedKind = Kind{
	Name: nameEmbedded, Title: "the embedded engine", data: "this instance runs embedded", open: openEmbedded,
	needs: func(_ *workspace.Workspace, item trust.Item) bool { return item.Kind == trust.ServerPrograms },
	Lacks: Lacks{Events: noProcesses},
}

// embedded is the private server.
type embedded struct {
	at   *embedpg.Engine
	spec embedpg.Spec
	set  *workspace.Settings

	mu    sync.Mutex
	spent spent // at the last measurement
}

func openEmbedded(_ context.Context, c Config) (Engine, error) {
	x, err := newEmbedded(c, 0)
	if err != nil {
		return nil, err
	}
	return x, nil
}

// newEmbedded returns the embedded engine of a major version; 0 for that of its data, or else the platform's.
func newEmbedded(c Config, major int) (*embedded, error) {
	set := &c.Workspace.Settings
	if origin := set.Origin("embedded.confined"); !set.Embedded.Confined && !origin.IsPerson() {
		return nil, remedy.New("settings.confined", remedy.ExitRefused, "the embedded server is not let out of its confinement by a workspace's file").
			WithSeen(origin.String() + " says embedded.confined = false").
			WithFix("take that out; for yourself, on this machine: NAAP_EMBEDDED_CONFINED=false")
	}
	cache, err := embedpg.CacheDir(c.Workspace.Folders.Cache)
	if err != nil {
		return nil, err
	}
	at, err := embedpg.New(embedpg.Options{
		Dir:    filepath.Join(c.Folder, "embedded"),
		Search: embedpg.Search{Bin: c.Bin(), Cache: cache, Programs: c.Programs, Major: major},
	})
	if err != nil {
		return nil, err
	}
	return &embedded{at: at, set: set, spec: embedpg.Spec{Wanted: wanted(set), Unconfined: !set.Embedded.Confined}}, nil
}

func (x *embedded) Kind() *Kind { return &embeddedKind }

func (x *embedded) Plan(context.Context) (string, error) { return x.at.Plan(x.spec) }

func (x *embedded) Ensure(ctx context.Context, probe server.Probe, report progress.Report) (server.Endpoint, error) {
	// It would be waited for until the patience for a start is at its end.
	if look, err := x.Look(ctx); err == nil && look.Paused {
		return server.Endpoint{}, look.Gone.WithHelp(remedy.Again("dev up"))
	}
	return x.at.Ensure(ctx, x.spec, probe, report)
}

func (x *embedded) Look(context.Context) (Server, error) {
	s, err := x.at.Describe()
	if err != nil {
		return Server{}, err
	}
	out := Server{State: Absent, Host: loopback.Host, Port: s.LastPort, Identity: s.Data.Identity}
	if s.Binaries.Warning != "" {
		out.Warnings = append(out.Warnings, s.Binaries.Warning)
	}
	if !s.Data.Exists {
		out.Gone = remedy.New("server.removed", remedy.ExitNoServer, "the database's data folder is gone").WithHelp(remedy.Naap("dev up").Note("begins again"))
		return out, nil
	}
	out.State = Stopped
	out.Process = &Process{Data: s.Data.Path, Programs: s.Binaries.Dir}
	if s.Data.Damage != "" {
		out.State, out.Detail = Unhealthy, s.Data.Damage
	}
	if s.Server == nil {
		return out, nil
	}
	pid := s.Server.PID
	out.Process.PID, out.Port, out.RunsAsYou = pid, s.Server.Port, !s.Server.Confined
	switch s.Server.Status {
	case "ready", "standby":
		out.State = Running
	default:
		out.State, out.Detail = Starting, fmt.Sprintf("pid %d is %s", pid, s.Server.Status)
	}
	if paused, ok := processPaused(pid); ok && paused {
		out.Paused = true
		out.Gone = remedy.New("server.paused", remedy.ExitNoServer, "the database's process is stopped by a signal").
			WithSeen(fmt.Sprintf("process %d", pid)).WithFix(goOn(pid))
	}
	return out, nil
}

// goOn is the command that has a process go on that is stopped by a signal.
func goOn(pid int) string { return fmt.Sprintf("kill -CONT %d", pid) }

func (x *embedded) Stop(ctx context.Context, report progress.Report) (bool, error) {
	return x.at.Stop(ctx, report)
}

func (x *embedded) data() string { return filepath.Join(x.at.Dir(), "data") }

func (x *embedded) Deletable(context.Context) (string, error) { return x.data(), nil }

func (x *embedded) DeleteData(ctx context.Context, _ string, report progress.Report) (bool, error) {
	return x.at.DeleteData(ctx, report)
}

func (x *embedded) Logs(ctx context.Context, w io.Writer, opt server.LogOptions) error {
	s, err := x.at.Describe()
	if err != nil {
		return err
	}
	if !s.Data.Exists {
		return noLog(x.spec.Instance, "there is no data folder "+x.data())
	}
	return x.at.Logs(ctx, w, opt)
}

func (x *embedded) Stats(context.Context) (*server.Stats, error) {
	state, err := x.at.Describe()
	if err != nil {
		return nil, err
	}
	out := &server.Stats{Name: "embedded server", Image: "PostgreSQL " + state.Binaries.Version, Status: "stopped", HostFree: -1, Process: true, CPU: -1}
	if state.Server != nil {
		out.Status, out.Started = "running", state.Server.Started
		out.Memory = processMemory(state.Server.PID)
		out.CPU = x.share(state.Server.PID, time.Now())
		if paused, ok := processPaused(state.Server.PID); ok && paused {
			out.Status = "paused"
		}
	}
	if free, ok := DiskFree(x.data()); ok {
		out.HostFree = free
	}
	return out, nil
}

// spent is what a server had used of the processor at some moment.
type spent struct {
	pid int
	at  time.Time
	cpu time.Duration
}

// share is how much of one core the server used since it was measured before; −1 the first time, and where nobody
// tells.
func (x *embedded) share(pid int, now time.Time) float64 {
	cpu, ok := processTime(pid)
	x.mu.Lock()
	defer x.mu.Unlock()
	was := x.spent
	x.spent = spent{pid, now, cpu}
	if !ok || was.pid != pid || !now.After(was.at) {
		return -1
	}
	return max(0, float64(cpu-was.cpu)/float64(now.Sub(was.at)))
}

func (x *embedded) Memory(_ context.Context, server Server) int64 {
	if server.Process == nil || server.Process.PID == 0 {
		return 0
	}
	return processMemory(server.Process.PID)
}

func (x *embedded) Where() string { return "" }

func (x *embedded) Inside() []string { return nil }

func (x *embedded) Exec(context.Context, server.Command) (int, error) {
	return 0, remedy.New("embedded.exec", remedy.ExitFailed, "the embedded server is reached by programs of this machine")
}

// Examine says what the server may reach, and how much room it has.
func (x *embedded) Examine(ctx context.Context) Examination {
	var out Examination
	server, err := x.Look(ctx)
	if err != nil {
		return out // whoever looks is told
	}
	for _, w := range server.Warnings {
		out.add("engine.version", remedy.Warning, "Another PostgreSQL than in production", []string{w},
			remedy.Naap("dev up", Second(x.set, nameDocker)...).Note("a database of its own beside this one"), remedy.Words("npm --version    (16 is fetched with npm where it is there)"))
	}
	if server.State != Running {
		return out
	}
	if free, ok := DiskFree(x.data()); ok {
		out.Space = []Space{{free, x.data()}}
	}
	if !server.RunsAsYou {
		out.fine("server.confined", "The server is confined: it reaches its data and the system's files only")
		return out
	}
	out.add("server.confined", remedy.Notable, "The server is not confined: who logs in as a superuser runs programs as you", []string{x.whyUnconfined()},
		remedy.Naap("dev down").And(remedy.Again("dev up")).Note("where an older naap started it"), remedy.Naap("dev password", "--random"))
	return out
}

func (x *embedded) whyUnconfined() string {
	switch {
	case !x.set.Embedded.Confined:
		return "embedded.confined is false by " + x.set.Origin("embedded.confined").String()
	case embedpg.CanConfine():
		return "it was started by an older naap, or with other settings"
	}
	return "that takes Linux 6.2 or later, with Landlock"
}

func (x *embedded) Close() error { return nil }
