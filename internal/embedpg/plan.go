package embedpg

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/livepeer/naap-dev/internal/loopback"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/say"
	"github.com/livepeer/naap-dev/internal/server"
	"github.com/livepeer/naap-dev/internal/visible"
)

// act is one thing that a plan does.
type act string

const (
	actInit  act = "init"  // make the cluster
	actAwait act = "await" // wait for a server that is shutting down
	actStop  act = "stop"  // stop the server, to start it elsewhere
	actClaim act = "claim" // take over the lock file of a server that is gone
	actStart act = "start" // start the server
	actAdopt act = "adopt" // use the server that runs
)

// serverPlan is what Ensure will do: its acts in order, or the reason for doing nothing.
type serverPlan struct {
	Acts    []act
	Port    int
	Major   int // the version of PostgreSQL that the data needs; 0 where there is no data yet
	PID     int // of the server that runs, or of the stale lock file
	Data    string
	Refusal *remedy.Error // nothing is done then
}

// decide makes the plan for what was seen. It looks at nothing else.
func decide(spec Spec, s State) serverPlan {
	p := serverPlan{Port: s.wantedPort(spec), Major: s.Data.Major, Data: s.Data.Path}
	if s.Data.Damage != "" {
		p.Refusal = damaged(s.Data)
		return p
	}
	if s.Server != nil {
		p.PID = s.Server.PID
		if s.Server.Status != "stopping" && (s.Server.Port == p.Port || s.Server.Port == 0) {
			p.Acts = []act{actAdopt}
			return p
		}
	}
	if s.Port.Taken || s.Port.Denied {
		p.Refusal = portRefused(s.Port, spec)
		return p
	}
	switch {
	case s.Server != nil && s.Server.Status == "stopping":
		p.Acts = append(p.Acts, actAwait)
	case s.Server != nil:
		p.Acts = append(p.Acts, actStop)
	case s.Reused:
		p.PID = s.StalePID
		p.Acts = append(p.Acts, actClaim)
	case !s.Data.Exists:
		p.Acts = append(p.Acts, actInit)
	}
	p.Acts = append(p.Acts, actStart)
	return p
}

// String returns the plan as --dry-run shows it, a line for each act.
func (p serverPlan) String() string {
	if p.Refusal != nil {
		return "refused: " + p.Refusal.Error()
	}
	return say.Join(p.Acts, "\n", p.describe)
}

func (p serverPlan) describe(act act) string {
	data := visible.String(p.Data)
	switch act {
	case actInit:
		return "make a PostgreSQL cluster in " + data
	case actAwait:
		return fmt.Sprintf("wait until the server with pid %d has shut down", p.PID)
	case actStop:
		return fmt.Sprintf("stop the server with pid %d, to move it to port %d", p.PID, p.Port)
	case actClaim:
		return fmt.Sprintf("take over the lock file: pid %d is no PostgreSQL of %s", p.PID, data)
	case actStart:
		return fmt.Sprintf("start PostgreSQL on %s:%d", loopback.Host, p.Port)
	case actAdopt:
		return fmt.Sprintf("use the running server with pid %d on %s:%d", p.PID, loopback.Host, p.Port)
	}
	return string(act)
}

func damaged(d dataState) *remedy.Error {
	return remedy.New("data.damaged", remedy.ExitNoServer, "the data directory is not a whole PostgreSQL cluster").
		WithSeen(visible.String(d.Path)+": "+d.Damage).
		WithFix("restore it from a backup, or move it away for a new one:", fmt.Sprintf("mv %s %s.broken", remedy.ShellWord(d.Path), remedy.ShellWord(d.Path)))
}

func portRefused(port portState, spec Spec) *remedy.Error {
	if port.Denied {
		return spec.Offer(remedy.New("port.denied", remedy.ExitNoServer, "port %d may not be listened on", port.Number), port.Free)
	}
	e := spec.PortTaken(port.Number, port.Free, port.Owner.String())
	if port.Owner.Process == "docker-proxy" {
		// The proxy is Docker's; what is meant is the container behind it.
		return e.WithFix("or stop the container that has it; see which:", fmt.Sprintf("docker ps --filter publish=%d", port.Number))
	}
	return server.StopOwner(e, port.Number, port.Owner)
}

// portState is the state of a port of this machine.
type portState struct {
	Number int
	Taken  bool
	Owner  loopback.Owner // who listens on it; zero if unknown
	Free   int            // a free port near it, for the remedy; 0 if none was looked for
	Denied bool           // it may not be listened on, as a port below 1024
}

// lookAtPort tries to listen on a port, and finds out who has it.
func lookAtPort(number int) portState {
	p := portState{Number: number}
	err := loopback.Listen(number)
	if err == nil && !loopback.Answers(number) {
		return p
	}
	if errors.Is(err, syscall.EACCES) {
		p.Denied = true
	} else {
		p.Taken = true
		if owners := loopback.Owners(number); len(owners) > 0 {
			p.Owner = owners[0]
		}
	}
	p.Free = loopback.Free(number+1, loopback.MayListen)
	return p
}
