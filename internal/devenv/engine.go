package devenv

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"

	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
)

// The engines' names, as --engine takes them and status shows them.
const (
	EngineAuto     = "auto"
	EngineDocker   = "docker"
	EngineEmbedded = "embedded"
	EngineExternal = "external" // --database-url: a server that naap did not start
)

// Endpoint is where a server answers, and how it came to be there.
type Endpoint struct {
	Host     string
	Port     int
	Identity string // its cluster_name; "" for a server that naap did not make
	SystemID string // its database system identifier, for one without an identity; "" where unknown
	Created  bool   // it was made just now: it is empty
	Started  bool   // it was started just now
	Confined bool   // an embedded one: it reaches nothing of the person's
	Version  string
	Warnings []string // what a person should know of it, a line each
}

// Address is host:port.
func (e Endpoint) Address() string { return net.JoinHostPort(e.Host, strconv.Itoa(e.Port)) }

// Probe asks whether SQL answers at an endpoint, from the server that is meant. An error that holds a *remedy.Error is
// final; any other means not yet.
type Probe func(ctx context.Context, at Endpoint) error

// Engine is a place where the instance's server can run: what the verbs need of dockerctl and embedpg.
type Engine interface {
	Name() string
	// Plan says what Ensure would do, a line for each act.
	Plan(ctx context.Context) (string, error)
	// Ensure makes the server run and answer.
	Ensure(ctx context.Context, probe Probe, report progress.Report) (Endpoint, error)
	// Look tells how the server is doing without touching it.
	Look(ctx context.Context) (EngineState, error)
	// Stop stops the server and keeps its data. Stopping a stopped one is no error; stopped tells whether it ran.
	Stop(ctx context.Context, report progress.Report) (stopped bool, err error)
	// DataName is where the settings have the data: the volume's name or the data folder.
	DataName() string
	// Deletable is what --delete-data deletes and asks the name of: where the data really is. Its error says why it
	// cannot be deleted.
	Deletable(ctx context.Context) (string, error)
	// DeleteData deletes what Deletable named; deleted is false if there was nothing.
	DeleteData(ctx context.Context, name string, report progress.Report) (deleted bool, err error)
	// Logs writes the server's own log to w. Whoever shows it makes it safe.
	Logs(ctx context.Context, w io.Writer, opt LogOptions) error
	Close() error
}

// LogOptions choose what of a server's log is read.
type LogOptions struct {
	Follow bool
	Tail   int // the last so many lines; all where negative
}

// EngineState is how a server is doing, as its engine sees it.
type EngineState struct {
	State     State
	Detail    string // for people: "exited (137) 3 minutes ago"
	Host      string
	Port      int
	Identity  string
	Started   time.Time // the container's last start; zero where unknown
	Container *StatusContainer
	Process   *StatusProcess
	Confined  bool // an embedded server: it reaches nothing of the person's
	Warnings  []string
}

// probe asks the server at an endpoint whether it answers, and whether it is ours: over TCP the port may lead to
// another server, and the first boot's temporary server is reached through its socket only.
func (e *Env) probe(ctx context.Context, at Endpoint) error {
	opt := postgres.Options{Application: "naap probe"}
	conn, err := postgres.Connect(ctx, e.dialURL(at.Host, at.Port), opt)
	if e.otherPassword(err) {
		conn, err = postgres.Connect(ctx, e.dialURL(at.Host, at.Port), opt)
	}
	if err != nil {
		return e.diagnose(ctx, at, err)
	}
	defer postgres.Close(conn)
	return e.isOurs(ctx, conn, at)
}

// codeForeign is the code of the error for a server that is not the one that was meant.
const codeForeign = "server.foreign"

func (e *Env) isOurs(ctx context.Context, conn *postgres.Conn, at Endpoint) error {
	name, err := postgres.Identity(ctx, conn)
	if err != nil {
		return err
	}
	if at.Identity != "" && name != at.Identity {
		return e.anotherServer(at, name)
	}
	if at.Identity != "" || at.SystemID == "" {
		return nil
	}
	id, err := postgres.SystemID(ctx, conn)
	if err != nil || id == at.SystemID {
		return nil // only a superuser may ask; then the port is all there is
	}
	return e.anotherServer(at, name)
}

// diagnose turns what no waiting will mend into a remedy: a wrong password, a missing database.
func (e *Env) diagnose(_ context.Context, at Endpoint, err error) error {
	server, ok := postgres.AsServerError(err)
	if !ok {
		return err
	}
	switch server.Code {
	case "28P01", "28000", "3D000": // invalid password, authorization, no such database
		return postgres.Diagnose(err, e.dialURL(at.Host, at.Port))
	}
	return err
}

func (e *Env) anotherServer(at Endpoint, name string) error {
	seen := "the server there has no identity (cluster_name is empty)"
	if name != "" {
		seen = fmt.Sprintf("the server there calls itself %q", name)
	}
	return remedy.New(codeForeign, remedy.ExitNoServer, "another PostgreSQL answers on %s", at.Address()).
		WithSeen("expected "+cmp.Or(at.Identity, "system identifier "+at.SystemID), seen).
		WithHelp(remedy.Words("stop that server, or take another port:"), remedy.Again("dev up", "--port", strconv.Itoa(at.Port+1)))
}

// urlAt is the connection URL of the instance's database at a host and port.
func (e *Env) urlAt(host string, port int) string { return e.ws.Settings.URL(host, port) }

// dialURL is urlAt for naap's own connections: on this machine's loopback TLS is the second choice, not the first. A
// server that has none, as ours, would be connected to twice, and start a process each time.
//
// A server that knows a password of naap's own has to prove that it does, by SCRAM: whoever listens on its port while it is
// down is neither told the password nor believed.
//
// libpq's variables in the person's shell, such as PGSERVICE and PGOPTIONS, are about other servers: see dburl.AsOwn.
func (e *Env) dialURL(host string, port int) string {
	url := e.urlAt(host, port) + "?sslmode=allow"
	if e.ws.Settings.PasswordIs.Kept {
		url += "&require_auth=scram-sha-256"
	}
	return dburl.AsOwn(url)
}
