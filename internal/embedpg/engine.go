// Package embedpg is the engine for a machine without Docker: a private PostgreSQL 16, found on the machine or fetched
// once, that runs detached from naap, listens on loopback only, and asks for a password.
package embedpg

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/gofrs/flock"

	"github.com/livepeer/naap-dev/internal/program"
	"github.com/livepeer/naap-dev/internal/progress"
	"github.com/livepeer/naap-dev/internal/remedy"
	"github.com/livepeer/naap-dev/internal/server"
)

// Steps that Ensure and Stop report, besides that of the programs.
const (
	stepCluster = "cluster"
)

// Options are what an Engine needs of its surroundings.
type Options struct {
	Dir    string // the instance's folder for data and log; it need not exist
	Search Search // where PostgreSQL may come from; its Major is for new data, and data that is there has its own
}

// Engine is the private PostgreSQL server of one instance. The server is detached from naap, and outlives it.
type Engine struct {
	at      layout
	search  Search
	account Account // of the server; zero for naap's own user

	programs program.Finder
}

// New makes the engine for an instance; it starts nothing. For root, whose folders the server's user often cannot
// enter, the data then lies below /var/lib/naap.
func New(opt Options) (*Engine, error) {
	if runtime.GOOS == "windows" {
		return nil, remedy.New("embedded.platform", remedy.ExitNoServer, "the embedded engine does not run on Windows").
			WithHelp(remedy.Again("dev up", "--engine", "docker"), remedy.Words("or run naap in WSL: wsl --install"))
	}
	account, err := ServerAccount()
	if err != nil {
		return nil, noAccount(err)
	}
	home, err := stateDir(opt.Dir, account)
	if err != nil {
		return nil, err
	}
	if opt.Search.Programs.IsZero() {
		opt.Search.Programs = program.Here()
	}
	return &Engine{at: layout{home}, search: opt.Search, account: account, programs: opt.Search.Programs}, nil
}

// Dir returns the folder in which data and log really lie.
func (e *Engine) Dir() string { return e.at.home }

// Ensure makes sure that the server runs and answers: it looks, decides, and does what the plan says, reporting each
// step; then it waits until probe succeeds or the server is dead. Killed at any moment, it leaves nothing that the
// next Ensure does not put right. Its errors that the user can act on are remedies.
func (e *Engine) Ensure(ctx context.Context, spec Spec, probe server.Probe, report progress.Report) (server.Endpoint, error) {
	spec = spec.withDefaults()
	if err := spec.check(); err != nil {
		return server.Endpoint{}, err
	}
	unlock, err := e.lock(ctx)
	if err != nil {
		return server.Endpoint{}, err
	}
	defer unlock()
	e.at.sweep()
	r := run{Engine: e, spec: spec, report: report}
	for began := time.Now(); ; {
		at, err := r.round(ctx, probe)
		var changed *changedError
		if !errors.As(err, &changed) {
			return at, err
		}
		if time.Since(began) > contention {
			return at, changed.err
		}
		if err := pause(ctx); err != nil {
			return at, err
		}
	}
}

// contention is how long Ensure looks again when what it saw has changed under its hands: a server that it had found
// was stopped, or processes of a killed server are still about to notice that.
const contention = 15 * time.Second

// changedError is a failure after which looking again helps.
type changedError struct{ err error }

func (c *changedError) Error() string { return c.err.Error() }
func (c *changedError) Unwrap() error { return c.err }

// Plan returns what Ensure would do, for showing it; nothing is changed. Its error is the plan's refusal, beside which
// there is a text too, or what the looking failed for.
func (e *Engine) Plan(spec Spec) (string, error) {
	spec = spec.withDefaults()
	if err := spec.check(); err != nil {
		return "", err
	}
	state, err := e.observe(spec)
	if err != nil {
		return "", err
	}
	plan := decide(spec, state)
	if plan.Refusal != nil {
		return plan.String(), plan.Refusal
	}
	return plan.String(), nil
}

// Describe returns the instance as it is: whether it has data, whether a server runs, since when, of which version. It
// runs no program and opens no connection.
func (e *Engine) Describe() (State, error) {
	s := State{Dir: e.at.home}
	var err error
	if s.Data, err = e.at.readData(); err != nil {
		return s, fmt.Errorf("look at %s: %w", e.at.home, err)
	}
	last := e.at.readRecord()
	s.LastPort, s.Binaries = last.Port, last.Binaries
	if s.Data.Exists {
		s.Server, s.StalePID = e.at.readServer()
	}
	return s, nil
}

// lock makes the instance's folders and takes its lock, which two naaps never hold at once. It is the kernel's lock, so
// that a killed naap leaves none.
func (e *Engine) lock(ctx context.Context) (unlock func(), err error) {
	if err := e.at.make(e.account); err != nil {
		return nil, remedy.New("embedded.folder", remedy.ExitNoServer, "the embedded engine's folder can't be made").Wrap(err).
			WithSeen(e.at.home).WithHelp(remedy.Line("XDG_STATE_HOME=/a/folder/of/yours ", remedy.Again("dev up")))
	}
	lock := flock.New(e.at.lockFile(), flock.SetPermissions(0o600))
	if _, err := lock.TryLockContext(ctx, 20*time.Millisecond); err != nil {
		return nil, fmt.Errorf("lock %s: %w", e.at.lockFile(), err)
	}
	return func() { lock.Close() }, nil
}

// DeleteData stops the server and deletes its data and its log. The data's folder is renamed first, so that a killed
// naap leaves either all of the data or none. deleted is false if there was no data.
func (e *Engine) DeleteData(ctx context.Context, report progress.Report) (deleted bool, err error) {
	if missing(e.at.home) {
		return false, nil
	}
	unlock, err := e.lock(ctx)
	if err != nil {
		return false, err
	}
	defer func() {
		// The lock goes while it is held; whoever waits for it has a file that nobody else will open again, and an
		// empty folder to work in. A folder with anything left in it stays.
		_ = os.Remove(e.at.lockFile())
		_ = os.Remove(e.at.home)
		unlock()
	}()
	before, err := e.at.readData()
	if err != nil {
		return false, err
	}
	if _, err := e.stop(ctx, report); err != nil {
		return false, err
	}
	report(progress.Step{Name: "data", Title: "Data", Status: progress.Running, Detail: "delete " + e.at.data()})
	grave, err := os.MkdirTemp(e.at.home, deletingPrefix)
	if err != nil {
		return false, err
	}
	err = os.Rename(e.at.data(), filepath.Join(grave, "data"))
	if errors.Is(err, os.ErrNotExist) {
		err = nil
	}
	if err := errors.Join(err, os.RemoveAll(grave)); err != nil {
		return false, fmt.Errorf("delete %s: %w", e.at.data(), err)
	}
	e.at.sweep()
	if err := errors.Join(os.RemoveAll(filepath.Dir(e.at.logFile())), os.RemoveAll(e.at.sockets()), os.RemoveAll(e.at.recordFile())); err != nil {
		return false, fmt.Errorf("delete what belongs to %s: %w", e.at.data(), err)
	}
	report(progress.Step{Name: "data", Title: "Data", Status: progress.Done, Detail: "deleted " + e.at.data()})
	return before.Exists, nil
}
