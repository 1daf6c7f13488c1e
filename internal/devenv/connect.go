package devenv

import (
	"context"
	"fmt"
	"strings"

	"github.com/livepeer/naap-dev/internal/dburl"
	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/password"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/server"
	"github.com/livepeer/naap-dev/internal/visible"
)

// Connect opens the instance's database where its server runs; it does not start anything. The pool is opened once and
// kept until Close.
func (e *Env) Connect(ctx context.Context) (*postgres.DB, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.db != nil {
		return e.db, nil
	}
	if db, url := e.openRecorded(ctx); db != nil {
		e.db, e.reached = db, url
		return db, nil
	}
	url, err := e.serverURL(ctx)
	if err != nil {
		return nil, err
	}
	db, err := e.openDB(ctx, url)
	if err != nil {
		return nil, err
	}
	e.db, e.reached = db, url
	return db, nil
}

// openRecorded opens the database where the last start left it, if the server there is still ours; else db is nil. The
// pool's first connection does the asking: a second one would cost both sides the hashing of the password again.
func (e *Env) openRecorded(ctx context.Context) (db *postgres.DB, url string) {
	at, ok := readRecord(e.StateDir()).endpoint()
	if e.IsExternal() || !ok {
		return nil, ""
	}
	return e.openAt(ctx, at)
}

// openAt does what openRecorded does, for a given place.
func (e *Env) openAt(ctx context.Context, at server.Endpoint) (db *postgres.DB, url string) {
	db, url, err := e.openOurs(ctx, at)
	if err != nil {
		return nil, ""
	}
	return db, url
}

// openOurs opens a pool at a place where our server must answer.
func (e *Env) openOurs(ctx context.Context, at server.Endpoint) (db *postgres.DB, url string, err error) {
	url = e.dialURL(at.Host, at.Port)
	if db, err = postgres.Open(ctx, url, e.dbOptions()); err != nil {
		return nil, "", err
	}
	if err = db.WithConn(ctx, func(c *postgres.Conn) error { return e.isOurs(ctx, c, at) }); err == nil {
		return db, url, nil
	}
	db.Close()
	if password.Other(e.ws, err) {
		return e.openOurs(ctx, at)
	}
	return nil, "", err
}

// greet is a probe that keeps its connection, as the first one of the pool that the verb goes on with: another would
// cost 10 ms, and a new session has to read the catalogue again.
func (e *Env) greet(ctx context.Context, at server.Endpoint) error {
	if at.ContainerID != "" { // it is asked a hundred times a second while it boots
		if err := at.Speaks(ctx); err != nil {
			return err
		}
	}
	db, url, err := e.openOurs(ctx, at)
	if err != nil {
		return e.diagnose(at, err)
	}
	e.dropPool()
	e.mu.Lock()
	e.db, e.reached, e.pooled = db, url, false
	e.mu.Unlock()
	return nil
}

// dbOptions returns the options of the pool: eight connections to work with, and one that holds the database's lock.
func (e *Env) dbOptions() postgres.Options {
	return postgres.Options{MaxConns: 9, CancelWait: e.cancelWait, Quiet: e.quiet, Pooled: e.pooled,
		Password: func(ctx context.Context) string { return password.Now(ctx, e.ws) },
	}
}

// openDB opens a pool and makes sure that the server answers.
func (e *Env) openDB(ctx context.Context, url string) (*postgres.DB, error) {
	pooled, said := postgres.PooledByURL(url)
	e.pooled = pooled
	db, err := postgres.Open(ctx, url, e.dbOptions())
	if err != nil {
		return nil, e.cannotConnect(err, url)
	}
	err = db.WithConn(ctx, func(c *postgres.Conn) (err error) {
		pooled, err = postgres.IsPooled(ctx, c)
		return err
	})
	switch {
	case err != nil:
		db.Close()
		return nil, e.cannotConnect(err, url)
	case !pooled || said:
		return db, nil
	}
	db.Close()
	e.pooled = true
	return postgres.Open(ctx, url, e.dbOptions())
}

// direct refuses a verb that needs a session of the server's own where the URL leads to a transaction pooler: it would
// lose its locks, settings and temporary tables between two transactions, and leave them to others.
func (e *Env) direct(ctx context.Context, db *postgres.DB) error {
	if !e.pooled {
		return nil
	}
	t, err := dburl.ParseTarget(e.ws.Settings.DatabaseURL)
	if err != nil {
		return err
	}
	r := remedy.New("database.pooler", remedy.ExitRefused, "%s is a transaction pooler, such as PgBouncer, and this needs a session with the server itself", t.Endpoint())
	behind, err := postgres.Behind(ctx, db)
	if err != nil {
		return r.WithFix("the same command with the server's own URL, which Prisma calls directUrl: --database-url")
	}
	r.WithSeen("the server behind it listens on " + visible.String(behind))
	return r.WithFix("the same command with the server's own URL, which Prisma calls directUrl:",
		"--database-url "+remedy.ShellWord(strings.Replace(t.Masked(), t.Endpoint(), behind+"/"+t.Database, 1)),
		"where it pools sessions rather than transactions: ?pgbouncer=false at the end of the URL")
}

// connectDirect is like Connect, for verbs that change the database.
func (e *Env) connectDirect(ctx context.Context) (*postgres.DB, error) {
	db, err := e.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return db, e.direct(ctx, db)
}

// cannotConnect explains why a connection cannot be made, according to whose server it is.
func (e *Env) cannotConnect(err error, url string) error {
	err = postgres.Diagnose(err, url)
	if e.IsExternal() {
		return engine.Foreign(err)
	}
	return password.Refused(e.ws, err)
}

// findURL returns where the instance's server answers, for the user and other programs.
func (e *Env) findURL(ctx context.Context) (string, error) {
	url, err := e.findServer(ctx)
	if err == nil && !e.IsExternal() {
		url, _, _ = strings.Cut(url, "?") // how naap connects, which others do not need
	}
	return url, err
}

// findServer returns where the instance's server answers, for naap's own connections: the external URL, or what its
// engine says. The record of the last start is tried first, since asking the engine costs more than asking the server
// whether it is ours.
func (e *Env) findServer(ctx context.Context) (string, error) {
	url, err := e.serverURL(ctx)
	if err == nil {
		e.reachedAt(url)
	}
	return url, err
}

// serverURL is like findServer, but does not remember the result.
func (e *Env) serverURL(ctx context.Context) (string, error) {
	if url := e.ws.Settings.DatabaseURL; url != "" {
		return url, e.MayConnect()
	}
	if at, ok := readRecord(e.StateDir()).endpoint(); ok && e.probe(ctx, at) == nil {
		return e.dialURL(at.Host, at.Port), nil
	}
	eng, _, err := e.Engine(ctx)
	if err != nil {
		return "", err
	}
	defer eng.Close()
	state, err := eng.Look(ctx)
	if err != nil {
		return "", err
	}
	if state.State != engine.Running {
		return "", e.notRunning(eng.Kind().Name, state)
	}
	return e.dialURL(state.Host, state.Port), nil
}

func (e *Env) notRunning(name string, state engine.Server) error {
	err := remedy.New("server.stopped", remedy.ExitNoServer, "the database of instance %q is not running", e.ws.Settings.Instance)
	if state.State == engine.Unhealthy || state.State == engine.Starting {
		err = remedy.New("server.unhealthy", remedy.ExitNoServer, "the database of instance %q does not answer", e.ws.Settings.Instance)
	}
	what := string(state.State)
	if state.Detail != "" {
		what += ": " + state.Detail
	}
	return err.WithSeen(fmt.Sprintf("engine %s: %s", name, what)).WithHelp(remedy.Again("dev up"))
}
