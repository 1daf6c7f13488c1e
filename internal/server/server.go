// Package server has the words in which the engines, and those who ask them, speak of a running PostgreSQL: where it answers,
// what it uses, what happens to it, what is read of its log, and what runs beside it.
package server

import (
	"context"
	"io"
	"net"
	"strconv"
	"time"

	"github.com/livepeer/naap-dev/internal/remedy"
)

// Endpoint is where a server answers, what proves that it is the right one, and how it came to be there.
type Endpoint struct {
	Host        string
	Port        int
	Identity    string   // its cluster_name; "" for a server that naap did not make
	SystemID    string   // its database system identifier in decimal, for one without an identity; "" where unknown
	ContainerID string   // "" where it runs in none
	Adopted     string   // what was found and kept: "made by docker compose (project shop)"; "" for naap's own
	Created     bool     // it was made just now: it is empty
	Started     bool     // its process was started just now
	RunsAsYou   bool     // whoever is a superuser in it runs programs as the user
	Version     string   // of its programs, as they write it: "16.14"; "" where unknown
	Warnings    []string // for the user, a line each
}

// Address is host and port as net.Dial takes them.
func (e Endpoint) Address() string { return net.JoinHostPort(e.Host, strconv.Itoa(e.Port)) }

// Probe asks once whether SQL answers at an endpoint, over TCP, from the server that is meant. It is called many times a
// second and must heed ctx. An error that holds a *remedy.Error is final; any other means not yet.
type Probe func(ctx context.Context, at Endpoint) error

// CodeForeign is the code of a Probe's error for a server that is not the one that was meant.
const CodeForeign = "server.foreign"

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
	CPU         float64 // share of one core since the measurement before: 1 is a whole one; −1 where unknown
	Memory      int64   // bytes in use, without what the kernel would give back
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
type Size struct{ Width, Height uint }

// Wait waits for a time, or until ctx ends, which is its error then.
func Wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
