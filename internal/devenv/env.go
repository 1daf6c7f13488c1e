// Package devenv is the verbs: up, down, status, push, seed, reset, undo, snapshot and the rest, and the order of their
// steps. A verb reports progress.Steps and returns plain values; it cannot tell who draws them.
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

// Options are what an Env needs beside its workspace.
type Options struct {
	Wait    bool          // wait for another naap's lock instead of failing with ExitBusy
	Target  remedy.Target // what the commands that it tells people to run have to say beside their words
	Version string        // naap's own, which is noted in the database
	Given   trust.Given   // what the command line allows, beside what the environment does
}

// Env is one instance of one workspace: the receiver of every verb.
type Env struct {
	ws  *workspace.Workspace
	opt Options

	// cancelWait is how long a server may take to end a query that was cancelled before its connection is given up;
	// the driver's own where zero.
	cancelWait time.Duration
	quiet      bool // look-ups that are given up leave no line in the server's log

	*pool
	meaning *desiredCache
	pinned  *[]*seedfile.File // the seed files of a plan that is being carried out; nil to read them when they are asked for
}

// pool is the instance's database, opened once, by Connect. Environments that differ in the state of the workspace's
// files only have it in common.
type pool struct {
	began time.Time

	mu      sync.Mutex
	db      *postgres.DB
	reached string      // the URL at which the server has answered; "" before that
	pooled  bool        // the URL leads to a pooler of transactions
	unguard func()      // ends the Guard, or nil
	known   atomic.Bool // the server was named by the person, is this machine's, or was allowed

	readMu sync.Mutex
	read   *postgres.DB // the reader's connections, opened once, by connectReader
	noRead error        // why there can be no reader, as it was found last; nil where there is one
}

// New makes the environment; it looks at nothing yet.
func New(ws *workspace.Workspace, opt Options) *Env {
	return &Env{ws: ws, opt: opt, pool: &pool{began: time.Now()}, meaning: &desiredCache{}}
}

// Workspace is what was found from the working directory upward.
func (e *Env) Workspace() *workspace.Workspace { return e.ws }

// Programs finds the programs that the verbs start: none of them in the workspace.
func (e *Env) Programs() program.Finder {
	f := program.Here(e.ws.Dir, e.ws.Root)
	f.Path, f.Environ = getenv("PATH"), environ()
	return f
}

// Settings are the values in force and where each comes from.
func (e *Env) Settings() *workspace.Settings { return &e.ws.Settings }

// Close gives back the connections.
func (e *Env) Close() {
	e.Unguard()
	e.dropPool()
}

// dropPool gives back the connections; the next Connect opens others.
func (e *Env) dropPool() {
	e.dropReader()
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.db != nil {
		e.db.Close()
		e.db = nil
	}
}

// Again is the environment with the workspace's files as they are now: the Prisma schema, the init script, the settings
// and the rest. The connections are the same; files that mean another server or database are an error.
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

// stateDir is the instance's folder for the lock, the record, logs and crash files.
func (e *Env) stateDir() string { return e.StateDir() }

// StateDir is the instance's folder for the lock, the record, the SQL history and crash files.
func (e *Env) StateDir() string { return e.ws.Folders.Instance(e.ws.Settings.Instance) }

// lockInstance takes the instance's lock, which is this home's: for starting and stopping its engine. A server that naap
// did not start has none.
func (e *Env) lockInstance(ctx context.Context, verb string, wait bool) (release func(), err error) {
	if e.IsExternal() {
		return func() {}, nil
	}
	return lock(ctx, e.stateDir(), verb, wait || e.opt.Wait)
}

// lock is lockInstance, which waits for another naap where the options say so.
func (e *Env) lock(ctx context.Context, verb string) (release func(), err error) {
	return e.lockInstance(ctx, verb, false)
}

// lockAndConnect is begin for a verb without choices.
func (e *Env) lockAndConnect(ctx context.Context, verb string) (db *postgres.DB, release func(), err error) {
	return e.begin(ctx, writing{verb: verb}, progress.Discard)
}

// begin is how a verb that changes the database begins: it takes the locks, opens the database, and makes sure that it
// is this workspace's.
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

// open is begin below the instance's lock.
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

// reachedURL is where the server has answered this Env, or "".
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
