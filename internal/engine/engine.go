// Package engine is where an instance's server runs: in a container, as a private process, or elsewhere, where naap attaches
// to it. The verbs, the screens and the doctor know one interface; which engine it is, is known in its own files only.
package engine

import (
	"context"
	"io"
	"time"

	"github.com/livepeer/naap-dev/internal/embedpg"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/server"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// Engine is the place of one instance's server. What an engine does not do at all stands in its Kind's Lacks; the method
// then fails with that reason.
type Engine interface {
	Kind() *Kind
	// Where is which of several engines of its kind this is: the endpoint of a Docker engine; "" where there is only one.
	Where() string
	// Plan says what Ensure would do, a line for each act.
	Plan(ctx context.Context) (string, error)
	// Ensure makes the server run and answer.
	Ensure(ctx context.Context, probe server.Probe, report progress.Report) (server.Endpoint, error)
	// Look looks at the server without touching it.
	Look(ctx context.Context) (Server, error)
	// Stop stops the server and keeps its data. Stopping a stopped one is not an error; stopped reports whether it ran.
	Stop(ctx context.Context, report progress.Report) (stopped bool, err error)
	// Deletable is what DeleteData deletes, and a person is asked to name: where the data really is. Its error says why it
	// cannot be deleted.
	Deletable(ctx context.Context) (string, error)
	// DeleteData deletes what Deletable named; deleted is false if there was nothing.
	DeleteData(ctx context.Context, name string, report progress.Report) (deleted bool, err error)
	// Logs writes the server's own log to w. Whoever shows it makes it safe.
	Logs(ctx context.Context, w io.Writer, opt server.LogOptions) error
	// Events tells what happens to the server, until ctx ends or emit returns false.
	Events(ctx context.Context, emit func(server.Event) bool) error
	// Stats measures the server; nil where there is none. The processor's share is known from the second call on.
	Stats(ctx context.Context) (*server.Stats, error)
	// Memory is what a server that Look saw has in use, in bytes; 0 where that is unknown.
	Memory(ctx context.Context, server Server) int64
	// Inside is the command, for people, that runs a program beside the server: docker exec -it NAME. It is nil where the
	// server is reached by programs of this machine; see Kind.Inside.
	Inside() []string
	// Exec runs a program of PostgreSQL's beside the server, and returns its exit status.
	Exec(ctx context.Context, c server.Command) (int, error)
	// Examine is the doctor's look at what is the engine's own.
	Examine(ctx context.Context) Examination
	Close() error
}

// State is how an instance is doing. It is an answer, not an error.
type State string

const (
	Running   State = "running"
	Starting  State = "starting"
	Stopped   State = "stopped"
	Unhealthy State = "unhealthy"
	Absent    State = "absent"
)

// Server is how a server is doing, as its engine sees it.
type Server struct {
	State     State
	Detail    string // for people: "exited (137) 3 minutes ago"
	Host      string
	Port      int
	Identity  string
	Started   time.Time // the container's last start; zero where unknown
	Paused    bool      // it is there, and gets no processor time
	RunsAsYou bool      // see Endpoint
	Container *Container
	Process   *Process
	Warnings  []string
	// Gone is what became of it, for who had it running before: it was removed, or is paused. It is nil where State says all
	// that is known.
	Gone *remedy.Error
}

// Container is the Docker engine's container. Its JSON is part of what status prints.
type Container struct {
	Name        string `json:"name"`
	ID          string `json:"id"`
	Image       string `json:"image"`
	Status      string `json:"status"`
	MemoryBytes int64  `json:"memory_bytes"`
	Restarts    int    `json:"restarts"`
}

// Process is the embedded engine's server. Its JSON is part of what status prints.
type Process struct {
	PID      int    `json:"pid"`
	Data     string `json:"data"`
	Programs string `json:"programs"`
}

// Examination is what an engine found out for the doctor.
type Examination struct {
	Findings []remedy.Finding
	Space    []Space
}

// Space is the space that is free where a server's data is.
type Space struct {
	Free  int64 // bytes
	Where string
}

func (x *Examination) add(code string, severity remedy.Severity, title string, seen []string, fix ...remedy.Advice) {
	x.Findings = append(x.Findings, remedy.Finding{Code: code, Severity: severity, Title: title, Seen: seen, Fix: fix})
}

func (x *Examination) fine(code, title string, seen ...string) { x.add(code, remedy.Fine, title, seen) }

func wanted(set *workspace.Settings) server.Wanted {
	return server.Wanted{
		Instance: set.Instance, Port: set.Port, PortPinned: set.IsPinned("port"),
		User: set.User, Password: set.Password, Database: set.Database,
	}
}

// Major is the version of PostgreSQL that the platform runs.
const Major = embedpg.Major

// noLog is the error of an instance whose server was never started, or is gone.
func noLog(instance, why string) error {
	return remedy.New("logs.none", remedy.ExitNoServer, "instance %q has no server that logs", instance).
		WithSeen(why).WithHelp(remedy.Again("dev up"))
}
