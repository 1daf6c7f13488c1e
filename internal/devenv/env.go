// Package devenv implements the verbs: up, down, status, push, seed, reset, undo, snapshot and the rest, and the order
// of their steps. A verb reports progress.Steps and returns plain values; it does not know who shows them.
package devenv

import (
	"context"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/seedfile"
	"github.com/livepeer/naap-dev/internal/trust"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// Options holds what an Env needs beside its workspace.
type Options struct {
	Wait    bool          // wait for another naap's lock instead of failing with ExitBusy
	Target  remedy.Target // what is added to the commands that it prints for the user
	Version string        // naap's own, which is recorded in the database
	Given   trust.Given   // what the command line allows, beside the environment
}

// Env is one instance of one workspace. The verbs are its methods.
type Env struct {
	ws  *workspace.Workspace
	opt Options

	// cancelWait is how long a server may take to end a cancelled query before its connection is given up; zero means the
	// driver's default.
	cancelWait time.Duration
	quiet      bool // look-ups that are given up leave no line in the server's log

	*pool
	meaning *desiredCache
	clients *clientCache
	pinned  *[]*seedfile.File // the seed files of the plan being carried out; nil to read them when they are needed
}

// pool is the instance's database, opened once by Connect. Environments that differ only in the state of the
// workspace's files share it.
type pool struct {
	mu      sync.Mutex
	began   time.Time // since when the server is known to be there
	db      *postgres.DB
	reached string // the URL at which the server has answered, or ""
	pooled  bool   // whether the URL leads to a transaction pooler
	unguard func() // ends the Guard, or nil
	// forgotten is set where another engine takes the instance over of which nothing is left in the one that had it.
	forgotten atomic.Bool
	known     atomic.Bool // the user named the server, or allowed it, or it is on this machine
	ran       atomic.Bool // a command of the workspace was begun, and may have written

	readMu sync.Mutex
	read   *postgres.DB // the reader's connections, opened once, by connectReader
	noRead error        // why there was no reader at the last attempt; nil where there is one
}

// New returns an environment; it does not look at anything yet.
func New(ws *workspace.Workspace, opt Options) *Env {
	return &Env{ws: ws, opt: opt, pool: &pool{began: time.Now()}, meaning: &desiredCache{}, clients: &clientCache{}}
}

// Workspace returns the workspace that was found from the working directory upward.
func (e *Env) Workspace() *workspace.Workspace { return e.ws }

// Target returns what is added to the commands that are printed for the user.
func (e *Env) Target() remedy.Target { return e.opt.Target }

// Hurry makes a server that no longer answers show soon, for a user who looks at it all the time.
func (e *Env) Hurry() { e.cancelWait, e.quiet = 300*time.Millisecond, true }

// Close closes the connections.
func (e *Env) Close() {
	e.Unguard()
	e.dropPool()
}

// dropPool closes the connections; the next Connect opens others.
func (e *Env) dropPool() {
	e.dropReader()
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.db != nil {
		e.db.Close()
		e.db = nil
	}
}

// renewPool drops the connections that are idle, and every other one as soon as it is given back: something may have
// ended their sessions.
func (e *Env) renewPool() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.db != nil {
		e.db.Reset()
	}
}

// Again returns the environment with the workspace's files as they are now: the Prisma file, the init script, the
// settings and the rest. The connections are shared; files that name another server or database are an error.
func (e *Env) Again(ctx context.Context) (*Env, error) {
	ws, err := e.ws.Again(ctx)
	if err != nil {
		return nil, err
	}
	if !ws.SameTarget(e.ws) {
		return nil, remedy.New("workspace.target", remedy.ExitFailed, "the settings name another database than the one that is open").
			WithSeen("changed since: the instance, the engine, the port, the user, the database or its URL").
			WithFix("leave, and start naap again")
	}
	now := *e
	now.ws = ws
	return &now, nil
}

// StateDir returns the instance's folder for the lock, the record, the SQL history and crash files.
func (e *Env) StateDir() string { return e.ws.Folders.Instance(e.ws.Settings.Instance) }

// reachedURL returns where the server has answered this Env, or "".
func (e *Env) reachedURL() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.reached
}

func (e *Env) reachedAt(url string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.reached = url
}

// Unguard ends a Guard: what follows finds out by itself whether the server answers.
func (e *Env) Unguard() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.unguard != nil {
		e.unguard()
		e.unguard = nil
	}
}

// dropReader closes the reader's connections; the next connectReader opens others.
func (e *Env) dropReader() {
	e.readMu.Lock()
	defer e.readMu.Unlock()
	if e.read != nil {
		e.read.Close()
		e.read = nil
	}
}

// environ returns the process's environment; it is a variable so that the choice of an engine can be tested.
var environ = postgres.Environ

// getenv returns a variable of the environment that the process was started with.
func getenv(key string) string {
	for _, kv := range environ() {
		if name, value, ok := strings.Cut(kv, "="); ok && name == key {
			return value
		}
	}
	return ""
}

// IsExternal reports whether the settings name a server that naap did not start.
func (e *Env) IsExternal() bool { return e.ws.Settings.IsExternal() }

// named returns the words that name this instance in a command for another folder, whose settings may name another one.
func (e *Env) named() []string {
	if name := e.ws.Settings.Instance; name != workspace.DefaultInstance {
		return []string{"--name", name}
	}
	return nil
}
