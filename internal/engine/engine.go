// Package engine is where an instance's server runs: in a container, as a private process, or elsewhere, where naap attaches
// to it. The verbs, the screens and the doctor know one interface; which engine it is, is known in its own files only.
package engine

import (
	"context"
	"io"
	"net"
	"strconv"
	"time"

	"github.com/livepeer/naap-dev/dockerctl"
	"github.com/livepeer/naap-dev/internal/embedpg"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// Engine is the place of one instance's server. What an engine does not do at all stands in its Kind's Lacks; the method
// then fails with that reason.
type Engine interface {
	Kind() *Kind
	// Plan says what Ensure would do, a line for each act.
	Plan(ctx context.Context) (string, error)
	// Ensure makes the server run and answer.
	Ensure(ctx context.Context, probe Probe, report progress.Report) (Endpoint, error)
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
	Logs(ctx context.Context, w io.Writer, opt LogOptions) error
	// Events tells what happens to the server, until ctx ends or emit returns false.
	Events(ctx context.Context, emit func(Event) bool) error
	// Stats measures the server; nil where there is none. The processor's share is known from the second call on.
	Stats(ctx context.Context) (*Stats, error)
	// Memory is what a server that Look saw has in use, in bytes; 0 where that is unknown.
	Memory(ctx context.Context, server Server) int64
	// Inside is the command, for people, that runs a program beside the server: docker exec -it NAME. It is nil where the
	// server is reached by programs of this machine; see Kind.Inside.
	Inside() []string
	// Exec runs a program of PostgreSQL's beside the server, and returns its exit status.
	Exec(ctx context.Context, c Command) (int, error)
	// Examine is the doctor's look at what is the engine's own.
	Examine(ctx context.Context) Examination
	Close() error
}

// Probe asks whether SQL answers at an endpoint, from the server that is meant. An error that holds a *remedy.Error is
// final; any other means not yet.
type Probe func(ctx context.Context, at Endpoint) error

// CodeForeign is the code of a Probe's error for a server that is not the one that was meant.
const CodeForeign = "server.foreign"

// Endpoint is where a server answers, and how it came to be there.
type Endpoint struct {
	Host      string
	Port      int
	Identity  string // its cluster_name; "" for a server that naap did not make
	SystemID  string // its database system identifier, for one without an identity; "" where unknown
	Created   bool   // it was made just now: it is empty
	Started   bool   // it was started just now
	RunsAsYou bool   // whoever is a superuser in it runs programs as the person
	Version   string
	Warnings  []string // for the user, a line each
}

// Address is host:port.
func (e Endpoint) Address() string { return net.JoinHostPort(e.Host, strconv.Itoa(e.Port)) }

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

// LogOptions choose what of a server's log is read.
type LogOptions struct {
	Follow bool
	Tail   int // the last so many lines; all where negative
}

// Stats is a container or process at one moment.
type Stats struct {
	Name        string // "naap-db"
	Image       string // "postgres:16", or "PostgreSQL 16.4"
	Status      string // "running", "paused", "exited"
	Health      string // "starting", "healthy", "unhealthy", or "" where nobody checks
	Started     time.Time
	Restarts    int
	Process     bool    // a process of this machine, and no container
	CPU         float64 // share of one core: 1 is a whole one; −1 where unknown
	Memory      int64   // bytes
	MemoryLimit int64   // bytes; 0 for none
	HostFree    int64   // bytes free where the data is; −1 where unknown
}

// Event is something that happened to a container or process.
type Event struct {
	At   time.Time
	Kind string // "start", "die", "pause", "unpause", "health", "oom"
	Text string
	Fix  remedy.Advice // the command that helps, or nil
}

// Command is a program that runs beside the server. Size and Resize are those of its terminal.
type Command struct {
	Args   []string
	Env    []string // NAME=value; a password goes here, never into Args
	Tty    bool     // it has a terminal; then Stdout and Stderr are one, and Stdin's terminal is raw
	Stdin  io.Reader
	Stdout io.Writer // nil to drop
	Stderr io.Writer // nil to drop
	Size   Size
	Resize <-chan Size
}

// Size is the size of a terminal, in cells.
type Size = dockerctl.Size

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

// Major is the version of PostgreSQL that the platform runs.
const Major = embedpg.Major

// noLog is the error of an instance whose server was never started, or is gone.
func noLog(instance, why string) error {
	return remedy.New("logs.none", remedy.ExitNoServer, "instance %q has no server that logs", instance).
		WithSeen(why).WithHelp(remedy.Again("dev up"))
}
