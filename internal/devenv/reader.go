package devenv

import (
	"context"
	"errors"
	"fmt"

	"github.com/livepeer/naap-dev/internal/password"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/server"
	"github.com/livepeer/naap-dev/internal/visible"
)

// What may only read (the console until it is unlocked, naap dev sql without --write, the pages of rows, exports) logs
// in with a role of naap's own on a server that naap made; see postgres.Reader. `up` creates the role, and so does the
// first to need it if it is missing or not as it should be. On another server the given role reads, in READ ONLY
// transactions.

// reader returns the role of this home's instance.
func (e *Env) reader() (postgres.Reader, error) {
	return password.Reader(e.StateDir(), e.ws.Settings.User)
}

// asReader calls open with the URL of the reader until it opens a connection that check accepts: first where naap last
// saw the server and then, with the role recreated, where it is now. If the server's role may not create roles,
// errNoReader says so.
func (e *Env) asReader(ctx context.Context, open func(url string, check func(*postgres.Conn) error) error) error {
	r, err := e.reader()
	if err != nil {
		return &noReaderError{err}
	}
	try := func(url string, at server.Endpoint) error {
		if url, err = r.URL(url); err != nil {
			return err
		}
		return open(url, func(c *postgres.Conn) error { return e.checkReader(ctx, r, c, at) })
	}
	if at, ok := readRecord(e.StateDir()).endpoint(); ok {
		if err := try(e.dialURL(at.Host, at.Port), at); err == nil || ctx.Err() != nil {
			return err
		}
	}
	db, err := e.Connect(ctx)
	if err != nil {
		return err
	}
	if err := r.Make(ctx, db); err != nil {
		if ctx.Err() != nil {
			return err
		}
		return &noReaderError{err}
	}
	err = try(e.reachedURL(), server.Endpoint{})
	if keptOut(err) {
		return &noReaderError{err} // the server's pg_hba.conf lets in only those it names
	}
	return err
}

// keptOut reports whether the server did not let a role log in: its password is another one, or pg_hba.conf does not
// name it.
func keptOut(err error) bool { return postgres.HasCode(err, "28P01") || postgres.HasCode(err, "28000") }

// lacksReader reports whether an up creates the role, because it is missing or not as it should be. db is nil if the
// server does not run: what it lacks is then known only as far as no role was ever made up for it.
func (e *Env) lacksReader(ctx context.Context, db *postgres.DB) bool {
	if e.IsExternal() {
		return false
	}
	r, err := password.KeptReader(e.StateDir(), e.ws.Settings.User)
	if err != nil || db == nil {
		return err != nil
	}
	fits, err := r.Fits(ctx, db)
	return err == nil && !fits
}

// makeReader creates the role. If it cannot, the readers do without it, or say that they cannot.
func (e *Env) makeReader(ctx context.Context, db *postgres.DB) {
	if r, err := e.reader(); err == nil {
		_ = r.Make(ctx, db)
	}
}

// noReaderError says why there cannot be a reader; the given role reads instead.
type noReaderError struct{ err error }

func (n *noReaderError) Error() string {
	return "the role that only reads cannot be made: " + n.err.Error()
}
func (n *noReaderError) Unwrap() error { return n.err }

// checkReader makes sure that a reader's connection is to this instance's server, and that the role there is as it
// should be.
func (e *Env) checkReader(ctx context.Context, r postgres.Reader, c *postgres.Conn, at server.Endpoint) error {
	name, fits, err := r.Check(ctx, c)
	switch {
	case err != nil:
		return err
	case at.Identity != "" && name != at.Identity:
		return e.anotherServer(at, name)
	case !fits:
		return fmt.Errorf("the role %s is not as naap makes it", r.Role)
	}
	return nil
}

// connectReader is like Connect, for what only reads: the pool logs in as the reader.
func (e *Env) connectReader(ctx context.Context) (*postgres.DB, error) {
	if e.IsExternal() {
		return e.Connect(ctx)
	}
	e.readMu.Lock()
	defer e.readMu.Unlock()
	if e.read != nil {
		return e.read, nil
	}
	err := e.asReader(ctx, func(url string, check func(*postgres.Conn) error) error {
		opt := e.dbOptions()
		opt.Reader, opt.Password = true, nil // its own, and not that of the server's role
		db, err := postgres.Open(ctx, url, opt)
		if err != nil {
			return err
		}
		if err := db.WithConn(ctx, check); err != nil {
			db.Close()
			return err
		}
		e.read = db
		return nil
	})
	var none *noReaderError
	if errors.As(err, &none) {
		e.noRead = none
		return e.Connect(ctx)
	}
	if err != nil {
		return nil, err
	}
	e.noRead = nil
	return e.read, nil
}

// unread says that reading has no role of its own on a server of naap's own, and why: its pg_hba.conf names who may log
// in, it is a standby, its disk is full, or the state folder does not keep a password. It would not help to refuse to
// read then. It is "" if the role exists, or has not been needed yet. The console shows it in its frame, and dev sql
// beside its answer.
func (e *Env) unread() string {
	why := e.noReader()
	if why == nil || e.IsExternal() {
		return ""
	}
	return fmt.Sprintf("what only reads logs in as %s here, and is kept from writing but not from what else that role may do: %s",
		visible.String(e.ws.Settings.User), visible.String(why.Error()))
}

// noReader returns why there was no reader at the last attempt.
func (e *Env) noReader() error {
	e.readMu.Lock()
	defer e.readMu.Unlock()
	return e.noRead
}

// Read calls f with the connections for reading. A query that took too long or was cancelled says nothing about the
// server; what else the server refuses is explained.
func (e *Env) Read(ctx context.Context, f func(*postgres.DB) error) error {
	db, err := e.connectReader(ctx)
	if err != nil {
		return err
	}
	err = f(db)
	if keptOut(err) {
		e.dropReader() // the role is gone, or has another password: the next call recreates it
	}
	if ctx.Err() != nil {
		return err
	}
	return db.Diagnose(e.denied(err))
}

// Snapshot looks at the whole database, whose rows the reader counts.
func (e *Env) Snapshot(ctx context.Context, opt postgres.SnapshotOptions) (*postgres.Snapshot, error) {
	db, err := e.Connect(ctx)
	if err != nil {
		return nil, err
	}
	opt.CountIn = e.connectReader
	snap, err := db.Snapshot(ctx, opt)
	return snap, db.Diagnose(err)
}

// session opens a connection for the user's own statements: the reader's, or one that may be unlocked.
func (e *Env) session(ctx context.Context, write bool) (s *postgres.Session, err error) {
	opt := postgres.Options{Application: "naap sql", MayBePooled: e.IsExternal()}
	if !write && !e.IsExternal() {
		opt.Reader = true
		err = e.asReader(ctx, func(url string, check func(*postgres.Conn) error) error {
			if s, err = postgres.OpenSession(ctx, url, opt); err != nil {
				return err
			}
			if err = check(s.Conn()); err != nil {
				closeSession(ctx, s)
			}
			return err
		})
		var none *noReaderError
		if !errors.As(err, &none) {
			return s, err
		}
		opt.Reader = false
	}
	url, err := e.findServer(ctx)
	if err != nil {
		return nil, err
	}
	opt.AsksPowers = !write
	if s, err = postgres.OpenSession(ctx, url, opt); err != nil {
		return nil, e.cannotConnect(err, url)
	}
	return s, nil
}

func closeSession(ctx context.Context, s *postgres.Session) {
	ctx, cancel := postgres.Ending(ctx)
	defer cancel()
	_ = s.Close(ctx)
}

// denied adds what helps where the reader lacks a privilege on something that is neither a table nor a sequence.
func (e *Env) denied(err error) error {
	said, ok := postgres.AsServerError(err)
	if _, has := remedy.Of(err); has || !ok || said.Code != postgres.Forbidden || e.IsExternal() {
		return err
	}
	return remedy.New("reader.denied", remedy.ExitFailed, "%s", said.Message).
		WithSeen("what only reads logs in with a role that may read all tables, and do no more").
		WithHelp(remedy.Words("the SQL console, unlocked, runs it as "+e.ws.Settings.User), remedy.Naap("dev psql")).Behind(err)
}
