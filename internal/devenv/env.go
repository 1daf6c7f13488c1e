// Package devenv implements the verbs: up, down, status, push, seed, reset, undo, snapshot and the rest, and the order
// of their steps. A verb reports progress.Steps and returns plain values; it does not know who shows them.
package devenv

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/program"
	"github.com/livepeer/naap-dev/internal/progress"
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
	pinned  *[]*seedfile.File // the seed files of the plan being carried out; nil to read them when they are needed
}

// pool is the instance's database, opened once by Connect. Environments that differ only in the state of the
// workspace's files share it.
type pool struct {
	began time.Time

	mu      sync.Mutex
	db      *postgres.DB
	reached string      // the URL at which the server has answered, or ""
	pooled  bool        // whether the URL leads to a transaction pooler
	unguard func()      // ends the Guard, or nil
	known   atomic.Bool // the user named the server, or allowed it, or it is on this machine

	readMu sync.Mutex
	read   *postgres.DB // the reader's connections, opened once, by connectReader
	noRead error        // why there was no reader at the last attempt; nil where there is one
}

// New returns an environment; it does not look at anything yet.
func New(ws *workspace.Workspace, opt Options) *Env {
	return &Env{ws: ws, opt: opt, pool: &pool{began: time.Now()}, meaning: &desiredCache{}}
}

// Workspace returns the workspace that was found from the working directory upward.
func (e *Env) Workspace() *workspace.Workspace { return e.ws }

// Programs returns a finder for the programs that the verbs start, which finds none in the workspace.
func (e *Env) Programs() program.Finder {
	f := program.Here(e.ws.Dir, e.ws.Root)
	f.Path, f.Environ = getenv("PATH"), environ()
	return f
}

// Settings returns the values in force and where each comes from.
func (e *Env) Settings() *workspace.Settings { return &e.ws.Settings }

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

// stateDir returns the instance's folder for the lock, the record, logs and crash files.
func (e *Env) stateDir() string { return e.StateDir() }

// StateDir returns the instance's folder for the lock, the record, the SQL history and crash files.
func (e *Env) StateDir() string { return e.ws.Folders.Instance(e.ws.Settings.Instance) }

// lockInstance takes the lock of this home's instance, for starting and stopping its engine. A server that naap did not
// start has no such lock.
func (e *Env) lockInstance(ctx context.Context, verb string, wait bool) (release func(), err error) {
	if e.IsExternal() {
		return func() {}, nil
	}
	return lock(ctx, e.stateDir(), verb, wait || e.opt.Wait)
}

// lock is like lockInstance, and waits for another naap where the options say so.
func (e *Env) lock(ctx context.Context, verb string) (release func(), err error) {
	return e.lockInstance(ctx, verb, false)
}

// lockAndConnect is like begin, for a verb without choices.
func (e *Env) lockAndConnect(ctx context.Context, verb string) (db *postgres.DB, release func(), err error) {
	return e.begin(ctx, writing{verb: verb}, progress.Discard)
}

// begin prepares a verb that changes the database: it takes the locks, opens the database, and makes sure that it is
// this workspace's.
func (e *Env) begin(ctx context.Context, w writing, report progress.Report) (db *postgres.DB, release func(), err error) {
	leave, err := e.lockInstance(ctx, w.verb, w.wait)
	if err != nil {
		return nil, nil, err
	}
	db, unlock, err := e.open(ctx, w, report)
	if err != nil {
		leave()
		return nil, nil, err
	}
	return db, func() { unlock(); leave() }, nil
}

// open is the part of begin that runs under the instance's lock.
func (e *Env) open(ctx context.Context, w writing, report progress.Report) (db *postgres.DB, unlock func(), err error) {
	if db, err = e.connectDirect(ctx); err != nil {
		return nil, nil, err
	}
	if unlock, err = e.lockTarget(ctx, db, w.verb, w.wait || e.opt.Wait); err != nil {
		return nil, nil, err
	}
	if _, err := e.own(ctx, db, readRecord(e.stateDir()), w, report); err != nil {
		unlock()
		return nil, nil, err
	}
	return db, unlock, nil
}

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
