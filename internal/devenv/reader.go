package devenv

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/livepeer/naap-dev/internal/engine"
	"github.com/livepeer/naap-dev/internal/files"
	"github.com/livepeer/naap-dev/internal/postgres"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/visible"
)

// What is locked (the console, naap dev sql without --write, the pages of rows, exports) reads as a role of naap's own on
// a server that naap made; see postgres.Reader. `up` makes the role, and so does the first who needs it where it is not
// there, or is not what it has to be. On a server of somebody else's the given role reads, in READ ONLY transactions.

// readerPath is where the role's password is kept, which is of no use but to this home: another makes another role.
func readerPath(dir string) string { return filepath.Join(dir, "reader.json") }

// readerSecret is what is kept there.
type readerSecret struct {
	Role     string `json:"role"`
	Password string `json:"password"`
}

// reader is the role of this home's instance. Its password is made up where none is kept that nobody else could have
// read.
func (e *Env) reader() (postgres.Reader, error) {
	path := readerPath(e.stateDir())
	s, err := readSecret(path)
	if err != nil {
		s, err = makeSecret(path)
	}
	return postgres.Reader{Role: s.Role, Password: s.Password, Owner: e.ws.Settings.User}, err
}

// readSecret reads a password that is kept for its owner alone; any other is an error.
func readSecret(path string) (s readerSecret, err error) {
	f, err := files.Open(context.Background(), path)
	if err != nil {
		return s, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return s, err
	}
	if err := files.Guarded(path); err != nil {
		return s, err
	}
	if othersRead(info) {
		return s, errors.New("others can read it")
	}
	text, err := files.ReadFrom(context.Background(), f, path, files.Small)
	if err != nil {
		return s, err
	}
	if err := json.Unmarshal(text, &s); err != nil {
		return s, err
	}
	if s.Role == "" || s.Password == "" {
		return s, errors.New("it names no role")
	}
	return s, nil
}

// makeSecret makes up a role's name and its password. Of two that do so at once both use what one of them has made.
func makeSecret(path string) (s readerSecret, err error) {
	text := rand.Text()
	sum := sha256.Sum256([]byte(text))
	s = readerSecret{Role: postgres.ReaderPrefix + hex.EncodeToString(sum[:4]), Password: text}
	content, err := json.Marshal(s)
	if err != nil {
		return s, err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return s, err
	}
	if err := files.Guarded(path); err != nil {
		return s, err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), "reader-*.json") // for its owner alone
	if err != nil {
		return s, err
	}
	defer os.Remove(tmp.Name())
	_, err = tmp.Write(append(content, '\n'))
	if err := errors.Join(err, tmp.Close()); err != nil {
		return s, err
	}
	if err := os.Link(tmp.Name(), path); err == nil {
		return s, nil
	}
	if other, err := readSecret(path); err == nil {
		return other, nil
	}
	return s, os.Rename(tmp.Name(), path)
}

// asReader calls open with the URL of the reader, until it opens something that Check is content with: where naap last
// saw the server, and then, with the role made anew, where it is. Where the server's role has no right to make roles,
// errNoReader says so.
func (e *Env) asReader(ctx context.Context, open func(url string, check func(*postgres.Conn) error) error) error {
	r, err := e.reader()
	if err != nil {
		return &noReaderError{err}
	}
	try := func(url string, at engine.Endpoint) error {
		if url, err = r.URL(url); err != nil {
			return err
		}
		return open(url, func(c *postgres.Conn) error { return e.checkReader(ctx, r, c, at) })
	}
	if rec := readRecord(e.stateDir()); rec.Port != 0 && rec.Identity != "" {
		at := engine.Endpoint{Host: "127.0.0.1", Port: rec.Port, Identity: rec.Identity}
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
	err = try(e.reachedURL(), engine.Endpoint{})
	if postgres.HasCode(err, "28P01") || postgres.HasCode(err, "28000") {
		return &noReaderError{err} // the server's pg_hba.conf lets in whom it names
	}
	return err
}

// ensureReader makes the role, or makes it again, where it is not what it has to be. Without it nothing is lost but that
// what is locked has to do so, or to say that it cannot.
func (e *Env) ensureReader(ctx context.Context, db *postgres.DB) {
	if r, err := e.reader(); err == nil {
		_ = r.Ensure(ctx, db)
	}
}

func removeSecret(dir string) error {
	if err := os.Remove(readerPath(dir)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// noReaderError says that there can be no reader; what is locked then reads with the given role.
type noReaderError struct{ err error }

func (n *noReaderError) Error() string {
	return "the role that only reads cannot be made: " + n.err.Error()
}
func (n *noReaderError) Unwrap() error { return n.err }

// checkReader makes sure that a connection of the reader's is one to this instance's server, and that the role there is
// what it has to be.
func (e *Env) checkReader(ctx context.Context, r postgres.Reader, c *postgres.Conn, at engine.Endpoint) error {
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

// connectReader is Connect for what only reads: the pool logs in as the reader.
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

// unread says that what only reads has no role of its own on a server of naap's own, and why: its pg_hba.conf names who
// may log in, it is a standby, its disk is full, or the state folder keeps no password. To read nothing at all then would be
// no help. "" where there is the role, or where nothing has asked for it yet. The console says it in its frame, and dev sql
// beside its answer.
func (e *Env) unread() string {
	why := e.noReader()
	if why == nil || e.IsExternal() {
		return ""
	}
	return fmt.Sprintf("what only reads logs in as %s here, and is kept from writing but not from what else that role may do: %s",
		visible.String(e.ws.Settings.User), visible.String(why.Error()))
}

// noReader is why there can be no reader, as it was found last.
func (e *Env) noReader() error {
	e.readMu.Lock()
	defer e.readMu.Unlock()
	return e.noRead
}

// dropReader gives back the reader's connections; the next connectReader opens others.
func (e *Env) dropReader() {
	e.readMu.Lock()
	defer e.readMu.Unlock()
	if e.read != nil {
		e.read.Close()
		e.read = nil
	}
}

// openSession opens a connection for a person's own statements: the reader's, or one that may be unlocked.
func (e *Env) openSession(ctx context.Context, write bool) (s *postgres.Session, err error) {
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

// denied says what helps where the reader lacks a right to something that is neither a table nor a sequence.
func (e *Env) denied(err error) error {
	said, ok := postgres.AsServerError(err)
	if _, has := remedy.Of(err); has || !ok || said.Code != "42501" || e.IsExternal() {
		return err
	}
	return remedy.New("reader.denied", remedy.ExitFailed, "%s", said.Message).
		WithSeen("what only reads logs in with a role that may read all tables, and do no more").
		WithHelp(remedy.Words("the SQL console, unlocked, runs it as "+e.ws.Settings.User), remedy.Naap("dev psql")).Behind(err)
}
