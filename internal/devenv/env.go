// Package devenv is the verbs: up, down, status, push, seed, reset, undo, snapshot and the rest, and the order of their
// steps. A verb reports progress.Steps and returns plain values; it cannot tell who draws them.
package devenv

import (
	"context"
	"sync"
	"time"

	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/seedfile"
	"github.com/livepeer/naap-dev/internal/workspace"
)

// Options are what an Env needs beside its workspace.
type Options struct {
	Wait   bool          // wait for another naap's lock instead of failing with ExitBusy
	Target remedy.Target // what the commands that it tells people to run have to say beside their words
}

// Env is one instance of one workspace: the receiver of every verb.
type Env struct {
	ws  *workspace.Workspace
	opt Options

	// cancelWait is how long a server may take to end a query that was cancelled before its connection is given up;
	// the driver's own where zero.
	cancelWait time.Duration

	*pool
	meaning *desiredCache
	pinned  *[]*seedfile.File // the seed files of a plan that is being carried out; nil to read them when they are asked for
}

// pool is the instance's database, opened once, by Connect. Environments that differ in the state of the workspace's
// files only have it in common.
type pool struct {
	mu sync.Mutex
	db *postgres.DB
}

// New makes the environment; it looks at nothing yet.
func New(ws *workspace.Workspace, opt Options) *Env {
	return &Env{ws: ws, opt: opt, pool: &pool{}, meaning: &desiredCache{}}
}

// Workspace is what was found from the working directory upward.
func (e *Env) Workspace() *workspace.Workspace { return e.ws }

// Settings are the values in force and where each comes from.
func (e *Env) Settings() *workspace.Settings { return &e.ws.Settings }

// Close gives back the connections.
func (e *Env) Close() {
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

// lockOr is lock, which waits for another naap where wait says so.
func (e *Env) lockOr(ctx context.Context, verb string, wait bool) (release func(), err error) {
	return lock(ctx, e.stateDir(), verb, wait || e.opt.Wait)
}

// lock takes the instance's lock for a verb that changes something.
func (e *Env) lock(ctx context.Context, verb string) (release func(), err error) {
	return lock(ctx, e.stateDir(), verb, e.opt.Wait)
}

// lockAndConnect takes the instance's lock for a verb that changes the database, and opens the database.
func (e *Env) lockAndConnect(ctx context.Context, verb string) (db *postgres.DB, release func(), err error) {
	release, err = e.lock(ctx, verb)
	if err != nil {
		return nil, nil, err
	}
	if db, err = e.Connect(ctx); err != nil {
		release()
		return nil, nil, err
	}
	return db, release, nil
}
